import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SharedPoll } from "../../provider/engine/sharedPoll.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const waiter = fc.record({
  key: fc.constantFrom("a", "b", "c", "__proto__"),
  afterMs: fc.constantFrom(0, 10, 300, 700),
  withinMs: fc.constantFrom(0, 100, 1000, 5000),
  wants: fc.constantFrom("present", "absent", "2", "throws"),
});
const change = fc.record({
  key: fc.constantFrom("a", "b", "c", "__proto__"),
  afterMs: fc.constantFrom(0, 200, 900, 2500),
  value: fc.constantFrom(undefined, "1", "2"),
});

it("everybody who waits settles once: by what was seen of their own key, or in time by the error of their own", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(waiter, { maxLength: 15 }),
      fc.array(change, { maxLength: 6 }),
      fc.array(fc.nat(12), { maxLength: 2 }),
      async (waiters, changes, brokenLooks) => {
        const world = new Map<string, string>();
        let looks = 0;
        const poll = new SharedPoll<string>({
          intervalMs: () => 400,
          look: (keys) => {
            looks += 1;
            expect(new Set(keys).size).toBe(keys.length);
            return brokenLooks.includes(looks)
              ? Promise.reject(new Error("no network"))
              : Promise.resolve(
                  new Map(keys.flatMap((key) => (world.has(key) ? [[key, world.get(key) ?? ""]] : []))),
                );
          },
        });
        let settled = 0;
        const ends = waiters.map(async ({ key, afterMs, withinMs, wants }, i) => {
          await new Promise((resolve) => setTimeout(resolve, afterMs));
          const start = Date.now();
          const until = (seen: string | undefined) => {
            if (wants === "throws") throw new Error(`mistake of ${i}`);
            return wants === "2" ? seen === "2" : (seen !== undefined) === (wants === "present");
          };
          const late = (seen: string | undefined) => new Error(`late ${i}, saw ${seen ?? "nothing"}`);
          try {
            const seen = await poll.wait(key, until, withinMs, late);
            expect(until(seen)).toBe(true);
          } catch (error) {
            const { message } = error as Error;
            expect(message).toMatch(new RegExp(`^(no network|mistake of ${i}|late ${i}, saw .*)$`));
            if (message.startsWith("mistake")) expect(wants).toBe("throws");
          } finally {
            settled += 1;
          }
          expect(Date.now() - start).toBeLessThanOrEqual(withinMs + 500);
        });
        for (const { key, afterMs, value } of changes) {
          setTimeout(() => (value === undefined ? world.delete(key) : world.set(key, value)), afterMs);
        }
        await vi.runAllTimersAsync();
        await Promise.all(ends);
        expect(settled).toBe(waiters.length);
        expect(vi.getTimerCount()).toBe(0);
      },
    ),
  );
});
