import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Notices } from "../../provider/engine/notices.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const said = fc.record({
  text: fc.constantFrom("comes back.", "goes away.", "__proto__"),
  subject: fc.oneof(
    fc.constantFrom("__proto__", "constructor"),
    fc.nat(30).map((number) => `device-${number}`),
  ),
  afterMs: fc.constantFrom(0, 0, 0, 50, 150),
});

it("what is said of many is counted once for each, in as few lines as there are words and pauses", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { maxLength: 60 }), async (all) => {
      const printed: string[] = [];
      const notices = new Notices((text) => printed.push(text));
      for (const { afterMs, ...each } of all) {
        await vi.advanceTimersByTimeAsync(afterMs);
        notices.add(each);
      }
      await vi.runAllTimersAsync();
      const pauses = pausesBetweenNews(all);
      for (const text of new Set(all.map((each) => each.text))) {
        const subjects = new Set(all.filter((each) => each.text === text).map(({ subject }) => subject));
        const lines = printed.filter((line) => line.includes(`: ${text}`));
        const counted = lines.map((line) => Number(/^(\d+) times: /.exec(line)?.[1] ?? 1));
        expect(counted.reduce((sum, count) => sum + count, 0)).toBe(subjects.size);
        expect(lines.length).toBeLessThanOrEqual(1 + pauses);
      }
    }),
  );
});

/** How often nothing new was said for long enough that a line is printed. */
function pausesBetweenNews(all: readonly { text: string; subject: string; afterMs: number }[]): number {
  const told = new Set<string>();
  let [pauses, quietMs] = [0, 0];
  for (const { text, subject, afterMs } of all) {
    quietMs += afterMs;
    if (told.has(`${text} ${subject}`)) continue;
    told.add(`${text} ${subject}`);
    if (quietMs >= 100) pauses += 1;
    quietMs = 0;
  }
  return pauses;
}
