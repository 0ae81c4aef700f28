/** Explains values that the schema does not allow. */
import type { ErrorObject } from "ajv";
import { isRecord } from "../data.js";
import { checkImei } from "../imei.js";
import { notADuration } from "../policy.js";
import {
  checkDeviceId,
  checkFirmwareType,
  checkDeviceUuid,
  checkName,
  checkNumberNotDamaged,
  checkProvisioningTag,
  checkSubType,
  checkTag,
  quote,
  type Violation,
} from "../rules.js";
import { closest } from "../suggest.js";
import { listed, titleOf, propertiesOf } from "./schemaError.js";
import { recertifiedJitp } from "../rules.js";

/**
 * Explains an error of a value, by the rule in rules.ts if the value has one.
 * @param number the value as the file writes it, if it is a number
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
      message: "the fleet itself contains a secret",
      fix: "remove it, set it with `pulumi config set --secret <key>` and write { config: <key> }, or use { env: … } or { file: … }",
    };
  }
  if (title === "JITP device" && error.keyword === "type") {
    // The value is not shown: it may be "id,code".
    return {
      message: "it is not a map",
      fix: "write { id: …, code: { config: … } }, or imei in place of id",
    };
  }
  if (title === "claimed device" && error.keyword === "type") {
    // The value is not shown: it may be a token.
    return { message: "it is not a map", fix: "write { uuid: …, token: { config: … } }" };
  }
  if (title === "JITP adopt" && value === "recertify") return recertifiedJitp;
  const text = title === "IMEI" && typeof value === "number" ? String(value) : value;
  const byRule = typeof text === "string" ? checksByTitle[title]?.(text) : undefined;
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
        patternViolations[title] ?? {
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
const checksByTitle: Readonly<Record<string, (value: string) => Violation | undefined>> = {
  "device id": checkDeviceId,
  "device UUID": checkDeviceUuid,
  tag: checkTag,
  "provisioning tag": checkProvisioningTag,
  "sub-type": checkSubType,
  "firmware type": checkFirmwareType,
  name: checkName,
  IMEI: checkImei,
};

const typeNames: Readonly<Record<string, string>> = {
  string: "a string",
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
  const damaged = typeof value === "number" ? checkNumberNotDamaged(shown, "number", shown) : undefined;
  if (types.includes("string") && damaged)
    return { message: damaged.message, fix: "write all of its digits, in quotes" };
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

/** Patterns without a rule, by the title of the schema. The value is not quoted: a secret may be in the wrong place. */
const patternViolations: Readonly<Record<string, Violation>> = {
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
  duration: notADuration,
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

/** A short description of a value. The caller must not pass secrets. */
function describe(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  return value === null || value === undefined ? "nothing" : "a map";
}

function shorten(number: string): string {
  return number.length > 60 ? `${number.slice(0, 57)}...` : number;
}

function contentOf(error: ErrorObject): string {
  if (error.keyword === "minLength") return "a string";
  if (error.keyword === "minItems") return "at least one entry";
  const keys = Object.keys(propertiesOf(error));
  return keys.length > 0 ? `one of ${keys.join(", ")}` : "at least one entry";
}

function present(value: unknown, keys: readonly string[]): string[] {
  const own = keysOf(value);
  return keys.filter((key) => own.includes(key));
}

function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}
