import { onboardDevices, registerCredentials, type RowOutcome } from "../cloud/bulk.js";
import { findDevices, onboardDevice, type Onboarding } from "../cloud/devices.js";
import { RefusedError } from "../cloud/errors.js";
import type { Settled } from "../engine/batcher.js";
import type { ScopedJournal } from "../engine/journal.js";
import { asError, ExpectedError } from "../engine/errors.js";
import { asBatch } from "../engine/progress.js";
import { planArrival, refuse, type Arrival, type Order } from "./arrival.js";
import { didNothing } from "./didNothing.js";
import type { Session } from "./session.js";

/** How long one bulk job may take. */
export const BULK_MS = 10 * 60_000;

/**
 * Brings devices that were declared together into the account: looks once which are there already, writes into the
 * journal what it is about to do, onboards the new ones by one bulk job (a single one by its own call), gives those that need
 * it their certificate by another, and says of each how it went.
 */
export async function onboardTogether(
  session: Session,
  orders: readonly Order[],
): Promise<readonly Settled<Arrival>[]> {
  const { transport } = session;
  // All orders of a process are of one stack.
  const journal = session.journalOf("device", { stack: orders[0]?.inputs.stack });
  const deviceIds = orders.map(({ inputs }) => inputs.deviceId);
  const withState = deviceIds.some((deviceId) => journal.unfinished(deviceId) !== undefined);
  const present = await findDevices(transport, deviceIds, { withState });
  const seen = new Set<string>();
  const planned = orders.map((order) => {
    const { deviceId } = order.inputs;
    const twice = seen.has(deviceId);
    seen.add(deviceId);
    const plan = twice
      ? refuse(`Device ${deviceId} is declared by two resources: keep one of them.`)
      : planArrival(journal, order, present.get(deviceId));
    return { order, plan };
  });
  const fresh = planned.flatMap(({ order, plan }) =>
    plan.kind === "onboard" ? [{ order, pem: plan.pem }] : [],
  );
  const known = planned.flatMap(({ order, plan }) =>
    plan.kind === "recertify" ? [{ order, pem: plan.pem }] : [],
  );
  const [onboarded, recertified] = await Promise.all([
    carryOut(journal, "onboarded", fresh, () =>
      sendNew(
        session,
        fresh.map(({ order, pem }) => ({ ...order.inputs, credentialPem: pem })),
      ),
    ),
    carryOut(journal, "given its certificate", known, () =>
      registerCredentials(
        transport,
        known.map(({ order, pem }) => ({ deviceId: order.inputs.deviceId, pem })),
        BULK_MS,
      ),
    ),
  ]);
  return planned.map(({ order, plan }): Settled<Arrival> => {
    switch (plan.kind) {
      case "refuse":
        return { ok: false, error: plan.error };
      case "present":
        return { ok: true, value: plan.arrival };
      case "onboard": {
        const error = onboarded.get(order);
        return error === undefined
          ? { ok: true, value: { adopted: false, certified: true } }
          : { ok: false, error };
      }
      case "recertify": {
        const error = recertified.get(order);
        return error === undefined ? { ok: true, value: plan.arrival } : { ok: false, error };
      }
    }
  });
}

/**
 * Writes orders into the journal, sends them together, and gives the errors of those that failed. What is known to have done
 * nothing is settled at once; the rest stays in the journal until its state is saved.
 */
async function carryOut(
  journal: ScopedJournal,
  what: "onboarded" | "given its certificate",
  rows: readonly { readonly order: Order }[],
  send: () => Promise<readonly RowOutcome[]>,
): Promise<ReadonlyMap<Order, Error>> {
  const errors = new Map<Order, Error>();
  if (rows.length === 0) return errors;
  try {
    journal.intend(rows.map(({ order }) => ({ key: order.inputs.deviceId, mark: order.credential.mark })));
    const outcomes = await asBatch(rows.length, send);
    for (const [i, { order }] of rows.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined || outcome.ok) continue;
      errors.set(order, rowError(what, order.inputs.deviceId, outcome.reason));
      journal.withdraw(order.inputs.deviceId);
    }
  } catch (thrown) {
    const error = asError(thrown);
    for (const { order } of rows) {
      errors.set(order, error);
      if (didNothing(error)) journal.withdraw(order.inputs.deviceId);
    }
  }
  return errors;
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
