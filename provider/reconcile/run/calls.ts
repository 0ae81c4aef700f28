import { BULK_ROWS, registerCredentials } from "../../cloud/bulk.js";
import { mayHaveTakenEffect } from "../../cloud/errors.js";
import { CLAIM_ROWS, type Claim } from "../../cloud/claimedDevices.js";
import type { Onboarding } from "../../cloud/devices.js";
import type { Outcome } from "../../cloud/reliably.js";
import { Batcher, type Settled } from "../../engine/batcher.js";
import type { Progress } from "../../engine/progress.js";
import { groupPairs } from "../../fleet/groupBy.js";
import type { StepOutcomes, LogRow, LogStep } from "../../journal/entry.js";
import type { Cloud } from "../../lifecycle/session/session.js";
import { claimTogether } from "../../ways/attestation/claim.js";
import type { StepLog } from "./stepLog.js";

/** One row of a bulk call, and the journal that gets it first. */
export interface BulkOrder<Item> {
  readonly item: Item;
  readonly logged: LogRow;
  readonly log: StepLog;
}

export type BulkOutcome = Outcome & { readonly jobId?: string | undefined };

/** The bulk calls of a run. All tables share them, so that single resources which are created together use one job too. */
export class Calls {
  readonly onboard: Batcher<BulkOrder<Onboarding>, BulkOutcome>;
  readonly register: Batcher<BulkOrder<{ readonly deviceId: string; readonly pem: string }>, BulkOutcome>;
  readonly claim: Batcher<BulkOrder<Claim>, BulkOutcome>;

  /** @param quietMs how long a batch waits for more rows (milliseconds) */
  constructor(cloud: Cloud, progress: Progress, quietMs: number) {
    const { transport, onboarding, deadlines } = cloud;
    const batch = <Item>(
      step: LogStep,
      maxSize: number,
      send: (items: readonly Item[], accepted: (jobId: string) => void) => Promise<readonly Outcome[]>,
    ) =>
      new Batcher<BulkOrder<Item>, BulkOutcome>({
        maxSize,
        quietMs,
        run: (orders) => logged(step, orders, progress, send),
      });
    this.onboard = batch("onboard", BULK_ROWS, (items: readonly Onboarding[], accepted) =>
      onboarding.onboard(items, deadlines, accepted),
    );
    this.register = batch(
      "register",
      BULK_ROWS,
      (items: readonly { readonly deviceId: string; readonly pem: string }[], accepted) =>
        registerCredentials(transport, items, deadlines, accepted),
    );
    this.claim = batch("claim", CLAIM_ROWS, (items: readonly Claim[]) =>
      claimTogether(cloud.identity(), items, deadlines),
    );
  }
}

/** Writes rows into their journals, sends them, and writes their endings. Of two rows for one device, only the first is sent. */
async function logged<Item>(
  step: LogStep,
  all: readonly BulkOrder<Item>[],
  progress: Progress,
  send: (items: readonly Item[], accepted: (jobId: string) => void) => Promise<readonly Outcome[]>,
): Promise<readonly Settled<BulkOutcome>[]> {
  const first = new Map([...all].reverse().map((order) => [order.logged.id, order]));
  const orders = all.filter((order) => first.get(order.logged.id) === order);
  const logs = groupPairs(orders.map(({ log, logged: row }) => [log, row]));
  const started = new Map([...logs].map(([log, rows]) => [log, log.start(step, rows)]));
  let jobId: string | undefined;
  const accepted = (id: string) => {
    jobId = id;
    for (const each of started.values()) each.accepted(id);
  };
  const meter = progress.step(step, orders.length);
  try {
    const outcomes = await send(
      orders.map(({ item }) => item),
      accepted,
    );
    for (const [log, each] of started) {
      const ended = { done: [] as string[], refused: [] as string[], unsettled: [] as string[] };
      for (const [i, order] of orders.entries()) {
        if (order.log !== log) continue;
        ended[settlementOf(outcomes[i])].push(order.logged.id);
      }
      each.ended(ended);
    }
    const ended = new Map(
      orders.map((order, i) => [order, { ...(outcomes[i] ?? ({ kind: "done" } as const)), jobId }]),
    );
    return all.map((order) => ({ ok: true, value: ended.get(order) ?? DECLARED_TWICE }));
  } finally {
    meter.done(orders.length);
    meter.end();
  }
}

const DECLARED_TWICE: BulkOutcome = {
  kind: "refused",
  reason: "another resource of this program declares the same device. Keep one of the two.",
  nothingDone: true,
};

function settlementOf(outcome: Outcome | undefined): keyof StepOutcomes {
  if (outcome === undefined || outcome.kind === "done") return "done";
  if (outcome.kind === "refused") return outcome.nothingDone ? "refused" : "unsettled";
  return mayHaveTakenEffect(outcome.error) ? "unsettled" : "refused";
}
