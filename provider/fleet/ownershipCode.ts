/** Ownership codes: printed on the label of Nordic's own products, and chosen by the manufacturer for other devices. */
import { checkNumberNotDamaged, type Violation } from "./rules.js";
import type { ReadResult } from "./readResult.js";

/** Longest ownership code. Assumed: Nordic's OpenAPI description names no limit. */
export const maxOwnershipCodeLength = 128;

/**
 * Trims and checks an ownership code. No message quotes it, since it is a secret.
 */
export function parseOwnershipCode(text: string): ReadResult<string> {
  const code = text.trim();
  const violation = violationOf(code);
  return violation ? { ok: false, ...violation } : { ok: true, value: code };
}

function violationOf(code: string): Violation | undefined {
  if (code === "") return { message: "the ownership code is empty", fix: "fill in the device's code" };
  const damaged = checkNumberNotDamaged(code, "ownership code");
  if (damaged) return damaged;
  if (/\p{Cc}/u.test(code)) {
    return {
      message: "the ownership code has a line break or another control character",
      fix: "give one code on one line",
    };
  }
  if (code.length > maxOwnershipCodeLength) {
    return {
      message: `the ownership code has ${code.length} characters, at most ${maxOwnershipCodeLength} are allowed`,
      fix: "check that it is the code and nothing else",
    };
  }
  return undefined;
}
