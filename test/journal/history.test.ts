import { describe, expect, it } from "vitest";
import type { CredentialChange, LogEntry } from "../../provider/journal/entry.js";
import { limited, changedSince, changesIn } from "../../provider/journal/history.js";
import { at } from "./support.js";

const started = (
  seq: number,
  revision: number,
  step: "register" | "retag",
  ids: readonly string[],
): LogEntry => ({
  kind: "started",
  seq,
  revision,
  at: at(seq),
  step,
  rows: ids.map((id) => ({ id, line: "", certificate: "C" })),
});
const change = (revision: number, ...patterns: readonly string[]): CredentialChange => ({
  revision,
  patterns,
});

describe("changes of credentials", () => {
  it("are reported as ranges, in the order in which they were created", () => {
    const ids = Array.from({ length: 1000 }, (_, i) => `lab-${i}`);
    const entries = [
      started(1, 7, "register", ids.slice(0, 500)),
      started(2, 7, "register", ids.slice(500)),
      started(3, 7, "retag", ["x"]),
      started(4, 2, "register", ["b"]),
    ];
    expect(changesIn(entries)).toEqual([change(7, "lab-{0..999}"), change(2, "b")]);
  });

  it.each<[string, readonly CredentialChange[], number, readonly string[] | undefined]>([
    ["none later", [change(1, "a"), change(2, "b")], 2, undefined],
    ["some later", [change(1, "a"), change(2, "lab-{1..3}")], 1, ["lab-1", "lab-2", "lab-3"]],
    ["later in one revision, and then in an earlier one", [change(5, "a", "b"), change(2, "a")], 2, ["b"]],
    ["all made again since", [change(5, "a"), change(2, "a")], 2, undefined],
    ["too many to be kept", [{ revision: 5, patterns: undefined }], 2, []],
    ["too many to be kept, but not later", [{ revision: 2, patterns: undefined }], 2, undefined],
    ["an id that is no pattern", [change(5, "a{b")], 2, ["a{b"]],
  ])("since a revision: %s", (_, changes, revision, ids) => {
    expect(changedSince(changes, revision)).toEqual(ids);
  });

  it("are kept for the last 200 revisions", () => {
    const all = Array.from({ length: 250 }, (_, i) => change(i, "a"));
    expect(limited(all)).toEqual(all.slice(50));
  });

  it("are kept as far as they fit into 100 kB, the latest first", () => {
    const long = Array.from({ length: 1500 }, (_, i) => `${"x".repeat(30)}${i * 7}`);
    const all = [change(1, "a"), change(2, ...long), change(3, ...long), change(4, "b")];
    expect(limited(all)).toEqual([
      { revision: 1, patterns: undefined },
      { revision: 2, patterns: undefined },
      change(3, ...long),
      change(4, "b"),
    ]);
    expect(JSON.stringify(limited(all)).length).toBeLessThan(101_000);
  });
});
