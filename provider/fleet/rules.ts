/**
 * nRF Cloud's rules for device ids, tags, sub-types, firmware types and names.
 *
 * Each `check…` returns `undefined` for a valid value, else the problem and its fix. The patterns are those of Nordic's
 * OpenAPI description. Where a rule is stricter, its comment gives the reason.
 */

/** Why a value is refused (`message`), and what to do (`fix`). Both are clauses without a full stop. */
export interface Violation {
  readonly message: string;
  readonly fix: string;
}

export const recertifiedJitp: Violation = {
  message: "adopt: recertify is not for JITP devices, as their certificates do not come from the fleet's CA",
  fix: "write adopt: true or adopt: false here",
};

/** The kinds of firmware that FOTA can update on a device onboarded with a certificate. */
export const firmwareTypes = ["APP", "MODEM", "BOOT", "SOFTDEVICE", "BOOTLOADER", "MDM_FULL"] as const;

/** One kind of firmware that FOTA can update. */
export type FirmwareType = (typeof firmwareTypes)[number];

/**
 * Longest device id. The API takes 128 characters, but the id is also the common name of the device's certificate, and
 * X.509 limits it to 64.
 */
export const maxDeviceIdLength = 64;

export const maxSubTypeLength = 799;

/** Longest display name. The shortest has one character. */
export const maxNameLength = 128;

/** Longest display name with placeholders, which may be longer than their values. */
export const maxNameTemplateLength = 1000;

/** Far more tags than devices have, but few enough that those of 100,000 devices fit into memory. */
export const maxTags = 100;

/** The characters of a device id. Its length is checked separately. */
export const deviceIdPattern = /^[A-Za-z0-9:_-]+$/;

export const tagPattern = /^[a-zA-Z0-9_.@:#-]+$/;

/**
 * One provisioning tag. Nordic documents no grammar, only the example `location=Trondheim`. So this refuses only what breaks a
 * bulk claim, where all tags are in one quoted cell, separated by commas.
 */
export const provisioningTagPattern = /^[^\s,"]+$/;

/** UUID of a device, in upper or lower case. */
export const deviceUuidPattern = /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;

/** Sub-type. The published pattern lacks anchors, so it would accept anything; they are added here. */
export const subTypePattern = /^[a-zA-Z0-9_.,@/:#-]{0,799}$/;

/**
 * Detects a long number that a spreadsheet or script has damaged (`3.52657E+14`, `352656100000001.0`). The message does not quote
 * the value, which may be a secret.
 * @param noun what the number is, such as `IMEI`
 */
export function checkNumberNotDamaged(
  value: string,
  noun: string,
  subject = `the ${noun}`,
): Violation | undefined {
  const fix = `format the column as text, fill in the ${noun}s again and save`;
  if (/^\d([.,]\d+)?E\+\d+$/i.test(value) || /^\d[.,]\d+E\d+$/i.test(value)) {
    return { message: `${subject} is shortened, as spreadsheets do with long numbers`, fix };
  }
  if (/^\d{6,}[.,]0+$/.test(value)) {
    return { message: `${subject} has become a number with a decimal fraction`, fix };
  }
  return undefined;
}

/** Checks a device id by the rules of nRF Cloud and X.509. */
export function checkDeviceId(value: string): Violation | undefined {
  if (value === "") return { message: "the device id is empty", fix: "give the device an id" };
  const damaged = checkNumberNotDamaged(value, "device id", `${quote(value)} is not a device id: it`);
  if (damaged) return damaged;
  if (!deviceIdPattern.test(value)) {
    return {
      message: `${quote(value)} is not a device id: ${forbiddenCharacters(value, /[A-Za-z0-9:_-]/)} not allowed`,
      fix: "use only letters, digits, ':', '_' and '-'",
    };
  }
  if (value.length > maxDeviceIdLength) {
    return {
      message: `${quote(value)} is not a device id: it has ${value.length} characters, at most ${maxDeviceIdLength} are allowed`,
      fix: "shorten it: the id is also the common name of the device's certificate, which has at most 64 characters",
    };
  }
  return undefined;
}

/** Checks a tag (in nRF Cloud: a device group). */
export function checkTag(value: string): Violation | undefined {
  if (value === "") return { message: "a tag is empty", fix: "remove it or write a tag" };
  if (tagPattern.test(value)) return undefined;
  return {
    message: `${quote(value)} is not a tag: ${forbiddenCharacters(value, /[a-zA-Z0-9_.@:#-]/)} not allowed`,
    fix: "use only letters, digits and _ . @ : # -",
  };
}

export function checkProvisioningTag(value: string): Violation | undefined {
  if (value === "") return { message: "a provisioning tag is empty", fix: "remove it or write a tag" };
  if (holdsAttestationToken(value)) {
    // The pattern of tags would accept it, and tags are not secret.
    return {
      message: "a provisioning tag contains an attestation token",
      fix: "remove it, and compare the columns with their header",
    };
  }
  if (provisioningTagPattern.test(value)) return undefined;
  return {
    message: `${quote(value)} is not a provisioning tag: ${forbiddenCharacters(value, /[^\s,"]/)} not allowed`,
    fix: value.includes(",")
      ? "write each tag separately: as a list, or in a CSV file with a vertical bar between"
      : "leave it out, or write a hyphen instead",
  };
}

/** Checks a device's UUID. The message does not quote the value: with mixed-up columns it may be a token. */
export function checkDeviceUuid(value: string): Violation | undefined {
  if (deviceUuidPattern.test(value)) return undefined;
  return {
    message: "it is not the UUID of a device",
    fix: "write it with its hyphens: 8, 4, 4, 4 and 12 of the digits 0 to 9 and a to f",
  };
}

/** Checks a sub-type. One that contains `gateway` makes nRF Cloud onboard the device as a gateway. */
export function checkSubType(value: string): Violation | undefined {
  if (subTypePattern.test(value)) return undefined;
  if (value.length > maxSubTypeLength) {
    return {
      message: `the sub-type has ${value.length} characters, at most ${maxSubTypeLength} are allowed`,
      fix: "shorten it",
    };
  }
  return {
    message: `${quote(value)} is not a sub-type: ${forbiddenCharacters(value, /[a-zA-Z0-9_.,@/:#-]/)} not allowed`,
    fix: "use only letters, digits and _ . , @ / : # -",
  };
}

export function checkFirmwareType(value: string): Violation | undefined {
  if (isFirmwareType(value)) return undefined;
  const upper = value.trim().toUpperCase();
  return {
    message: `${quote(value)} is not a firmware type`,
    fix: isFirmwareType(upper) ? `write ${upper}` : `use one of ${firmwareTypes.join(", ")}`,
  };
}

/** Unpaired surrogates, which no request can carry, and characters that change the text direction of a preview. */
const unsafeCharacters = /[\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** Checks a display name: 1 to 128 characters without line breaks or other control characters. */
export function checkName(value: string): Violation | undefined {
  if (value === "") return { message: "the name is empty", fix: "remove it, or write 1 to 128 characters" };
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) {
    return {
      message: `${quote(value)} is not a name: it has a control character`,
      fix: "write the name on one line",
    };
  }
  if (unsafeCharacters.test(value)) {
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

export function isFirmwareType(value: string): value is FirmwareType {
  return (firmwareTypes as readonly string[]).includes(value);
}

/** Characters that are invisible, control a terminal or change the text direction, and that JSON does not escape. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/**
 * A value for a message: in double quotes, control characters escaped, at most 60 characters. Of private keys and attestation
 * tokens nothing is shown.
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

/** Detects an attestation token or one of its halves, by the CBOR with which each of them always begins. */
export function holdsAttestationToken(value: string): boolean {
  return /2dn3hQFQ|0oRDoQEm/.test(value);
}

function forbiddenCharacters(value: string, allowed: RegExp): string {
  const named = [...new Set(value)].filter((character) => !allowed.test(character)).map(nameCharacter);
  const shown = named.length > 5 ? [...named.slice(0, 5), "more"] : named;
  return `${shown.join(", ")} ${shown.length === 1 ? "is" : "are"}`;
}

/** Invisible characters, and spaces other than the plain one. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

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
