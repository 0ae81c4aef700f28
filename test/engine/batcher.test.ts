import { EventEmitter, once } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Batcher, type Settled } from "../../provider/engine/batcher.js";

const QUIET_MS = 50;

type Run = (items: readonly string[]) => Promise<readonly Settled<string>[]>;

const shout: Run = (items) => Promise.resolve(items.map((item) => ({ ok: true, value: item.toUpperCase() })));

/** A batcher that remembers which items it was given together. */
function recording(run: Run = shout, maxSize = 100) {
  const batches: string[][] = [];
  const batcher = new Batcher<string, string>({
    maxSize,
    quietMs: QUIET_MS,
    run: (items) => {
      batches.push([...items]);
      return run(items);
    },
  });
  return { batcher, batches };
}

describe("Batcher", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("does the work of items that arrive together at once and gives each its own outcome", async () => {
    const { batcher, batches } = recording();
    const outcomes = Promise.all(["a", "b", "c"].map((item) => batcher.add(item)));
    await vi.runAllTimersAsync();
    expect(await outcomes).toEqual(["A", "B", "C"]);
    expect(batches).toEqual([["a", "b", "c"]]);
  });

  it("accepts items as long as they keep arriving", async () => {
    const { batcher, batches } = recording();
    const outcomes: Promise<string>[] = [];
    for (let i = 0; i < 10; i++) {
      outcomes.push(batcher.add(String(i)));
      await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    }
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(outcomes);
    expect(batches).toHaveLength(1);
    expect(batches[0]).toHaveLength(10);
  });

  it("starts another batch after a quiet time", async () => {
    const { batcher, batches } = recording();
    const first = batcher.add("a");
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    const second = batcher.add("b");
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect(await Promise.all([first, second])).toEqual(["A", "B"]);
    expect(batches).toEqual([["a"], ["b"]]);
  });

  it("closes at its size without waiting for quiet, and runs the rest after it", async () => {
    const { batcher, batches } = recording(shout, 2);
    const outcomes = ["a", "b", "c"].map((item) => batcher.add(item));
    expect(await Promise.all(outcomes.slice(0, 2))).toEqual(["A", "B"]);
    expect(batches).toEqual([["a", "b"]]);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect(await outcomes[2]).toBe("C");
    expect(batches).toEqual([["a", "b"], ["c"]]);
  });

  it("runs no empty batch after one that closed by its size", async () => {
    const { batcher, batches } = recording(shout, 2);
    await Promise.all([batcher.add("a"), batcher.add("b")]);
    await vi.runAllTimersAsync();
    expect(batches).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes new items while a batch is running", async () => {
    const release = new EventEmitter();
    const held = once(release, "now");
    const { batcher, batches } = recording(async (items) => {
      if (items.includes("slow")) await held;
      return shout(items);
    });
    const slow = batcher.add("slow");
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    const quick = batcher.add("quick");
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect(await quick).toBe("QUICK");
    release.emit("now");
    expect(await slow).toBe("SLOW");
    expect(batches).toEqual([["slow"], ["quick"]]);
  });

  it("fails only the item whose outcome is an error", async () => {
    const { batcher } = recording((items) =>
      Promise.resolve(
        items.map((item) =>
          item === "bad" ? { ok: false, error: new Error("bad row") } : { ok: true, value: item },
        ),
      ),
    );
    const settled = Promise.allSettled(["good", "bad", "fine"].map((item) => batcher.add(item)));
    await vi.runAllTimersAsync();
    expect(await settled).toEqual([
      { status: "fulfilled", value: "good" },
      { status: "rejected", reason: new Error("bad row") },
      { status: "fulfilled", value: "fine" },
    ]);
  });

  it.each<[string, Run]>([
    ["rejects", () => Promise.reject(new Error("no network"))],
    [
      "throws at once",
      () => {
        throw new Error("no network");
      },
    ],
  ])("fails every item of a batch whose work %s, and goes on with the next", async (_, run) => {
    let broken = true;
    const { batcher } = recording((items) => (broken ? run(items) : shout(items)));
    const settled = Promise.allSettled([batcher.add("a"), batcher.add("b")]);
    await vi.runAllTimersAsync();
    const failure = { status: "rejected", reason: new Error("no network") };
    expect(await settled).toEqual([failure, failure]);

    broken = false;
    const next = batcher.add("c");
    await vi.runAllTimersAsync();
    expect(await next).toBe("C");
  });

  it("leaves no item waiting when there are too few outcomes", async () => {
    const { batcher } = recording(() => Promise.resolve([{ ok: true, value: "A" }]));
    const settled = Promise.allSettled([batcher.add("a"), batcher.add("b")]);
    await vi.runAllTimersAsync();
    expect((await settled).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});
