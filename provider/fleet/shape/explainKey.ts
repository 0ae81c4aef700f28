/** Explains keys that the schema does not allow. */
import type { ErrorObject } from "ajv";
import { hasInvisible, quote, type Violation } from "../rules.js";
import { closest } from "../suggest.js";
import { isSecret, titleOf, propertiesOf } from "./schemaError.js";

/** Explains an unknown key, and suggests a similar known one. */
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
      fix: "remove it: a fleet must not contain a device's private key; give its certificate or csr",
    };
  }
  if (key === "firmwareTypes" && title.startsWith("JITP")) {
    return { message, fix: "remove it: nRF Cloud takes no firmware types with an ownership claim" };
  }
  const meant = closest(key, known);
  return {
    // In the place of a secret, the key itself may be the secret.
    message: isSecret(error) ? "unknown key" : message,
    fix: meant === undefined ? `use one of ${known.join(", ")}` : `did you mean "${meant}"?`,
  };
}

/** Text that was copied from a web page or chat may contain invisible characters. */
export function invisibleKey(subject: string): Violation {
  return {
    message: `${subject} has an invisible character`,
    fix: "delete it with the white space around it, and type spaces",
  };
}
