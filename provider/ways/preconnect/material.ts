import { asError } from "../../engine/errors.js";
import type { PreconnectRow } from "../../reconcile/table/row.js";
import { requireDeviceCredential } from "../../pki/deviceCredential.js";

/** Why what a device brings can't be its credential; `undefined` where it can. */
export function materialProblem(
  id: string,
  { credential: { kind } }: PreconnectRow,
  material: string | undefined,
  now: Date,
): string | undefined {
  if (kind === "issue" || kind === "existing") return undefined;
  if (material === undefined) return `${kind} is missing`;
  try {
    requireDeviceCredential(kind, material, now, id);
    return undefined;
  } catch (thrown) {
    return `${kind}: ${asError(thrown).message}`;
  }
}
