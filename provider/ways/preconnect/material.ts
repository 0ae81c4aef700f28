import { asError } from "../../engine/errors.js";
import { requireDeviceCredential } from "../../pki/deviceCredential.js";
import type { Finding } from "../../reconcile/plan/finding.js";
import type { PreconnectRow } from "../../reconcile/table/row.js";
import { csrNameFinding } from "./csrName.js";

/** The surroundings of a device with its own material. */
export interface MaterialContext {
  readonly now: Date;
  /** Whether another device of the fleet has this id. */
  readonly isOther: (id: string) => boolean;
}

/** The finding for a device's own credential; `undefined` without one. */
export function materialFinding(
  id: string,
  { credential: { kind } }: PreconnectRow,
  material: string | undefined,
  { now, isOther }: MaterialContext,
): Finding | undefined {
  if (kind === "issue" || kind === "existing") return undefined;
  if (material === undefined) return refuse(`${kind} is missing`);
  try {
    const commonName = requireDeviceCredential(kind, material, now, id);
    return kind === "csr" ? csrNameFinding(id, commonName, isOther) : undefined;
  } catch (thrown) {
    return refuse(`${kind}: ${asError(thrown).message}`);
  }
}

function refuse(text: string): Finding {
  return { kind: "refuse", text };
}
