import { asError } from "./errors.js";
import type { LooseObject } from "./outputs.js";
import { containsMarker, isMarker, UNKNOWN, type Unknowable } from "./unknown.js";

/** One problem of one property. */
export interface CheckFailure {
  /** Path of the property, such as `subject.commonName`. */
  readonly property: string;
  readonly reason: string;
}

/** Returns the problem of a value, or `undefined` for a valid one. */
export type Rule<T> = (value: T) => string | undefined;

/**
 * Reads typed values from a property bag, and collects all of its problems. Values that are not known yet read as `undefined` (or UNKNOWN
 * with `unknowable`) and are not problems: they are checked once they are known.
 */
export class Fields {
  constructor(
    private readonly bag: LooseObject,
    readonly failures: CheckFailure[] = [],
    private readonly prefix = "",
  ) {}

  /** Whether the key has a value, known or not. */
  has(key: string): boolean {
    const value = this.raw(key);
    return value !== undefined && value !== null;
  }

  /** Whether any value is not known yet. */
  anyUnknown(): boolean {
    return containsMarker(this.bag);
  }

  /** Whether the value of the key, or a part of it, is not known yet. */
  isUnknown(key: string): boolean {
    return containsMarker(this.raw(key));
  }

  /** The result of `read`, or UNKNOWN. Distinguishes an unknown value from a missing one. */
  unknowable<Value>(key: string, read: () => Value): Unknowable<Value> {
    return this.isUnknown(key) ? UNKNOWN : read();
  }

  /** The value of a key as the engine sent it. */
  raw(key: string): unknown {
    return Object.hasOwn(this.bag, key) ? this.bag[key] : undefined;
  }

  /** The keys that have a value. */
  keys(): readonly string[] {
    return Object.keys(this.bag).filter((key) => this.has(key));
  }

  text(key: string, rule?: Rule<string>): string | undefined {
    return this.value(key, "a string", (value) => typeof value === "string", rule);
  }

  requiredText(key: string, rule?: Rule<string>): string | undefined {
    if (!this.has(key)) this.fail(key, "is missing");
    return this.text(key, rule);
  }

  texts(key: string, rule?: Rule<string>): readonly string[] | undefined {
    const values = this.value(key, "a list", (value): value is readonly unknown[] => Array.isArray(value));
    return values?.flatMap((value, i) => {
      const text = new Fields({ [`${key}[${i}]`]: value }, this.failures, this.prefix).text(
        `${key}[${i}]`,
        rule,
      );
      return text === undefined ? [] : [text];
    });
  }

  /** A map of strings, each of which may be unknown. */
  textMap(key: string): ReadonlyMap<string, Unknowable<string>> | undefined {
    const nested = this.nested(key);
    if (nested === undefined) return undefined;
    const map = new Map<string, Unknowable<string>>();
    for (const name of nested.keys()) {
      const text = nested.unknowable(name, () => nested.text(name));
      if (text !== undefined) map.set(name, text);
    }
    return map;
  }

  number(key: string, rule?: Rule<number>): number | undefined {
    return this.value(key, "a number", (value) => typeof value === "number", rule);
  }

  flag(key: string): boolean | undefined {
    return this.value(key, "true or false", (value) => typeof value === "boolean");
  }

  objects(key: string): readonly LooseObject[] | undefined {
    const values = this.value(key, "a list", (value): value is readonly unknown[] => Array.isArray(value));
    return values?.flatMap((value, i) => {
      if (isMarker(value)) return [];
      if (isObject(value)) return [value];
      this.fail(`${key}[${i}]`, "must be an object");
      return [];
    });
  }

  /** The object under a key, or `undefined` if it is missing or unknown. */
  nested(key: string): Fields | undefined {
    const bag = this.value(key, "an object", isObject);
    return bag === undefined ? undefined : new Fields(bag, this.failures, `${this.prefix}${key}.`);
  }

  /** The result of a parser. If it throws, the key has a failure. */
  attempt<T>(key: string, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (thrown) {
      this.fail(key, asError(thrown).message);
      return undefined;
    }
  }

  fail(key: string, reason: string): void {
    this.failures.push({ property: `${this.prefix}${key}`, reason });
  }

  private value<T>(
    key: string,
    kind: string,
    is: (value: unknown) => value is T,
    rule?: Rule<T>,
  ): T | undefined {
    const value = this.raw(key);
    if (value === undefined || value === null || isMarker(value)) return undefined;
    if (!is(value)) {
      this.fail(key, `must be ${kind}`);
      return undefined;
    }
    const problem = rule?.(value);
    if (problem !== undefined) this.fail(key, problem);
    return value;
  }
}

function isObject(value: unknown): value is LooseObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
