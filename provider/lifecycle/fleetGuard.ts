import { isDeepStrictEqual } from "node:util";
import { findDevices } from "../cloud/devices.js";
import { ExpectedError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import type { Lifecycle } from "../engine/lifecycle.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { departures, idsIn, idText } from "../fleet/holdings.js";
import { declaredIn } from "./declared.js";
import { allowance, removedProtection, whyRefuse } from "./deletions.js";
import { readGuardInputs, type GuardInputs } from "./guardInputs.js";
import { isToDo, leftoversOf, takeOutLeftovers, tellLeftovers, type Roster } from "./leftovers.js";
import { preflight } from "./preflight.js";
import { session, sessionIfConfigured, type Session } from "./session.js";

/**
 * The guard of a fleet: registered before its devices, it compares the whole fleet as it was with the whole fleet as it
 * is declared, and fails a preview or an update that would take more devices out of the account than it may, before
 * anything is changed. What a killed run brought into the account for the fleet, and no state and no declaration has, is
 * in nobody's care but its own: it takes that out again.
 */
export const fleetGuard: Lifecycle = {
  declared: ["fleet", "maxDeletes", "allowedDeletes", "devices", "protected", "stack"],

  async check(olds, news) {
    const fields = new Fields(news);
    const inputs = readGuardInputs(fields);
    const before = Object.keys(olds).length === 0 ? undefined : readGuardInputs(new Fields(olds));
    const reason = before === undefined ? undefined : whyRefuse(before, inputs);
    if (reason !== undefined) fields.fail("", reason);
    if (fields.failures.length > 0) return { ok: false, failures: fields.failures };

    const open = await sessionIfConfigured();
    if (open !== undefined) {
      // Of a guard that is there already `diff` tells, which knows its state.
      if (before === undefined)
        tellLeftovers(open, news, await leftoversOf(open, news, rosterOf({}, inputs)));
      if (inputs.adopting !== undefined) await preflight(open, before, inputs, news);
    }
    const { adopting: _, ...kept } = news;
    return { ok: true, inputs: kept };
  },

  async diff(_id, olds, news) {
    const before = readGuardInputs(new Fields(declaredIn(olds)));
    const inputs = readGuardInputs(new Fields(news));
    const open = await sessionIfConfigured();
    const leftovers = open === undefined ? [] : await leftoversOf(open, news, rosterOf(olds, inputs));
    if (open !== undefined) tellLeftovers(open, news, leftovers);
    const leaving = [...listedIn(olds.leaving), ...leftovers.filter(isToDo).map(({ id }) => id)];
    if (open !== undefined) await refuseWithLeftovers(open, before, inputs, leaving);
    sayWhatIsLifted(before, inputs);
    // An override is for one operation; that it is gone afterwards is no change.
    const same =
      isDeepStrictEqual(comparable(declaredIn(olds)), comparable(news)) &&
      (inputs.allowedDeletes === undefined || inputs.allowedDeletes === before.allowedDeletes);
    if (!same) return { kind: "update" };
    return { kind: leftovers.some(isToDo) ? "renew" : "same" };
  },

  async create(news) {
    const inputs = readGuardInputs(new Fields(news));
    const awaited = await takeOutLeftovers(await session(), news, rosterOf({}, inputs));
    return { id: "guard", state: { declared: news, ...listed({ awaited }) } };
  },

  read(_id, state) {
    return Promise.resolve({ kind: "present", state });
  },

  /** Remembers who leaves now: until the account has let go of them they count in later operations too. */
  async update(_id, olds, news) {
    const before = readGuardInputs(new Fields(declaredIn(olds)));
    const after = readGuardInputs(new Fields(news));
    const open = await session();
    const awaited = await takeOutLeftovers(open, news, rosterOf(olds, after));
    const { gone } = departures(before.devices, after.devices);
    const left = await findDevices(open.transport, listedIn(olds.leaving));
    return { state: { declared: news, ...listed({ leaving: [...left.keys(), ...gone], awaited }) } };
  },

  /** Without a fleet nothing of it is declared. */
  async delete(_id, olds) {
    await takeOutLeftovers(await session(), declaredIn(olds), rosterOf(olds, undefined));
  },
};

/**
 * The ids that a state keeps under a name: `leaving`, what earlier operations were to take out of the account, perhaps without getting
 * that far; `awaited`, what they waited for in vain to take it out.
 */
function listedIn(text: unknown): string[] {
  return typeof text === "string" ? idsIn(text) : [];
}

/** What a state keeps of ids; nothing where there are none. */
function listed(ids: Readonly<Record<string, readonly string[]>>): LooseObject {
  const texts = Object.entries(ids).map(([name, list]) => [name, idText(list)] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== ""));
}

/** Counts those of an interrupted operation that are still to go with those that are to go now. */
async function refuseWithLeftovers(
  open: Session,
  before: GuardInputs,
  after: GuardInputs,
  leaving: readonly string[],
): Promise<void> {
  const { gone, replaced } = departures(before.devices, after.devices);
  if (leaving.length === 0 || gone.length + replaced.length === 0) return;
  const declared = idsOf(after);
  const candidates = leaving.filter((id) => !declared.has(id) && !gone.includes(id));
  const left = [...(await findDevices(open.transport, candidates)).keys()];
  const reason = whyRefuse(before, after, left);
  if (reason !== undefined) throw new ExpectedError(reason);
}

/** Ids that the fleet declares. */
function idsOf({ devices }: GuardInputs): ReadonlySet<string> {
  return new Set(Object.values(devices).flatMap(idsIn));
}

/** What a fleet declares now, and what earlier operations waited for. */
function rosterOf(olds: LooseObject, after: GuardInputs | undefined): Roster {
  return {
    declared: after === undefined ? new Set() : idsOf(after),
    awaited: new Set(listedIn(olds.awaited)),
  };
}

/** An override and a protection that ends are told in the preview, as what they allow is not seen there. */
function sayWhatIsLifted(before: GuardInputs, after: GuardInputs): void {
  const { fleet } = after;
  for (const [group, ids] of removedProtection(before, after)) {
    notice({
      subject: `Fleet ${fleet}`,
      text: `group ${group} is no longer protected: from now on its devices can be deleted (${ids}).`,
    });
  }
  const overridden = allowance(before, after);
  if (overridden !== undefined) notice({ subject: `Fleet ${fleet}`, text: overridden });
}

/** What of the inputs makes a difference beyond one operation. */
function comparable({ fleet, maxDeletes, devices, protected: groups, stack }: LooseObject): LooseObject {
  return { fleet, maxDeletes, devices, groups, stack };
}
