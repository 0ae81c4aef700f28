import { describe, expect, it } from "vitest";
import { readEntry, STEPS, type LogEntry } from "../../provider/journal/entry.js";
import { at } from "./support.js";

const started = {
  kind: "started",
  seq: 1,
  revision: 3,
  at: at(0),
  step: "onboard",
  rows: [{ id: "lab-1", line: "", fingerprint: "f", certificate: "c", privateKey: "k" }],
} as const;
const accepted = { kind: "accepted", of: 1, jobId: "J", at: at(1) } as const;
const ended = { kind: "ended", of: 1, at: at(2), done: ["lab-1"], refused: [], unsettled: [] } as const;
const history = {
  kind: "history",
  floor: 4,
  revisions: [
    { revision: 3, patterns: ["lab-{1..9}"] },
    { revision: 4, patterns: undefined },
  ],
} as const;

describe("an entry", () => {
  it.each<LogEntry>([
    started,
    { ...started, rows: [{ id: "lab-1", line: "tags=a" }] },
    accepted,
    ended,
    history,
  ])("is read as it was written: $kind", (entry) => {
    expect(readEntry(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
  });

  it.each(STEPS)("knows the step %s", (step) => {
    expect(readEntry({ ...started, step })).toMatchObject({ step });
  });

  const without = (bag: object, key: string) =>
    Object.fromEntries(Object.entries(bag).filter(([each]) => each !== key));
  it.each(
    [started, accepted, ended, { kind: "history", floor: 4, revisions: [] }].flatMap((entry) =>
      Object.keys(entry).map((key) => [entry.kind, key, without(entry, key)] as const),
    ),
  )("is none when %s lacks %s", (_, __, bag) => {
    expect(readEntry(bag)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["a text", "started"],
    ["a list", [started]],
    ["of another kind", { ...started, kind: "constructor" }],
    ["with a negative revision", { ...started, revision: -1 }],
    ["with a broken number", { ...started, seq: 1.5 }],
    ["with a number in a text", { ...started, seq: "1" }],
    ["with what is no time", { ...started, at: "yesterday" }],
    ["of a step that is not known", { ...started, step: "toString" }],
    ["with a row without id", { ...started, rows: [...started.rows, { line: "" }] }],
    ["with a row that is a text", { ...started, rows: ["lab-1"] }],
    ["with a key that is a number", { ...started, rows: [{ id: "a", line: "", privateKey: 1 }] }],
    ["with rows that are no list", { ...started, rows: { length: 0 } }],
    ["with ids that are numbers", { ...ended, done: [1] }],
    ["with revisions without a number", { ...history, revisions: [{ patterns: [] }] }],
    ["with patterns that are a text", { ...history, revisions: [{ revision: 1, patterns: "lab-1" }] }],
  ])("is none: %s", (_, value) => {
    expect(readEntry(value)).toBeUndefined();
  });
});
