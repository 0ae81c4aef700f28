import { isDeepStrictEqual } from "node:util";
import type { CloudDevice } from "../cloud/answers.js";
import { registerCertificates, BULK_ROWS } from "../cloud/bulk.js";
import { deleteDevice, fetchDevice, renameDevice, retagDevice } from "../cloud/devices.js";
import { Batcher } from "../engine/batcher.js";
import { asError, ExpectedError, PartialError } from "../engine/errors.js";
import { Fields } from "../engine/fields.js";
import type { Lifecycle } from "../engine/lifecycle.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { makeCredential, type MadeCredential } from "./credential.js";
import { knownDeviceInputs, readDeviceInputs, type KnownDeviceInputs } from "./deviceInputs.js";
import { compareDevice } from "./deviceDiff.js";
import { readDeviceState, type DeviceState } from "./deviceState.js";
import { BULK_MS, HALF_DONE, onboardTogether, rowError, type Arrival, type Order } from "./onboard.js";
import { QUIET_MS, session, sessionIfConfigured, type Session } from "./session.js";

/** How long a change that nRF Cloud accepted may take to show. */
const SHOWS_WITHIN_MS = 60_000;
/** How long a deletion may take. */
const GONE_WITHIN_MS = 120_000;

/** The life of a device in the account. Its id is the device id, which is unique across all customers of nRF Cloud. */
export const device: Lifecycle = {
  async check(olds, news) {
    const fields = new Fields(news);
    const inputs = readDeviceInputs(fields);
    if (fields.failures.length > 0) return { ok: false, failures: fields.failures };

    // One call an operation, shared by all devices: a wrong key shows before anything is changed.
    const open = await sessionIfConfigured();
    if (inputs.deviceId !== undefined && Object.keys(olds).length === 0) {
      if (await open?.isHalfDone(inputs.deviceId)) notice({ subject: inputs.deviceId, text: HALF_DONE });
    }
    return { ok: true, inputs: canonical(news) };
  },

  async diff(id, olds, news) {
    const state = readDeviceState(id, olds);
    // What is in state was saved: nothing about this device is half done.
    (await sessionIfConfigured())?.journal.settle(id);
    const { difference, consequences } = compareDevice(state, readDeviceInputs(new Fields(news)));
    for (const text of consequences) notice({ subject: id, text });
    return difference;
  },

  async create(news) {
    const open = await session();
    const inputs = knownDeviceInputs(news);
    const credential = makeCredential(inputs.credential, inputs.deviceId);
    const arrival = await onboarding(open).add({ inputs, credential });
    const id = inputs.deviceId;
    const state = stateAfter(news, credential, arrival);
    const present = await orPartly(id, state, async () => {
      const found = await waitFor(open, id, (seen) => seen !== undefined, "to appear in the account");
      return settleNameAndTags(open, inputs, found, arrival.adopted);
    });
    return { id, state: { ...state, createdAt: present?.$meta?.createdAt } };
  },

  async read(id, olds) {
    const open = await session();
    open.journal.settle(id);
    // A list may lag behind; only the device's own answer counts as gone.
    const found = (await open.lookUp(id)) ?? (await fetchDevice(open.transport, id));
    if (found === undefined) return { kind: "gone" };
    const state = readDeviceState(id, olds);
    const declared = declaredAs(found, state);
    return { kind: "present", state: { ...olds, declared }, inputs: declared };
  },

  async update(id, olds, news) {
    const open = await session();
    const state = readDeviceState(id, olds);
    const inputs = knownDeviceInputs(news);
    const found = (await open.lookUp(id)) ?? (await fetchDevice(open.transport, id));
    if (found === undefined) {
      throw new ExpectedError(
        `Device ${id} is no longer in the account, so it can't be changed. Run \`pulumi refresh\`, then run again to onboard it anew.`,
      );
    }
    const { certificate } = compareDevice(state, inputs);
    let after: LooseObject = { ...olds, declared: news };
    if (certificate !== "same") {
      const made = makeCredential(
        inputs.credential,
        id,
        certificate === "same key" ? state.privateKey : undefined,
      );
      if (made.pem !== undefined) await certificates(open).add({ deviceId: id, certificatePem: made.pem });
      after = { ...stateAfter(news, made, { adopted: false, certified: true }), createdAt: state.createdAt };
    }
    await orPartly(id, { ...after, declared: declaredAs(found, state) }, () =>
      settleNameAndTags(open, inputs, found, false),
    );
    return { state: after };
  },

  /** Deletes the device with its data, certificate and shadow, and waits until it is gone. */
  async delete(id) {
    const open = await session();
    await deleteDevice(open.transport, id);
    await open.watch.wait(
      id,
      (seen) => seen === undefined,
      GONE_WITHIN_MS,
      () =>
        new ExpectedError(
          `Device ${id} is still in the account ${GONE_WITHIN_MS / 1000} s after nRF Cloud accepted its deletion. Run again in a while.`,
        ),
    );
    open.journal.settle(id);
  },
};

const onboarding = perSession(
  (open) =>
    new Batcher<Order, Arrival>({
      maxSize: BULK_ROWS,
      quietMs: QUIET_MS,
      run: (orders) => onboardTogether(open, orders),
    }),
);

const certificates = perSession(
  (open) =>
    new Batcher<{ readonly deviceId: string; readonly certificatePem: string }, undefined>({
      maxSize: BULK_ROWS,
      quietMs: QUIET_MS,
      run: async (rows) => {
        const outcomes = await registerCertificates(open.transport, rows, BULK_MS);
        return outcomes.map((outcome, i) =>
          outcome.ok
            ? { ok: true, value: undefined }
            : {
                ok: false,
                error: rowError("given its certificate", rows[i]?.deviceId ?? "", outcome.reason),
              },
        );
      },
    }),
);

/** Brings display name and tags to what is declared, and waits until the account shows them. */
async function settleNameAndTags(
  open: Session,
  inputs: KnownDeviceInputs,
  found: CloudDevice | undefined,
  adopted: boolean,
): Promise<CloudDevice | undefined> {
  const { deviceId, tags } = inputs;
  // Without a name of its own, nRF Cloud calls a device by its id.
  const name = inputs.name ?? deviceId;
  const keepsName = inputs.name === undefined && adopted;
  const renames = !keepsName && found?.name !== name;
  const retags = !sameTags(found?.tags ?? [], tags);
  if (!renames && !retags) return found;
  if (renames) await renameDevice(open.transport, deviceId, name);
  if (retags) await retagDevice(open.transport, deviceId, tags);
  return waitFor(
    open,
    deviceId,
    (seen) =>
      seen !== undefined && (!renames || seen.name === name) && (!retags || sameTags(seen.tags ?? [], tags)),
    "to show its new name and tags",
  );
}

function waitFor(
  open: Session,
  deviceId: string,
  until: (seen: CloudDevice | undefined) => boolean,
  what: string,
): Promise<CloudDevice | undefined> {
  return open.watch.wait(
    deviceId,
    until,
    SHOWS_WITHIN_MS,
    () =>
      new ExpectedError(
        `nRF Cloud accepted device ${deviceId}, but waiting for it ${what} took more than ${SHOWS_WITHIN_MS / 1000} s. ` +
          "Run again in a while: the device and its key are kept, and what is missing is done then.",
      ),
  );
}

/** What fails once the device exists must not lose it, nor its key: the engine keeps both and calls `update` next time. */
async function orPartly<T>(id: string, state: LooseObject, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new PartialError(id, state, [asError(error).message]);
  }
}

function stateAfter(
  news: LooseObject,
  { kept }: MadeCredential,
  { adopted, certified }: Arrival,
): LooseObject {
  return {
    deviceId: news.deviceId,
    declared: news,
    ...(certified ? kept : {}),
    ...(adopted && !certified ? { adopted: true } : {}),
  };
}

/** The inputs that would declare the device as it was found. */
function declaredAs(found: CloudDevice, { declared }: DeviceState): LooseObject {
  const { name, tags, subType, ...rest } = declared;
  const foundName = found.name === found.id ? undefined : found.name;
  const declaredTags = Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
  return canonical({
    ...rest,
    // An adopted device keeps the name it came with until one is declared.
    name: name === undefined && declared.adopt !== undefined ? undefined : foundName,
    tags: sameTags(found.tags ?? [], declaredTags) ? declaredTags : found.tags,
    // The service fills in a sub-type where none was given. Firmware types are the device's own to report.
    subType: subType === undefined ? undefined : found.subType,
  });
}

/** Inputs in the one form that is kept in state: nothing empty, every tag once. */
function canonical(inputs: LooseObject): LooseObject {
  return Object.fromEntries(
    Object.entries(inputs)
      .map(([key, value]) => [key, Array.isArray(value) ? [...new Set<unknown>(value)] : value] as const)
      .filter(([, value]) => value !== undefined && value !== "" && !isDeepStrictEqual(value, [])),
  );
}

function sameTags(one: readonly string[], other: readonly string[]): boolean {
  return isDeepStrictEqual(new Set(one), new Set(other));
}

/** One of something a session, made when first asked for. */
function perSession<T>(make: (open: Session) => T): (open: Session) => T {
  const made = new WeakMap<Session, T>();
  return (open) => {
    const known = made.get(open) ?? make(open);
    made.set(open, known);
    return known;
  };
}
