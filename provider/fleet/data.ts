/** Reads plain data of unknown shape, and inspects it for what no fleet may contain. */
import { isKeygenAnswer } from "./sources/pemForms.js";
import type { Path, Report } from "./problems.js";
import { holdsAttestationToken } from "./rules.js";

/** Deeper than any real fleet. Deeper data contains itself, or is an attack. */
const maxDepth = 16;
/** Ten for each device of the largest fleet. YAML aliases and shared objects can expand without limit. */
const maxValues = 1_000_000;

const forbiddenKeys: readonly string[] = ["__proto__", "constructor", "prototype"];

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The list, or an empty one for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A map's entry if it is a string. */
export function textAt(value: unknown, key: string): string | undefined {
  const entry = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof entry === "string" ? entry : undefined;
}

/** A map's entry if it is a whole number of at least `least`. */
export function wholeNumberAt(value: unknown, key: string, least: number): number | undefined {
  const entry = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof entry === "number" && Number.isInteger(entry) && entry >= least ? entry : undefined;
}

export interface Inspection {
  /** False if the data can't be traversed safely, which is reported. */
  readonly safe: boolean;
  /** The number of strings, numbers, lists and maps. A shared one counts each time that it is used. */
  readonly values: number;
}

/**
 * Reports what no definition may contain anywhere: private keys, attestation tokens, keys that would pollute prototypes, too many
 * values, and (from programs) anything but plain data.
 */
export function inspect(definition: unknown, report: Report): Inspection {
  const counter = { values: 0 };
  return { safe: inspectValue(definition, report, counter, []), values: counter.values };
}

function inspectValue(value: unknown, report: Report, counter: { values: number }, path: Path): boolean {
  counter.values += 1;
  // A sparse array has no entries to count, but its length would be iterated.
  const unread = Array.isArray(value) ? value.length : 0;
  if (counter.values + unread > maxValues) {
    report.refuse(report.place([]), {
      message: `the definition expands to more than ${maxValues.toLocaleString("en")} values`,
      fix: "write common settings once, under defaults or in the group, or split the fleet over several stacks",
    });
    return false;
  }
  if (typeof value === "string") {
    if (value.includes("PRIVATE KEY-----")) {
      report.refuse(report.place(path), {
        message: "the fleet itself contains a private key",
        fix: "remove it now, and treat it as leaked if the file was shared; set only a CA's key, with `pulumi config set --secret`",
      });
    }
    if (holdsAttestationToken(value) && !isKeygenAnswer(value)) {
      report.refuse(report.place(path), {
        message: "the fleet itself contains an attestation token",
        fix: "remove it, set it with `pulumi config set --secret <key>` and write token: { config: <key> }, or use { env: … } or { file: … }",
      });
    }
    return true;
  }
  if (path.length > maxDepth) {
    report.refuse(report.place(path.slice(0, 6)), {
      message: "the definition is nested too deeply, or contains itself",
      fix: "remove the level; a fleet needs no more than six",
    });
    return false;
  }
  if (Array.isArray(value))
    return value.every((entry, index) => inspectValue(entry, report, counter, [...path, index]));
  if (!isRecord(value)) {
    return typeof value === "function" || typeof value === "symbol" ? notPlain(report, path) : true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return notPlain(report, path);
  return Object.keys(value).every((key) => {
    const inner = [...path, key];
    if (!forbiddenKeys.includes(key)) return inspectValue(value[key], report, counter, inner);
    report.refuse(report.place(inner, "key"), {
      message: `the key "${key}" is not allowed`,
      fix: "rename or remove it",
    });
    return true;
  });
}

function notPlain(report: Report, path: Path): boolean {
  report.refuse(report.place(path), {
    message: "it is not plain data (a Pulumi output or a class instance?)",
    fix: "write the value itself: the provider must know the devices before it deploys anything",
  });
  return false;
}
