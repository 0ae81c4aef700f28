import { isRecertified } from "./certificates.js";
import type { Changes } from "./changes.js";
import { isKind, type Kind } from "./things.js";

/** A CA or certificate that ends soon, or has ended. */
export interface Expiring {
  readonly kind: Kind;
  readonly id: string;
  readonly validUntil: Date;
}

/** The time range in which an end is near. */
export interface Horizon {
  readonly now: Date;
  readonly withinMs: number;
}

/**
 * The CAs and certificates that remain in use and end before the horizon, the next to end first. Only those that the preview
 * names can be checked.
 */
export function expiring({ changes, unchanged }: Changes, { now, withinMs }: Horizon): Expiring[] {
  const staying = changes.filter(
    (change) => (change.action === "update" || change.action === "drift") && !isRecertified(change),
  );
  return [...staying, ...unchanged]
    .flatMap(({ kind, id, validUntil }): Expiring[] => {
      if (validUntil === undefined || !hasCertificate(kind)) return [];
      const end = new Date(validUntil);
      return end.getTime() <= now.getTime() + withinMs ? [{ kind, id, validUntil: end }] : [];
    })
    .sort((a, b) => a.validUntil.getTime() - b.validUntil.getTime());
}

function hasCertificate(kind: Kind): boolean {
  return isKind(kind, "CaCertificate", "Device", "OwnershipClaim", "DeviceCertificate", "JitpCertificate");
}
