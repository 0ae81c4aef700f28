import { asError } from "./errors.js";
import type { CheckFailure } from "./lifecycle.js";
import type { LooseObject } from "./outputs.js";
import { isUnknown } from "./unknown.js";

/** Explains what is wrong with a value, or answers `undefined` for a good one. */
export type Rule<T> = (value: T) => string | undefined;

/**
 * Reads typed values out of a property bag and gathers everything that is wrong with it. Values that are not known
 * yet read as `undefined` and are not complained about: they are checked once they are known.
 */
export class Fields {
  constructor(
    private readonly bag: LooseObject,
    readonly failures: CheckFailure[] = [],
    private readonly prefix = "",
  ) {}

  /** Whether anything is given under this key, known or not. */
  has(key: string): boolean {
    return this.bag[key] !== undefined && this.bag[key] !== null;
  }

  /** Under which keys something is given. */
  keys(): readonly string[] {
    return Object.keys(this.bag).filter((key) => this.has(key));
  }

  text(key: string, rule?: Rule<string>): string | undefined {
    return this.value(key, "a text", (value) => typeof value === "string", rule);
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

  number(key: string, rule?: Rule<number>): number | undefined {
    return this.value(key, "a number", (value) => typeof value === "number", rule);
  }

  flag(key: string): boolean | undefined {
    return this.value(key, "true or false", (value) => typeof value === "boolean");
  }

  objects(key: string): readonly LooseObject[] | undefined {
    const values = this.value(key, "a list", (value): value is readonly unknown[] => Array.isArray(value));
    return values?.flatMap((value, i) => {
      if (isUnknown(value)) return [];
      if (isObject(value)) return [value];
      this.fail(`${key}[${i}]`, "must be an object");
      return [];
    });
  }

  /** The values nested under a key, or `undefined` where there are none (or none are known). */
  nested(key: string): Fields | undefined {
    const bag = this.value(key, "an object", isObject);
    return bag === undefined ? undefined : new Fields(bag, this.failures, `${this.prefix}${key}.`);
  }

  /** What a parser makes of the value under a key; what it throws is a failure of that key. */
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
    const value = this.bag[key];
    if (value === undefined || value === null || isUnknown(value)) return undefined;
    if (!is(value)) {
      this.fail(key, `must be ${kind}`);
      return undefined;
    }
    const wrong = rule?.(value);
    if (wrong !== undefined) this.fail(key, wrong);
    return value;
  }
}

function isObject(value: unknown): value is LooseObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
