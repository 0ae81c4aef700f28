import { asError } from "./errors.js";

export interface BatcherOptions<Item, Outcome> {
  /** The most items that one batch may hold. */
  readonly maxSize: number;
  /** A batch closes when nothing was added for this time (milliseconds). */
  readonly quietMs: number;
  /** Processes a batch, and returns one outcome for each item, in the same order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Settled<Outcome>[]>;
}

/** How one item of a batch ended. */
export type Settled<Outcome> =
  { readonly ok: true; readonly value: Outcome } | { readonly ok: false; readonly error: Error };

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (value: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Collects single calls and processes them as a batch. A batch closes when no call arrives for some time, or when it is full, but never
 * after a fixed time: how fast calls arrive depends on the engine's parallelism and the time it needs to write its state.
 */
export class Batcher<Item, Outcome> {
  private waiting: Waiting<Item, Outcome>[] = [];
  private quiet: NodeJS.Timeout | undefined;

  constructor(private readonly options: BatcherOptions<Item, Outcome>) {}

  /** Adds an item, and settles with its outcome. If a batch fails as a whole, all of its items fail. */
  add(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      clearTimeout(this.quiet);
      if (this.waiting.length >= this.options.maxSize) this.close();
      else
        this.quiet = setTimeout(() => {
          this.close();
        }, this.options.quietMs);
    });
  }

  private close(): void {
    const batch = this.waiting;
    this.waiting = [];
    void this.runBatch(batch);
  }

  private async runBatch(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.options.run(batch.map(({ item }) => item));
      for (const [i, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[i];
        if (outcome === undefined) reject(new Error("a batch has no result for one of its items"));
        else if (outcome.ok) resolve(outcome.value);
        else reject(outcome.error);
      }
    } catch (thrown) {
      for (const { reject } of batch) reject(asError(thrown));
    }
  }
}
