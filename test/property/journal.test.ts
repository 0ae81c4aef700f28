import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Journal } from "../../provider/engine/journal.js";

// The name of a file is the time at which its process began.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const key = fc.constantFrom("device-1", "device-2", "device-3", "__proto__", "a/b");
const act = fc.oneof(
  fc.record({
    kind: fc.constant("intend" as const),
    intents: fc.array(fc.record({ key, mark: fc.constantFrom("one", "two") }), { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constantFrom("withdraw" as const, "settle" as const), key }),
);
const run = fc.record({ acts: fc.array(act, { maxLength: 6 }), torn: fc.option(fc.nat(60), { freq: 2 }) });

it("over any number of runs it says what a model says, however each run was stopped", () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 6 }), (runs) => {
      const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-journal-"));
      try {
        // What earlier runs left: the mark of each key.
        let model = new Map<string, string>();
        for (const { acts, torn } of runs) {
          vi.advanceTimersByTime(1000);
          const journal = Journal.open(folder);
          expect(new Map(journal.allUnfinished().map(({ key, mark }) => [key, mark]))).toEqual(model);
          const own = new Map<string, string>();
          const replaced = new Map<string, string>();
          for (const each of acts) {
            if (each.kind === "intend") {
              for (const { key, mark } of each.intents) {
                const before = model.get(key);
                if (before !== undefined) replaced.set(key, before);
                model.delete(key);
                own.set(key, mark);
              }
              journal.intend(each.intents);
            } else if (each.kind === "withdraw") {
              const before = replaced.get(each.key);
              replaced.delete(each.key);
              own.delete(each.key);
              if (before === undefined) model.delete(each.key);
              else model.set(each.key, before);
              journal.withdraw(each.key);
            } else {
              replaced.delete(each.key);
              own.delete(each.key);
              model.delete(each.key);
              journal.settle(each.key);
            }
            // What this run itself intends is no half-done work to it.
            expect(
              journal
                .allUnfinished()
                .map(({ key }) => key)
                .sort(),
            ).toEqual([...model.keys()].sort());
          }
          model = new Map([...model, ...own]);
          if (torn !== null) tearLastFile(folder, torn);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 150 },
  );
});

/** As a kill in the middle of a write would: a part of a line that was to come. */
function tearLastFile(folder: string, length: number): void {
  const name = readdirSync(folder).sort().at(-1);
  if (name === undefined) return;
  const line = JSON.stringify({ intend: "device-1", mark: "torn", at: "2026-11-23T00:00:00Z" });
  appendFileSync(path.join(folder, name), line.slice(0, length));
  expect(readFileSync(path.join(folder, name), "utf8").length).toBeGreaterThan(0);
}
