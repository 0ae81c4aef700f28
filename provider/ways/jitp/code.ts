import { parseOwnershipCode } from "../../fleet/ownershipCode.js";

/** Why a string can't be an ownership code; `undefined` if it can. The message never quotes the code. */
export function codeProblem(code: string | undefined): string | undefined {
  if (code === undefined) return "ownershipCode is missing";
  const read = parseOwnershipCode(code);
  if (!read.ok) return `ownershipCode: ${read.message}; ${read.fix}`;
  return read.value === code ? undefined : "ownershipCode begins or ends with white space; remove it";
}
