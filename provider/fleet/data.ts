/** Reading plain data of unknown shape, and what must not be in it at all. */
import { isKeygenAnswer } from "./pemForms.js";
import type { Path, Report } from "./problems.js";
import { holdsAttestationToken } from "./rules.js";

/** Deeper than any fleet; what goes deeper contains itself or was made to hurt. */
const maxDepth = 16;
/** Ten for each of the most devices that a fleet may have. Aliases and shared objects can unfold to any number of them. */
const maxValues = 1_000_000;

const polluting: readonly string[] = ["__proto__", "constructor", "prototype"];

/** Narrows to a map. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Narrows to a list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A map's entry if it is a text. */
export function textAt(value: unknown, key: string): string | undefined {
  const entry = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof entry === "string" ? entry : undefined;
}

/** A map's entry if it is a whole number of at least `least`. */
export function wholeNumberAt(value: unknown, key: string, least: number): number | undefined {
  const entry = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof entry === "number" && Number.isInteger(entry) && entry >= least ? entry : undefined;
}

/** How far an inspection came. */
export interface Inspection {
  /** False if the data can't even be walked safely, which has been reported. */
  readonly safe: boolean;
  /** How many texts, numbers, lists and maps there are, each as often as it is to be read. */
  readonly values: number;
}

/**
 * Reports what no definition may contain wherever it stands: private keys, attestation tokens, keys that reach into JavaScript's own
 * objects, more than can be worked through, and (from programs) anything but plain data.
 */
export function inspect(definition: unknown, report: Report): Inspection {
  const counter = { values: 0 };
  return { safe: inspectValue(definition, report, counter, []), values: counter.values };
}

function inspectValue(value: unknown, report: Report, counter: { values: number }, path: Path): boolean {
  counter.values += 1;
  // A list of nothing but holes has no entries to be counted, but a length.
  const unread = Array.isArray(value) ? value.length : 0;
  if (counter.values + unread > maxValues) {
    report.refuse(report.place([]), {
      message: `the definition unfolds to more than ${maxValues.toLocaleString("en")} values`,
      fix: "write common settings once, under defaults or in the group, or split the fleet over several stacks",
    });
    return false;
  }
  if (typeof value === "string") {
    if (value.includes("PRIVATE KEY-----")) {
      report.refuse(report.place(path), {
        message: "a private key stands in the fleet itself",
        fix: "remove it now, and treat it as leaked if the file was shared; set only a CA's key, with `pulumi config set --secret`",
      });
    }
    if (holdsAttestationToken(value) && !isKeygenAnswer(value)) {
      report.refuse(report.place(path), {
        message: "an attestation token stands in the fleet itself",
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
    if (!polluting.includes(key)) return inspectValue(value[key], report, counter, inner);
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
