import type { DeviceConfig } from "../../provider/fleet/config.js";
import { compareRows, takesOut, type RowChange } from "../../provider/reconcile/plan/change.js";
import type { PackedRecord } from "../../provider/reconcile/table/packRecords.js";
import type { Row, Way } from "../../provider/reconcile/table/row.js";
import { DEFAULT_VALIDITY_DAYS } from "../../provider/reconcile/table/terms.js";
import { entry, textEntry } from "../json.js";
import { rowChanges } from "../pulumi/rows.js";
import { linesIn, parseLines, recordsIn } from "../state/lines.js";
import type { Change, ChangeContext, LeftOut, Unchanged } from "./changes.js";
import type { Properties, Step } from "./digest.js";
import { rowFields, type TableTerms } from "./rowFields.js";
import { kindNamed, type Action, type Kind } from "./things.js";
import { UNKNOWN, valueText, type FieldChange } from "./values.js";

/** The changes of the rows of a set. */
export interface RowsOfSet {
  readonly changes: readonly Change[];
  readonly unchanged: readonly Unchanged[];
  readonly leftOut: readonly LeftOut[];
  /** The changes that create a missing device again. */
  readonly lost: readonly Change[];
}

/** Reads the changes of a set's devices from a step of the engine. */
export function rowsOfSet(step: Step, context: ChangeContext): RowsOfSet {
  return context.operation === "refresh" ? foundRows(step, context) : plannedRows(step, context);
}

function plannedRows(step: Step, context: ChangeContext): RowsOfSet {
  const { urn, before, after } = step;
  const records = recordsIn(before?.outputs ?? {});
  const reached = parseLines(linesIn(before?.outputs.devices));
  const declared = parseLines(linesIn(after?.inputs.devices));
  const found = rowChanges(step, context.now);
  const make = changeFactory(step, records, context);
  const changes = [
    ...[...found.changes].map(([id, change]) => make(id, change, actionOf(change, records.get(id)))),
    ...found.forgotten.flatMap((id) => {
      const row = reached.get(id);
      return row === undefined ? [] : [make(id, { kind: "remove", before: row }, "forget")];
    }),
    ...found.unknown.map((id) => unknownRow(urn, id, reached.get(id))),
  ];
  const others = new Set([...found.changes.keys(), ...found.leftOut, ...found.unknown]);
  const failed = linesIn(before?.outputs.failed);
  return {
    changes,
    unchanged: [...declared].flatMap(([id, row]) => (others.has(id) ? [] : [unchanged(id, row, records)])),
    leftOut: found.leftOut.map((id) => ({
      id,
      kind: kindOfRow(reached.get(id) ?? declared.get(id)),
      isThere: reached.has(id),
    })),
    lost: changes.filter(({ id, action }) => action === "create" && isLost(records.get(id), failed[id])),
  };
}

/** The result of a refresh: compares the recorded rows with those in the account. */
function foundRows(step: Step, context: ChangeContext): RowsOfSet {
  const { before, after = before } = step;
  const records = recordsIn(before?.outputs ?? {});
  const found = recordsIn(after?.outputs ?? {});
  const is = parseLines(linesIn(after?.outputs.devices));
  const make = changeFactory(step, records, context);
  const changes: Change[] = [];
  const same: Unchanged[] = [];
  for (const [id, row] of parseLines(linesIn(before?.outputs.devices))) {
    const change = compareRows(row, is.get(id));
    const outcomeFields = outcomeChange(records.get(id), found.get(id));
    if (change.kind === "remove") changes.push(make(id, change, "vanish"));
    else if (change.kind === "same" && outcomeFields.length === 0) same.push(unchanged(id, row, records));
    else {
      const drift = make(id, change, "drift");
      changes.push({ ...drift, kind: kindOfRow(row), fields: [...outcomeFields, ...drift.fields] });
    }
  }
  return { changes, unchanged: same, leftOut: [], lost: [] };
}

function actionOf(change: RowChange, record: PackedRecord | undefined): Action {
  switch (change.kind) {
    case "add":
      return "create";
    case "remove":
      return isThere(record) && takesOut(change) ? "delete" : "forget";
    case "replace":
      return "replace";
    case "update":
    case "same":
      return "update";
  }
}

/** Whether the account has the device and it is ours, by the state. Other devices are never deleted. */
function isThere(record: PackedRecord | undefined): boolean {
  return !["waiting", "replaced", "hidden"].includes(record?.outcome?.kind ?? "done");
}

function changeFactory(
  { urn, before, after }: Step,
  records: ReadonlyMap<string, PackedRecord>,
  { cas }: ChangeContext,
): (id: string, row: RowChange, action: Action) => Change {
  const [was, is] = [termsOf(before?.outputs, cas), termsOf(after?.inputs, cas)];
  const next = textEntry(after?.inputs, "nextCaCertificate");
  const nextCa = next && valueText(next, cas);
  return (id, row, action) => {
    const { validUntil, issuedWith, rotation } = records.get(id) ?? {};
    const fields = rowFields(row, {
      before: { ...was, ...issuedTerms(issuedWith, cas), validUntil },
      after: { ...is, ...rotatedTerms(row, rotation, cas), ...(isOfNewKey(row) && { ca: nextCa ?? is.ca }) },
    });
    return {
      urn,
      kind: kindOfRow("before" in row ? row.before : "after" in row ? row.after : undefined),
      id,
      action,
      fields,
      replaceReasons: row.kind === "replace" ? fields.map(({ field }) => field) : [],
      before: undefined,
      after: undefined,
      // For a row that only leaves the state, and for changes of others, an apply does nothing.
      row: ["forget", "drift", "vanish"].includes(action) ? undefined : row,
      validUntil,
      config: configOf(row, action),
      inSet: true,
    };
  };
}

/** The configuration of a device that exists before and after. After a drift the recorded one is desired. */
function configOf(row: RowChange, action: Action): DeviceConfig | undefined {
  if (row.kind === "update" || row.kind === "replace")
    return action === "drift" ? row.before.config : row.after.config;
  return undefined;
}

function unknownRow(urn: string, id: string, reached: Row | undefined): Change {
  return {
    urn,
    kind: kindOfRow(reached),
    id,
    action: reached === undefined ? "create" : "update",
    fields: [{ field: "all of it", after: UNKNOWN, alone: true }],
    replaceReasons: [],
    before: undefined,
    after: undefined,
    row: undefined,
    validUntil: undefined,
    config: undefined,
    inSet: true,
  };
}

function unchanged(id: string, row: Row, records: ReadonlyMap<string, PackedRecord>): Unchanged {
  const { validUntil, deletedAt } = records.get(id) ?? {};
  const config = deletedAt === undefined ? row.config : undefined;
  return { kind: kindOfRow(row), id, validUntil, config, inSet: true };
}

/** Whether the state has a device that is missing in the account. */
function isLost(record: PackedRecord | undefined, failure: unknown): boolean {
  if (record === undefined || failure !== undefined) return false;
  return record.jobId === undefined && record.outcome?.kind !== "waiting";
}

function outcomeChange(was: PackedRecord | undefined, is: PackedRecord | undefined): FieldChange[] {
  const outcome = is?.outcome;
  if (outcome === undefined || outcome.kind === was?.outcome?.kind) return [];
  const field = "in the account";
  if (outcome.kind === "replaced")
    return [{ field, after: `another device, created at ${outcome.createdAt}`, alone: true }];
  return outcome.kind === "hidden" ? [{ field, after: "not visible to the API key", alone: true }] : [];
}

function kindOfRow(row: Row | undefined): Kind {
  return kindNamed(KINDS[row?.way ?? "preconnect"]);
}

const KINDS: Readonly<Record<Way, string>> = {
  preconnect: "Device",
  jitp: "OwnershipClaim",
  attestation: "AttestationClaim",
};

/** The settings with which the certificate of a row was issued. During the roll-out of a new CA they differ from those of its set. */
function issuedTerms(
  issuedWith: PackedRecord["issuedWith"],
  cas: ReadonlyMap<string, string>,
): Partial<TableTerms> {
  if (issuedWith === undefined) return {};
  const { ca, validityDays } = issuedWith;
  return { ca: cas.get(ca) ?? `${ca}…`, validityDays: String(validityDays) };
}

/** The CA of a kept credential that is registered. */
function rotatedTerms(
  row: RowChange,
  rotation: PackedRecord["rotation"],
  cas: ReadonlyMap<string, string>,
): Pick<Partial<TableTerms>, "ca"> {
  if (row.kind !== "update") return {};
  const kept = row.fields.includes("activation")
    ? rotation?.next
    : row.fields.includes("return")
      ? rotation?.previous
      : undefined;
  const { ca } = issuedTerms(kept?.issuedWith, cas);
  return ca === undefined ? {} : { ca };
}

/** Whether the device gets a new key, which the next CA signs. */
function isOfNewKey(row: RowChange): boolean {
  return row.kind === "update" && row.fields.some((field) => field === "rotation" || field === "next");
}

function termsOf(bag: Properties | undefined, cas: ReadonlyMap<string, string>): TableTerms {
  const certificate = textEntry(bag, "caCertificate");
  const days = entry(bag, "validityDays");
  return {
    ca: certificate === undefined ? undefined : valueText(certificate, cas),
    validityDays: String(typeof days === "number" ? days : DEFAULT_VALIDITY_DAYS),
  };
}
