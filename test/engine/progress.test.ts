import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../provider/engine/clock.js";
import { Progress, progressText, type ProgressLine } from "../../provider/engine/progress.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watched() {
  const printed: string[] = [];
  const lines: ProgressLine[] = [];
  const progress = new Progress(systemClock, {
    print: (text) => printed.push(text),
    write: (line) => lines.push(JSON.parse(line) as ProgressLine),
    words: { onboard: "onboarding" },
  });
  return { progress, printed, lines };
}

describe("progressText", () => {
  const line = { step: "onboarding", done: 3000, total: 10_000, waiting: 0, retries: 0, ms: 12_400 };
  it.each([
    [line, "onboarding: 3,000 of 10,000 devices, 12 s"],
    [{ ...line, retries: 1 }, "onboarding: 3,000 of 10,000 devices, 12 s, 1 retry"],
    [
      { ...line, waiting: 2, retries: 1200 },
      "onboarding: 3,000 of 10,000 devices, 2 waiting, 12 s, 1,200 retries",
    ],
  ])("%j", (each, text) => {
    expect(progressText(each, "devices")).toBe(text);
  });
});

describe("what users see", () => {
  it("is a line every ten seconds at least, as long as something is under way", async () => {
    const { progress, printed } = watched();
    const onboarding = progress.step("onboard", 10_000);
    onboarding.done(3000);
    progress.retry();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(printed).toEqual(["onboarding: 3,000 of 10,000 devices, 8 s, 1 retry"]);
    const before = printed.length;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(printed.length - before).toBeGreaterThanOrEqual(3);
    onboarding.end();
    const ended = printed.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(printed).toHaveLength(ended);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is nothing about what took no time", async () => {
    const { progress, printed } = watched();
    progress.step("delete", 3).end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(printed).toEqual([]);
  });

  it("counts the parts of a step together, those that have ended too", async () => {
    const { progress, printed } = watched();
    const parts = [1000, 1000, 500].map((total) => progress.step("onboard", total));
    parts[0]?.done(1000);
    parts[0]?.end();
    parts[1]?.waiting(2);
    parts[2]?.waiting(1);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(printed).toEqual(["onboarding: 1,000 of 2,500 devices, 3 waiting, 8 s"]);
  });

  it("is a line for each step that is under way, by its own name where there is no word for it", async () => {
    const { progress, printed } = watched();
    progress.step("onboard", 2);
    progress.step("claim", 1);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(printed).toEqual(["onboarding: 0 of 2 devices, 8 s", "claim: 0 of 1 devices, 8 s"]);
  });
});

describe("what a program gets", () => {
  it("is how far a step has come: when it begins, changes and ends", async () => {
    const { progress, lines } = watched();
    progress.retry();
    const claiming = progress.step("claim", 2);
    await vi.advanceTimersByTimeAsync(1_000);
    claiming.done(1);
    progress.retry();
    claiming.waiting(1);
    claiming.waiting(1);
    claiming.waiting(0);
    claiming.done(1);
    claiming.end();
    claiming.end();
    const line = { step: "claim", total: 2 };
    expect(lines).toEqual([
      { ...line, done: 0, retries: 0, waiting: 0, ms: 0 },
      { ...line, done: 1, retries: 0, waiting: 0, ms: 1000 },
      { ...line, done: 1, retries: 1, waiting: 1, ms: 1000 },
      { ...line, done: 1, retries: 1, waiting: 0, ms: 1000 },
      { ...line, done: 2, retries: 1, waiting: 0, ms: 1000 },
      { ...line, done: 2, retries: 1, waiting: 0, ms: 1000 },
    ]);
  });

  it("is not each of ten thousand devices, but the last", async () => {
    const { progress, lines } = watched();
    const deleting = progress.step("delete", 10_000);
    for (let i = 0; i < 10_000; i++) {
      deleting.done(1);
      if (i % 100 === 0) await vi.advanceTimersByTimeAsync(10);
    }
    expect(lines.length).toBeLessThan(50);
    expect(lines.at(-1)).toMatchObject({ done: 10_000, total: 10_000 });
  });

  it("is a plan", () => {
    const { progress, lines } = watched();
    progress.plan({ set: "fleet", add: 3 });
    expect(lines).toEqual([{ plan: { set: "fleet", add: 3 } }]);
  });

  it("is nothing where nobody asked", () => {
    const progress = new Progress(systemClock, { print: () => undefined });
    expect(() => {
      progress.step("claim", 1).end();
    }).not.toThrow();
  });
});
