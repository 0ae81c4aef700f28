import type { ClaimedDevice } from "../cloud/answers.js";
import { fetchClaimedDevice, retagClaimedDevice } from "../cloud/claimedDevices.js";
import { ExpectedError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import type { Lifecycle } from "../engine/lifecycle.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import {
  bareAttestationToken,
  parseAttestationToken,
  type AttestationToken,
} from "../pki/attestationToken.js";
import { attestations } from "./attest.js";
import { canonical } from "./canonical.js";
import { change, IN_DOUBT, isInDoubt } from "./changing.js";
import { lookUpClaimed, waitForClaimed } from "./claimedDevices.js";
import { declaredIn, fleetIn } from "./declared.js";
import { confirm } from "./confirmed.js";
import { foundGone, settleChanging } from "./entries.js";
import { didNothing } from "./didNothing.js";
import { hasLeft } from "./leaving.js";
import { orPartly } from "./partly.js";
import { provisioningTagRule } from "./provisioningTag.js";
import { unclaim } from "./removal.js";
import { sameTags } from "./tags.js";
import { arrived, hasSuccessor, STAYS } from "./successor.js";
import { requireTeam, teamOf } from "./team.js";
import { session, sessionIfConfigured, type Session } from "./session.js";

/** What the journal says of a device that is about to be claimed: for good, or until the claim is destroyed. */
const CLAIMED = "ClaimDeviceOwnership";
export const CLAIMED_FOR_NOW = "ClaimDeviceOwnership, unclaimed on destroy";

/**
 * The life of a claim by attestation token. Its id is the UUID in the token: a fresh token of the same device is the same
 * claim. Registered to be retained unless `unclaimOnDestroy`, so `delete` is only called where unclaiming is wanted.
 */
export const attestationClaim: Lifecycle = {
  // Not the token: it is secret, and its device is known by `deviceUuid`, which `check` reads from it.
  declared: ["deviceUuid", "tags", "unclaimOnDestroy", "adopt", "stack"],

  async check(_olds, news) {
    const fields = new Fields(news);
    const { token } = readInputs(fields);
    if (fields.failures.length > 0) return { ok: false, failures: fields.failures };
    await sessionIfConfigured();
    return { ok: true, inputs: canonical({ ...news, deviceUuid: token?.deviceUuid }) };
  },

  async diff(id, olds, news) {
    const open = await sessionIfConfigured();
    if (open !== undefined) requireTeam(open, olds, `Device ${id}`);
    if (open !== undefined) confirm(open.journalOf("attestation", declaredIn(olds)), id, olds);
    const { token, tags, unclaimOnDestroy } = readInputs(new Fields(news));
    if (token !== undefined && token.deviceUuid !== id) {
      notice({
        subject: id,
        text:
          declaredIn(olds).unclaimOnDestroy === true
            ? "will be given up, and nRF Cloud deletes the device that was onboarded under this id with its data: the token is another device's."
            : "stays claimed, but is no longer managed here: the token is another device's.",
      });
      return { kind: "replace", because: ["deviceUuid"], deleteFirst: false };
    }
    if (open !== undefined && (await hasLeft(open, "unclaiming", id, declaredIn(olds)))) {
      notice({
        subject: id,
        text: "was unclaimed by a run that could not save that, so it will be claimed anew.",
      });
      return { kind: "remake", because: ["deviceUuid"] };
    }
    if (open !== undefined && isInDoubt(open, "retagging", id, olds)) {
      notice({ subject: id, text: IN_DOUBT });
      return { kind: "renew" };
    }
    const before = declaredIn(olds);
    if (!sameTags(before.tags, tags)) return { kind: olds.drifted === true ? "renew" : "update" };
    return { kind: (before.unclaimOnDestroy === true) === unclaimOnDestroy ? "same" : "update" };
  },

  async create(news) {
    const open = await session();
    const { text, token, tags, adopt } = knownInputs(news);
    const { deviceUuid } = token;
    const journal = open.journalOf("attestation", news);
    const halfDone = journal.unfinished(deviceUuid) !== undefined;
    const present = await lookUpClaimed(open, deviceUuid);
    if (present !== undefined && !adopt && !halfDone) {
      throw new ExpectedError(
        `Device ${deviceUuid} is claimed by this team already, and this stack's state does not have it. To manage it here, ` +
          "declare `adopt: true`.",
      );
    }
    if (present !== undefined && halfDone && !adopt) {
      notice({
        subject: deviceUuid,
        text: "was claimed by an earlier run of this stack, and is taken over.",
      });
    }
    if (present === undefined) {
      const mark = news.unclaimOnDestroy === true ? CLAIMED_FOR_NOW : CLAIMED;
      journal.intend([{ key: deviceUuid, mark, owner: fleetIn(news) }]);
      try {
        await attestations(open).add({ token: text, deviceUuid, tags });
      } catch (error) {
        if (didNothing(error)) journal.withdraw(deviceUuid);
        throw error;
      }
    }
    const state = {
      ...stateOf(news, token),
      ...arrived(open, "attestation", deviceUuid, news),
      ...teamOf(open),
    };
    const found = await orPartly(deviceUuid, state, async () => {
      const seen = await waitForClaimed(open, deviceUuid, (each) => each !== undefined);
      return settleTags(open, deviceUuid, seen, tags);
    });
    settleChanging(open, "attestation", deviceUuid, news);
    return { id: deviceUuid, state: { ...state, imei: found?.imei, claimedAt: found?.claimedAt } };
  },

  async read(id, olds) {
    const open = await session();
    requireTeam(open, olds, `Device ${id}`);
    const before = declaredIn(olds);
    const found = await lookUpClaimed(open, id);
    if (found === undefined) {
      foundGone(open, "attestation", id, before);
      return { kind: "gone" };
    }
    confirm(open.journalOf("attestation", before), id, olds);
    if (sameTags(before.tags, found.tags ?? [])) return { kind: "present", state: olds };
    // The token is known to the inputs only, so they stay as they are.
    return { kind: "present", state: { ...olds, declared: { ...before, tags: found.tags }, drifted: true } };
  },

  async update(id, olds, news) {
    const open = await session();
    requireTeam(open, olds, `Device ${id}`);
    const { tags } = knownInputs(news);
    // A list may lag behind: it does to see what there is to change, but not what an interrupted run has changed.
    const doubtful = isInDoubt(open, "retagging", id, olds);
    const found = doubtful ? await fetchClaimedDevice(open.identity(), id) : await lookUpClaimed(open, id);
    if (found === undefined) {
      throw new ExpectedError(
        `Device ${id} is no longer claimed by this team. Run \`pulumi refresh\`, then run again to claim it anew.`,
      );
    }
    const retags = !sameTags(declaredIn(olds).tags, tags);
    const { drifted: _drifted, ...kept } = olds;
    const settled = async () => {
      await settleTags(open, id, found, tags, retags);
      return { ...kept, declared: news, imei: found.imei, claimedAt: found.claimedAt };
    };
    return { state: await change(open, "retagging", id, olds, settled) };
  },

  async delete(id, olds) {
    const open = await session();
    requireTeam(open, olds, `Device ${id}`);
    if (hasSuccessor(open, "attestation", id, olds)) {
      notice({ subject: id, text: STAYS });
      return;
    }
    await unclaim(open, id, declaredIn(olds));
    notice({
      subject: id,
      text: "was unclaimed: the device that was onboarded under this id is deleted with its data.",
    });
  },
};

async function settleTags(
  open: Session,
  deviceUuid: string,
  found: ClaimedDevice | undefined,
  tags: readonly string[],
  must = false,
): Promise<ClaimedDevice | undefined> {
  if (!must && sameTags(found?.tags, tags)) return found;
  await retagClaimedDevice(open.identity(), deviceUuid, tags);
  return waitForClaimed(open, deviceUuid, (seen) => seen !== undefined && sameTags(seen.tags, tags));
}

interface Inputs {
  /** As the service is to be sent it. Secret. */
  readonly text: string | undefined;
  readonly token: AttestationToken | undefined;
  readonly tags: readonly string[];
  readonly unclaimOnDestroy: boolean;
  readonly adopt: boolean;
}

function readInputs(fields: Fields): Inputs {
  const text = fields.requiredText("token");
  return {
    text: text === undefined ? undefined : bareAttestationToken(text),
    token: text === undefined ? undefined : fields.attempt("token", () => parseAttestationToken(text)),
    tags: fields.texts("tags", provisioningTagRule) ?? [],
    unclaimOnDestroy: fields.flag("unclaimOnDestroy") ?? false,
    adopt: fields.flag("adopt") ?? false,
  };
}

function knownInputs(
  news: LooseObject,
): Inputs & { readonly text: string; readonly token: AttestationToken } {
  const inputs = readInputs(new Fields(news));
  const { text, token } = inputs;
  if (text === undefined || token === undefined)
    throw new ExpectedError("The attestation token must be known.");
  return { ...inputs, text, token };
}

function stateOf(news: LooseObject, { deviceType, firmwareUuid }: AttestationToken): LooseObject {
  return { declared: news, deviceType: deviceType.name, firmwareUuid };
}
