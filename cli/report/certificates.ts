import type { Change } from "./changes.js";
import { isKind } from "./things.js";

/** Whether an update gives a device another certificate, so that the end of the present one does not matter. */
export function isRecertified(change: Change): boolean {
  const { row, action } = change;
  if (row?.kind === "update") return row.fields.some((field) => RECERTIFIED.has(field));
  return action === "update" && isReissued(change);
}

/** Whether a `DeviceCertificate` is issued again for the same key. */
export function isReissued({ kind, action, fields }: Change): boolean {
  if (!isKind(kind, "DeviceCertificate") || action !== "update") return false;
  return fields.length === 0 || fields.some(({ field }) => field === "validity (days)");
}

const RECERTIFIED: ReadonlySet<string> = new Set([
  "credential",
  "ca",
  "validity",
  "renewal",
  "rotation",
  "activation",
  "return",
]);
