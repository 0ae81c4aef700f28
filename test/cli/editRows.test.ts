import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readIdPatterns } from "../../cli/fleet/idPatterns.js";
import { bundlesIn } from "../../cli/credentials/bundle.js";
import { keptRows, withoutRows, withRows } from "../../cli/state/editRows.js";
import { describeForgotten, planForgetting } from "../../cli/state/forget.js";
import { planMove, planRest } from "../../cli/state/move.js";
import { rowsIn, tablesIn } from "../../cli/state/sets.js";
import type { StackState } from "../../cli/state/stackState.js";
import { systemClock } from "../../provider/engine/clock.js";
import { Fields } from "../../provider/engine/fields.js";
import { RedoLog } from "../../provider/journal/log.js";
import { declaredDigest } from "../../provider/lifecycle/tables/declaredDigest.js";
import { journalFolder } from "../../provider/lifecycle/session/session.js";
import { setInputsCodec } from "../../provider/reconcile/table/table.js";
import { certificate, resource, stackState, type GivenSet, type GivenStack } from "./states.js";

const pem = certificate("any");
const meant = (...patterns: string[]) => readIdPatterns(patterns, "test");

const SET: GivenSet = {
  inputs: { maxDeletes: "5%" },
  rows: {
    "lab-1": { line: "tags=x", certificate: pem, key: true, createdAt: "2026-01-01T00:00:00Z" },
    "lab-2": { line: "", certificate: pem, key: true },
    "kit-1": { line: "via=jitp", material: "sesame-271828", outcome: { kind: "waiting" } },
    "lab-9": { line: "", outcome: { kind: "failed", reason: "No." } },
  },
};

const setOf = (state: StackState, name = "fleet") =>
  tablesIn(state.resources).find((table) => table.name === name);
const rowsNamed = (state: StackState, ...patterns: string[]) =>
  rowsIn(tablesIn(state.resources)).filter(({ id }) => meant(...patterns)(id));
const idsOf = (state: StackState) =>
  rowsIn(tablesIn(state.resources))
    .map(({ id }) => id)
    .sort();

/** What has to be so of every state, so that the next plan finds nothing to do. */
function isConsistent(state: StackState): void {
  for (const {
    resource: { inputs, outputs },
  } of tablesIn(state.resources)) {
    expect(outputs.declared).toBe(declaredDigest(setInputsCodec.decode(new Fields(inputs))));
    expect(inputs.__provider).toBe("the way to the code");
    expect(outputs.__provider).toBe("the way to the code");
  }
}

describe("rows of a state", () => {
  test("are removed from it with everything that it stores for them", () => {
    const before = stackState({ sets: [SET] });
    const after = withoutRows(before, rowsNamed(before, "lab-1", "kit-1"));
    expect(idsOf(after)).toEqual(["lab-2", "lab-9"]);
    isConsistent(after);
    expect(after.text).not.toContain("sesame-271828");
    expect(setOf(after)?.resource.outputs.maxDeletes).toBe("5%");
    expect(setOf(after)?.records.get("lab-2")).toEqual(setOf(before)?.records.get("lab-2"));
    expect(setOf(after)?.resource.outputs.failed).toEqual({ "lab-9": "No." });
    expect(setOf(after)?.resource.outputs.waiting).toBeUndefined();
  });

  test("are added to another state with everything, and secrets remain secret", () => {
    const from = stackState({ sets: [SET] });
    const to = stackState({ name: "prod", sets: [{ rows: { other: "" } }] });
    const rows = keptRows(from, rowsNamed(from, "lab-1", "kit-1"));
    const after = withRows(to, setOf(to)?.urn ?? "", rows);
    isConsistent(after);
    expect(setOf(after)?.records.get("lab-1")).toEqual(setOf(from)?.records.get("lab-1"));
    expect(setOf(after)?.resource.inputs.materials).toBe('{"kit-1":"sesame-271828"}');
    expect(setOf(after)?.resource.outputs.waiting).toEqual(["kit-1"]);
    const clear = after.text.replaceAll(/"plaintext":"(\\.|[^"\\])*"/g, "");
    expect(clear).not.toContain("sesame-271828");
    expect(clear).not.toContain('privateKeys":"');
  });

  test("that are removed and added again give the same state", () => {
    const before = stackState({ sets: [SET] });
    const rows = rowsNamed(before, "*");
    const back = withRows(withoutRows(before, rows), setOf(before)?.urn ?? "", keptRows(before, rows));
    expect(JSON.parse(back.text)).toEqual(JSON.parse(before.text));
  });
});

describe("forgetting", () => {
  const plan = (stack: GivenStack, pattern: string, keys = {}) =>
    planForgetting(stackState(stack), meant(pattern), keys);

  test.each([
    {
      what: "nobody is meant",
      stack: { sets: [SET] },
      pattern: "nobody",
      says: "No device of this stack matches these ids",
    },
    {
      what: "keys would be lost",
      stack: { sets: [SET] },
      pattern: "lab-*",
      says: "2 devices have their private keys in this state only (lab-{1..2}). Nothing was changed.",
    },
    {
      what: "the program would certify it anew",
      stack: { sets: [{ rows: { a: "adopt=recertify" } }] },
      pattern: "a",
      says: "1 device is declared with `adopt: recertify` (a)",
    },
    {
      what: "a device may come late",
      stack: {
        sets: [
          { rows: { a: { line: "", jobId: "job", outcome: { kind: "failed" as const, reason: "Late." } } } },
        ],
      },
      pattern: "a",
      says: "waits for an unfinished bulk job (a)",
    },
    {
      what: "a run is unfinished",
      stack: { sets: [SET], pending: ["fleet"] },
      pattern: "kit-1",
      says: "interrupted run was changing fleet",
    },
  ])("is refused where $what", ({ stack, pattern, says }) => {
    expect(() => plan(stack, pattern)).toThrow(says);
  });

  test("is refused for devices that an interrupted run had started to change, by the journal", async () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-journal-"));
    try {
      const set: GivenSet = { rows: { a: "", b: "" }, revision: 4, inputs: { journalKey: key } };
      const name = { project: "test", stack: "dev", set: "fleet", key };
      const log = await RedoLog.open(journalFolder(folder, process.env), name, { clock: systemClock });
      log.start(4, "retag", [{ id: "b", line: "tags=x" }], "2026-11-27T00:00:00Z");
      log.start(5, "retag", [{ id: "a", line: "tags=x" }], "2026-11-27T00:00:01Z");
      log.close();
      const state = stackState({ sets: [set] }, folder);
      expect(() => planForgetting(state, meant("*"), {})).toThrow(
        "1 device was being changed by a run that was interrupted (a)",
      );
      expect(planForgetting(state, meant("b"), {}).rows).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("offers the keys of devices that a refresh did not find: no other place has them", () => {
    const sets: GivenSet[] = [{ rows: { gone: { certificate: pem, key: true }, here: { line: "" } } }];
    expect(() => plan({ sets }, "*")).toThrow("1 device has its private key in this state only (gone).");
    const forgetting = plan({ sets }, "*", { credentials: "keys" });
    expect(forgetting.keys).toEqual(["gone"]);
    expect(describeForgotten(forgetting).split("\n")).toEqual([
      "1 device leaves the state, and the account keeps it: here",
      "1 device leaves the state, which says that the account does not have it: gone",
      "  1 private key leaves the state with it (gone)",
    ]);
    expect(bundlesIn(forgetting.before.resources).get("gone")?.privateKey).toContain("PRIVATE KEY");
    expect(idsOf(plan({ sets }, "*", { loseKeys: true }).after)).toEqual([]);
  });

  test("removes the selected rows, and no others", () => {
    const { keys, after, rows } = plan({ sets: [SET] }, "lab-1", { loseKeys: true });
    expect(keys).toEqual(["lab-1"]);
    expect(rows.map(({ id }) => id)).toEqual(["lab-1"]);
    expect(idsOf(after)).toEqual(["kit-1", "lab-2", "lab-9"]);
    expect(plan({ sets: [SET] }, "kit-1").keys).toEqual([]);
  });
});

describe("moving", () => {
  const PROD: GivenStack = { name: "prod", sets: [{ rows: { other: "" } }] };
  const plan = (from: GivenStack, to: GivenStack, pattern: string, toSet?: string) =>
    planMove({ from: stackState(from), to: stackState(to) }, meant(pattern), toSet);

  test.each([
    {
      what: "both are one stack",
      to: { sets: [SET] },
      says: "remove the devices from the state with `nrfcloud-fleet forget --credentials <folder>`",
    },
    {
      what: "there is no set",
      to: { name: "prod", sets: [] },
      says: "Stack test/prod has no set of devices",
    },
    {
      what: "there are several sets",
      to: {
        name: "prod",
        sets: [
          { name: "a", rows: {} },
          { name: "b", rows: {} },
        ],
      },
      says: "has several sets (a, b)",
    },
    {
      what: "it is another team's",
      to: { name: "prod", sets: [{ rows: {}, team: "team-2" }] },
      says: "different teams",
    },
    {
      what: "it has the id already",
      to: { name: "prod", sets: [{ rows: { "lab-1": "" } }] },
      says: "has devices with these ids already",
    },
    {
      what: "a run there is unfinished",
      to: { ...PROD, pending: ["fleet"] },
      says: "interrupted run was changing fleet",
    },
  ])("is refused where $what", ({ to, says }) => {
    expect(() => plan({ sets: [SET] }, to, "lab-1")).toThrow(says);
  });

  test("is refused for devices that are not ours any more", () => {
    const replaced = { kind: "replaced" as const, createdAt: "2026-02-01T00:00:00Z" };
    expect(() => plan({ sets: [{ rows: { a: { line: "", outcome: replaced } } }] }, PROD, "a")).toThrow(
      "1 device can't be moved (a)",
    );
  });

  test("moves certificate and key to the named set, and protects the devices until they are declared there", () => {
    const from: GivenStack = { sets: [SET] };
    const to: GivenStack = {
      name: "prod",
      sets: [
        { name: "a", rows: {} },
        { name: "b", rows: { other: "" } },
      ],
    };
    const { before, after } = plan(from, to, "lab-1", "b");
    expect(idsOf(after.from)).toEqual(["kit-1", "lab-2", "lab-9"]);
    expect(idsOf(after.to)).toEqual(["lab-1", "other"]);
    isConsistent(after.from);
    isConsistent(after.to);
    const [was, is] = [setOf(before.from)?.records.get("lab-1"), setOf(after.to, "b")?.records.get("lab-1")];
    expect(is).toEqual({ ...was, row: { ...was?.row, protect: true } });
    expect(is?.privateKey).toHaveLength(43);
  });

  test("that was interrupted is finished, but not if both stacks have different devices now", () => {
    const ids = ["lab-1"];
    const started = { from: "test/dev", to: "test/prod", ids };
    const { before, after } = plan({ sets: [SET] }, PROD, "lab-1");
    const rest = planRest({ from: before.from, to: after.to }, started);
    expect(rest && idsOf(rest.after.from)).toEqual(["kit-1", "lab-2", "lab-9"]);
    expect(rest?.after.to).toBe(after.to);
    expect(planRest(before, started)).toBeUndefined();
    expect(planRest(after, started)).toBeUndefined();
    const other = stackState({
      name: "prod",
      sets: [{ rows: { "lab-1": { line: "", certificate: pem, key: true } } }],
    });
    expect(() => planRest({ from: before.from, to: other }, started)).toThrow(
      "different devices with these ids",
    );
  });
});

test("a device that is a resource of its own is pointed to the engine's own commands", () => {
  const others = [
    resource("Device", "solo", { inputs: { deviceId: "solo" }, outputs: { deviceId: "solo" } }),
  ];
  expect(() => planForgetting(stackState({ sets: [], others }), meant("solo"), {})).toThrow(
    "`pulumi state delete 'urn:pulumi:dev::test::pulumi-nodejs:dynamic/nrfcloud:Device::solo'`",
  );
});
