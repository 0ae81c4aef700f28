import { isDeepStrictEqual } from "node:util";
import { isMarker } from "../../provider/engine/unknown.js";
import { parseIdPatterns } from "../../provider/fleet/idPatterns.js";
import { describeCertificate } from "../../provider/pki/certificate.js";
import { changeSince, type KnownCas } from "../../provider/reconcile/plan/credentials/cas.js";
import {
  compareRecord,
  compareRows,
  type RowChange,
  type TableChange,
} from "../../provider/reconcile/plan/change.js";
import type { PackedRecord } from "../../provider/reconcile/table/packRecords.js";
import { isDueForRenewal, type RenewalTerms } from "../../provider/reconcile/plan/credentials/renewal.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { asRetired, retirementOf } from "../../provider/reconcile/plan/retirement.js";
import { removalOf } from "../../provider/reconcile/plan/step.js";
import { DEFAULT_VALIDITY_DAYS } from "../../provider/reconcile/table/terms.js";
import { casOf, roleOf } from "../../provider/ways/preconnect/cas.js";
import { entry, textEntry } from "../json.js";
import type { Properties, State } from "../report/digest.js";
import { idOf, kindOf, typeOf } from "../report/things.js";
import { linesIn, parseLines, recordsIn } from "../state/lines.js";
import { isSingle, singleRecord, singleRow } from "../state/singles.js";

/** The changes of a set's rows in a step of the engine, from its two states. */
export interface RowChanges {
  /** By device id. Without unchanged rows, and without rows that the user did not select. */
  readonly changes: ReadonlyMap<string, RowChange>;
  /** Rows that leave the state and whose devices remain in the account, because of `keepOnDestroy` or `retainOnDelete`. */
  readonly forgotten: readonly string[];
  /** Rows that differ and do not change, because the user selected only others. */
  readonly leftOut: readonly string[];
  /** Declared rows whose values are not known yet. */
  readonly unknown: readonly string[];
  /** The number of unchanged rows. */
  readonly same: number;
  /** The unchanged rows that wait for their devices: for the first connect, or for a new key. */
  readonly waiting: readonly string[];
}

/** The part of a step that the comparison needs. */
export interface RowStep {
  readonly urn: string;
  readonly before: State | undefined;
  readonly after: State | undefined;
}

/**
 * Compares the recorded rows of a table with the declared rows. Other resources have no rows.
 * @param now the time for the check of due renewals; without it nothing is due
 */
export function rowChanges(step: RowStep, now?: Date): RowChanges {
  const { urn, before, after } = step;
  const kind = kindOf(typeOf(urn));
  const isKept =
    after === undefined && (before?.inputs.keepOnDestroy === true || before?.retainOnDelete === true);
  const comparison = comparisonOf(step, now);
  if (isSingle(kind)) {
    const id = idOf(urn, kind, before ?? after);
    const record = before && singleRecord(kind, before.outputs)?.record;
    const declared = after && singleRow(kind, after.inputs, record?.row);
    if (isKept) return { ...NOTHING, forgotten: [id] };
    if (after !== undefined && declared === undefined) return { ...NOTHING, unknown: [id] };
    return compareTables(rowMap(id, record?.row), rowMap(id, declared), {
      ...comparison,
      record: () => record,
      isSelected: () => true,
      unknown: new Set(),
    });
  }
  const reached = linesIn(before?.outputs.devices);
  const declared = linesIn(after?.inputs.devices);
  if (isKept) return { ...NOTHING, forgotten: Object.keys(reached) };
  const records = recordsIn(before?.outputs ?? {});
  return compareTables(parseLines(reached), parseLines(declared), {
    ...comparison,
    record: (id) => records.get(id),
    isSelected: selectedBy(after?.inputs.only),
    unknown: new Set(Object.keys(declared).filter((id) => isMarker(declared[id]))),
  });
}

/** Whether a step would only read again which devices have connected, or have made a new key. */
export function onlyWaits(step: RowStep, now?: Date): boolean {
  const { before, after } = step;
  if (before === undefined || after === undefined || !isDeepStrictEqual(before.inputs, after.inputs))
    return false;
  const { changes, forgotten, leftOut, unknown, waiting } = rowChanges(step, now);
  return waiting.length > 0 && changes.size + forgotten.length + leftOut.length + unknown.length === 0;
}

/** The inputs of a comparison, besides the rows. */
interface Comparison {
  readonly tableOf: (record: PackedRecord | undefined) => TableChange;
  readonly termsOf: (record: PackedRecord | undefined) => RenewalTerms;
  readonly now: Date;
  readonly record: (id: string) => PackedRecord | undefined;
  readonly isSelected: (id: string) => boolean;
  readonly unknown: ReadonlySet<string>;
}

function compareTables(
  was: ReadonlyMap<string, Row>,
  is: ReadonlyMap<string, Row>,
  { tableOf, termsOf, now, record, isSelected, unknown }: Comparison,
): RowChanges {
  const changes = new Map<string, RowChange>();
  const leftOut: string[] = [];
  const waiting: string[] = [];
  let same = 0;
  for (const id of new Set([...is.keys(), ...was.keys()])) {
    if (unknown.has(id)) continue;
    const [before, declared] = [was.get(id), is.get(id)];
    const after = declared && asRetired(before, declared);
    const recorded = record(id);
    const { validUntil, outcome = { kind: "done" }, rotation } = recorded ?? {};
    const retirement = retirementOf(recorded, after, now);
    const change: RowChange =
      retirement?.kind === "deleted"
        ? { kind: "same" }
        : retirement?.kind === "due" && before !== undefined && removalOf(before) !== undefined
          ? { kind: "remove", before }
          : isRetiredAndAbsent(before, after, recorded)
            ? { kind: "same" }
            : before === undefined || after === undefined
              ? compareRows(before, after)
              : compareRecord(
                  { outcome, rotation },
                  before,
                  after,
                  tableOf(recorded),
                  isDueForRenewal({ validUntil, outcome, rotation }, after, termsOf(recorded)),
                );
    if (change.kind === "same" || (change.kind === "update" && change.fields.length === 0)) {
      same++;
      if (outcome.kind === "waiting" || outcome.kind === "renewing") waiting.push(id);
    } else if (isSelected(id)) changes.set(id, change);
    else leftOut.push(id);
  }
  return { changes, forgotten: [], leftOut, unknown: [...unknown], same, waiting };
}

/** Whether a row is retired before its device was ever in the account. It is not onboarded. */
function isRetiredAndAbsent(
  before: Row | undefined,
  after: Row | undefined,
  recorded: PackedRecord | undefined,
): boolean {
  const isRetired = before === undefined && after?.retired !== undefined;
  return isRetired && (recorded !== undefined || after.adopt === "no");
}

function rowMap(id: string, row: Row | undefined): ReadonlyMap<string, Row> {
  return new Map(row === undefined ? [] : [[id, row]]);
}

const NOTHING: RowChanges = {
  changes: new Map(),
  forgotten: [],
  leftOut: [],
  unknown: [],
  same: 0,
  waiting: [],
};

/** The settings that apply to all rows. A CA that is not known yet is a different one: the apply creates it. */
function comparisonOf(
  { after }: RowStep,
  now: Date | undefined,
): Pick<Comparison, "tableOf" | "termsOf" | "now"> {
  const caCertificate =
    textEntry(after?.inputs, "caCertificate") ?? textEntry(after?.inputs.credential, "caCertificate");
  const days = termOf(after?.inputs, "validityDays");
  const validityDays = typeof days === "number" ? days : DEFAULT_VALIDITY_DAYS;
  const nextCaCertificate = textEntry(after?.inputs, "nextCaCertificate");
  const cas: KnownCas = {
    ...casOf({ caCertificate, nextCaCertificate, validityDays }),
    isNextUnknown: nextCaCertificate !== undefined && isMarker(nextCaCertificate),
  };
  const ends = { ca: endOf(caCertificate), nextCa: endOf(nextCaCertificate) };
  const hours = termOf(after?.inputs, "earlyRenewalHours");
  const earlyRenewalHours = typeof hours === "number" && now !== undefined ? hours : 0;
  return {
    tableOf: (record) => changeSince(record, cas),
    termsOf: (record) => ({
      earlyRenewalHours,
      caEnd: ends[roleOf(record?.issuedWith, cas)],
      now: now ?? new Date(0),
    }),
    now: now ?? new Date(0),
  };
}

/** A resource with one row has these settings in its credential. */
function termOf(bag: Properties | undefined, key: string): unknown {
  return entry(bag, key) ?? entry(bag?.credential, key);
}

function endOf(certificate: string | undefined): Date | undefined {
  if (certificate === undefined || isMarker(certificate)) return undefined;
  try {
    return new Date(describeCertificate(certificate).notAfter);
  } catch {
    return undefined;
  }
}

function selectedBy(only: unknown): (id: string) => boolean {
  return typeof only === "string" ? parseIdPatterns(only) : () => true;
}
