import type { CloudDevice } from "../cloud/answers.js";
import { onboardDevices, registerCertificates, type RowOutcome } from "../cloud/bulk.js";
import { findDevices, onboardDevice, type Onboarding } from "../cloud/devices.js";
import { RefusedError } from "../cloud/errors.js";
import type { Settled } from "../engine/batcher.js";
import { asError, ExpectedError } from "../engine/errors.js";
import { notice } from "../engine/notices.js";
import type { MadeCredential } from "./credential.js";
import type { KnownDeviceInputs } from "./deviceInputs.js";
import type { Session } from "./session.js";

/** How long one bulk job may take. */
export const BULK_MS = 10 * 60_000;

/** A device that is to be in the account, with the credential made for it. */
export interface Order {
  readonly inputs: KnownDeviceInputs;
  readonly credential: MadeCredential;
}

/** How a device came to be in the account. `certified`: it has the credential of this order. */
export interface Arrival {
  readonly adopted: boolean;
  readonly certified: boolean;
}

/** What is to be done for one device, decided from what the account and the journal say. */
type Plan =
  | { readonly kind: "onboard"; readonly credentialPem: string }
  | { readonly kind: "recertify"; readonly certificatePem: string; readonly arrival: Arrival }
  | { readonly kind: "keep" }
  | { readonly kind: "refuse"; readonly error: Error };

/**
 * Brings devices that were declared together into the account: looks once which are there already, writes the rest
 * into the journal, onboards them by one bulk job (a single one by its own call), and says of each how it went.
 */
export async function onboardTogether(
  session: Session,
  orders: readonly Order[],
): Promise<readonly Settled<Arrival>[]> {
  const present = await findDevices(
    session.transport,
    orders.map(({ inputs }) => inputs.deviceId),
  );
  const seen = new Set<string>();
  const plans = orders.map((order): Plan => {
    const { deviceId } = order.inputs;
    if (seen.has(deviceId))
      return refuse(`Device ${deviceId} is declared by two resources: keep one of them.`);
    seen.add(deviceId);
    return plan(session, order, present.get(deviceId));
  });

  const outcomes: Settled<Arrival>[] = plans.map((entry) =>
    entry.kind === "refuse"
      ? { ok: false, error: entry.error }
      : { ok: true, value: { adopted: true, certified: false } },
  );
  await Promise.all([
    onboardNew(session, orders, plans, outcomes),
    recertify(session, orders, plans, outcomes),
  ]);
  return outcomes;
}

function plan(session: Session, { inputs, credential }: Order, present: CloudDevice | undefined): Plan {
  const { deviceId, adopt } = inputs;
  if (present === undefined) {
    if (credential.pem !== undefined) return { kind: "onboard", credentialPem: credential.pem };
    return refuse(
      `Device ${deviceId} is to be adopted, but the account has no such device. ` +
        "Check the id and the team of the API key, or give the device a credential so that it can be onboarded.",
    );
  }
  const halfDone = session.journal.unfinished(deviceId);
  if (halfDone !== undefined && credential.pem !== undefined) {
    if (halfDone.mark === credential.mark) return { kind: "keep" };
    notice({ subject: deviceId, text: HALF_DONE });
    return {
      kind: "recertify",
      certificatePem: credential.pem,
      arrival: { adopted: false, certified: true },
    };
  }
  if (adopt === "no") {
    return refuse(
      `Device ${deviceId} is in the account already, and this stack did not put it there.\n` +
        "To manage it here as it is, declare `adopt: true`; to give it a new certificate as well, `adopt: recertify` (the " +
        "device can't connect until it has the new one). If a run on another machine was interrupted before it could " +
        "save its state, `adopt: recertify` is right.",
    );
  }
  if (inputs.subType !== undefined && present.subType !== inputs.subType) {
    return refuse(
      `Device ${deviceId} can't be adopted: its sub-type in the account is ${JSON.stringify(present.subType ?? "")}, declared is ` +
        `${JSON.stringify(inputs.subType)}, and a sub-type can't be changed. Declare the one it has, or delete the device first.`,
    );
  }
  if (adopt === "recertify" && credential.pem !== undefined) {
    return { kind: "recertify", certificatePem: credential.pem, arrival: { adopted: true, certified: true } };
  }
  notice({
    subject: deviceId,
    text: "was in the account already and is adopted with the certificate it has.",
  });
  return { kind: "keep" };
}

/** What a preview says, too, of devices that a killed run left behind. */
export const HALF_DONE =
  "an interrupted run onboarded this device, but the key it made was never saved or shown. The device gets a new " +
  "certificate and key in place of the lost ones.";

async function onboardNew(
  session: Session,
  orders: readonly Order[],
  plans: readonly Plan[],
  outcomes: Settled<Arrival>[],
): Promise<void> {
  const rows = orders.flatMap(({ inputs, credential }, at) => {
    const entry = plans[at];
    return entry?.kind === "onboard"
      ? [{ at, mark: credential.mark, device: { ...inputs, credentialPem: entry.credentialPem } }]
      : [];
  });
  if (rows.length === 0) return;
  session.journal.intend(rows.map(({ device, mark }) => ({ key: device.deviceId, mark })));
  const results = await settleRows(rows.length, () =>
    sendNew(
      session,
      rows.map(({ device }) => device),
    ),
  );
  for (const [i, { at, device }] of rows.entries()) {
    const result = results[i];
    if (result?.ok === true) outcomes[at] = { ok: true, value: { adopted: false, certified: true } };
    else if (result !== undefined) {
      outcomes[at] = {
        ok: false,
        error: "error" in result ? result.error : rowError("onboarded", device.deviceId, result.reason),
      };
      // Only a row that the service refused is known to have done nothing.
      if ("reason" in result) session.journal.settle(device.deviceId);
    }
  }
}

async function sendNew(
  { transport }: Session,
  devices: readonly Onboarding[],
): Promise<readonly RowOutcome[]> {
  const [only, another] = devices;
  if (only === undefined || another !== undefined) return onboardDevices(transport, devices, BULK_MS);
  try {
    await onboardDevice(transport, only);
    return [{ ok: true }];
  } catch (error) {
    if (!(error instanceof RefusedError) || error.status >= 500 || error.status === 429) throw error;
    return [{ ok: false, reason: error.reason ?? error.message }];
  }
}

async function recertify(
  { transport }: Session,
  orders: readonly Order[],
  plans: readonly Plan[],
  outcomes: Settled<Arrival>[],
): Promise<void> {
  const rows = plans.flatMap((entry, at) => {
    const deviceId = orders[at]?.inputs.deviceId;
    return entry.kind === "recertify" && deviceId !== undefined ? [{ at, deviceId, ...entry }] : [];
  });
  if (rows.length === 0) return;
  const results = await settleRows(rows.length, () => registerCertificates(transport, rows, BULK_MS));
  for (const [i, { at, deviceId, arrival }] of rows.entries()) {
    const result = results[i];
    if (result?.ok === true) outcomes[at] = { ok: true, value: arrival };
    else if (result !== undefined) {
      outcomes[at] = {
        ok: false,
        error: "error" in result ? result.error : rowError("given its certificate", deviceId, result.reason),
      };
    }
  }
}

type RowResult = RowOutcome | { readonly ok: false; readonly error: Error };

/** A request that fails as a whole is the outcome of each of its rows, and of no others. */
async function settleRows(
  rows: number,
  send: () => Promise<readonly RowOutcome[]>,
): Promise<readonly RowResult[]> {
  try {
    return await send();
  } catch (thrown) {
    const error = asError(thrown);
    return Array.from({ length: rows }, () => ({ ok: false, error }));
  }
}

/** An error for a device that nRF Cloud refused, with the API's reason and what to do about it. */
export function rowError(
  done: "onboarded" | "given its certificate",
  deviceId: string,
  reason: string,
): Error {
  return new ExpectedError(`Device ${deviceId} was not ${done}: ${reason}\n${remedyFor(reason)}`);
}

function remedyFor(reason: string): string {
  if (/already exists/i.test(reason)) {
    return (
      "Device ids are unique across all customers: either another team has this id, or it was taken a moment ago. " +
      "Choose another id, or ask its owner to delete it, then run again."
    );
  }
  if (/already registered/i.test(reason)) {
    return "Every device needs a certificate of its own: give this one another, then run again.";
  }
  return "Correct what the reason names, then run again; the devices of the same batch that were good are done.";
}

function refuse(message: string): Plan {
  return { kind: "refuse", error: new ExpectedError(message) };
}
