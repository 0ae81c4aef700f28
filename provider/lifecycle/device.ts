import { BULK_ROWS, registerCredentials } from "../cloud/bulk.js";
import { fetchDevice, hasReported } from "../cloud/devices.js";
import { describeCertificate } from "../pki/certificate.js";
import { Batcher } from "../engine/batcher.js";
import { ExpectedError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import type { Lifecycle } from "../engine/lifecycle.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { asBatch } from "../engine/progress.js";
import { containsUnknown } from "../engine/unknown.js";
import { HALF_DONE, type Arrival, type Order } from "./arrival.js";
import { canonical } from "./canonical.js";
import { change, IN_DOUBT, isInDoubt } from "./changing.js";
import { keptCertificate, makeCredential, type MadeCredential } from "./credential.js";
import {
  knownDeviceInputs,
  readDeviceInputs,
  type DeviceInputs,
  type KnownDeviceInputs,
} from "./deviceInputs.js";
import { didNothing } from "./didNothing.js";
import { compareDevice, fixedInputsThatDiffer, type CertificateChange } from "./deviceDiff.js";
import { foundGone, settleChanging } from "./entries.js";
import { daysBetween, warnOfDeviceExpiry, type Term } from "./expiry.js";
import { changeOf, declaredAsFound, ofName, settleNameAndTags, waitFor } from "./nameAndTags.js";
import { readDeviceState, type DeviceState } from "./deviceState.js";
import { LEFT, LEFT_FOR_GOOD, hasLeft } from "./leaving.js";
import { onboardTogether } from "./onboard.js";
import { failureOf } from "./refusals.js";
import { earlierJobs } from "./earlierJobs.js";
import { isOfAnotherKind, isOvertaken, REPLACED } from "./overtaken.js";
import { orPartly } from "./partly.js";
import { perSession } from "./perSession.js";
import { removeDevice } from "./removal.js";
import { arrived, hasSuccessor, STAYS } from "./successor.js";
import { requireTeam, teamOf } from "./team.js";
import { QUIET_MS, session, sessionIfConfigured, type Session } from "./session.js";

/** The life of a device in the account. Its id is the device id, which is unique across all customers of nRF Cloud. */
export const device: Lifecycle = {
  declared: ["deviceId", "credential", "subType", "tags", "firmwareTypes", "name", "adopt", "stack", "fleet"],

  async check(olds, news) {
    const fields = new Fields(news);
    const inputs = readDeviceInputs(fields);
    const reason = whyNoReturn(inputs, olds, news);
    if (reason !== undefined) fields.fail("", reason);
    if (fields.failures.length > 0) return { ok: false, failures: fields.failures };

    // One call an operation, shared by all devices: a wrong key shows before anything is changed.
    const open = await sessionIfConfigured();
    if (inputs.deviceId !== undefined && Object.keys(olds).length === 0) {
      const loses = inputs.credential.kind === "issue";
      const found = loses ? await open?.unfinishedDevice(inputs.deviceId, news) : undefined;
      if (found !== undefined && !hasReported(found)) notice({ subject: inputs.deviceId, text: HALF_DONE });
    }
    return { ok: true, inputs: canonical(news) };
  },

  async diff(id, olds, news) {
    const state = readDeviceState(id, olds);
    const before = readDeviceInputs(new Fields(state.declared));
    const open = await sessionIfConfigured();
    if (open !== undefined) requireTeam(open, olds, `Device ${id}`);
    const inputs = readDeviceInputs(new Fields(news));
    if (open !== undefined && (await hasLeft(open, "leaving", id, state.declared))) {
      notice({ subject: id, text: inputs.credential.kind === "existing" ? LEFT_FOR_GOOD : LEFT });
      return { kind: "remake", because: ["createdAt"] };
    }
    const overtaken = open !== undefined && isOvertaken(open, state, before, olds);
    const { difference, certificate, consequences } = compareDevice(state, inputs, {
      overtaken,
      unknown: Object.keys(news).filter((key) => containsUnknown(news[key])),
    });
    const canComeBack = inputs.credential.kind !== "existing" && difference.kind !== "replace";
    if (overtaken && canComeBack && (await isOfAnotherKind(open, state, before))) {
      notice({ subject: id, text: REPLACED });
      return { kind: "remake", because: ["createdAt"] };
    }
    for (const text of consequences) notice({ subject: id, text });
    const term = certificate === "same" && difference.kind !== "replace" ? termOf(state, before) : undefined;
    if (term !== undefined) warnOfDeviceExpiry(id, term);
    if (difference.kind === "same" && open !== undefined && isInDoubt(open, "changing", id, olds)) {
      notice({ subject: id, text: IN_DOUBT });
      return { kind: "renew" };
    }
    return difference;
  },

  async create(news) {
    const open = await session();
    const inputs = knownDeviceInputs(news);
    const credential = makeCredential(inputs.credential, inputs.deviceId);
    const arrival = await onboarding(open).add({ inputs, credential });
    const id = inputs.deviceId;
    const keepsName = arrival.adopted && inputs.name === undefined;
    const state = {
      ...stateAfter(news, credential, arrival),
      ...ofName(keepsName, inputs.adopt !== "no"),
      ...arrived(open, "device", id, news),
      ...teamOf(open),
    };
    const present = await orPartly(id, state, async () => {
      const found = await waitFor(open, id, (seen) => seen !== undefined, "to appear in the account");
      // A list that lags behind may show the device that was called so before this one took its place.
      const must = { name: arrival.fresh && inputs.name !== undefined };
      return settleNameAndTags(open, inputs, found, keepsName, must);
    });
    settleChanging(open, "device", id, news);
    return { id, state: { ...state, createdAt: present?.$meta?.createdAt } };
  },

  async read(id, olds) {
    const open = await session();
    requireTeam(open, olds, `Device ${id}`);
    // A list may lag behind; only the device's own answer counts as gone.
    const found = (await open.lookUp(id)) ?? (await fetchDevice(open.transport, id));
    if (found === undefined) {
      foundGone(open, "device", id, readDeviceState(id, olds).declared);
      return { kind: "gone" };
    }
    const state = readDeviceState(id, olds);
    // An adopted device keeps its name until one is declared. Firmware types are the device's own to report.
    const declared = declaredAsFound(found, state.declared, state.keepsName);
    return { kind: "present", state: { ...olds, declared }, inputs: declared };
  },

  async update(id, olds, news) {
    const open = await session();
    requireTeam(open, olds, `Device ${id}`);
    const state = readDeviceState(id, olds);
    const inputs = knownDeviceInputs(news);
    const before = readDeviceInputs(new Fields(state.declared));
    const overtaken = isOvertaken(open, state, before, olds);
    // A list may lag behind: it does to see what there is to change, but not what an interrupted run has changed.
    const doubtful = overtaken || isInDoubt(open, "changing", id, olds);
    const listed = doubtful ? undefined : await open.lookUp(id);
    const found = listed ?? (await fetchDevice(open.transport, id));
    if (found === undefined) {
      throw new ExpectedError(
        `Device ${id} is no longer in the account, so it can't be changed. Run \`pulumi refresh\`, then run again to onboard it anew.`,
      );
    }
    const { certificate } = compareDevice(state, inputs, { overtaken, unknown: [] });
    const changed = await recertified(open, state, inputs, certificate, olds);
    const keepsName = state.keepsName && inputs.name === undefined;
    const { keepsName: _, ...others } = changed;
    const after = {
      ...others,
      ...ofName(keepsName, inputs.adopt !== "no"),
      ...teamOf(open),
      since: olds.since,
      // What was registered is in this state, whatever becomes of name and tags.
      ...(certificate === "same" ? {} : { changedAt: new Date().toISOString() }),
      declared: news,
    };
    const { credential, adopt } = news;
    const reached = { ...declaredAsFound(found, state.declared, state.keepsName), credential, adopt };
    const must = changeOf(before, inputs);
    const settled = () =>
      orPartly(id, { ...after, declared: reached }, async () => {
        await settleNameAndTags(open, inputs, found, keepsName, must);
        return after;
      });
    return { state: await change(open, "changing", id, olds, settled) };
  },

  async delete(id, olds) {
    const open = await session();
    requireTeam(open, olds, `Device ${id}`);
    if (hasSuccessor(open, "device", id, olds)) {
      notice({ subject: id, text: STAYS });
      return;
    }
    await removeDevice(open, id, readDeviceState(id, olds).declared);
  },
};

/** The term of the certificate that the device has, as far as it is known here. */
function termOf({ validUntil }: DeviceState, { credential }: DeviceInputs): Term | undefined {
  switch (credential.kind) {
    case "issue":
      return validUntil === undefined ? undefined : { validUntil, days: credential.order.validityDays };
    case "certificate": {
      if (credential.pem === undefined) return undefined;
      const { notBefore, notAfter } = describeCertificate(credential.pem);
      return { validUntil: notAfter, days: daysBetween(notBefore, notAfter) };
    }
    case "publicKey":
    case "existing":
    case "unknown":
      return undefined;
  }
}

/**
 * Why a device may not become what is declared: it would have to be deleted, and nothing is declared that would certify it
 * again. Asked in `check`, as a refresh compares by `diff` too, and there nothing would be deleted.
 */
function whyNoReturn(inputs: DeviceInputs, olds: LooseObject, news: LooseObject): string | undefined {
  if (inputs.credential.kind !== "existing" || Object.keys(olds).length === 0) return undefined;
  const unknown = Object.keys(news).filter((key) => containsUnknown(news[key]));
  const declared = readDeviceInputs(new Fields(canonical(news)));
  const because = fixedInputsThatDiffer(readDeviceInputs(new Fields(olds)), declared, unknown);
  if (because.length === 0) return undefined;
  return (
    `Device ${inputs.deviceId ?? ""} would have to be deleted and onboarded anew because of ${because.join(" and ")}, but no credential is ` +
    "declared for it, so it could not come back. Take the change back, or declare a credential. Nothing was changed."
  );
}

/** Gives the device the certificate that the change asks for, and gives the state that has it. */
async function recertified(
  open: Session,
  state: DeviceState,
  inputs: KnownDeviceInputs,
  change: CertificateChange,
  olds: LooseObject,
): Promise<LooseObject> {
  const { deviceId } = inputs;
  const journal = open.journalOf("device", state.declared);
  if (change === "same") return olds;
  const made =
    change === "restore" && state.certificate !== undefined
      ? keptCertificate(state.certificate)
      : makeCredential(inputs.credential, deviceId, change === "same key" ? state.privateKey : undefined);
  if (made.pem !== undefined) {
    if (journal.unfinished(deviceId) !== undefined) await earlierJobs(open);
    journal.intend([{ key: deviceId, mark: made.mark }]);
    try {
      await registrations(open).add({ deviceId, pem: made.pem });
      journal.tell(deviceId, "made");
    } catch (error) {
      if (didNothing(error)) journal.withdraw(deviceId);
      throw error;
    }
  }
  return change === "restore" ? olds : { ...made.kept, createdAt: state.createdAt };
}

const onboarding = perSession(
  (open) =>
    new Batcher<Order, Arrival>({
      maxSize: BULK_ROWS,
      quietMs: QUIET_MS,
      run: (orders) => onboardTogether(open, orders),
    }),
);

const registrations = perSession(
  (open) =>
    new Batcher<{ readonly deviceId: string; readonly pem: string }, undefined>({
      maxSize: BULK_ROWS,
      quietMs: QUIET_MS,
      run: async (rows) => {
        const outcomes = await asBatch(rows.length, () =>
          registerCredentials(open.transport, rows, open.deadlines),
        );
        return rows.map(({ deviceId }, i) => {
          const outcome = outcomes[i];
          return outcome === undefined || outcome.kind === "done"
            ? { ok: true, value: undefined }
            : { ok: false, error: failureOf("given its certificate", deviceId, outcome) };
        });
      },
    }),
);

function stateAfter(
  news: LooseObject,
  { kept }: MadeCredential,
  { adopted, certified }: Arrival,
): LooseObject {
  return {
    declared: news,
    ...(certified ? kept : {}),
    ...(adopted && !certified ? { adopted: true } : {}),
  };
}
