import type { Change, Changes } from "./changes.js";
import { certificateConsequence, UNFINISHED } from "./certificates.js";
import { expiring, type Expiring, type Horizon } from "./expiry.js";
import { grouped } from "./grouped.js";
import { liftedBy } from "./guards.js";
import { counted, isKind, kindOf, number, type Kind } from "./things.js";

/** Something that can't be undone, or that somebody must act on. */
export interface Danger {
  /** What, with how many: `3 devices are deleted`. */
  readonly title: string;
  /** What that means, and what to do about it: one sentence or two. */
  readonly consequence: string;
  readonly ids: readonly string[];
  /** The changes that it comes from; none for what merely expires. */
  readonly changes: readonly Change[];
}

/** Finds what is dangerous in the changes, the worst first. */
export function dangersOf(all: Changes, horizon: Horizon): Danger[] {
  const { changes, operation, vanished } = all;
  const certificates = new Map(
    changes.flatMap((change): [Change, string][] => {
      const consequence = certificateConsequence(change);
      return consequence === undefined ? [] : [[change, consequence]];
    }),
  );
  return [
    ...rules.flatMap((rule) => ruled(rule, changes)),
    ...recertified(certificates),
    ...(vanished.length > 0 ? [onboardedAgain(changes, vanished)] : []),
    ...(operation === "destroy" ? [] : lifted(changes)),
    ...expiries(expiring(all, new Set(certificates.keys()), horizon), horizon.now),
  ];
}

interface Rule {
  readonly applies: (change: Change) => boolean;
  readonly title: (count: number) => string;
  readonly consequence: string;
}

const deviceKind = kindOf("pulumi-nodejs:dynamic/nrfcloud:Device");

const rules: readonly Rule[] = [
  {
    applies: ({ kind, action }) => isKind(kind, "Device") && action === "delete",
    title: (count) => are(count, deviceKind, "deleted"),
    consequence:
      "Their history in nRF Cloud is lost, and they can't connect any more. Private keys that were generated for them are " +
      "forgotten with them.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "Device") && action === "replace",
    title: (count) => are(count, deviceKind, "deleted and onboarded anew"),
    consequence:
      "Their history in nRF Cloud is lost, and each must be given its new certificate before it can connect again.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "Device") && action === "vanish",
    title: (count) => `${counted(count, deviceKind)} ${count === 1 ? "is" : "are"} gone from the account`,
    consequence:
      "Somebody else deleted them. The next update onboards them anew with other keys, so that each must be given its new " +
      "certificate; to let them go, take them out of the fleet.",
  },
  {
    applies: ({ kind, action, before }) =>
      isKind(kind, "OwnershipClaim") &&
      (action === "delete" || action === "replace") &&
      before?.outputs.pendingConnect !== true,
    title: (count) => `${number(count)} ${count === 1 ? "claim is" : "claims are"} released`,
    consequence:
      "The devices leave the account. They stay on the platform with their certificates, and whoever has their codes can " +
      "claim them.",
  },
  {
    applies: ({ kind, action, before }) =>
      isKind(kind, "AttestationClaim") &&
      (action === "delete" || (action === "replace" && before?.retainOnDelete !== true)),
    title: (count) => `${number(count)} attestation ${count === 1 ? "claim is" : "claims are"} given up`,
    consequence:
      "nRF Cloud deletes the devices that were onboarded under these ids with their data, and any team can claim them.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "OwnershipClaim", "AttestationClaim") && action === "vanish",
    title: (count) => `${number(count)} ${count === 1 ? "claim is" : "claims are"} gone from the account`,
    consequence: "Somebody else released the devices. The next update claims them anew, if nobody else has.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "CaCertificate") && action === "replace",
    title: (count) => `${number(count)} ${count === 1 ? "CA is" : "CAs are"} replaced by another key`,
    consequence:
      "The private key of the old one is forgotten; it exists nowhere else, unless you brought it. All certificates that " +
      "it signed are issued anew, and the devices must be given theirs before they can connect again.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "CaCertificate") && action === "delete",
    title: (count) => `${number(count)} ${count === 1 ? "CA is" : "CAs are"} forgotten`,
    consequence:
      "The private key exists nowhere but in this stack's state, unless you brought it: no more certificates can be signed " +
      "with it. Those that it signed stay valid until they end.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "DeviceCertificate") && action === "replace",
    title: (count) =>
      `${number(count)} device ${count === 1 ? "certificate is" : "certificates are"} replaced`,
    consequence:
      "Each device must be given the new one, or it can't connect. Private keys that were generated with the old ones are " +
      "forgotten.",
  },
  {
    applies: ({ kind, action, before }) =>
      isKind(kind, "DeviceCertificate") && action === "delete" && before?.outputs.privateKey !== undefined,
    title: (count) =>
      `${number(count)} device ${count === 1 ? "certificate is" : "certificates are"} forgotten with the key`,
    consequence:
      "Their private keys exist nowhere but in this stack's state and on the devices that were given them. The certificates " +
      "stay valid until they end.",
  },
  {
    applies: ({ kind, action }) =>
      isKind(kind, "JitpCertificate") && ["delete", "forget", "replace"].includes(action),
    title: (count) =>
      `${number(count)} just-in-time ${count === 1 ? "certificate is" : "certificates are"} forgotten with the key`,
    consequence:
      "nRF Cloud gave the private keys once and can't give them again, nor take the certificates back: those stay valid.",
  },
];

function ruled({ applies, title, consequence }: Rule, changes: readonly Change[]): Danger[] {
  const affected = changes.filter(applies);
  if (affected.length === 0) return [];
  return [{ title: title(affected.length), consequence, ids: idsOf(affected), changes: affected }];
}

/** One danger for each thing that can become of a certificate, in the words of the provider. */
function recertified(certificates: ReadonlyMap<Change, string>): Danger[] {
  return [...grouped(certificates, ([, consequence]) => consequence)].map(([consequence, entries]) => {
    const affected = entries.map(([change]) => change);
    const devices = counted(affected.length, deviceKind);
    const one = affected.length === 1;
    return {
      title:
        consequence === UNFINISHED
          ? `${devices} ${one ? "is" : "are"} set right after an interrupted run`
          : `The ${one ? "certificate" : "certificates"} of ${devices} ${one ? "is" : "are"} replaced`,
      consequence: sentence(consequence),
      ids: idsOf(affected),
      changes: affected,
    };
  });
}

/** The provider's words begin with what the device does or gets. */
function sentence(consequence: string): string {
  return consequence.startsWith("are ") ? `They ${consequence}` : `Each ${consequence}`;
}

function onboardedAgain(changes: readonly Change[], vanished: readonly string[]): Danger {
  const ids = new Set(vanished);
  const affected = changes.filter(({ kind, id }) => isKind(kind, "Device") && ids.has(id));
  return {
    title: `${counted(ids.size, deviceKind)} gone from the account ${ids.size === 1 ? "is" : "are"} onboarded again`,
    consequence:
      "Somebody else deleted them, and their history is lost. They get other keys: each must be given its new certificate " +
      "before it can connect again.",
    ids: [...ids],
    changes: affected,
  };
}

function lifted(changes: readonly Change[]): Danger[] {
  const all = changes.flatMap((change) => liftedBy(change).map((lift) => ({ ...lift, change })));
  return [...grouped(all, ({ text }) => text)].map(([text, lifts]) => ({
    title: `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`,
    consequence: "What was guarded can be deleted by this change or a later one.",
    ids: lifts.flatMap(({ ids }) => ids),
    changes: [...new Set(lifts.map(({ change }) => change))],
  }));
}

function expiries(ends: readonly Expiring[], now: Date): Danger[] {
  const kinds = grouped(
    ends,
    ({ kind, validUntil }) => `${kind.type} ${validUntil <= now ? "over" : "near"}`,
  );
  return [...kinds.values()].flatMap((group): Danger[] => {
    const [next] = group;
    if (next === undefined) return [];
    const { kind, validUntil } = next;
    const isCa = isKind(kind, "CaCertificate");
    const count = group.length;
    const over = validUntil <= now;
    const what = isKind(kind, "Device")
      ? `The ${count === 1 ? "certificate" : "certificates"} of ${counted(count, kind)}`
      : counted(count, kind);
    const does = over
      ? count === 1
        ? "has expired"
        : "have expired"
      : count === 1
        ? "expires soon"
        : "expire soon";
    return [
      {
        title: `${what} ${does}`,
        consequence:
          `${count === 1 ? "It" : "The first"} ${over ? "ended" : "ends"} on ${validUntil.toISOString().slice(0, 10)}. ` +
          (isCa
            ? "Device certificates can't outlive their CA: change its subject, or take over a new one, and give the devices their new certificates in time."
            : "A device whose certificate has ended can't connect: renew it in time (`earlyRenewalHours`, or another `rotation`) and give it to the device."),
        ids: group.map(({ id }) => id),
        changes: [],
      },
    ];
  });
}

function are(count: number, kind: Kind, what: string): string {
  return `${counted(count, kind)} ${count === 1 ? "is" : "are"} ${what}`;
}

function idsOf(changes: readonly Change[]): string[] {
  return changes.map(({ id }) => id);
}
