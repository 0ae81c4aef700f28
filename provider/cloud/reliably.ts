import type { Clock } from "../engine/clock.js";
import { poll } from "../engine/poll.js";
import type { Deadlines } from "./deadlines.js";
import { isInternal } from "./refusal.js";
import { CloudError, mayHaveTakenEffect, NoAnswerError, RefusedError } from "./errors.js";

/** How often something is sent at most. */
const TRIES = 3;
/** What took effect shows within this time, or did not take effect: reads lag behind writes by up to 5 s. */
const SHOWS_WITHIN_MS = 10_000;
const LOOKS_MS = { first: 250, slowest: 3_000 };
const UNSEEN_PAUSE_MS = 1_000;

/** How something that was sent ended. */
export type Outcome =
  | { readonly kind: "done" }
  /**
   * For this reason, in the API's own words. `nothingDone`: it is certain that nothing was changed; otherwise an earlier try
   * whose answer was lost, or the same request where it arrived twice, may still take effect.
   */
  | { readonly kind: "refused"; readonly reason: string; readonly nothingDone: boolean }
  /** The answer is missing. The error shows whether the request may have taken effect. */
  | { readonly kind: "failed"; readonly error: CloudError };

/** The outcomes of as many rows, some of which were refused: reasons by index. */
export function rowOutcomes(rows: number, refused: ReadonlyMap<number, string>): readonly Outcome[] {
  return Array.from({ length: rows }, (_, row) => {
    const reason = refused.get(row);
    return reason === undefined
      ? { kind: "done" }
      : { kind: "refused", reason, nothingDone: !isInternal(reason) };
  });
}

/** How certain things are sent, and how it is found out what became of them. */
export interface Delivery<Item> {
  /**
   * Sends some of the items, and gives the outcome of each in their order. What it throws is about all of them; where that
   * leaves open whether they took effect, the account is read, and those that did not are sent again.
   */
  readonly send: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  /** Which of these took effect, as far as can be seen now. Left out where none can be seen and sending again does no harm. */
  readonly readBack?: (items: readonly Item[]) => Promise<ReadonlySet<Item>>;
  /** Whether nRF Cloud may still work on the request, so that reading back proves nothing yet. */
  readonly isRunning?: () => Promise<boolean>;
  /**
   * Whether what shows no effect may be sent again without anybody's asking for it. Default: yes. No where nothing tells whether what was
   * sent is still under way.
   */
  readonly mayRepeat?: boolean;
  /** Whether this refusal of a repeated request proves that the first one took effect. */
  readonly provesDone?: (reason: string) => boolean;
}

/**
 * Sends requests that are not repeatable. Where an answer is lost, it reads the effect back; only what did not take effect is
 * sent again, at most twice. The one place that knows how.
 */
export async function sendReliably<Item>(
  items: readonly Item[],
  ways: Delivery<Item>,
  deadlines: Deadlines,
  clock: Clock,
): Promise<readonly Outcome[]> {
  const { mayRepeat: isRepeatable = true } = ways;
  const outcomes = new Map<Item, Outcome>();
  let rest = items;
  let lost = false;
  for (let tries = 1; rest.length > 0; tries++) {
    const sent = await trySending(rest, ways);
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
      else if (ways.provesDone?.(outcome.reason) === true) outcomes.set(item, { kind: "done" });
      else open.set(item, { ...outcome, nothingDone: false });
    }
    if (open.size === 0) break;
    const { found, certain } = await whatTookEffect(
      [...open.keys()],
      ways,
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

/** What was answered, or why nothing was. */
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

/** What can be seen of items of which there was no word. */
interface ReadBack<Item> {
  readonly kind: "settled" | "under way" | "missing" | "unseen" | "hopeless";
  readonly found: ReadonlySet<Item>;
}

/** Those that took effect, and whether it is certain that the others did not. */
async function whatTookEffect<Item>(
  items: readonly Item[],
  { readBack, isRunning }: Delivery<Item>,
  { readbackMs, bulkMs }: Deadlines,
  clock: Clock,
  lost: boolean,
): Promise<{ readonly found: ReadonlySet<Item>; readonly certain: boolean }> {
  const none: ReadonlySet<Item> = new Set();
  if (readBack === undefined && (isRunning === undefined || !lost)) {
    // There is nothing to see; what follows a failure at once often fails as well.
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
    missing: Math.min(SHOWS_WITHIN_MS, readbackMs),
    unseen: readbackMs,
  };
  const started = clock.now().getTime();
  const { seen } = await poll({
    read,
    until: ({ kind }) => clock.now().getTime() - started >= patienceMs[kind],
    everyMs: LOOKS_MS,
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
