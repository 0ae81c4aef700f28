/** The fleet's shape, held against schema/fleet.schema.json. */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import schema from "../../schema/fleet.schema.json";
import { isRecord } from "./data.js";
import type { Path, Report } from "./problems.js";
import { hasInvisible, quote, type Violation } from "./rules.js";
import { explain, invisibleKey, isSecret, unknownKey, wrongAlternative } from "./wording.js";

/** The lines that every fleet file begins with. */
export const heading = { apiVersion: "nrfcloud.dev/v1", kind: "Fleet" } as const;

/** Beyond so many values only the first difference is looked for: what it costs to gather them grows with their square. */
const manyValues = 20_000;

const validators = new Map<boolean, ValidateFunction>();

/**
 * Reports everything in which a definition differs from the schema, or of a very large one the first difference.
 * @param values how many values the definition has
 */
export function validateDefinition(value: unknown, values: number, report: Report): void {
  const validate = validator(values <= manyValues);
  if (validate(value)) return;
  const missingHeading: string[] = [];
  for (const error of validate.errors ?? []) {
    // Alternatives are explained as a whole, a key by its own rule; the branches only repeat it.
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
    // The alternatives of ca and group name properties that are defined outside of the alternatives.
    strictRequired: false,
    verbose: true,
    // A test holds the schema against the rules of schemas, and shorter code would take longer to make than it saves.
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
      // The name of a key is no part of the path where it may be a secret that lost its place.
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
      // What is no map has been refused as such.
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

/** A JSON pointer as a path; steps into lists become numbers. */
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
