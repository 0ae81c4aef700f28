import type { Clock } from "../engine/clock.js";
import { poll } from "../engine/poll.js";
import type { Deadlines } from "./deadlines.js";
import { isInternal } from "./refusal.js";
import { CloudError, mayHaveTakenEffect, NoAnswerError, RefusedError } from "./errors.js";

/** The first try included. */
const TRIES = 3;
/** A change that is not visible after this time did not take effect. Reads lag behind writes by up to 5 s. */
const VISIBLE_WITHIN_MS = 10_000;
const POLL_EVERY_MS = { first: 250, slowest: 3_000 };
const UNSEEN_PAUSE_MS = 1_000;

/** The outcome of one item. */
export type Outcome =
  | { readonly kind: "done" }
  /**
   * `nothingDone`: certainly nothing was changed. Otherwise an earlier try whose answer was lost, or a duplicate of the request, may
   * still take effect.
   */
  | { readonly kind: "refused"; readonly reason: string; readonly nothingDone: boolean }
  /** The answer is missing. The error has whether the request may have taken effect. */
  | { readonly kind: "failed"; readonly error: CloudError };

/** @param refused the reasons of refused rows, by index */
export function rowOutcomes(rows: number, refused: ReadonlyMap<number, string>): readonly Outcome[] {
  return Array.from({ length: rows }, (_, row) => {
    const reason = refused.get(row);
    return reason === undefined
      ? { kind: "done" }
      : { kind: "refused", reason, nothingDone: !isInternal(reason) };
  });
}

/** How to send items, and how to read their effect back. */
export interface Delivery<Item> {
  /**
   * Sends items, and returns their outcomes in the same order. It throws errors that concern all of them. If these may have taken
   * effect, the account is read, and items without effect are sent again.
   */
  readonly send: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  /** The items whose effect is visible now. Absent if effects are not visible and sending is idempotent. */
  readonly readBack?: (items: readonly Item[]) => Promise<ReadonlySet<Item>>;
  /** Whether nRF Cloud may still process the request, so that reading back proves nothing yet. */
  readonly isRunning?: () => Promise<boolean>;
  /**
   * Whether items without visible effect may be sent again. Must be false if the API does not show whether a request is still being
   * processed. Default: true.
   */
  readonly mayRepeat?: boolean;
  /** Whether a refusal of a retry proves that the first try took effect. */
  readonly provesDone?: (reason: string) => boolean;
}

/**
 * Sends requests that are not idempotent. If an answer is lost, it reads the effect back, and sends only items without effect again, at
 * most twice.
 */
export async function sendReliably<Item>(
  items: readonly Item[],
  delivery: Delivery<Item>,
  deadlines: Deadlines,
  clock: Clock,
): Promise<readonly Outcome[]> {
  const { mayRepeat: isRepeatable = true } = delivery;
  const outcomes = new Map<Item, Outcome>();
  let rest = items;
  let lost = false;
  for (let tries = 1; rest.length > 0; tries++) {
    const sent = await trySending(rest, delivery);
    if (sent.error !== undefined) {
      const { error } = sent;
      if (!lost && !mayHaveTakenEffect(error)) return items.map(() => ({ kind: "failed", error }));
      lost = true;
    }
    const open = new Map<Item, Outcome | undefined>();
    for (const [i, item] of rest.entries()) {
      const outcome = sent.outcomes[i];
      if (outcome === undefined || outcome.kind === "failed") open.set(item, outcome);
      else if (outcome.kind === "done" || !lost) outcomes.set(item, outcome);
      else if (delivery.provesDone?.(outcome.reason) === true) outcomes.set(item, { kind: "done" });
      else open.set(item, { ...outcome, nothingDone: false });
    }
    if (open.size === 0) break;
    const { found, certain } = await readEffects(
      [...open.keys()],
      delivery,
      deadlines,
      clock,
      sent.error !== undefined,
    );
    const again: Item[] = [];
    for (const [item, outcome] of open) {
      if (found.has(item)) outcomes.set(item, { kind: "done" });
      else if (outcome !== undefined) outcomes.set(item, outcome);
      else if (isRepeatable && certain && tries < TRIES && mayHaveTakenEffect(sent.error)) again.push(item);
      else outcomes.set(item, { kind: "failed", error: unsettled(sent.error, tries, certain) });
    }
    rest = again;
  }
  return items.map((item) => outcomes.get(item) ?? { kind: "done" });
}

type Sent =
  | { readonly outcomes: readonly Outcome[]; readonly error?: undefined }
  | { readonly outcomes: readonly []; readonly error: CloudError };

async function trySending<Item>(items: readonly Item[], { send }: Delivery<Item>): Promise<Sent> {
  try {
    return { outcomes: await send(items) };
  } catch (error) {
    if (error instanceof CloudError) return { outcomes: [], error };
    throw error;
  }
}

/** What the account shows of items without an answer. */
interface ReadBack<Item> {
  readonly kind: "settled" | "under way" | "missing" | "unseen" | "hopeless";
  readonly found: ReadonlySet<Item>;
}

/** The items that took effect, and whether the others certainly did not. */
async function readEffects<Item>(
  items: readonly Item[],
  { readBack, isRunning }: Delivery<Item>,
  { readbackMs, bulkMs }: Deadlines,
  clock: Clock,
  lost: boolean,
): Promise<{ readonly found: ReadonlySet<Item>; readonly certain: boolean }> {
  const none: ReadonlySet<Item> = new Set();
  if (readBack === undefined && (isRunning === undefined || !lost)) {
    // Nothing can be read. After a failure, an immediate retry often fails too.
    if (lost) await clock.sleep(Math.min(UNSEEN_PAUSE_MS, readbackMs));
    return { found: none, certain: true };
  }
  const read = async (): Promise<ReadBack<Item>> => {
    try {
      const isBusy = lost && (await isRunning?.()) === true;
      const found = (await readBack?.(items)) ?? none;
      if (isBusy) return { kind: "under way", found };
      return { kind: found.size === items.length ? "settled" : "missing", found };
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      const isHopeless = error instanceof RefusedError && !mayHaveTakenEffect(error);
      return { kind: isHopeless ? "hopeless" : "unseen", found: none };
    }
  };
  const patienceMs: Readonly<Record<ReadBack<Item>["kind"], number>> = {
    settled: 0,
    hopeless: 0,
    "under way": bulkMs,
    missing: Math.min(VISIBLE_WITHIN_MS, readbackMs),
    unseen: readbackMs,
  };
  const started = clock.now().getTime();
  const { seen } = await poll({
    read,
    until: ({ kind }) => clock.now().getTime() - started >= patienceMs[kind],
    everyMs: POLL_EVERY_MS,
    withinMs: Math.max(...Object.values(patienceMs)),
    clock,
  });
  return { found: seen.found, certain: seen.kind === "settled" || seen.kind === "missing" };
}

function unsettled(error: CloudError | undefined, tries: number, certain: boolean): CloudError {
  if (error === undefined) throw new Error("the provider lost the result of a request");
  const { asked, problem } = error;
  const sent = tries === 1 ? "The provider sent it once" : `The provider sent it ${tries} times`;
  return new NoAnswerError(
    asked,
    `${problem} ${sent}, and ${certain ? "the account shows no effect." : "can't see whether it took effect."}`,
    "It may still take effect. Run the same command again in a few minutes: the provider finds and keeps what took effect.",
    true,
  );
}
