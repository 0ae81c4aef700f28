import type { MadeCredential } from "../../../ways/preconnect/credential.js";
import { generationsOf, orderedBy, orderOf } from "../../plan/credentials/generations.js";
import { recordedSource } from "../../plan/credentials/interrupted.js";
import type { Unfinished } from "../../plan/situation.js";
import type { KeptCredential, RotationRecord, RowRecord } from "../../table/record.js";
import type { AttestationRow, Row } from "../../table/row.js";
import type { RowRun } from "../rowRun.js";
import { credentialIn } from "./credential.js";

/** The generations that a row has after a run. */
export function rotationAfter(run: RowRun): Pick<RowRecord, "rotation"> {
  const isResumed = run.plan.then === "logged" && isOfAnother(run);
  return rotationOf(run, run.declared, isResumed ? run.log : undefined);
}

/**
 * The generations that a row has.
 * @param row what the run has reached of the declared row
 * @param resumed what the interrupted run left that created the device
 */
export function rotationOf(
  run: RowRun,
  row: Row | undefined,
  resumed: Unfinished | undefined,
): Pick<RowRecord, "rotation"> {
  const { record } = run;
  if (row === undefined) return rotationIn(record);
  const at = run.rotatedAt ?? record?.rotation?.at ?? "";
  if (row.way === "attestation") return keyRotation(run, row, at);
  const before = isNewDevice(run) ? undefined : record;
  const rotation = rotated({
    declared: row,
    record: resumed === undefined ? before : resumedRecord(run, resumed),
    made: resumed?.row,
    registered: registeredSource(run),
    next: run.did("next") ? run.next : undefined,
    at,
  });
  return rotation === undefined ? {} : { rotation };
}

/** The record that the interrupted run would have left. `undefined`: the present record says nothing about the device that it created. */
function resumedRecord({ record, logged }: RowRun, log: Unfinished): RowRecord | undefined {
  const source = recordedSource(record, log);
  if (record === undefined || source === undefined) return record?.row === undefined ? record : undefined;
  if (source === "recorded" || log.row === undefined) return record;
  const rotation = rotated({
    declared: log.row,
    record,
    made: undefined,
    registered: source,
    next: undefined,
    at: record.rotation?.at ?? "",
  });
  return { ...record, ...credentialIn(logged), rotation };
}

function rotationIn(record: RowRecord | undefined): Pick<RowRecord, "rotation"> {
  return record?.rotation === undefined ? {} : { rotation: record.rotation };
}

/** Whether the record describes no device, or one that an interrupted run has replaced. */
export function isOfAnother({ record, seen }: RowRun): boolean {
  return record?.row === undefined || (seen !== undefined && record.createdAt !== seen.createdAt);
}

/** Whether this run deleted the recorded device, or onboarded a device with a new credential. */
function isNewDevice(run: RowRun): boolean {
  const onboarding = run.steps.find((step) => step.kind === "onboard");
  return run.did("delete") || onboarding?.credential.kind === "new";
}

function registeredSource(run: RowRun): Rotated["registered"] {
  const step = run.steps.find(
    (each) => (each.kind === "register" || each.kind === "onboard") && run.did(each.kind),
  );
  if (step === undefined || !("credential" in step)) return undefined;
  switch (step.credential.kind) {
    case "next":
    case "previous":
      return step.credential.kind;
    case "recorded":
      return undefined;
    case "new":
    case "same key":
    case "logged":
    case "brought":
      return "other";
  }
}

function keyRotation(run: RowRun, declared: AttestationRow, at: string): Pick<RowRecord, "rotation"> {
  const { plan, record, command } = run;
  if (plan.key === undefined) return rotationIn(record);
  const isOrdered = run.did("renew") && command !== undefined;
  const ordered = isOrdered ? { command, generation: declared.rotation.generation } : plan.key.ordered;
  return {
    rotation: {
      generation: plan.key.generation,
      order: "device",
      at,
      ...(ordered === undefined ? {} : { ordered }),
    },
  };
}

interface Rotated {
  readonly declared: Row;
  readonly record: RowRecord | undefined;
  /** The row for which an interrupted run made the present credential, where the record has no row. */
  readonly made: Row | undefined;
  /** The source of the credential that this run registered. `undefined`: it registered none. */
  readonly registered: "next" | "previous" | "other" | undefined;
  /** The next credential, where this run issued it. */
  readonly next: MadeCredential | undefined;
  /** ISO 8601, by nRF Cloud's clock. */
  readonly at: string;
}

/** `undefined`: the row has only the generation that it declared first. */
function rotated({ declared, record, made, registered, next, at }: Rotated): RotationRecord | undefined {
  const before = record?.rotation;
  const had = generationsOf(record, record?.row ?? made ?? declared);
  const ordered = orderedBy(declared);
  if (had === undefined || ordered === undefined) {
    // The row brings its credential now. The kept ones are kept until a rotation drops them.
    return before && declared.way === "preconnect"
      ? { ...before, order: orderOf(declared.credential) }
      : undefined;
  }
  const { generation, phase } = ordered.rotation;
  const present = record && keptOf(record, had.generation, had.order);
  const kept = { next: before?.next, previous: before?.previous };
  const base = { generation: had.generation, order: had.order, at: before?.at ?? at, ...kept };
  let after: RotationRecord = base;
  if (registered === "next")
    after = { generation, order: ordered.order, at, previous: present ?? kept.previous };
  else if (registered === "previous")
    after = { generation, order: ordered.order, at, next: present ?? kept.next };
  else if (registered === "other" && phase !== "issue") {
    after =
      generation === had.generation
        ? { ...base, order: ordered.order }
        : { generation, order: ordered.order, at, previous: present ?? kept.previous };
  }
  if (next?.certificate !== undefined) {
    const { certificate, privateKey, validUntil, issuedWith } = next;
    const terms = { generation, order: ordered.order, validUntil, issuedWith };
    after = { ...after, at, next: { ...terms, certificate, privateKey } };
  }
  if (phase === "done") after = { ...after, next: undefined, previous: undefined };
  const isAsDeclared =
    after.generation === generation && after.next === undefined && after.previous === undefined;
  return before === undefined && isAsDeclared && generation === had.generation ? undefined : after;
}

function keptOf(record: RowRecord, generation: number, order: string): KeptCredential | undefined {
  const { certificate, privateKey, validUntil, issuedWith } = record;
  // The state does not keep a credential that the device brought.
  return certificate === undefined
    ? undefined
    : { generation, order, certificate, privateKey, validUntil, issuedWith };
}
