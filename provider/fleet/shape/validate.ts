/** Validates a definition against schema/fleet.schema.json. */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import schema from "../../../schema/fleet.schema.json";
import { isRecord } from "../data.js";
import type { Path, Report } from "../problems.js";
import { hasInvisible, quote, type Violation } from "../rules.js";
import { explain } from "./explainValue.js";
import { isSecret } from "./schemaError.js";
import { wrongAlternative } from "./explainAlternative.js";
import { invisibleKey, unknownKey } from "./explainKey.js";

/** The first two lines of every fleet file. */
export const heading = { apiVersion: "nrfcloud.dev/v1", kind: "Fleet" } as const;

/** In larger definitions only the first error is reported: the time to collect all of them grows quadratically. */
const manyValues = 20_000;

const validators = new Map<boolean, ValidateFunction>();

/**
 * Reports all violations of the schema, or only the first in a very large definition.
 * @param values the number of values in the definition
 */
export function validateDefinition(value: unknown, values: number, report: Report): void {
  const validate = validator(values <= manyValues);
  if (validate(value)) return;
  const missingHeading: string[] = [];
  for (const error of validate.errors ?? []) {
    // Errors within alternatives and property names only repeat the errors that are reported as a whole.
    if (/\/(?:oneOf|anyOf)\//.test(error.schemaPath) || error.propertyName !== undefined) continue;
    const missing = String(error.params.missingProperty);
    if (error.instancePath === "" && missing in heading) missingHeading.push(missing);
    else reportError(error, pathOf(error.instancePath, value), report);
  }
  if (missingHeading.length > 0) report.add(report.place([]), headingMissing(missingHeading));
}

function validator(allErrors: boolean): ValidateFunction {
  const known = validators.get(allErrors);
  if (known !== undefined) return known;
  const compiled = new Ajv({
    allErrors,
    allowUnionTypes: true,
    strict: true,
    // The alternatives of ca and group require properties that are defined outside of the alternatives.
    strictRequired: false,
    verbose: true,
    // Both only cost time at startup: a test validates the schema itself, and optimized code would not pay off.
    validateSchema: false,
    code: { optimize: false },
  }).compile(schema);
  validators.set(allErrors, compiled);
  return compiled;
}

function headingMissing(keys: readonly string[]): Violation {
  const lines = [`apiVersion: ${heading.apiVersion}`, `kind: ${heading.kind}`];
  return {
    message: `${keys.join(" and ")} ${keys.length > 1 ? "are" : "is"} missing`,
    fix: `begin with the two lines "${lines.join('" and "')}"`,
  };
}

function reportError(error: ErrorObject, path: Path, report: Report): void {
  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(error.params.additionalProperty);
      const { at } = report.place([...path, key], "key");
      // In the place of a secret, the key itself may be the secret, so the path must not show it.
      const place = report.place(isSecret(error) ? path : [...path, key]);
      report.add({ ...place, ...(at && { at }) }, unknownKey(key, error));
      return;
    }
    case "propertyNames": {
      const key = String(error.params.propertyName);
      report.add(
        report.place([...path, key], "key"),
        hasInvisible(key) ? invisibleKey(`the key ${quote(key)}`) : notGroupName(key),
      );
      return;
    }
    case "oneOf":
    case "anyOf":
      // A value that is not a map has its own error.
      if (isRecord(error.data))
        report.add(report.place(path), wrongAlternative(error, Object.keys(error.data)));
      return;
    default:
      report.add(report.place(path), explain(error, report.origin.numberAt(path)));
  }
}

function notGroupName(key: string): Violation {
  return {
    message: `${quote(key)} is not a group name`,
    fix: "use letters, digits, '-' and '_', at most 64, beginning with a letter or digit",
  };
}

/** Converts a JSON pointer. Steps into lists become numbers. */
function pathOf(pointer: string, root: unknown): Path {
  const path: (string | number)[] = [];
  let value = root;
  for (const step of pointer.split("/").slice(1)) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    const index = Array.isArray(value) ? Number(key) : undefined;
    path.push(index ?? key);
    value = Array.isArray(value) ? value[Number(key)] : isRecord(value) ? value[key] : undefined;
  }
  return path;
}
