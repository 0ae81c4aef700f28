import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Batcher, type Settled } from "../../provider/engine/batcher.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const QUIET_MS = 50;

/** How a batch goes that holds an item: by the last of its items that is not `well`. */
const fate = fc.constantFrom("well", "well", "well", "refused", "throws", "rejects", "short", "slow");
const items = fc.array(fc.record({ afterMs: fc.constantFrom(0, 0, 1, 49, 50, 51, 200), fate }), {
  maxLength: 40,
});

it("every item settles exactly once with its own outcome, in batches no larger than allowed that keep the order", async () => {
  await fc.assert(
    fc.asyncProperty(items, fc.integer({ min: 1, max: 7 }), async (items, maxSize) => {
      const batches: number[][] = [];
      const fateOf = (item: number) => items[item]?.fate;
      const outcome = (item: number): Settled<string> =>
        fateOf(item) === "refused"
          ? { ok: false, error: new Error(`${item} was refused`) }
          : { ok: true, value: `${item} is done` };
      const batcher = new Batcher<number, string>({
        maxSize,
        quietMs: QUIET_MS,
        run: (batch) => {
          batches.push([...batch]);
          const fates = batch.map(fateOf);
          if (fates.includes("throws")) throw new Error("the batch failed");
          if (fates.includes("rejects")) return Promise.reject(new Error("the batch failed"));
          const outcomes = batch.map(outcome);
          if (fates.includes("short")) return Promise.resolve(outcomes.slice(0, -1));
          if (!fates.includes("slow")) return Promise.resolve(outcomes);
          return new Promise((resolve) => setTimeout(resolve, 500, outcomes));
        },
      });
      const settlements: Promise<string>[] = [];
      for (const [item, { afterMs }] of items.entries()) {
        await vi.advanceTimersByTimeAsync(afterMs);
        settlements.push(
          batcher.add(item).then(
            (value) => value,
            (error: unknown) => String(error),
          ),
        );
      }
      await vi.runAllTimersAsync();
      const settled = await Promise.all(settlements);

      expect(batches.flat()).toEqual(items.map((_, item) => item));
      expect(batches.filter((batch) => batch.length === 0 || batch.length > maxSize)).toEqual([]);
      for (const batch of batches) {
        const fates = batch.map(fateOf);
        for (const [at, item] of batch.entries()) {
          const failed = fates.includes("throws") || fates.includes("rejects");
          const forgotten = fates.includes("short") && at === batch.length - 1;
          const expected = failed
            ? "Error: the batch failed"
            : forgotten
              ? "Error: a batch has no result for one of its items"
              : fateOf(item) === "refused"
                ? `Error: ${item} was refused`
                : `${item} is done`;
          expect(settled[item]).toBe(expected);
        }
      }
      expect(vi.getTimerCount()).toBe(0);
    }),
  );
});
