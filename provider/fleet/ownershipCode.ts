/** Ownership codes: what nRF Cloud's own products have on their label, and what anyone else chose for a device. */
import { checkNumberAsWritten, type Violation } from "./rules.js";
import type { Read } from "./sources.js";

/** Longest ownership code. Assumed: Nordic's OpenAPI description names no limit. */
export const maxOwnershipCodeLength = 128;

/**
 * An ownership code without the white space around it, or why it can't be one. The answer never repeats the code, which
 * is a secret.
 */
export function parseOwnershipCode(text: string): Read<string> {
  const code = text.trim();
  const violation = violationOf(code);
  return violation ? { ok: false, ...violation } : { ok: true, value: code };
}

function violationOf(code: string): Violation | undefined {
  if (code === "") return { message: "the ownership code is empty", fix: "fill in the device's code" };
  const spoilt = checkNumberAsWritten(code, "ownership code");
  if (spoilt) return spoilt;
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
