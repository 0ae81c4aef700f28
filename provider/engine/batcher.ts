import { asError } from "./errors.js";

export interface BatcherOptions<Item, Outcome> {
  /** The most items that one batch may hold. */
  readonly maxSize: number;
  /** A batch closes when nothing was added to it for this long (milliseconds). */
  readonly quietMs: number;
  /** Does the work of one batch and gives one outcome an item, in the same order. */
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
 * Collects single calls that arrive together and does their work at once. The window closes on quiet or on size,
 * never after a fixed time: how fast calls arrive depends on the engine's parallelism and on how long it takes to
 * write its state between two of them.
 */
export class Batcher<Item, Outcome> {
  private waiting: Waiting<Item, Outcome>[] = [];
  private quiet: NodeJS.Timeout | undefined;

  constructor(private readonly options: BatcherOptions<Item, Outcome>) {}

  /** Adds one item; settles as that item's own outcome does. A batch that fails as a whole fails every item. */
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
