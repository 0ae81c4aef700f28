import { parseOwnershipCode } from "../fleet/ownershipCode.js";

/** A hardware id, PIN or ownership code: any text of 1 to 128 characters. The reason never repeats it. */
export function ownershipCodeRule(code: string): string | undefined {
  const read = parseOwnershipCode(code);
  if (!read.ok) return `${read.message}; ${read.fix}`;
  return read.value === code ? undefined : "begins or ends with white space; remove it";
}
