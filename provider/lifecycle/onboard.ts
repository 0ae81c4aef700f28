import { onboardDevices, registerCredentials } from "../cloud/bulk.js";
import type { CloudDevice } from "../cloud/answers.js";
import { deleteDevice, fetchDevice, findDevices } from "../cloud/devices.js";
import type { Outcome } from "../cloud/surely.js";
import type { Settled } from "../engine/batcher.js";
import type { Journal } from "../engine/journal.js";
import { asError, ExpectedError } from "../engine/errors.js";
import { asBatch } from "../engine/progress.js";
import { planArrival, type Arrival, type Order } from "./arrival.js";
import { didNothing } from "./didNothing.js";
import { earlierJobs, untilSeen } from "./earlierJobs.js";
import { waitUntilGone } from "./nameAndTags.js";
import { failureOf, saysTaken, takenError, type Done } from "./refusals.js";
import type { Session } from "./session.js";

/**
 * Brings devices that were declared together into the account: looks once which are there already, writes into the
 * journal what it is about to do, onboards the new ones by one bulk job (a single one by its own call), gives those that need
 * it their certificate by another, and says of each how it went.
 */
export async function onboardTogether(
  session: Session,
  orders: readonly Order[],
): Promise<readonly Settled<Arrival>[]> {
  // All orders of a process are of one stack.
  const journal = session.journalOf("device", { stack: orders[0]?.inputs.stack });
  const isHalfDone = ({ inputs }: Order) => journal.unfinished(inputs.deviceId) !== undefined;
  if (orders.some(isHalfDone)) await earlierJobs(session);
  const ended = await oneRound(session, journal, unlessDeclaredTwice(orders));

  // Their ids were taken between the look and the request. What an earlier run had under way can be continued.
  const taken = orders.filter((order) => ended.get(order)?.taken !== undefined);
  if (taken.length > 0) {
    await Promise.all(taken.filter(isHalfDone).map(({ inputs }) => untilSeen(session, inputs.deviceId)));
    const present = await findDevices(session.transport, idsOf(taken));
    const isOurs = (order: Order) => isHalfDone(order) || order.inputs.adopt !== "no";
    const ours = taken.filter((order) => present.has(order.inputs.deviceId) && isOurs(order));
    for (const [order, again] of await oneRound(session, journal, ours)) ended.set(order, again);
    for (const order of taken.filter((each) => !ours.includes(each))) {
      const { deviceId } = order.inputs;
      const reason = ended.get(order)?.taken ?? "";
      ended.set(order, {
        settled: { ok: false, error: takenError(deviceId, reason, present.has(deviceId)) },
      });
    }
  }
  const declaredTwice = ({ inputs }: Order) =>
    new ExpectedError(`Device ${inputs.deviceId} is declared by two resources: keep one of them.`);
  return orders.map((order) => ended.get(order)?.settled ?? { ok: false, error: declaredTwice(order) });
}

/** How an order ended. `taken`: the words in which nRF Cloud said that the id exists already. */
interface Ended {
  readonly settled: Settled<Arrival>;
  readonly taken?: string | undefined;
}

async function oneRound(
  session: Session,
  journal: Journal,
  orders: readonly Order[],
): Promise<Map<Order, Ended>> {
  const present = await devicesPresent(session, journal, orders);
  const planned = orders.map((order) => ({
    order,
    plan: planArrival(journal, order, present.get(order.inputs.deviceId)),
  }));
  const fresh = planned.flatMap(({ order, plan }) =>
    plan.kind === "onboard" || plan.kind === "anew"
      ? [{ order, pem: plan.pem, owner: order.inputs.fleet }]
      : [],
  );
  const outdated = planned
    .filter(({ plan }) => plan.kind === "anew")
    .map(({ order }) => order.inputs.deviceId);
  await Promise.all(
    outdated.map(async (deviceId) => {
      await deleteDevice(session.transport, deviceId);
      await waitUntilGone(session, deviceId, "deletion");
    }),
  );
  const known = planned.flatMap(({ order, plan }) =>
    plan.kind === "recertify"
      ? [{ order, pem: plan.pem, owner: plan.arrival.adopted ? undefined : order.inputs.fleet }]
      : [],
  );
  const { transport, deadlines } = session;
  const [onboarded, recertified] = await Promise.all([
    carryOut(journal, "onboarded", fresh, () =>
      onboardDevices(
        transport,
        fresh.map(({ order, pem }) => ({ ...order.inputs, credentialPem: pem })),
        deadlines,
      ),
    ),
    carryOut(journal, "given its certificate", known, () =>
      registerCredentials(
        transport,
        known.map(({ order, pem }) => ({ deviceId: order.inputs.deviceId, pem })),
        deadlines,
      ),
    ),
  ]);
  return new Map(
    planned.map(({ order, plan }): [Order, Ended] => {
      switch (plan.kind) {
        case "refuse":
          return [order, { settled: { ok: false, error: plan.error } }];
        case "present":
          return [order, { settled: { ok: true, value: plan.arrival } }];
        case "onboard":
        case "anew":
          return [order, endedWith({ fresh: true, adopted: false, certified: true }, onboarded.get(order))];
        case "recertify":
          return [order, endedWith(plan.arrival, recertified.get(order))];
      }
    }),
  );
}

function endedWith(arrival: Arrival, failure: Failure | undefined): Ended {
  if (failure === undefined) return { settled: { ok: true, value: arrival } };
  return { settled: { ok: false, error: failure.error }, taken: failure.taken };
}

/**
 * Which of the devices are in the account. A list may lag behind, so where what it says would be an error, the device's own
 * answer has the last word.
 */
async function devicesPresent(
  { transport }: Session,
  journal: Journal,
  orders: readonly Order[],
): Promise<ReadonlyMap<string, CloudDevice>> {
  const withState = orders.some(({ inputs }) => journal.unfinished(inputs.deviceId) !== undefined);
  const listed = await findDevices(transport, idsOf(orders), { withState });
  const doubtful = orders.filter(({ inputs: { deviceId, adopt }, credential }) =>
    listed.has(deviceId)
      ? adopt === "no" && journal.unfinished(deviceId) === undefined
      : credential.pem === undefined,
  );
  const present = new Map(listed);
  await Promise.all(
    doubtful.map(async ({ inputs: { deviceId } }) => {
      const found = await fetchDevice(transport, deviceId);
      if (found === undefined) present.delete(deviceId);
      else present.set(deviceId, found);
    }),
  );
  return present;
}

function unlessDeclaredTwice(orders: readonly Order[]): readonly Order[] {
  const first = new Map<string, Order>();
  for (const order of orders) if (!first.has(order.inputs.deviceId)) first.set(order.inputs.deviceId, order);
  return [...first.values()];
}

function idsOf(orders: readonly Order[]): readonly string[] {
  return orders.map(({ inputs }) => inputs.deviceId);
}

interface Failure {
  readonly error: Error;
  readonly taken?: string | undefined;
}

/**
 * Writes orders into the journal, sends them together, and gives the errors of those that failed. What is known to have done
 * nothing is settled at once; the rest stays in the journal until its state is saved.
 */
async function carryOut(
  journal: Journal,
  what: Done,
  rows: readonly { readonly order: Order; readonly owner: string | undefined }[],
  send: () => Promise<readonly Outcome[]>,
): Promise<ReadonlyMap<Order, Failure>> {
  const failures = new Map<Order, Failure>();
  if (rows.length === 0) return failures;
  const fail = (order: Order, error: Error, taken?: string) => {
    failures.set(order, { error, taken });
    if (didNothing(error)) journal.withdraw(order.inputs.deviceId);
  };
  try {
    journal.intend(
      rows.map(({ order, owner }) => ({ key: order.inputs.deviceId, mark: order.credential.mark, owner })),
    );
    const outcomes = await asBatch(rows.length, send);
    for (const [i, { order }] of rows.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined || outcome.kind === "done") continue;
      const taken = what === "onboarded" && outcome.kind === "refused" && saysTaken(outcome.reason);
      fail(order, failureOf(what, order.inputs.deviceId, outcome), taken ? outcome.reason : undefined);
    }
  } catch (thrown) {
    for (const { order } of rows) fail(order, asError(thrown));
  }
  return failures;
}
