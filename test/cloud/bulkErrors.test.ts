import { describe, expect, it } from "vitest";
import { readErrorSummary } from "../../provider/cloud/bulkErrors.js";

const read = (text: string, rows = 5) => {
  const failed = readErrorSummary(text, rows);
  return failed === undefined ? undefined : Object.fromEntries(failed);
};
const json = (value: unknown) => JSON.stringify(value);

const taken = "The device certificate is already registered and attached to a different device.";
const exists = 'Thing "device-1" already exists in account with different attributes';

/** As the service wrote it until 2025: JSON inside of a JSON text, rows counted from 1. */
const old = (map: unknown) =>
  json({ message: `2 of 5 rows failed [message: rows (1-based)]: ${json(map)}.` });

describe("the current form", () => {
  it("names rows from 0", () => {
    expect(read(json({ errors: [`[0]: ${taken}`, `[3]: ${exists}`] }))).toEqual({ 0: taken, 3: exists });
  });

  it("may have reasons of several lines, with brackets and colons", () => {
    expect(read(json({ errors: ["[2]: [1]: first\nsecond: third"] }))).toEqual({
      2: "[1]: first\nsecond: third",
    });
  });

  it("may name a row twice: both reasons are kept", () => {
    expect(read(json({ errors: ["[1]: one.", "[1]: two."] }))).toEqual({ 1: "one. two." });
  });

  it("may have more beside it", () => {
    expect(read(json({ total: 1, errors: ["[0]: x"] }))).toEqual({ 0: "x" });
  });
});

describe("the old form", () => {
  it("names rows from 1, by reason", () => {
    expect(read(old({ [taken]: [1, 4], "Invalid row": [2] }))).toEqual({
      0: taken,
      3: taken,
      1: "Invalid row",
    });
  });

  it("may quote, escape and stop within a reason", () => {
    const reason = 'Thing "a\\b." exists."}';
    expect(read(old({ [reason]: [5] }))).toEqual({ 4: reason });
  });
});

describe("what is not understood as a whole is not understood at all, as a row left out would pass as done", () => {
  it.each<[string, string]>([
    ["nothing", ""],
    ["a page", "<html>Not found</html>"],
    ["another shape", json({ message: "failed" })],
    ["no rows", json({ errors: [] })],
    ["an entry without a row", json({ errors: ["[0]: x", "the rest failed too"] })],
    ["an entry that is no text", json({ errors: ["[0]: x", { row: 1 }] })],
    ["errors that are no list", json({ errors: "[0]: x" })],
    ["a row beyond the job's last", json({ errors: ["[0]: x", "[5]: y"] })],
    ["a row of the old form before the first", old({ x: [0] })],
    ["a row of the old form beyond the last", old({ x: [6] })],
    ["rows of the old form that are no numbers", old({ x: ["1"] })],
    ["rows of the old form that are no list", old({ x: [1], y: 2 })],
    ["half a row", old({ x: [1.5] })],
    ["an old form that breaks off", old({ x: [1, 2] }).slice(0, -8)],
    ["an old form without rows", old({})],
  ])("%s", (_, text) => {
    expect(read(text)).toBeUndefined();
  });
});
