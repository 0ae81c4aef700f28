/** Kinds of resources of this package, by the last part of their type, as people call them. */
const WORDS = {
  Device: ["device", "devices"],
  OwnershipClaim: ["just-in-time claim", "just-in-time claims"],
  AttestationClaim: ["claim by token", "claims by token"],
  JitpCertificate: ["just-in-time certificate", "just-in-time certificates"],
  DeviceCertificate: ["device certificate", "device certificates"],
  CaCertificate: ["CA", "CAs"],
  ProvisioningRule: ["provisioning rule", "provisioning rules"],
  FleetGuard: ["guard", "guards"],
  ClaimPreflight: ["check of claims", "checks of claims"],
  other: ["other resource", "other resources"],
} as const satisfies Record<string, readonly [string, string]>;

export type Kind = keyof typeof WORDS;

/** Kinds in the order in which they matter to a reader. */
export const kinds = Object.keys(WORDS).filter(isKind);

/** What a type token is, to us. */
export function kindOf(type: string): Kind {
  const name = /^pulumi-nodejs:dynamic\/nrfcloud:(\w+)$/.exec(type)?.[1] ?? "other";
  return isKind(name) ? name : "other";
}

/** What keeps a whole fleet from being destroyed: it is protected itself, and goes before the devices. */
export function isSeal(type: string): boolean {
  return /^(nrfcloud:index:FleetSeal|pulumi-nodejs:dynamic\/nrfcloud:FleetGuard)$/.test(type);
}

/** Words for so many of a kind, without the number. */
export function kindWords(kind: Kind): readonly [one: string, many: string] {
  return WORDS[kind];
}

function isKind(name: string): name is Kind {
  return Object.hasOwn(WORDS, name);
}
