import { asError } from "../engine/errors.js";
import type { Rule } from "../engine/fields.js";
import type { Violation } from "../fleet/rules.js";

/** Makes a check of the fleet file a check of a resource's inputs. */
export function explained(check: (value: string) => Violation | undefined): Rule<string> {
  return (value) => {
    const violation = check(value);
    return violation === undefined ? undefined : `${violation.message}; ${violation.fix}`;
  };
}

/** Makes a parser a check: its error is the problem. */
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
