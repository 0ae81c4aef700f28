import { isSeal } from "../fleet/seal.js";
import type { Step } from "../pulumi/events.js";
import type { Outcome } from "../pulumi/operation.js";
import { isForgotten, isPending, isWork } from "../pulumi/steps.js";
import { gatherNotices } from "./notices.js";
import { withoutPendingList } from "./pendingOperations.js";
import { grouped } from "../report/grouped.js";
import { isKind, kindOf, nameOf, typeOf, type Kind } from "../report/things.js";

/** Resources that failed for the same reason. */
export interface Failure {
  readonly kind: Kind;
  /** In the words of whoever failed; where there are several resources, `…` stands for the id of each. */
  readonly reason: string;
  readonly subjects: readonly string[];
}

/** What an operation did and did not do, and why. */
export interface Remaining {
  /** Resources by what was done to them; a replaced one counts once. */
  readonly done: Readonly<Record<"created" | "updated" | "replaced" | "deleted" | "forgotten", number>>;
  readonly failures: readonly Failure[];
  /** Errors that are about no resource. */
  readonly errors: readonly string[];
  /** Begun, and neither done nor failed. */
  readonly unfinished: readonly string[];
  /** Planned, and never begun. */
  readonly notBegun: readonly string[];
  /** Claims that wait for their device's first connect. */
  readonly pending: readonly string[];
  /** Just-in-time certificates that left the state and stay valid. */
  readonly keptCertificates: readonly string[];
  /** Claims by token that left the state and stay. */
  readonly keptClaims: readonly string[];
  readonly warnings: readonly string[];
  readonly remarks: readonly string[];
}

/** The engine's own last word, which says nothing that was not said. */
const SUMMARY_ONLY = /^(update|preview|destroy) (failed|canceled|cancelled)$/i;

/**
 * Reads from the outcome of an operation what remains.
 * @param planned resources that it was to work on, by URN, with what they are called
 * @param said remarks that were shown with the plan
 */
export function remainingOf(
  outcome: Outcome,
  planned: ReadonlyMap<string, string>,
  said: readonly string[] = [],
): Remaining {
  const work = outcome.done.filter(isWork);
  const reached = new Set([...outcome.begun, ...outcome.failed].map(({ urn }) => urn));
  const failedUrns = new Set(outcome.failed.map(({ urn }) => urn));
  const forgotten = work.filter(isForgotten);
  const kept = (name: string): string[] =>
    forgotten.filter(({ kind }) => isKind(kind, name)).map(({ subject }) => subject);
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
    done: doneBy(work),
    failures: failuresOf(outcome),
    errors: outcome.ok
      ? []
      : [...texts("error"), ...(outcome.changes === undefined && outcome.said !== "" ? [outcome.said] : [])],
    unfinished: unfinishedIn(outcome),
    notBegun: [...planned].flatMap(([urn, subject]) => (reached.has(urn) ? [] : [subject])),
    pending: work
      .filter((step) => isPending(step) && !failedUrns.has(step.urn))
      .map(({ subject }) => subject),
    keptCertificates: kept("JitpCertificate"),
    keptClaims: kept("AttestationClaim"),
    warnings: texts("warning").map(withoutPendingList),
    remarks: gatherNotices(texts("info"), said),
  };
}

function unfinishedIn({ begun, done, failed }: Outcome): string[] {
  const ended = new Set([...done, ...failed].map(({ op, urn }) => `${op} ${urn}`));
  const open = begun.filter((step) => isWork(step) && !ended.has(`${step.op} ${step.urn}`));
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

/** What went wrong with which resource, those with the same reason together. */
function failuresOf({ failed, remarks, begun }: Outcome): Failure[] {
  const steps = new Map([...begun, ...failed].map((step) => [step.urn, step]));
  const reasons = new Map<string, string>();
  for (const { severity, urn, text } of remarks) {
    if (severity !== "error" || urn === undefined) continue;
    const step = steps.get(urn);
    const before = reasons.get(urn);
    reasons.set(urn, before === undefined ? plain(text, step) : `${before}\n${text}`);
  }
  for (const { urn } of failed) {
    if (!reasons.has(urn)) reasons.set(urn, "failed, and the engine does not say why.");
  }
  const all = [...reasons].map(([urn, reason]) => {
    const step = steps.get(urn);
    const subject = step?.subject ?? nameOf(urn);
    const general = withoutSubject(reason, subject);
    return { kind: step?.kind ?? kindOf(typeOf(urn)), subject, reason, general };
  });
  const groups = grouped(all, ({ kind, general }) => `${kind.type} ${general}`);
  return [...groups.values()].flatMap((members) => {
    const [first, another] = members;
    if (first === undefined) return [];
    const { kind, reason, general } = first;
    const subjects = members.map(({ subject }) => subject);
    return [{ kind, reason: another === undefined ? reason : general, subjects }];
  });
}

/** What the engine says of protection is about URNs and its own commands. */
function plain(text: string, step: Step | undefined): string {
  if (!/cannot be (deleted|replaced)\s+because it is protected/.test(text)) return text;
  if (step !== undefined && isSeal(step.kind.type))
    return "The fleet file limits what may be deleted. Say how many with `--allow-deletes`.";
  return "It is protected. Take `protect: true` out of its group in the fleet file and apply that first.";
}

/** A reason with `…` in place of the id, so that the same reason reads the same for every device. */
function withoutSubject(reason: string, subject: string): string {
  return reason.split(new RegExp(`(?<![\\w:-])${escaped(subject)}(?![\\w-])`)).join("…");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
