import type { Records } from "../../provider/reconcile/table/record.js";
import type { Step } from "../pulumi/events.js";
import type { Outcome } from "../pulumi/operation.js";
import { rowChanges } from "../pulumi/rows.js";
import { isForgotten, isWork } from "../pulumi/steps.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { isKind, kindOf, nameOf, typeOf, type Kind } from "../report/things.js";
import { isTable, type StateTable } from "../state/sets.js";
import { gatherNotices } from "./notices.js";
import { withoutPendingList } from "./pendingOperations.js";
import { remainingRows, type PlannedTable, type RemainingRows } from "./rows.js";

/** Resources that failed for the same reason. */
export interface Failure {
  readonly kind: Kind;
  /** The message of the failure. For several resources, `…` stands for the id of each. */
  readonly reason: string;
  readonly subjects: readonly string[];
}

/** What an operation did, what remains, and why. */
export interface Remaining {
  /** The results of the devices, row by row. */
  readonly rows: RemainingRows;
  /** The number of other resources by operation. A replaced resource counts once. */
  readonly done: Readonly<Record<"created" | "updated" | "replaced" | "deleted" | "forgotten", number>>;
  readonly failures: readonly Failure[];
  /** Errors without a resource. */
  readonly errors: readonly string[];
  /** Started, and neither done nor failed. */
  readonly unfinished: readonly string[];
  /** Other resources that were planned and never started. */
  readonly notStarted: readonly string[];
  readonly warnings: readonly string[];
  readonly remarks: readonly string[];
}

/** The planned work of an operation, and the states before and after. */
export interface Work {
  /** The steps that were planned; for a destroy, one for each resource. */
  readonly steps: readonly Pick<Step, "urn" | "kind" | "subject" | "before" | "after">[];
  /** Tables of the state before it. */
  readonly before: readonly StateTable[];
  /** Tables of the state after it. */
  readonly after: readonly StateTable[];
  /** When it ended. */
  readonly now: Date;
  /** Remarks that were shown with the plan. */
  readonly printed: readonly string[];
}

const NO_RECORDS: Records = new Map();

/** The engine's own summary, which repeats what was reported before. */
const SUMMARY_ONLY = /^(update|preview|destroy) (failed|canceled|cancelled)$/i;

/** Finds what remains, from the outcome of an operation and the state after it. */
export function remainingOf(outcome: Outcome, work: Work): Remaining {
  const others = outcome.done.filter((step) => isWork(step) && !isTable(step.kind));
  const reached = new Set([...outcome.started, ...outcome.failed].map(({ urn }) => urn));
  const texts = (severity: string): string[] => [
    ...new Set(
      outcome.remarks
        .filter(
          (remark) => remark.severity === severity && (severity !== "error" || remark.urn === undefined),
        )
        .map(({ text }) => text)
        .filter((text) => !SUMMARY_ONLY.test(text)),
    ),
  ];
  return {
    rows: remainingRows(tablesOf(outcome, work)),
    done: doneBy(others),
    failures: failuresOf(outcome, reportedByRow(work)),
    errors: outcome.ok
      ? []
      : [
          ...texts("error"),
          ...(outcome.changes === undefined && outcome.errorOutput !== "" ? [outcome.errorOutput] : []),
        ],
    unfinished: unfinishedIn(outcome),
    notStarted: work.steps
      .filter((step) => !isTable(step.kind) && !reached.has(step.urn))
      .map(({ subject }) => subject),
    warnings: texts("warning").map(withoutPendingList),
    remarks: gatherNotices(texts("info"), { remarks: work.printed }),
  };
}

/** The rows to change, from the last steps of the engine, because a preview does not know all values. */
function tablesOf({ started }: Outcome, { steps, before, after, now }: Work): PlannedTable[] {
  const planned = new Map(
    [...steps, ...started].filter(({ kind }) => isTable(kind)).map((step) => [step.urn, step]),
  );
  return [...planned.values()].map((step) => {
    const [was, is] = [before, after].map((tables) => tables.find(({ urn }) => urn === step.urn));
    return {
      changes: rowChanges(step, now).changes,
      still: rowChanges({ urn: step.urn, before: is?.resource, after: step.after }, now).changes,
      before: was?.records ?? NO_RECORDS,
      after: is?.records ?? NO_RECORDS,
      notAttempted: is !== undefined && is.revision !== was?.revision ? is.notAttempted : [],
    };
  });
}

/** The tables whose rows have their own reasons for failures: those whose state was written. */
function reportedByRow({ before, after }: Work): ReadonlySet<string> {
  const revisions = new Map(before.map(({ urn, revision }) => [urn, revision]));
  const written = after.filter(
    ({ urn, revision }) => revision !== undefined && revision !== revisions.get(urn),
  );
  return new Set(
    written
      .filter(({ records }) => [...records.values()].some(({ outcome }) => outcome.kind === "failed"))
      .map(({ urn }) => urn),
  );
}

function unfinishedIn({ started, done, failed }: Outcome): string[] {
  const ended = new Set([...done, ...failed].map(({ op, urn }) => `${op} ${urn}`));
  const open = started.filter((step) => isWork(step) && !ended.has(`${step.op} ${step.urn}`));
  return open.map(({ subject }) => subject);
}

function doneBy(work: readonly Step[]): Remaining["done"] {
  const replacements = new Set(work.filter(({ op }) => op.includes("replace")).map(({ urn }) => urn));
  const single = (op: string): number =>
    work.filter((step) => step.op === op && !replacements.has(step.urn)).length;
  const forgotten = work.filter(isForgotten).length;
  return {
    created: single("create") + single("import"),
    updated: single("update"),
    replaced: work.filter(({ op }) => op === "create-replacement").length,
    deleted: single("delete") - forgotten,
    forgotten,
  };
}

/** The failed resources, grouped by reason. */
function failuresOf({ failed, remarks, started }: Outcome, reportedByRow: ReadonlySet<string>): Failure[] {
  const steps = new Map([...started, ...failed].map((step) => [step.urn, step]));
  const reasons = new Map<string, string>();
  for (const { severity, urn, text } of remarks) {
    if (severity !== "error" || urn === undefined || reportedByRow.has(urn)) continue;
    const before = reasons.get(urn);
    reasons.set(urn, before === undefined ? plain(text, steps.get(urn)) : `${before}\n${text}`);
  }
  for (const { urn } of failed) {
    if (!reasons.has(urn) && !reportedByRow.has(urn))
      reasons.set(urn, "failed, and the engine gives no reason.");
  }
  const all = [...reasons].map(([urn, reason]) => {
    const step = steps.get(urn);
    const subject = step?.subject ?? nameOf(urn);
    const general = withoutSubject(reason, subject);
    return { kind: step?.kind ?? kindOf(typeOf(urn)), subject, reason, general };
  });
  const groups = groupBy(all, ({ kind, general }) => `${kind.type} ${general}`);
  return [...groups.values()].flatMap((members) => {
    const [first, another] = members;
    if (first === undefined) return [];
    const { kind, reason, general } = first;
    const subjects = members.map(({ subject }) => subject);
    return [{ kind, reason: another === undefined ? reason : general, subjects }];
  });
}

/** The engine's message on protection names URNs and its own commands. Replaces it by ours. */
function plain(text: string, step: Step | undefined): string {
  if (!/cannot be (deleted|replaced)\s+because it is protected/.test(text)) return text;
  if (step !== undefined && isKind(step.kind, "DeviceSet"))
    return "The fleet file limits what may be deleted, or protects devices. `nrfcloud-fleet destroy` says which, and how to allow it.";
  return "The program protects it. Remove `protect` from the program, and apply that first.";
}

/** A reason with `…` for the id, so that it is the same text for every device. */
function withoutSubject(reason: string, subject: string): string {
  return reason.split(new RegExp(`(?<![\\w:-])${escaped(subject)}(?![\\w-])`)).join("…");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
