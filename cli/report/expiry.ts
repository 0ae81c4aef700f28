import type { Change, Changes } from "./changes.js";
import { isKind, type Kind } from "./things.js";

/** A CA or certificate that ends soon, or has ended. */
export interface Expiring {
  readonly kind: Kind;
  readonly id: string;
  readonly validUntil: Date;
}

/** From when on an end counts as near. */
export interface Horizon {
  readonly now: Date;
  readonly withinMs: number;
}

/**
 * The CAs and certificates that stay in use and end before the horizon, the next to end first. Only what the preview
 * tells of can be looked at.
 * @param renewed things whose certificate is replaced anyway
 */
export function expiring(
  { changes, unchanged }: Changes,
  renewed: ReadonlySet<Change>,
  { now, withinMs }: Horizon,
): Expiring[] {
  const staying = changes.filter(
    (change) => (change.action === "update" || change.action === "drift") && !renewed.has(change),
  );
  const candidates = [
    ...staying.map(({ kind, id, before }) => ({ kind, id, outputs: before?.outputs ?? {} })),
    ...unchanged.map(({ kind, id, state }) => ({ kind, id, outputs: state.outputs })),
  ];
  return candidates
    .flatMap(({ kind, id, outputs }): Expiring[] => {
      const end = typeof outputs.validUntil === "string" ? new Date(outputs.validUntil) : undefined;
      if (end === undefined || !(end.getTime() <= now.getTime() + withinMs)) return [];
      return hasCertificate(kind) ? [{ kind, id, validUntil: end }] : [];
    })
    .sort((a, b) => a.validUntil.getTime() - b.validUntil.getTime());
}

function hasCertificate(kind: Kind): boolean {
  return isKind(kind, "CaCertificate", "Device", "DeviceCertificate", "JitpCertificate");
}
