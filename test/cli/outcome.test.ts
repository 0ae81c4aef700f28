import { describe, expect, test } from "vitest";
import { parseEvent, type EngineEvent } from "../../cli/pulumi/events.js";
import type { Outcome } from "../../cli/pulumi/operation.js";
import { remainingOf } from "../../cli/remaining/remaining.js";

const urn = (id: string, type = "Device") =>
  `urn:pulumi:dev::test::pulumi-nodejs:dynamic/nrfcloud:${type}::${id}`;

function step(
  kind: "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent",
  op: string,
  id: string,
  state = {},
) {
  const metadata = {
    op,
    urn: urn(id),
    old: op === "create" ? null : { custom: true, inputs: { deviceId: id }, ...state },
    new: op === "delete" ? null : { custom: true, inputs: { deviceId: id }, outputs: {}, ...state },
  };
  return JSON.stringify({ sequence: 1, timestamp: 1, [kind]: { metadata } });
}

const error = (id: string, message: string) =>
  JSON.stringify({ diagnosticEvent: { urn: urn(id), severity: "error", message: `${message}\n` } });

function outcomeOf(lines: readonly string[], changes?: Record<string, number>): Outcome {
  const events = lines.map(parseEvent).filter((event) => event !== undefined);
  const steps = (kind: EngineEvent["kind"]) =>
    events.flatMap((event) => (event.kind === kind && "step" in event ? [event.step] : []));
  return {
    ok: false,
    interrupted: "no",
    begun: steps("begun"),
    same: [],
    done: steps("done"),
    failed: steps("failed"),
    remarks: events.flatMap((event) => (event.kind === "remark" ? [event.remark] : [])),
    changes,
    said: "",
  };
}

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

describe("what remains", () => {
  const planned = new Map(["lab-1", "lab-2", "lab-10", "lab-11", "late"].map((id) => [urn(id), id]));

  test("is grouped by reason, in which ids are told apart from words that contain them", () => {
    const { failures, notBegun } = remainingOf(
      outcomeOf([
        error("lab-1", "Device lab-1 failed, not lab-11."),
        step("resOpFailedEvent", "create", "lab-1"),
        error("lab-2", "Device lab-2 failed, not lab-11."),
        step("resOpFailedEvent", "create", "lab-2"),
        step("resOpFailedEvent", "create", "lab-10"),
      ]),
      planned,
    );
    expect(failures.map(({ reason, subjects }) => ({ reason, subjects }))).toEqual([
      { reason: "Device … failed, not lab-11.", subjects: ["lab-1", "lab-2"] },
      { reason: "failed, and the engine does not say why.", subjects: ["lab-10"] },
    ]);
    expect(notBegun).toEqual(["lab-11", "late"]);
  });

  test("counts a replacement once, and tells what was begun and never ended", () => {
    const { done, unfinished } = remainingOf(
      outcomeOf([
        step("resourcePreEvent", "delete-replaced", "lab-1"),
        step("resOutputsEvent", "delete-replaced", "lab-1"),
        step("resourcePreEvent", "create-replacement", "lab-1"),
        step("resOutputsEvent", "create-replacement", "lab-1"),
        step("resourcePreEvent", "delete", "lab-2"),
        step("resOutputsEvent", "delete", "lab-2"),
        step("resourcePreEvent", "create", "lab-10"),
      ]),
      planned,
    );
    expect(done).toEqual({ created: 0, updated: 0, replaced: 1, deleted: 1, forgotten: 0 });
    expect(unfinished).toEqual(["lab-10"]);
  });

  test("has what the CLI said where the engine did not get to its end", () => {
    const outcome = { ...outcomeOf([]), said: "error: the stack is locked" };
    expect(remainingOf(outcome, new Map()).errors).toEqual(["error: the stack is locked"]);
  });
});
