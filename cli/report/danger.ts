import { devices } from "../../provider/reconcile/plan/summary/ids.js";
import { summarize, type Danger as RowDanger } from "../../provider/reconcile/plan/summary/summary.js";
import { isReissued } from "./certificates.js";
import type { Change, Changes } from "./changes.js";
import { expiring, type Expiring, type Horizon } from "./expiry.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { liftedBy } from "./guards.js";
import { counted, isKind, kindNamed, number, type Action } from "./things.js";

/** Something that nobody can undo, or that somebody must act on. */
export interface Danger extends RowDanger {
  /** The changes that cause it; empty for an expiry. */
  readonly changes: readonly Change[];
}

/** Finds the dangers in the changes, the worst first. */
export function dangersOf(all: Changes, horizon: Horizon): Danger[] {
  const { changes, operation, lost } = all;
  return [
    ...rowDangers(changes),
    ...rules.flatMap((rule) => dangerOf(rule, changes)),
    ...dangerOf(AGAIN_WITH_KEY, lost),
    ...dangerOf(AGAIN_WITHOUT_KEY, lost),
    ...(operation === "destroy" ? [] : lifted(changes)),
    ...expiries(expiring(all, horizon), horizon.now),
  ];
}

/** Dangers for devices, in the provider's words, for all sets together. */
function rowDangers(changes: readonly Change[]): Danger[] {
  // An id that moves between two sets is in both, so ids are not unique here.
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
    title: (count) => `${devices(count)} ${are(count)} missing from the account`,
    consequence:
      "Somebody else deleted them, and their history is lost. The next apply will create them again with the keys they have. " +
      "To let them go, remove them from the fleet file.",
  },
  {
    applies: ({ kind, action, inSet }) => isKind(kind, "Device") && action === "vanish" && !inSet,
    title: (count) => `${devices(count)} ${are(count)} missing from the account`,
    consequence:
      "Somebody else deleted them, and their history is lost. The next apply will create them again with other keys. " +
      "To let them go, remove them from the program.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "OwnershipClaim", "AttestationClaim") && action === "vanish",
    title: (count) =>
      `${count === 1 ? "1 claim is" : `${number(count)} claims are`} missing from the account`,
    consequence:
      "Somebody else released these devices. The next apply will claim them again, if nobody else has.",
  },
  {
    applies: (change) => isCa(change, "replace") && hasSigner(change),
    title: (count) => `${countedAs(count, "CaCertificate")} will be replaced by another key`,
    consequence:
      "The signer keeps the old private key. All certificates that it signed will be issued again. Devices can't connect before they have theirs.",
  },
  {
    applies: (change) => isCa(change, "delete") && hasSigner(change),
    title: (count) => `${countedAs(count, "CaCertificate")} will be deleted`,
    consequence: "The signer keeps the private key. Certificates that it signed remain valid until they end.",
  },
  {
    applies: (change) => isCa(change, "replace") && !hasSigner(change),
    title: (count) => `${countedAs(count, "CaCertificate")} will be replaced by another key`,
    consequence:
      "The old private key will be lost, unless you brought it. All certificates that it signed will be issued again. " +
      "Devices can't connect before they have theirs.",
  },
  {
    applies: (change) => isCa(change, "delete") && !hasSigner(change),
    title: (count) => `${countedAs(count, "CaCertificate")} will be deleted`,
    consequence:
      "Only this state has the private key, unless you brought it. Certificates that it signed remain valid until they end.",
  },
  {
    applies: ({ kind, action }) => isKind(kind, "DeviceCertificate") && action === "replace",
    title: (count) => `${countedAs(count, "DeviceCertificate")} will be replaced`,
    consequence:
      "Devices can't connect before they have the new ones. Private keys that the provider made with the old ones will be lost.",
  },
  {
    applies: isReissued,
    title: (count) => `${countedAs(count, "DeviceCertificate")} will be issued again for the same key`,
    consequence: "Give them to the devices before the present ones end.",
  },
  {
    applies: ({ kind, action, before }) =>
      isKind(kind, "DeviceCertificate") && action === "delete" && before?.outputs.privateKey !== undefined,
    title: (count) => `${countedAs(count, "DeviceCertificate")} will be deleted with the key`,
    consequence:
      "Only this state and the devices have these private keys. The certificates remain valid until they end.",
  },
  {
    applies: ({ kind, action }) =>
      isKind(kind, "JitpCertificate") && ["delete", "forget", "replace"].includes(action),
    title: (count) => `${countedAs(count, "JitpCertificate")} will be deleted with the key`,
    consequence:
      "nRF Cloud gave the private keys once, and never gives them again. It can't revoke the certificates: they remain valid.",
  },
];

function isCa({ kind, action }: Change, what: Action): boolean {
  return isKind(kind, "CaCertificate") && action === what;
}

/** Whether the key of a CA is outside of the state. */
function hasSigner({ before }: Change): boolean {
  return before?.inputs.signer !== undefined || before?.outputs.signer !== undefined;
}

const AGAIN_WITH_KEY: Rule = {
  applies: ({ inSet }) => inSet,
  title: (count) => `${missing(count)} will be created again`,
  consequence:
    "Somebody else deleted or released them, and their history is lost. They keep their keys and certificates.",
};

const AGAIN_WITHOUT_KEY: Rule = {
  applies: ({ inSet }) => !inSet,
  title: (count) => `${missing(count)} will be created again with other keys`,
  consequence:
    "Somebody else deleted them, and their history is lost. They can't connect before they have their new certificates.",
};

function missing(count: number): string {
  return `${devices(count)} that ${are(count)} missing from the account`;
}

function dangerOf({ applies, title, consequence }: Rule, changes: readonly Change[]): Danger[] {
  const affected = changes.filter(applies);
  if (affected.length === 0) return [];
  return [{ title: title(affected.length), consequence, ids: idsOf(affected), changes: affected }];
}

function lifted(all: readonly Change[]): Danger[] {
  return liftedBy(all).map(({ text, changes }) => ({
    title: text,
    consequence: "This change or a later one can delete what was guarded.",
    ids: idsOf(changes),
    changes,
  }));
}

function expiries(ends: readonly Expiring[], now: Date): Danger[] {
  const kinds = groupBy(
    ends,
    ({ kind, validUntil }) => `${kind.type} ${validUntil <= now ? "over" : "near"}`,
  );
  return [...kinds.values()].flatMap((group): Danger[] => {
    const [next] = group;
    if (next === undefined) return [];
    const { kind, validUntil } = next;
    const count = group.length;
    const over = validUntil <= now;
    const isOfDevice = isKind(kind, "Device", "OwnershipClaim");
    const certificates = count === 1 ? "The certificate of" : "The certificates of";
    const what = isOfDevice ? `${certificates} ${counted(count, kind)}` : counted(count, kind);
    const has = count === 1 ? "has" : "have";
    return [
      {
        title: over ? `${what} ${has} expired` : `${what} will expire soon`,
        consequence:
          `${count === 1 ? "It" : "The first"} ${over ? "ended" : "ends"} on ${validUntil.toISOString().slice(0, 10)}. ` +
          (isKind(kind, "CaCertificate") ? NEEDS_CA : NEEDS_RENEWAL),
        ids: group.map(({ id }) => id),
        changes: [],
      },
    ];
  });
}

const NEEDS_CA =
  "Device certificates can't outlive their CA. Declare another CA as `nextCa`, and rotate the devices to it in " +
  "time.";

const NEEDS_RENEWAL =
  "A device can't connect with an expired certificate. Renew it in time (`earlyRenewalHours`, or another generation) and give " +
  "it to the device.";

function are(count: number): string {
  return count === 1 ? "is" : "are";
}

function countedAs(count: number, name: string): string {
  return counted(count, kindNamed(name));
}

function idsOf(changes: readonly Change[]): string[] {
  return changes.map(({ id }) => id);
}
