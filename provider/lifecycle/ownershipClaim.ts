import { isDeepStrictEqual } from "node:util";
import { fetchDevice } from "../cloud/devices.js";
import { ExpectedError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import type { Lifecycle } from "../engine/lifecycle.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { canonical } from "./canonical.js";
import { change, IN_DOUBT, isInDoubt } from "./changing.js";
import { claim } from "./claim.js";
import { confirm } from "./confirmed.js";
import { knownClaimInputs, readClaimInputs, type KnownClaimInputs } from "./claimInputs.js";
import { declaredIn, fleetIn } from "./declared.js";
import { foundGone, settleChanging } from "./entries.js";
import { didNothing } from "./didNothing.js";
import {
  changeOf,
  declaredAsFound,
  keepsItsName,
  ofName,
  settleNameAndTags,
  waitFor,
  type Change,
} from "./nameAndTags.js";
import { hasLeft } from "./leaving.js";
import { orPartly } from "./partly.js";
import { releaseDevice } from "./removal.js";
import { arrived, hasSuccessor, STAYS } from "./successor.js";
import { requireTeam, teamOf } from "./team.js";
import { session, sessionIfConfigured, type Session } from "./session.js";

/** The life of a claim: a just-in-time device that belongs to the team by its ownership code. Its id is the device id. */
export const ownershipClaim: Lifecycle = {
  // Not the code, which is secret and of no more use, nor how the claim was to be made.
  declared: ["deviceId", "subType", "name", "tags", "adopt", "stack"],

  async check(_olds, news) {
    const fields = new Fields(news);
    readClaimInputs(fields);
    if (fields.failures.length > 0) return { ok: false, failures: fields.failures };
    // A wrong key shows before anything is changed.
    await sessionIfConfigured();
    return { ok: true, inputs: canonical(news) };
  },

  async diff(id, olds, news) {
    const open = await sessionIfConfigured();
    if (open !== undefined) requireTeam(open, olds, `Device ${id}`);
    const inputs = readClaimInputs(new Fields(news));
    if (inputs.deviceId !== declaredIn(olds).deviceId) {
      return { kind: "replace", because: ["deviceId"], deleteFirst: false };
    }
    if (open !== undefined && (await hasLeft(open, "leaving", id, declaredIn(olds)))) {
      notice({
        subject: id,
        text: "was released by a run that could not save that, so it will be claimed anew.",
      });
      return { kind: "remake", because: ["deviceId"] };
    }
    if (olds.pendingConnect === true) {
      notice({
        subject: id,
        text: "has not been claimed yet, because it had not connected: `up` tries again.",
      });
      return { kind: "renew" };
    }
    if (open !== undefined) confirm(open.journalOf("claim", declaredIn(olds)), id, olds);
    if (open !== undefined && isInDoubt(open, "changing", id, olds)) {
      notice({ subject: id, text: IN_DOUBT });
      return { kind: "renew" };
    }
    if (isSame(olds, declaredIn(olds), news)) return { kind: "same" };
    // The inputs in state are not those of the account then, so the engine may see no difference in them.
    return { kind: olds.drifted === true ? "renew" : "update" };
  },

  async create(news) {
    const open = await session();
    const id = knownClaimInputs(news).deviceId;
    const state = await claimAnew(open, news);
    settleChanging(open, "claim", id, news);
    return { id, state };
  },

  async read(id, olds) {
    const open = await session();
    requireTeam(open, olds, `Device ${id}`);
    if (olds.pendingConnect === true) return { kind: "present", state: olds };
    const before = declaredIn(olds);
    // A list may lag behind; only the device's own answer counts as gone.
    const found = (await open.lookUp(id)) ?? (await fetchDevice(open.transport, id));
    if (found === undefined) {
      foundGone(open, "claim", id, before);
      return { kind: "gone" };
    }
    confirm(open.journalOf("claim", before), id, olds);
    const declared = declaredAsFound(found, before, keepsItsName(olds, before));
    // The code is known to the inputs only, so they stay as they are.
    const drifted = !isSame(olds, declared, before);
    return { kind: "present", state: { ...olds, declared, ...(drifted ? { drifted } : {}) } };
  },

  async update(id, olds, news) {
    const open = await session();
    requireTeam(open, olds, `Device ${id}`);
    if (olds.pendingConnect === true) return { state: await claimAnew(open, news) };
    const inputs = knownClaimInputs(news);
    const before = declaredIn(olds);
    const keepsName = keepsItsName(olds, before) && inputs.name === undefined;
    const must = changeOf(readClaimInputs(new Fields(before)), inputs);
    // A list may lag behind: it does to see what there is to change, but not what an interrupted run has changed.
    const doubtful = isInDoubt(open, "changing", id, olds);
    const listed = doubtful ? undefined : await open.lookUp(id);
    const found = listed ?? (await fetchDevice(open.transport, id));
    const { subType } = inputs;
    const { since } = olds;
    // Only claiming sets a sub-type; claiming again does no harm.
    if (before.subType !== subType || (doubtful && subType !== undefined && found?.subType !== subType)) {
      const claimAgain = () => claimed(open, inputs, news, { keepsName, must, arrival: () => ({ since }) });
      return { state: await change(open, "changing", id, olds, claimAgain) };
    }
    if (found === undefined) {
      throw new ExpectedError(
        `Device ${id} is no longer in the account, so it can't be changed. Run \`pulumi refresh\`, then run again to claim it anew.`,
      );
    }
    const state = { declared: news, ...ofName(keepsName, inputs.adopt), ...teamOf(open), since };
    const reached = declaredAsFound(found, before, keepsItsName(olds, before));
    const settled = () =>
      orPartly(id, { ...state, declared: reached }, async () => {
        await settleNameAndTags(open, inputs, found, keepsName, must);
        return state;
      });
    return { state: await change(open, "changing", id, olds, settled) };
  },

  async delete(id, olds) {
    const open = await session();
    requireTeam(open, olds, `Device ${id}`);
    const journal = open.journalOf("claim", declaredIn(olds));
    // What is pending was never claimed by this stack, unless a killed run got that far; it may be somebody else's by now.
    if (olds.pendingConnect === true && journal.unfinished(id) === undefined) return;
    if (hasSuccessor(open, "claim", id, olds)) {
      notice({ subject: id, text: STAYS });
      return;
    }
    await releaseDevice(open, id, declaredIn(olds));
  },
};

/** Claims a device that this stack has not claimed yet: it must not be in the account, unless it is adopted. */
async function claimAnew(open: Session, news: LooseObject): Promise<LooseObject> {
  const inputs = knownClaimInputs(news);
  const { deviceId, adopt } = inputs;
  const journal = open.journalOf("claim", news);
  const halfDone = journal.unfinished(deviceId) !== undefined;
  const present = await open.lookUp(deviceId);
  if (present !== undefined && !adopt && !halfDone) {
    throw new ExpectedError(
      `Device ${deviceId} is in the account already, and this stack did not claim it. To manage it here, declare \`adopt: true\`; ` +
        "from then on, destroying this stack releases the device.",
    );
  }
  const owner = present === undefined || halfDone ? fleetIn(news) : undefined;
  journal.intend([{ key: deviceId, mark: "AssociateDevice", owner }]);
  try {
    const keepsName = present !== undefined && adopt && inputs.name === undefined;
    const arrival = () => arrived(open, "claim", deviceId, news);
    const state = await claimed(open, inputs, news, { keepsName, must: {}, arrival });
    if (state.pendingConnect === true) journal.settle(deviceId);
    return state;
  } catch (error) {
    if (didNothing(error)) journal.withdraw(deviceId);
    throw error;
  }
}

interface Claiming {
  /** Whether it keeps the name it came with as long as none is declared. */
  readonly keepsName: boolean;
  readonly must: Change;
  /** Notes that it is claimed, and gives what the state keeps of that. */
  readonly arrival: () => { readonly since: unknown };
}

/** Claims the device with all that is declared of it, and gives the state to keep. */
async function claimed(
  open: Session,
  inputs: KnownClaimInputs,
  news: LooseObject,
  { keepsName, must, arrival }: Claiming,
): Promise<LooseObject> {
  const { deviceId, waitSeconds } = inputs;
  const outcome = await claim(open, inputs);
  if (outcome === "not connected" && inputs.pending === "fail") {
    throw new ExpectedError(
      `Device ${deviceId} has not connected to nRF Cloud within ${waitSeconds} s, and can't be claimed before it has. Power it up where ` +
        "it has coverage (the first connect takes up to 30 s) and run again, give it more time with `wait`, or let the claim " +
        "wait for a later run with `pending: allow`.",
    );
  }
  const state = {
    declared: news,
    ...ofName(keepsName, inputs.adopt),
    ...teamOf(open),
    ...arrival(),
  };
  if (outcome === "not connected") {
    notice({
      subject: deviceId,
      text: "has not connected yet; the claim is kept as pending and tried again by the next `up`.",
    });
    return { ...state, pendingConnect: true };
  }
  await orPartly(deviceId, { ...state, declared: { deviceId, stack: news.stack } }, async () => {
    const found = await waitFor(
      open,
      deviceId,
      (seen) => seen !== undefined && (inputs.subType === undefined || seen.subType === inputs.subType),
      "to appear in the account",
    );
    await settleNameAndTags(open, inputs, found, keepsName, must);
  });
  return state;
}

/** Whether a claim in the account is the same for two declarations. `state` says how it is called. */
function isSame(state: LooseObject, one: LooseObject, other: LooseObject): boolean {
  const keepsName = keepsItsName(state, declaredIn(state));
  return isDeepStrictEqual(comparable(one, keepsName), comparable(other, keepsName));
}

/** What of the inputs a claim in the account can differ in. */
function comparable({ deviceId, subType, name, tags }: LooseObject, keepsName: boolean): LooseObject {
  return {
    deviceId,
    subType,
    // A device is called by its id anyway, unless it came with another name.
    name: name === deviceId && !keepsName ? undefined : name,
    tags: Array.isArray(tags) ? [...(tags as unknown[])].sort() : [],
  };
}
