import { describe, expect, it } from "vitest";
import type { Clock } from "../../provider/engine/clock.js";
import { poll } from "../../provider/engine/poll.js";

/** A clock that stands still but for sleeping. */
function sleeper() {
  let now = 0;
  const slept: number[] = [];
  const clock: Clock = {
    now: () => new Date(now),
    sleep(ms) {
      slept.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  return { clock, slept };
}

const everyMs = { first: 100, slowest: 200 };

/** Sees 1, 2, 3, … */
function counter() {
  let looks = 0;
  return { look: () => Promise.resolve(++looks), looks: () => looks };
}

describe("poll", () => {
  it("looks at once, and sleeps for nothing that is there", async () => {
    const { clock, slept } = sleeper();
    const polled = await poll({ read: counter().look, until: () => true, everyMs, withinMs: 1000, clock });
    expect(polled).toEqual({ kind: "met", seen: 1 });
    expect(slept).toEqual([]);
  });

  it("looks again with growing pauses, up to the slowest", async () => {
    const { clock, slept } = sleeper();
    const polled = await poll({
      read: counter().look,
      until: (seen) => seen === 5,
      everyMs,
      withinMs: 10_000,
      clock,
    });
    expect(polled).toEqual({ kind: "met", seen: 5 });
    expect(slept).toEqual([100, 150, 200, 200]);
  });

  it("looks a last time when the time is up, and gives what it saw", async () => {
    const { clock, slept } = sleeper();
    const { look, looks } = counter();
    const polled = await poll({ read: look, until: () => false, everyMs, withinMs: 300, clock });
    expect(polled).toEqual({ kind: "late", seen: looks() });
    expect(slept).toEqual([100, 150, 50]);
    expect(looks()).toBe(4);
  });

  it("makes one look even without any time", async () => {
    const { clock } = sleeper();
    const { look, looks } = counter();
    expect(await poll({ read: look, until: () => false, everyMs, withinMs: 0, clock })).toEqual({
      kind: "late",
      seen: 1,
    });
    expect(looks()).toBe(1);
  });

  it("ends with a look that fails", async () => {
    const { clock } = sleeper();
    const look = () => Promise.reject(new Error("no network"));
    await expect(poll({ read: look, until: () => true, everyMs, withinMs: 300, clock })).rejects.toThrow(
      "no network",
    );
  });

  it("ends early where its signal says so", async () => {
    const { clock } = sleeper();
    const { look, looks } = counter();
    const ending = new AbortController();
    const until = (seen: number) => {
      if (seen === 2) ending.abort();
      return false;
    };
    const polled = await poll({ read: look, until, everyMs, withinMs: 10_000, clock, signal: ending.signal });
    expect(polled).toEqual({ kind: "late", seen: 2 });
    expect(looks()).toBe(2);
  });
});
