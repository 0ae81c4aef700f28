import { expect, it } from "vitest";
import type { LogEntry } from "../../provider/journal/entry.js";
import { unrecordedIn } from "../../provider/journal/unrecorded.js";
import { at } from "./support.js";

it("a hundred thousand steps of one row each take no longer than that", () => {
  const entries = Array.from({ length: 100_000 }, (_, seq): LogEntry[] => [
    { kind: "started", seq, revision: 1, at: at(0), step: "issue", rows: [{ id: `lab-${seq}`, line: "" }] },
    { kind: "accepted", of: seq, jobId: `J${seq}`, at: at(1) },
    { kind: "ended", of: seq, at: at(2), done: [`lab-${seq}`], refused: [], unsettled: [] },
  ]).flat();
  // To look for the end of each among all would take minutes.
  const before = performance.now();
  const rows = unrecordedIn(entries, 0);
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(rows.size).toBe(100_000);
  expect(rows.get("lab-77777")?.steps).toMatchObject([{ jobIds: ["J77777"], ended: { outcome: "done" } }]);
});

it("a row that the end of a step does not name is unsettled", () => {
  const entries: LogEntry[] = [
    { kind: "started", seq: 1, revision: 1, at: at(0), step: "claim", rows: [{ id: "a", line: "" }] },
    { kind: "ended", of: 1, at: at(2), done: ["b"], refused: ["c"], unsettled: [] },
  ];
  expect(unrecordedIn(entries, 0).get("a")?.steps[0]?.ended?.outcome).toBe("unsettled");
});
