/**
 * What nRF Cloud accepts as a device id, tag, sub-type, firmware type and name.
 *
 * Each `check…` answers `undefined` for a good value, else what is wrong and how to put it right. The patterns are
 * those of Nordic's OpenAPI description; where ours is stricter, the reason stands beside it.
 */

/** Why a value is refused (`message`) and what to do about it (`fix`). Both are whole clauses without a full stop. */
export interface Violation {
  readonly message: string;
  readonly fix: string;
}

/** The kinds of firmware that FOTA can update on a device onboarded with a certificate. */
export const firmwareTypes = ["APP", "MODEM", "BOOT", "SOFTDEVICE", "BOOTLOADER", "MDM_FULL"] as const;

/** One kind of firmware that FOTA can update. */
export type FirmwareType = (typeof firmwareTypes)[number];

/**
 * Longest device id. The API takes 128 characters, but the id is also the common name of the device's certificate,
 * which X.509 ends at 64.
 */
export const maxDeviceIdLength = 64;

/** Longest sub-type. */
export const maxSubTypeLength = 799;

/** Longest display name of a device; the shortest is one character. */
export const maxNameLength = 128;

/** Longest display name with its placeholders still in it: `{group}` may be longer than what it stands for. */
export const maxNameTemplateLength = 1000;

/** Most tags in one list: ten times what anybody has, and few enough that those of 100,000 devices fit into memory. */
export const maxTags = 100;

/** Device id, without its length: letters, digits, colon, underscore, hyphen. */
export const deviceIdPattern = /^[A-Za-z0-9:_-]+$/;

/** One tag. */
export const tagPattern = /^[a-zA-Z0-9_.@:#-]+$/;

/**
 * One provisioning tag. Nordic documents no grammar, only `location=Trondheim` as an example, so this refuses no more than
 * what can't be meant: in a bulk claim, tags stand in one cell in double quotes, with commas between.
 */
export const provisioningTagPattern = /^[^\s,"]+$/;

/** UUID of a device, in capital or small letters. */
export const deviceUuidPattern = /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;

/** Sub-type. The published pattern lacks its anchors and so would refuse nothing; what it plainly means is this. */
export const subTypePattern = /^[a-zA-Z0-9_.,@/:#-]{0,799}$/;

/**
 * Is this what a spreadsheet or script made of a long number (`3.52657E+14`, `352656100000001.0`)? The answer does not repeat
 * the value, which may be a secret.
 * @param noun what the number was
 */
export function checkNumberAsWritten(
  value: string,
  noun: string,
  subject = `the ${noun}`,
): Violation | undefined {
  const fix = `format the column as text, fill in the ${noun}s again and save`;
  if (/^\d([.,]\d+)?E\+\d+$/i.test(value) || /^\d[.,]\d+E\d+$/i.test(value)) {
    return { message: `${subject} is shortened, as spreadsheets do it with long numbers`, fix };
  }
  if (/^\d{6,}[.,]0+$/.test(value)) {
    return { message: `${subject} has become a number with a decimal fraction`, fix };
  }
  return undefined;
}

/** Is this a device id that nRF Cloud and X.509 both take? */
export function checkDeviceId(value: string): Violation | undefined {
  if (value === "") return { message: "the device id is empty", fix: "give the device an id" };
  const spoilt = checkNumberAsWritten(value, "device id", `${quote(value)} is not a device id: it`);
  if (spoilt) return spoilt;
  if (!deviceIdPattern.test(value)) {
    return {
      message: `${quote(value)} is not a device id: ${strangers(value, /[A-Za-z0-9:_-]/)} not allowed`,
      fix: "use only letters, digits, ':', '_' and '-'",
    };
  }
  if (value.length > maxDeviceIdLength) {
    return {
      message: `${quote(value)} is not a device id: it has ${value.length} characters, at most ${maxDeviceIdLength} are allowed`,
      fix: "shorten it: the id is also the common name of the device's certificate, which ends at 64 characters",
    };
  }
  return undefined;
}

/** Is this a tag (nRF Cloud's device group)? */
export function checkTag(value: string): Violation | undefined {
  if (value === "") return { message: "a tag is empty", fix: "remove it or write a tag" };
  if (tagPattern.test(value)) return undefined;
  return {
    message: `${quote(value)} is not a tag: ${strangers(value, /[a-zA-Z0-9_.@:#-]/)} not allowed`,
    fix: "use only letters, digits and _ . @ : # -",
  };
}

/** Is this a provisioning tag? */
export function checkProvisioningTag(value: string): Violation | undefined {
  if (value === "") return { message: "a provisioning tag is empty", fix: "remove it or write a tag" };
  if (holdsAttestationToken(value)) {
    // Its characters would do for a tag, and tags are no secrets.
    return {
      message: "an attestation token stands where a provisioning tag belongs",
      fix: "remove it, and compare the columns with their header",
    };
  }
  if (provisioningTagPattern.test(value)) return undefined;
  return {
    message: `${quote(value)} is not a provisioning tag: ${strangers(value, /[^\s,"]/)} not allowed`,
    fix: value.includes(",")
      ? "write each tag by itself: in a list, or in a CSV file with a vertical bar between"
      : "leave it out, or write a hyphen instead",
  };
}

/** Is this the UUID of a device? The answer does not repeat the value: by a slip of the columns it may be a token. */
export function checkDeviceUuid(value: string): Violation | undefined {
  if (deviceUuidPattern.test(value)) return undefined;
  return {
    message: "it is not the UUID of a device",
    fix: "write it with its hyphens: 8, 4, 4, 4 and 12 of the digits 0 to 9 and a to f",
  };
}

/** Is this a sub-type? One that contains `gateway` makes nRF Cloud onboard the device as a gateway. */
export function checkSubType(value: string): Violation | undefined {
  if (subTypePattern.test(value)) return undefined;
  if (value.length > maxSubTypeLength) {
    return {
      message: `the sub-type has ${value.length} characters, at most ${maxSubTypeLength} are allowed`,
      fix: "shorten it",
    };
  }
  return {
    message: `${quote(value)} is not a sub-type: ${strangers(value, /[a-zA-Z0-9_.,@/:#-]/)} not allowed`,
    fix: "use only letters, digits and _ . , @ / : # -",
  };
}

/** Is this a firmware type? */
export function checkFirmwareType(value: string): Violation | undefined {
  if (isFirmwareType(value)) return undefined;
  const upper = value.trim().toUpperCase();
  return {
    message: `${quote(value)} is not a firmware type`,
    fix: isFirmwareType(upper) ? `write ${upper}` : `use one of ${firmwareTypes.join(", ")}`,
  };
}

/** Halves of a character, which no request can carry, and what turns the text around it in a preview. */
const unshowable = /[\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** Is this a display name? Any text of 1 to 128 characters without line breaks or other control characters. */
export function checkName(value: string): Violation | undefined {
  if (value === "") return { message: "the name is empty", fix: "remove it, or write 1 to 128 characters" };
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) {
    return {
      message: `${quote(value)} is not a name: it has a control character`,
      fix: "write the name on one line",
    };
  }
  if (unshowable.test(value)) {
    return {
      message:
        "it is not a name: it has half of a character, or one that changes the direction of the text around it",
      fix: "type the name again, without copying it",
    };
  }
  if (value.length > maxNameLength) {
    return {
      message: `${quote(value)} is not a name: it has ${value.length} characters, at most ${maxNameLength} are allowed`,
      fix: "shorten it",
    };
  }
  return undefined;
}

/** Narrows a text to a firmware type. */
export function isFirmwareType(value: string): value is FirmwareType {
  return (firmwareTypes as readonly string[]).includes(value);
}

/** What nobody sees, what a terminal would obey, and what would turn the text around it; JSON leaves these as they are. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/**
 * A value as it may stand in a message: in double quotes, control characters escaped, at most 60 characters of it, and
 * nothing at all of a value that holds key material or an attestation token.
 */
export function quote(value: string): string {
  if (value.includes("PRIVATE KEY")) return "(private key, not shown)";
  if (holdsAttestationToken(value)) return "(attestation token, not shown)";
  const shown = JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  return shown.replace(
    unprintable,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** Is an attestation token in it, or a half of one? The two begin alike whatever the device, as their CBOR does. */
export function holdsAttestationToken(value: string): boolean {
  return /2dn3hQFQ|0oRDoQEm/.test(value);
}

function strangers(value: string, allowed: RegExp): string {
  const named = [...new Set(value)].filter((character) => !allowed.test(character)).map(nameCharacter);
  const shown = named.length > 5 ? [...named.slice(0, 5), "more"] : named;
  return `${shown.join(", ")} ${shown.length === 1 ? "is" : "are"}`;
}

/** What can't be seen, or looks like a space and is none. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** Is there a character in a text that can't be seen? */
export function hasInvisible(text: string): boolean {
  return invisible.test(text);
}

function nameCharacter(character: string): string {
  switch (character) {
    case " ":
      return "a space";
    case "\t":
      return "a tab";
    case "\n":
    case "\r":
      return "a line break";
    case "'":
      return '"\'"';
    default:
      if (/\p{Cc}/u.test(character)) return "a control character";
      return invisible.test(character) ? "an invisible character" : `'${character}'`;
  }
}
