import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTargetedRollout, parseRollout } from "../../provider/fleet/rollout.js";
import type { RowChange } from "../../provider/reconcile/plan/change.js";
import { batchesOf, type Batch } from "../../provider/reconcile/plan/rollout/batches.js";
import { lanesOf, type TableLane } from "../../provider/reconcile/plan/rollout/lanes.js";
import { mustStop } from "../../provider/reconcile/plan/rollout/tally.js";
import { rolloutLines, stoppedText } from "../../provider/reconcile/plan/rollout/text.js";
import { row } from "./rows.js";

const ids = (count: number, prefix = "d") => Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`);
const lanes = (...texts: readonly string[]) => lanesOf(texts.map(parseTargetedRollout), [], () => true);
const order = (rest: readonly string[], given: readonly TableLane[], before: readonly string[] = []) =>
  batchesOf({ before, rest }, given);
const sizes = (batches: readonly Batch[]) => batches.map((batch) => batch.ids.length);

describe("the order of a roll-out", () => {
  it.each<[string, number, number[]]>([
    ["first=10,batch=50", 500, [10, 50, 50, 50, 50, 50, 50, 50, 50, 50, 40]],
    ["first=10,batch=10%", 500, [10, 50, 50, 50, 50, 50, 50, 50, 50, 50, 40]],
    ["first=1%,batch=50%", 200, [2, 100, 98]],
    ["first=10", 500, [10, 490]],
    ["batch=4", 10, [4, 4, 2]],
    ["first=10,batch=10", 3, [3]],
    ["first=10,batch=1%", 12, [10, 1, 1]],
    ["batch=100%", 7, [7]],
    ["batch=1", 0, []],
  ])("%s of %i devices changes %j", (text, count, expected) => {
    expect(sizes(order(ids(count), lanes(text)))).toEqual(count === 0 ? [0] : expected);
  });

  it("is the natural order of the ids, whatever order they are declared in", () => {
    const [first, second] = order(["d-10", "d-9", "d-2", "c-100", "d-1"], lanes("batch=3"));
    expect(first?.ids).toEqual(["c-100", "d-1", "d-2"]);
    expect(second?.ids).toEqual(["d-9", "d-10"]);
  });

  it("begins with what an interrupted run began, and ends with what is in no roll-out", () => {
    const batches = order(["lab-1", "x-1", "lab-2"], lanes("first=1 for lab-*"), ["lab-9"]);
    expect(batches.map((batch) => batch.ids)).toEqual([["lab-9"], ["lab-1"], ["lab-2"], ["x-1"]]);
    expect(batches.map(({ part }) => part !== undefined)).toEqual([false, true, true, false]);
  });

  it("is that of the declared roll-outs, each with its own batch size", () => {
    const given = lanes("batch=1 for z-*", "batch=2 for a-*", "first=3");
    const batches = order(["a-1", "a-2", "m-1", "z-1", "z-2"], given);
    expect(batches.map((batch) => batch.ids)).toEqual([["z-1"], ["z-2"], ["a-1", "a-2"], ["m-1"]]);
  });

  it("takes the first roll-out that names a device, even before one that names none", () => {
    const batches = order(["a-1", "b-1"], lanes("first=1", "first=1 for a-*", "first=1 for a-1"));
    expect(batches.map((batch) => [batch.ids, batch.part?.isNamed])).toEqual([
      [["b-1"], false],
      [["a-1"], true],
    ]);
  });

  it("keeps a device that is no longer declared in the roll-out that named it", () => {
    const isDeclared = (id: string) => id !== "lab-9";
    const former = [parseTargetedRollout("batch=1 for lab-{1..9}")];
    const given = lanesOf([parseTargetedRollout("batch=1 for lab-{1..8}")], former, isDeclared);
    const batches = order(["lab-1", "lab-9", "x-1"], given);
    expect(batches.map((batch) => [batch.ids, batch.part?.isNamed])).toEqual([
      [["lab-1"], true],
      [["lab-9"], true],
      [["x-1"], undefined],
    ]);
    // One that is still declared follows what is declared now.
    expect(order(["lab-1"], lanesOf([], former, isDeclared))).toEqual([{ ids: ["lab-1"], part: undefined }]);
  });

  it("is one batch where nothing is declared", () => {
    expect(order(["b", "a"], [], ["c"])).toEqual([{ ids: ["c", "b", "a"], part: undefined }]);
    expect(order([], lanes("first=1"), ["c"])).toEqual([{ ids: ["c"], part: undefined }]);
  });

  it("has each device once, and no batch above its size", () => {
    const amount = fc.oneof(
      fc.integer({ min: 1, max: 20 }).map(String),
      fc.integer({ min: 1, max: 100 }).map((share) => `${share}%`),
    );
    fc.assert(
      fc.property(fc.nat(60), amount, amount, fc.boolean(), (count, first, batch, named) => {
        const all = ids(count);
        const given = lanes(`first=${first},batch=${batch}${named ? " for d-{1..5}" : ""}`);
        const batches = order(all, given);
        expect(batches.flatMap((each) => each.ids).sort()).toEqual([...all].sort());
        for (const { part, ids: some } of batches.slice(1)) {
          if (part === undefined || batch.endsWith("%")) continue;
          expect(some.length).toBeLessThanOrEqual(Number(batch));
        }
      }),
    );
  });
});

describe("a roll-out stops", () => {
  it.each<[string, number, number, boolean]>([
    ["stopAfter=0", 10, 0, false],
    ["stopAfter=0", 10, 1, true],
    ["stopAfter=3", 500, 3, false],
    ["stopAfter=3", 500, 4, true],
    // Of the devices that were tried: two in a hundred, and none of ten.
    ["stopAfter=2%", 10, 1, true],
    ["stopAfter=2%", 60, 1, false],
    ["stopAfter=2%", 60, 2, true],
    ["stopAfter=2%", 500, 10, false],
    ["stopAfter=2%", 500, 11, true],
    ["stopAfter=100%", 10, 10, false],
  ])("by %s after %i devices of which %i failed: %s", (text, tried, failed, stops) => {
    expect(mustStop(parseRollout(`first=1,${text}`), { tried, failed })).toBe(stops);
  });
});

describe("a roll-out in words", () => {
  it.each<[string, number, string]>([
    [
      "first=10,batch=10%,stopAfter=2%",
      500,
      "changes 10 devices first, then 50 at a time; stops when more than 2 % fail.",
    ],
    ["first=1,stopAfter=3", 5, "changes 1 device first, then all others; stops when more than 3 fail."],
    ["batch=1000", 5, "changes all 5 devices together; stops when any fails."],
  ])("%s of %i devices", (text, count, words) => {
    expect(rolloutLines(order(ids(count), lanes(text)))).toEqual([`Roll-out: ${words}`]);
  });

  it("names the devices of each, and those of none", () => {
    const batches = order(["lab-1", "lab-2", "x-1"], lanes("first=1 for lab-*"));
    expect(rolloutLines(batches)).toEqual([
      "Roll-out of lab-{1..2}: changes 1 device first, then all others; stops when any fails.",
      "Roll-out: 1 device is in none, and changes last: x-1.",
    ]);
    expect(rolloutLines(order(["x-1"], []))).toEqual([]);
  });

  it("that stopped says the cause, the devices that were not attempted, and the remedy", () => {
    const [first] = order(ids(500), lanes("first=10,batch=10%,stopAfter=2%"));
    if (first?.part === undefined) throw new Error("no part");
    const rest = new Map<string, RowChange>([
      ["d-11", { kind: "add", after: row("tags=lab") }],
      ["d-12", { kind: "remove", before: row("tags=lab") }],
    ]);
    expect(stoppedText(first.part, { tried: 10, failed: 3 }, rest)).toBe(
      "Roll-out: the run stopped, because 3 of 10 devices failed. stopAfter (2%) allows 0. 2 devices were not attempted:\n" +
        "  - 1 device will be deleted: d-12\n" +
        "      nRF Cloud deletes its data and certificates. It can't connect any more.\n" +
        "  + 1 device to onboard: d-11\n" +
        "Correct the cause, then run again: the next run changes the rest. To go on in spite of these failures, run with " +
        "NRF_CLOUD_ROLLOUT=first=10,batch=10%,stopAfter=3.",
    );
  });
});
