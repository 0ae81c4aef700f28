import type { Cloud } from "../cloud.js";
import { jitpView } from "../jitp/view.js";
import type { View } from "./view.js";

/** A claim of a device, as the page shows it. */
export interface ShownClaim {
  readonly id: string;
  /** The proof of the claim. */
  readonly proof: "attestation token" | "ownership code";
  readonly state: string;
  readonly tags: readonly string[];
  readonly isConnected: boolean;
}

const claimsShown = 50;

/** The latest claims by attestation token and just-in-time certificates, of the team or without a team. */
export function shownClaims(cloud: Cloud, view: View) {
  const items: ShownClaim[] = [];
  let all = 0;
  for (const claim of everyClaim(cloud, view.tenantId)) {
    all += 1;
    if (!view.matches([claim.id, claim.proof, claim.state, ...claim.tags])) continue;
    items.push(claim);
    if (items.length > claimsShown) items.shift();
  }
  return { all, items: items.reverse() };
}

function* everyClaim(cloud: Cloud, ourTenantId: string): Generator<ShownClaim> {
  const { identity, jitp, registry, broker } = cloud;
  const isConnected = (id: string) => broker?.connection(id) !== undefined;
  for (const [, certificates] of jitp.entries()) {
    for (const certificate of certificates) {
      const { deviceId: id, state, tenantId } = jitpView(cloud, certificate);
      if (tenantId !== undefined && tenantId !== ourTenantId) continue;
      const tags = registry.latest(id)?.tags ?? [];
      yield { id, proof: "ownership code", state, tags, isConnected: isConnected(id) };
    }
  }
  for (const { deviceId: id, tenantId, tags } of identity.claims.values()) {
    if (tenantId !== ourTenantId) continue;
    const state = registry.latest(id)?.tenantId === tenantId ? "onboarded" : "claimed";
    yield { id, proof: "attestation token", state, tags, isConnected: isConnected(id) };
  }
}
