/** The schema validator's findings in words for people. */
import type { ErrorObject } from "ajv";
import { isRecord } from "./data.js";
import { checkImei } from "./imei.js";
import { NOT_A_TIME } from "./policy.js";
import {
  checkDeviceId,
  checkFirmwareType,
  checkDeviceUuid,
  checkName,
  checkNumberAsWritten,
  checkProvisioningTag,
  checkSubType,
  checkTag,
  hasInvisible,
  quote,
  type Violation,
} from "./rules.js";
import { closest } from "./suggest.js";

/** A key that has no place in its map, and the one that was probably meant. */
export function unknownKey(key: string, error: ErrorObject): Violation {
  const known = Object.keys(propertiesOf(error));
  const message = `unknown key ${quote(key)}`;
  const title = titleOf(error);
  if (hasInvisible(key)) return invisibleKey(isSecret(error) ? "the key" : `the key ${quote(key)}`);
  if (key === "<<")
    return { message, fix: "merge keys are not supported: use defaults or the group's settings" };
  if (/private|secret|prv/i.test(key)) {
    return {
      message,
      fix: "remove it: a device's private key has no place in a fleet; give its certificate or csr",
    };
  }
  if (key === "firmwareTypes" && title.startsWith("JITP")) {
    return { message, fix: "remove it: nRF Cloud takes no firmware types with an ownership claim" };
  }
  const meant = closest(key, known);
  return {
    // What stands in a secret's place may be the secret.
    message: isSecret(error) ? "unknown key" : message,
    fix: meant === undefined ? `use one of ${known.join(", ")}` : `did you mean "${meant}"?`,
  };
}

/** A key with a character that nobody sees, as text that was copied from a page or chat has it. */
export function invisibleKey(subject: string): Violation {
  return {
    message: `${subject} has an invisible character`,
    fix: "delete it with the white space around it, and type spaces",
  };
}

/**
 * What is wrong with a value, by the rule of its kind if it has one.
 * @param number the value as it is written, if it is a number of a file
 */
export function explain(error: ErrorObject, number?: string): Violation {
  const value: unknown = error.data;
  const shown = number === undefined ? describe(value) : shorten(number);
  const title = titleOf(error);
  if (title === "ids" && isRecord(value)) {
    return { message: "the id pattern is read as a YAML map", fix: 'put it in quotes: "{000..499}"' };
  }
  if (title === "secret" && error.keyword === "type" && value !== null) {
    return {
      message: "a secret stands in the fleet itself",
      fix: "remove it, set it with `pulumi config set --secret <key>` and write { config: <key> }, or use { env: … } or { file: … }",
    };
  }
  if (title === "JITP device" && error.keyword === "type") {
    // Not described: an "id,code" may stand here.
    return {
      message: "it is not a map",
      fix: "write { id: …, code: { config: … } }, or imei in place of id",
    };
  }
  if (title === "claimed device" && error.keyword === "type") {
    // Not described: a token may stand here.
    return { message: "it is not a map", fix: "write { uuid: …, token: { config: … } }" };
  }
  if (title === "JITP adopt" && value === "recertify") return recertifiedJitp;
  const text = title === "IMEI" && typeof value === "number" ? String(value) : value;
  const byRule = typeof text === "string" ? rules[title]?.(text) : undefined;
  if (byRule) return byRule;
  switch (error.keyword) {
    case "type":
      return wrongType(error.params.type, value, shown);
    case "required": {
      const missing = String(error.params.missingProperty);
      return { message: `"${missing}" is missing`, fix: `add ${missing}: …` };
    }
    case "enum":
      return wrongChoice(value, shown, error.params.allowedValues);
    case "const":
      return {
        message: `${shown} is not ${String(error.params.allowedValue)}`,
        fix: `write ${String(error.params.allowedValue)}, the one this version of pulumi-nrfcloud understands`,
      };
    case "pattern":
      return (
        shapes[title] ?? {
          message: "it is not allowed here",
          fix: "compare it with the reference of the format",
        }
      );
    case "minLength":
    case "minItems":
    case "minProperties":
      return { message: "it is empty", fix: `write ${contentOf(error)}, or remove the key` };
    case "maxLength":
      return { message: `it is longer than ${String(error.params.limit)} characters`, fix: "shorten it" };
    case "maxItems":
      return {
        message: `it has ${Array.isArray(value) ? value.length.toLocaleString("en") : "too many"} entries, at most ${String(error.params.limit)} are allowed`,
        fix: "remove some",
      };
    case "maxProperties":
      return {
        message: "it names more than one source",
        fix: `keep one of ${Object.keys(propertiesOf(error)).join(", ")}`,
      };
    case "minimum":
      return {
        message: `${shown} is too small`,
        fix: `write ${String(error.params.limit)} or more`,
      };
    case "maximum":
      return {
        message: `${shown} is too large`,
        fix: `write ${String(error.params.limit)} or less`,
      };
    case "dependencies":
      return {
        message: `${String(error.params.property)} is only for groups with ${String(error.params.missingProperty)}`,
        fix: "remove it",
      };
    case "not":
      return {
        message: `a device has one credential, not ${listed(present(value, ["certificate", "csr", "publicKey"]))}`,
        fix: "keep one of them",
      };
    default:
      return {
        message: error.message ?? "it does not fit the schema",
        fix: "compare it with the reference of the format",
      };
  }
}

/** The rules behind the schema's patterns, by the title of the schema. */
const rules: Readonly<Record<string, (value: string) => Violation | undefined>> = {
  "device id": checkDeviceId,
  "device UUID": checkDeviceUuid,
  tag: checkTag,
  "provisioning tag": checkProvisioningTag,
  "sub-type": checkSubType,
  "firmware type": checkFirmwareType,
  name: checkName,
  IMEI: checkImei,
};

/** Adoption with a new certificate, wanted of a device that has its certificate from nRF Cloud. */
export const recertifiedJitp: Violation = {
  message: "adopt: recertify is not for JITP devices, as their certificates do not come from the fleet's CA",
  fix: "write adopt: true or adopt: false here",
};

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  array: "a list",
  object: "a map",
  integer: "a whole number",
  boolean: "true or false",
};

function wrongType(expected: unknown, value: unknown, shown: string): Violation {
  const types = (Array.isArray(expected) ? expected : [expected]).map(String);
  const wanted = types.map((type) => typeNames[type] ?? type).join(" or ");
  if (value === null || value === undefined) {
    return { message: "it has no value", fix: `write ${wanted}, or remove the key` };
  }
  const message = `it must be ${wanted}, not ${shown}`;
  const spoilt = typeof value === "number" ? checkNumberAsWritten(shown, "number", shown) : undefined;
  if (types.includes("string") && spoilt)
    return { message: spoilt.message, fix: "write all of its digits, in quotes" };
  if (types.includes("string") && (typeof value === "number" || typeof value === "boolean")) {
    return { message, fix: "put the value in quotes" };
  }
  if (types.includes("array") && typeof value === "string")
    return { message, fix: "write it as a list: [one, two]" };
  return { message, fix: `write ${wanted}` };
}

function wrongChoice(value: unknown, shown: string, allowed: unknown): Violation {
  const choices = (Array.isArray(allowed) ? allowed : []).map(String);
  const meant = typeof value === "string" ? closest(value, choices) : undefined;
  return {
    message: `${shown} is none of ${choices.join(", ")}`,
    fix: meant === undefined ? `write one of ${choices.join(", ")}` : `did you mean ${meant}?`,
  };
}

/** Shapes that only the schema knows, by its title. The value is not quoted: a secret may stand in the wrong place. */
const shapes: Readonly<Record<string, Violation>> = {
  maxDeletes: {
    message: "it is not a limit",
    fix: 'write a count such as 10, or a share of the fleet in quotes, such as "5%"',
  },
  "PKCS#11 URI": {
    message: "it is not the PKCS#11 URI of a key",
    fix: "write one such as pkcs11:token=fleet;object=ca, without ? and what follows",
  },
  "ca name": {
    message: "it is not a name for a CA",
    fix: "write letters, digits, _ and -, such as acme-2027",
  },
  duration: NOT_A_TIME,
  "roll-out amount": {
    message: "it is not a number of devices",
    fix: 'write a count such as 10, or a share in quotes, such as "10%"',
  },
  country: { message: "it is not a country", fix: "write two capital letters, such as NO" },
  "environment variable": {
    message: "it is not the name of an environment variable",
    fix: "write its name, without $ or braces",
  },
  "configuration key": {
    message: "it is not a configuration key",
    fix: "write the key as in `pulumi config set --secret <key>`",
  },
};

/** Keys of a map of which the schema wants one combination out of several. */
export function wrongAlternative(error: ErrorObject, keys: readonly string[]): Violation {
  switch (titleOf(error)) {
    case "ca":
      return wrongCa(keys);
    case "signer":
      return keys.includes("command") && keys.includes("pkcs11")
        ? { message: "a signer is a command or a pkcs11, not both", fix: "keep one of them" }
        : { message: "the signer names nobody who signs", fix: "add command: [./sign.sh], or pkcs11: …" };
    case "group":
      return wrongGroup(keys, ["ids", "devices", "csv"]);
    case "JITP group":
    case "claim group":
      return wrongGroup(keys, ["devices", "csv"]);
    case "rollout":
      return { message: "the roll-out has neither first nor batch", fix: "add first: 10, or batch: 10%" };
    case "JITP device":
      return keys.includes("id")
        ? {
            message: "a device has an id or an imei, not both",
            fix: "keep imei for Nordic's own products, else id",
          }
        : {
            message: "it has neither id nor imei",
            fix: "add id: …, or for one of Nordic's own products imei: …",
          };
    default:
      return { message: "the fleet names no devices", fix: "add groups: …, jitp: … or claims: …" };
  }
}

function wrongGroup(keys: readonly string[], known: readonly string[]): Violation {
  const ways = known.filter((way) => keys.includes(way));
  return ways.length === 0
    ? { message: "the group names no devices", fix: `add one of ${known.join(", ")}` }
    : {
        message: `a group has one of ${known.join(", ")}, not ${listed(ways)}`,
        fix: "keep one, and move the rest to another group",
      };
}

function wrongCa(keys: readonly string[]): Violation {
  const ways = [
    "subject",
    "certificate",
    "privateKey",
    "pkcs12",
    "password",
    "signer",
    "validityDays",
    "chain",
  ];
  const given = ways.filter((way) => keys.includes(way));
  const choice =
    "subject (generates a CA), certificate and privateKey, or pkcs12 (take over an existing one, with its password), or certificate and signer";
  const has = (...wanted: string[]) => given.length > 0 && given.every((key) => wanted.includes(key));
  if (given.includes("signer") && has("signer", "chain")) {
    return {
      message: '"certificate" is missing: a signer needs the certificate of its CA',
      fix: "add certificate: …",
    };
  }
  if (given.includes("certificate") && has("certificate", "chain")) {
    return {
      message: '"privateKey" is missing: taking over a CA needs certificate and privateKey',
      fix: "add privateKey: …, or a signer that has the key",
    };
  }
  if (
    has("certificate", "privateKey", "password", "chain") &&
    given.some((key) => key === "certificate" || key === "privateKey")
  ) {
    const missing = given.includes("certificate") ? "privateKey" : "certificate";
    return {
      message: `"${missing}" is missing: taking over a CA needs certificate and privateKey`,
      fix: `add ${missing}: …`,
    };
  }
  if (given.length === 0 || has("validityDays", "password", "chain")) {
    return { message: "it says neither which CA to generate nor which to take over", fix: `give ${choice}` };
  }
  return { message: `${listed(given)} do not go together`, fix: `give only ${choice}` };
}

/** A value in few words. Values of secrets never come here. */
function describe(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  return value === null || value === undefined ? "nothing" : "a map";
}

/** A number that nobody would write. */
function shorten(number: string): string {
  return number.length > 60 ? `${number.slice(0, 57)}...` : number;
}

function contentOf(error: ErrorObject): string {
  if (error.keyword === "minLength") return "a text";
  if (error.keyword === "minItems") return "at least one entry";
  const keys = Object.keys(propertiesOf(error));
  return keys.length > 0 ? `one of ${keys.join(", ")}` : "at least one entry";
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

function present(value: unknown, keys: readonly string[]): string[] {
  const own = keysOf(value);
  return keys.filter((key) => own.includes(key));
}

function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

/** Is the schema that refused it one of a secret, or of a map in whose place a secret is easily written? */
export function isSecret(error: ErrorObject): boolean {
  return ["secret", "claimed device"].includes(titleOf(error));
}

function titleOf(error: ErrorObject): string {
  const title: unknown = error.parentSchema?.title;
  return typeof title === "string" ? title : "";
}

function propertiesOf(error: ErrorObject): Readonly<Record<string, unknown>> {
  const properties: unknown = error.parentSchema?.properties;
  return isRecord(properties) ? properties : {};
}
