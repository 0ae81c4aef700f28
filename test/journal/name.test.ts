import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { siblingOf, filesOfKey, logFileName, type LogName } from "../../provider/journal/name.js";
import { Seal } from "../../provider/journal/seal.js";
import { KEY, NAME, OTHER_KEY } from "./support.js";

const id = Seal.idOf(KEY);
const part = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("", ".", "..", "a.b", "a%2eb", "dev", "Dev", "lock", "x.lock", "../../etc", "con", "\0"),
  fc.string({ minLength: 100, maxLength: 120 }),
);
const name = fc.record({ project: part, stack: part, set: part, key: fc.constantFrom(KEY, OTHER_KEY) });

describe("the name of a log's file", () => {
  it("reads as what it is of", () => {
    expect(logFileName(NAME)).toBe(`project.dev.fleet.${id}.log`);
    expect(logFileName({ ...NAME, set: "Device lab-1" })).toBe(`project.dev.%44evice%20lab-1.${id}.log`);
  });

  it("is another one for each log, whatever a file system makes of capitals", () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        const isSame = (Object.keys(one) as (keyof LogName)[]).every((key) => one[key] === other[key]);
        expect(logFileName(one).toLowerCase() === logFileName(other).toLowerCase()).toBe(isSame);
      }),
    );
    const long = "x".repeat(300);
    expect(logFileName({ ...NAME, set: `${long}a` })).not.toBe(logFileName({ ...NAME, set: `${long}b` }));
  });

  it("never leads out of its folder, and is short enough for every file system", () => {
    fc.assert(
      fc.property(name, (one) => {
        expect(logFileName(one)).toMatch(/^[a-z0-9_%~.-]{1,180}$/);
        expect(logFileName(one)).not.toMatch(/^\.\.?$/);
      }),
    );
  });
});

describe("the files of a key", () => {
  it("are its logs and what is beside them", () => {
    fc.assert(
      fc.property(name, (one) => {
        const log = logFileName(one);
        const [lock, next] = [siblingOf(log, "lock"), siblingOf(log, "new")];
        const ours = [log, next, lock, `${lock}.9-a1`, `${lock}.9-a1.draft`];
        expect(filesOfKey(ours, one.key)).toEqual(ours.map((each) => ({ name: each, lockName: lock })));
        expect(filesOfKey(ours, one.key === KEY ? OTHER_KEY : KEY)).toEqual([]);
      }),
    );
  });

  it.each([
    "notes.txt",
    `${id}.log`,
    `fleet.${id}.log.bak`,
    `fleet.${id}.log~`,
    `fleet.${id}.LOG`,
    `Fleet.${id}.log`,
    `fleet.${id}.jsonl`,
    `fleet.${id.slice(1)}.log`,
    `fleet.${id}.locked`,
    `a.b.c.d.${id}.log`,
    `../fleet.${id}.log`,
    `fleet.${id}.log\n`,
  ])("are no others: %s", (other) => {
    expect(filesOfKey([other], KEY)).toEqual([]);
  });
});
