import { asError } from "../engine/errors.js";
import type { Rule } from "../engine/fields.js";
import type { Violation } from "../fleet/rules.js";

/** A rule of the fleet file as one for a resource's inputs. */
export function explained(check: (value: string) => Violation | undefined): Rule<string> {
  return (value) => {
    const violation = check(value);
    return violation === undefined ? undefined : `${violation.message}; ${violation.fix}`;
  };
}

/** A parser as a rule: what it throws is what is wrong. */
export function parsedBy(parse: (text: string) => unknown): Rule<string> {
  return (text) => {
    try {
      parse(text);
      return undefined;
    } catch (thrown) {
      return asError(thrown).message;
    }
  };
}
