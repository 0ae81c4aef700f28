import { describe, expect, test } from "vitest";
import { parseEvent, type EngineEvent } from "../../cli/pulumi/events.js";
import type { Outcome } from "../../cli/pulumi/operation.js";
import { describeRemaining } from "../../cli/remaining/describe.js";
import { remainingOf } from "../../cli/remaining/remaining.js";
import { kindOf, typeOf } from "../../cli/report/things.js";
import type { StateTable } from "../../cli/state/sets.js";
import { EMPTY_RECORD, type RowRecord, type RowOutcome } from "../../provider/reconcile/table/record.js";
import { parseRow } from "../../provider/reconcile/table/parseRow.js";

const urn = (name: string, type = "DeviceSet") =>
  `urn:pulumi:dev::test::pulumi-nodejs:dynamic/nrfcloud:${type}::${name}`;

const SET = urn("fleet");

type Kind = "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent";

/** An event of the engine on a set, whose lines are given as they were reached and as they are declared. */
function onSet(kind: Kind, op: string, was: object | null, is: object | null): string {
  return event(kind, {
    op,
    urn: SET,
    old: was && { custom: true, inputs: { devices: was }, outputs: { devices: was } },
    new: is && { custom: true, inputs: { devices: is }, outputs: {} },
  });
}

function onOther(kind: Kind, op: string, name: string): string {
  return event(kind, {
    op,
    urn: urn(name, "ProvisioningRule"),
    old: null,
    new: { custom: true, inputs: { name } },
  });
}

const event = (kind: Kind, metadata: object) =>
  JSON.stringify({ sequence: 1, timestamp: 1, [kind]: { metadata } });

const error = (of: string, message: string) =>
  JSON.stringify({ diagnosticEvent: { urn: of, severity: "error", message: `${message}\n` } });

function outcomeOf(lines: readonly string[], more: Partial<Outcome> = {}): Outcome {
  const events = lines.map(parseEvent).filter((each) => each !== undefined);
  const steps = (kind: EngineEvent["kind"]) =>
    events.flatMap((each) => (each.kind === kind && "step" in each ? [each.step] : []));
  return {
    ok: false,
    interrupted: "no",
    started: steps("started"),
    same: [],
    done: steps("done"),
    failed: steps("failed"),
    remarks: events.flatMap((each) => (each.kind === "remark" ? [each.remark] : [])),
    changes: undefined,
    errorOutput: "",
    ...more,
  };
}

/** A set in a state, with rows as they were reached. */
function table(
  revision: number,
  rows: Record<string, readonly [line: string, outcome?: RowOutcome]>,
): StateTable {
  const records = new Map(
    Object.entries(rows).map(([id, [line, how]]): [string, RowRecord] => {
      const outcome: RowOutcome = how ?? { kind: "done" };
      const parsed = parseRow(line);
      if (!parsed.ok) throw new Error(parsed.problem);
      const record = {
        ...EMPTY_RECORD,
        row: parsed.row,
        outcome,
      };
      return [id, record];
    }),
  );
  const kind = kindOf(typeOf(SET));
  const resource = {
    urn: SET,
    type: kind.type,
    kind,
    subject: "fleet",
    custom: true,
    id: "fleet",
    inputs: {},
    outputs: { devices: Object.fromEntries(Object.entries(rows).map(([id, [line]]) => [id, line])) },
    protect: false,
    retainOnDelete: false,
    unfinished: false,
  };
  return {
    urn: SET,
    name: "fleet",
    resource,
    isSet: true,
    declared: new Map(),
    records,
    notAttempted: [],
    revision,
    team: "team",
  };
}

const work = (outcome: Outcome, before: readonly StateTable[], after: readonly StateTable[]) => ({
  steps: outcome.started,
  before,
  after,
  now: new Date("2026-11-27T00:00:00Z"),
  printed: [],
});

describe("events of the engine", () => {
  test("that are debug messages, torn or unknown are nothing", () => {
    for (const line of [
      "",
      '{"sequence":',
      '{"diagnosticEvent":{"severity":"debug","message":"x"}}',
      '{"diagnosticEvent":{"severity":"info","message":"x","ephemeral":true}}',
      '{"preludeEvent":{}}',
    ])
      expect(parseEvent(line)).toBeUndefined();
  });
});

describe("what remains of the rows of a set", () => {
  const was = { "lab-1": "", "lab-2": "", "lab-3": "", old: "", "kit-9": "via=jitp" };
  const is = { "lab-1": "tags=x", "lab-2": "", "lab-3": "", "lab-4": "", "lab-5": "", "kit-1": "via=jitp" };
  const started = onSet("resourcePreEvent", "update", was, is);
  const failed = onSet("resOpFailedEvent", "update", was, is);
  const before = table(4, { "lab-1": [""], "lab-2": [""], "lab-3": [""], old: [""], "kit-9": ["via=jitp"] });

  test("is read from the state: what was done, what failed by reason, what waits, and what is still to be done", () => {
    const outcome = outcomeOf([started, error(SET, "2 devices (lab-{4..5}): No."), failed], { changes: {} });
    const after = table(5, {
      "lab-1": ["tags=x"],
      "lab-2": [""],
      "lab-3": ["", { kind: "hidden" }],
      "lab-4": ["", { kind: "failed", reason: "No." }],
      "lab-5": ["", { kind: "failed", reason: "No." }],
      "kit-1": ["via=jitp", { kind: "waiting" }],
      old: [""],
    });
    const remaining = remainingOf(outcome, work(outcome, [before], [after]));
    expect(remaining.failures).toEqual([]);
    expect(describeRemaining(remaining, "apply", outcome).split("\n\n")).toEqual([
      "Not everything was done: 1 device changed, 1 device released. The state is saved. Run `nrfcloud-fleet apply` again for the rest.",
      "Failed: 2 devices (lab-{4..5})\n  No.",
      expect.stringMatching(/^1 device is still to be done \(old\)\n {2}The engine starts nothing new/),
      expect.stringMatching(/^1 device waits for its first connect \(kit-1\)\n/),
      expect.stringMatching(/^1 device is hidden from the API key \(lab-3\)\n/),
    ]);
  });

  test("is every row if the whole set was refused, with the reason of the refusal", () => {
    const outcome = outcomeOf([
      started,
      error(SET, "This operation would delete, replace or release protected devices."),
      failed,
    ]);
    const stuck = table(4, {
      "lab-1": [""],
      "lab-2": ["", { kind: "failed", reason: "Earlier." }],
      "lab-3": [""],
      old: [""],
      "kit-9": ["via=jitp"],
    });
    const { failures, rows } = remainingOf(outcome, work(outcome, [stuck], [stuck]));
    expect(failures.map(({ reason }) => reason)).toEqual([
      "This operation would delete, replace or release protected devices.",
    ]);
    expect([...rows.done]).toEqual([]);
    expect(rows.open).toEqual(["lab-1", "lab-4", "lab-5", "kit-1", "old", "kit-9"]);
  });

  test("is nothing after a destroy, which reports each kind, and what remains", () => {
    const all = {
      a: "",
      b: "via=jitp credential=issued",
      c: "via=attestation",
      d: "via=attestation unclaim",
    };
    const outcome = outcomeOf(
      [onSet("resourcePreEvent", "delete", all, null), onSet("resOutputsEvent", "delete", all, null)],
      { ok: true, changes: {} },
    );
    const rows = table(1, {
      a: [""],
      b: ["via=jitp credential=issued"],
      c: ["via=attestation"],
      d: ["via=attestation unclaim"],
    });
    const remaining = remainingOf(outcome, work(outcome, [rows], []));
    expect(describeRemaining(remaining, "destroy", outcome).split("\n\n")).toEqual([
      "Done: 1 device deleted, 1 device released, 1 device forgotten, 1 device unclaimed.",
      expect.stringMatching(
        /^1 just-in-time certificate was forgotten, but remains valid at nRF Cloud \(b\)\n/,
      ),
      expect.stringMatching(/^1 device remains claimed by this team \(c\)\n/),
    ]);
  });

  test("distinguishes adopted devices from onboarded ones", () => {
    const outcome = outcomeOf([
      onSet("resourcePreEvent", "create", null, { a: "", b: "adopt=keep", c: "via=jitp" }),
    ]);
    const after = table(1, { a: [""], b: ["adopt=keep", { kind: "adopted" }], c: ["via=jitp"] });
    const { rows } = remainingOf(outcome, work(outcome, [], [after]));
    expect([...rows.done]).toEqual([
      ["onboarded", 1],
      ["adopted", 1],
      ["claimed", 1],
    ]);
  });
});

describe("what remains of other resources", () => {
  test("is grouped by reason, in which names are distinguished from words that contain them", () => {
    const rules = ["rule-1", "rule-2", "rule-10", "rule-11"];
    const outcome = outcomeOf([
      error(urn("rule-1", "ProvisioningRule"), "Rule rule-1 failed, not rule-11."),
      onOther("resOpFailedEvent", "create", "rule-1"),
      error(urn("rule-2", "ProvisioningRule"), "Rule rule-2 failed, not rule-11."),
      onOther("resOpFailedEvent", "create", "rule-2"),
      onOther("resOpFailedEvent", "create", "rule-10"),
    ]);
    const steps = outcomeOf(rules.map((name) => onOther("resourcePreEvent", "create", name))).started;
    const { failures, notStarted } = remainingOf(outcome, { ...work(outcome, [], []), steps });
    expect(failures.map(({ reason, subjects }) => ({ reason, subjects }))).toEqual([
      { reason: "Rule … failed, not rule-11.", subjects: ["rule-1", "rule-2"] },
      { reason: "failed, and the engine gives no reason.", subjects: ["rule-10"] },
    ]);
    expect(notStarted).toEqual(["rule-11"]);
  });

  test("counts a replacement once, and reports what was started and did not end", () => {
    const outcome = outcomeOf([
      onOther("resourcePreEvent", "delete-replaced", "a"),
      onOther("resOutputsEvent", "delete-replaced", "a"),
      onOther("resourcePreEvent", "create-replacement", "a"),
      onOther("resOutputsEvent", "create-replacement", "a"),
      onOther("resourcePreEvent", "delete", "b"),
      onOther("resOutputsEvent", "delete", "b"),
      onOther("resourcePreEvent", "create", "c"),
    ]);
    const { done, unfinished } = remainingOf(outcome, { ...work(outcome, [], []), steps: [] });
    expect(done).toEqual({ created: 0, updated: 0, replaced: 1, deleted: 1, forgotten: 0 });
    expect(unfinished).toEqual(["c"]);
  });

  test("says whether the state has any change after an interruption", () => {
    const headline = (outcome: Outcome) =>
      describeRemaining(
        remainingOf(outcome, { ...work(outcome, [], []), steps: [] }),
        "apply",
        outcome,
      ).split("\n")[0];
    const inFlight = [onOther("resourcePreEvent", "create", "a")];
    expect(headline(outcomeOf([], { interrupted: "asked to end", errorOutput: "error: canceled" }))).toBe(
      "Interrupted: nothing was changed. Run `nrfcloud-fleet apply` again for the rest.",
    );
    expect(headline(outcomeOf(inFlight, { interrupted: "stopped" }))).toBe(
      "Interrupted: the state has no change of this run. Run `nrfcloud-fleet apply` again for the rest.",
    );
    const created = [...inFlight, onOther("resOutputsEvent", "create", "a")];
    expect(headline(outcomeOf(created, { interrupted: "asked to end", changes: { create: 1 } }))).toBe(
      "Interrupted: 1 resource created. The state is saved. All planned changes are done.",
    );
  });

  test("has the CLI's own error if the engine did not finish", () => {
    const outcome = outcomeOf([], { errorOutput: "error: the stack is locked" });
    expect(remainingOf(outcome, { ...work(outcome, [], []), steps: [] }).errors).toEqual([
      "error: the stack is locked",
    ]);
  });
});
