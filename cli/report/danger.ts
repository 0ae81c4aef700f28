import { summarize, type Danger as RowDanger } from "../../provider/reconcile/plan/summary.js";
import { isReissued } from "./certificates.js";
import type { Change, Changes } from "./changes.js";
import { expiring, type Expiring, type Horizon } from "./expiry.js";
import { grouped } from "./grouped.js";
import { liftedBy } from "./guards.js";
import { counted, isKind, number } from "./things.js";

/** Something that can't be undone, or that somebody must act on. */
export interface Danger extends RowDanger {
  /** The changes that it comes from; none for what merely expires. */
  readonly changes: readonly Change[];
}

/** Finds what is dangerous in the changes, the worst first. */
export function dangersOf(all: Changes, horizon: Horizon): Danger[] {
  const { changes, operation, lost } = all;
  return [
    ...rowDangers(changes),
    ...rules.flatMap((rule) => ruled(rule, changes)),
    ...ruled(AGAIN_WITH_KEY, lost),
    ...ruled(AGAIN_WITHOUT_KEY, lost),
    ...(operation === "destroy" ? [] : lifted(changes)),
    ...expiries(expiring(all, horizon), horizon.now),
  ];
}

/** What is done to devices, in the words of the provider; those of several sets together. */
function rowDangers(changes: readonly Change[]): Danger[] {
  // An id may be in two sets, which it moves between.
  const byNumber = new Map(changes.map((change, index) => [String(index), change]));
  const rows = [...byNumber].flatMap(([index, { row }]) =>
    row === undefined ? [] : [[index, row] as const],
  );
  return summarize(new Map(rows)).dangers.map((danger) => {
    const affected = danger.ids.flatMap((index) => byNumber.get(index) ?? []);
    return { ...danger, ids: idsOf(affected), changes: affected };
  });
}

interface Rule {
  readonly applies: (change: Change) => boolean;
  readonly title: (count: number) => string;
  readonly consequence: string;
}

const rules: readonly Rule[] = [
  {
    applies: ({ kind, action, inSet }) => isKind(kind, "Device") && action === "vanish" && inSet,
    title: (count) => are(count, "device", "devices", "gone from the account"),
    consequence:
      "Somebody else deleted them, and their history is lost. The next update onboards them again with the keys they have; " +
      "to let them go, take them out of the fleet.",
  },
  {
    applies: ({ kind, action, inSet }) => isKind(kind, "Device") && action === "vanish" && !inSet,
    title: (count) => are(count, "device", "devices", "gone from the account"),
    consequence:
      "Somebody else deleted them, and their history is lost. The next update onboards them again with other keys, so that each " +
      "must be given its new certificate; to let them go, take them out of the program.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "OwnershipClaim", "AttestationClaim") && action === "vanish",
    title: (count) => are(count, "claim", "claims", "gone from the account"),
    consequence: "Somebody else released the devices. The next update claims them again, if nobody else has.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "CaCertificate") && action === "replace",
    title: (count) => are(count, "CA", "CAs", "replaced by another key"),
    consequence:
      "The private key of the old one is forgotten; it exists nowhere else, unless you brought it. All certificates that " +
      "it signed are issued again, and the devices must be given theirs before they can connect again.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "CaCertificate") && action === "delete",
    title: (count) => are(count, "CA", "CAs", "forgotten"),
    consequence:
      "The private key exists nowhere but in this stack's state, unless you brought it: no more certificates can be signed " +
      "with it. Those that it signed stay valid until they end.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "DeviceCertificate") && action === "replace",
    title: (count) => are(count, "device certificate", "device certificates", "replaced"),
    consequence:
      "Each device must be given the new one, or it can't connect. Private keys that were generated with the old ones are " +
      "forgotten.",
  },
  {
    applies: isReissued,
    title: (count) =>
      are(count, "device certificate", "device certificates", "issued again for the same key"),
    consequence: "Give them to the devices before the present ones end.",
  },
  {
    applies: ({ kind, action, before }) =>
      isKind(kind, "DeviceCertificate") && action === "delete" && before?.outputs.privateKey !== undefined,
    title: (count) => are(count, "device certificate", "device certificates", "forgotten with the key"),
    consequence:
      "Their private keys exist nowhere but in this stack's state and on the devices that were given them. The certificates " +
      "stay valid until they end.",
  },
  {
    applies: ({ kind, action }) =>
      isKind(kind, "JitpCertificate") && ["delete", "forget", "replace"].includes(action),
    title: (count) =>
      are(count, "just-in-time certificate", "just-in-time certificates", "forgotten with the key"),
    consequence:
      "nRF Cloud gave the private keys once and can't give them again, nor take the certificates back: those stay valid.",
  },
];

const AGAIN_WITH_KEY: Rule = {
  applies: ({ inSet }) => inSet,
  title: (count) => `${again(count)} onboarded or claimed again`,
  consequence:
    "Somebody else deleted or released them, and their history is lost. They come back with the keys and certificates they have.",
};

const AGAIN_WITHOUT_KEY: Rule = {
  applies: ({ inSet }) => !inSet,
  title: (count) => `${again(count)} onboarded again with other keys`,
  consequence:
    "Somebody else deleted them, and their history is lost. Each must be given its new certificate before it can connect again.",
};

function again(count: number): string {
  return `${number(count)} ${count === 1 ? "device that is" : "devices that are"} gone from the account ${count === 1 ? "is" : "are"}`;
}

function ruled({ applies, title, consequence }: Rule, changes: readonly Change[]): Danger[] {
  const affected = changes.filter(applies);
  if (affected.length === 0) return [];
  return [{ title: title(affected.length), consequence, ids: idsOf(affected), changes: affected }];
}

function lifted(all: readonly Change[]): Danger[] {
  return liftedBy(all).map(({ text, changes }) => ({
    title: text,
    consequence: "What was guarded can be deleted by this change or a later one.",
    ids: idsOf(changes),
    changes,
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
    const what = isKind(kind, "Device", "OwnershipClaim")
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

function are(count: number, one: string, many: string, what: string): string {
  return `${number(count)} ${count === 1 ? `${one} is` : `${many} are`} ${what}`;
}

function idsOf(changes: readonly Change[]): string[] {
  return changes.map(({ id }) => id);
}
