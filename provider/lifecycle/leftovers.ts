import { JOBS_MATTER_FOR_MS } from "../cloud/bulkJobs.js";
import { findDevices, hasReported } from "../cloud/devices.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { CLAIMED_FOR_NOW } from "./attestationClaim.js";
import { lookUpClaimed } from "./claimedDevices.js";
import { fleetIn } from "./declared.js";
import { earlierJobs, untilSeen } from "./earlierJobs.js";
import { releaseDevice, removeDevice, unclaim } from "./removal.js";
import type { Session } from "./session.js";

/** What a run that was killed meant to bring into the account for a fleet that does not declare it any more. */
interface Leftover {
  readonly id: string;
  readonly kind: (typeof KINDS)[number];
  readonly fate: Fate;
}

/**
 * - `goes`: it is in the account.
 * - `may come`: it is not there, and a bulk job may yet bring it.
 * - `late`: a run has waited for that job in vain, so that another need not do the same.
 * - `stays`: it is a device that has reported something, so that somebody has its key and uses it. If the state has it
 *   after all, it goes with its resource; if not, that is told in the end.
 * - `stays claimed`: it is a claim that nobody asked to be given up.
 */
type Fate = "goes" | "may come" | "late" | "stays" | "stays claimed";

const KINDS = ["device", "claim", "attestation"] as const;

const BY_AN_INTERRUPTED_RUN = {
  device: {
    goes: "was onboarded by a run that was interrupted, and the fleet does not declare it any more, so it is deleted.",
    "may come":
      "was asked for by a run that was interrupted, and the fleet does not declare it any more: if it still comes, it is deleted.",
    late:
      "was asked for by a run that was interrupted, in a bulk job that has not ended since. The fleet does not declare it any more: if it " +
      "still comes, the next run deletes it.",
  },
  claim: {
    goes: "was claimed by a run that was interrupted, and the fleet does not declare it any more, so it is released.",
    "may come":
      "was about to be claimed by a run that was interrupted, and the fleet does not declare it any more: if it was, it is released.",
  },
  attestation: {
    goes:
      "was claimed by a run that was interrupted, and the fleet does not declare it any more, so it is unclaimed: a device that was " +
      "onboarded under this id is deleted with its data.",
    "may come":
      "was about to be claimed by a run that was interrupted, and the fleet does not declare it any more: if it was, it is unclaimed.",
    "stays claimed":
      "was claimed by a run that was interrupted, and the fleet does not declare it any more. It stays claimed, as `unclaimOnDestroy` " +
      "was not declared.",
  },
} as const satisfies Record<Leftover["kind"], Partial<Record<Fate, string>>>;

/** Whose leftovers are looked for. */
export interface Roster {
  /** Ids that the fleet declares now. */
  readonly declared: ReadonlySet<string>;
  /** Ids that a run has waited for in vain. */
  readonly awaited: ReadonlySet<string>;
}

/** What killed runs left of a fleet, by the journal and the account. None where no run was killed, and then without a call. */
export async function leftoversOf(
  open: Session,
  properties: LooseObject,
  { declared, awaited }: Roster,
): Promise<readonly Leftover[]> {
  const fleet = fleetIn(properties);
  if (fleet === undefined) return [];
  const intended = KINDS.flatMap((kind) =>
    open
      .journalOf(kind, properties)
      .leftOver(fleet)
      .filter(({ key }) => !declared.has(key))
      .map(({ key: id, mark, at }) => ({ kind, id, mark, at })),
  ).sort((one, other) => (one.id < other.id ? -1 : 1));
  const devices = intended.filter(({ kind }) => kind !== "attestation").map(({ id }) => id);
  const found = await findDevices(open.transport, devices, { withState: true });
  return Promise.all(
    intended.map(async ({ kind, id, mark, at }): Promise<Leftover> => {
      if (kind === "attestation") {
        const isClaimed = (await lookUpClaimed(open, id)) !== undefined;
        const isToGo = mark === CLAIMED_FOR_NOW;
        return { kind, id, fate: !isClaimed ? "may come" : isToGo ? "goes" : "stays claimed" };
      }
      const device = found.get(id);
      if (device === undefined) {
        const isLate = awaited.has(id) && Date.now() - Date.parse(at) < JOBS_MATTER_FOR_MS;
        return { kind, id, fate: isLate ? "late" : "may come" };
      }
      // Just-in-time devices have all connected before they are claimed, and lose nothing by their release.
      return { kind, id, fate: kind === "device" && hasReported(device) ? "stays" : "goes" };
    }),
  );
}

/** Says what becomes of leftovers, in a preview before it is done. */
export function tellLeftovers(open: Session, properties: LooseObject, leftovers: readonly Leftover[]): void {
  for (const { kind, id, fate } of leftovers) {
    const texts: Partial<Record<Fate, string>> = BY_AN_INTERRUPTED_RUN[kind];
    const text = texts[fate];
    if (text === undefined) continue;
    notice({ subject: id, text });
    open.journalOf(kind, properties).announce(id);
  }
}

/** Whether anything is to be done about it. */
export function isToDo({ fate }: Leftover): boolean {
  return fate !== "stays" && fate !== "late";
}

/**
 * Takes what killed runs left of a fleet out of the account, and waits until it is gone.
 * @returns the ids that it waited for in vain
 */
export async function takeOutLeftovers(
  open: Session,
  properties: LooseObject,
  roster: Roster,
): Promise<readonly string[]> {
  const before = await leftoversOf(open, properties, roster);
  if (!before.some(isToDo)) return before.filter(({ fate }) => fate === "late").map(({ id }) => id);
  const jobsEnded = await earlierJobs(open);
  const devices = before.filter(({ kind, fate }) => kind === "device" && fate === "may come");
  await Promise.all(devices.map(({ id }) => untilSeen(open, id)));
  const leftovers = await leftoversOf(open, properties, roster);
  tellLeftovers(open, properties, leftovers);
  const awaited: string[] = [];
  await Promise.all(
    leftovers.map(async ({ kind, id, fate }) => {
      const isToCome = fate === "may come" || fate === "late";
      if (fate === "goes") await REMOVALS[kind](open, id, properties);
      else if (isToCome && kind === "device" && !jobsEnded) awaited.push(id);
      else if (isToCome || fate === "stays claimed") open.journalOf(kind, properties).settle(id);
    }),
  );
  return awaited;
}

const REMOVALS = { device: removeDevice, claim: releaseDevice, attestation: unclaim };
