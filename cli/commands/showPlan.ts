import { WILL_FAIL } from "../../provider/reconcile/plan/finding.js";
import { idRanges } from "../../provider/reconcile/plan/summary/ids.js";
import { leftOutText, summaryLines, type Danger } from "../../provider/reconcile/plan/summary/summary.js";
import type { Sign } from "../../provider/reconcile/plan/summary/sign.js";
import { idText } from "../fleet/idText.js";
import type { Plan } from "../pulumi/plan.js";
import { plannedLines, type PlannedRows } from "../pulumi/plannedRows.js";
import { gatherNotices } from "../remaining/notices.js";
import type { Change } from "../report/changes.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { refusalLine } from "../report/refusals.js";
import type { Failure } from "../report/report.js";
import { actions, counted, verb, type Action } from "../report/things.js";
import { isTable } from "../state/sets.js";
import { count, figure, painted, printText, type Tone } from "../terminal.js";

/** One or more lines of a plan that belong together. */
export interface PlanLine {
  readonly text: string;
  /** Absent without a color. */
  readonly tone?: Tone;
}

/** The part of a plan that is shown. */
export type ShownPlan = Pick<Plan, "changes" | "protections" | "rows" | "notices"> & {
  readonly report: Pick<Plan["report"], "failures" | "refusals" | "changes"> & {
    readonly dangers: readonly (Danger & { readonly changes: readonly Change[] })[];
  };
};

/** Prints a short plan. */
export function showPlan(plan: ShownPlan): void {
  for (const { text, tone } of planLines(plan)) {
    const [sign] = text.split(" ", 1);
    // Only the sign of a change is colored: thousands of colored ids are hard to read.
    if (sign !== undefined && sign === tone) printText(`${painted(sign, tone)}${text.slice(sign.length)}`);
    else printText(tone === undefined ? text : painted(text, tone));
  }
}

/**
 * A short plan: why an apply will fail, dangers, changes of devices and other resources, remarks, the total, and how to see the
 * details. Nothing is repeated. A failed preview shows the reasons and the remarks only.
 */
export function planLines(plan: ShownPlan): readonly PlanLine[] {
  const { report, notices, rows, changes } = plan;
  const remarks = gatherNotices(notices, {
    lines: [...plannedLines(rows), ...report.refusals.map(refusalLine), ...leftOutLines(rows)],
  });
  const notes = remarks.map((remark) => ({ text: noteText(remark) }));
  const failures = [...report.failures, ...report.refusals].map((failure): PlanLine => ({
    text: failureText(failure),
    tone: "failure",
  }));
  if (report.failures.length > 0) return [...failures, ...notes];
  return [
    ...failures,
    ...report.dangers.flatMap(dangerLines),
    ...rows.tables.flatMap(({ title, summary: { counts } }) => {
      const lines = counts.flatMap((each) =>
        summaryLines({ dangers: [], counts: [each] }).map((text) => ({ text, tone: each.sign })),
      );
      return rows.tables.length > 1 && lines.length > 0 ? [{ text: `${title}:` }, ...lines] : lines;
    }),
    ...forgottenLines(rows),
    ...otherLines(plan),
    ...protectionLines(plan),
    ...leftOutLines(rows).map((text) => ({ text })),
    ...waitingLines(rows),
    ...notes,
    { text: totalText(plan), tone: "total" },
    ...(changes > 0 ? [{ text: DETAILS }] : []),
  ];
}

function failureText({ resource, message }: Failure): string {
  return `${WILL_FAIL} ${resource === undefined ? "" : `${resource}: `}${message}`;
}

function dangerLines(danger: Danger & { readonly changes: readonly Change[] }): readonly PlanLine[] {
  const sign = danger.sign ?? signOf(danger.changes);
  const [text = "", ...meaning] = summaryLines({
    dangers: [{ ...danger, ...(sign === undefined ? {} : { sign }) }],
    counts: [],
  });
  return [{ text, tone: sign ?? "!" }, ...meaning.map((line) => ({ text: line }))];
}

/** The sign of changes, if all have the same. */
function signOf(changes: readonly Change[]): Sign | undefined {
  const signs = new Set(changes.map(({ action }) => SIGNS[action]));
  const [only, another] = signs;
  return another === undefined ? only : undefined;
}

const SIGNS: Readonly<Record<Action, Sign | undefined>> = {
  create: "+",
  import: "+",
  update: "~",
  replace: "-/+",
  delete: "-",
  forget: "-",
  read: undefined,
  drift: "~",
  vanish: undefined,
};

/** Changes of resources that are not tables of devices, without those among the dangers. */
function otherLines({ report: { changes, dangers } }: ShownPlan): readonly PlanLine[] {
  const shown = new Set(dangers.flatMap((danger) => danger.changes));
  const others = changes.filter((change) => !isTable(change.kind) && !shown.has(change));
  const groups = [...groupBy(others, ({ action, kind }) => `${action} ${kind.type}`).values()];
  return actions.flatMap((action) =>
    groups.flatMap(([first, ...more]): PlanLine[] => {
      if (first?.action !== action) return [];
      const ids = [first, ...more].map(({ id }) => id);
      const sign = SIGNS[action];
      const text = `${sign ?? " "} ${counted(ids.length, first.kind)} will be ${verb(first.kind, action)}: ${idText(ids)}`;
      return [{ text, ...(sign === undefined ? {} : { tone: sign }) }];
    }),
  );
}

function protectionLines({ protections }: ShownPlan): readonly PlanLine[] {
  return [...groupBy(protections, ({ becomes }) => becomes)].map(([becomes, of]) => ({
    text: `~ Pulumi's protection will be ${becomes}: ${idText(of.map(({ subject }) => subject))}`,
    tone: "~",
  }));
}

function forgottenLines({ forgotten }: PlannedRows): readonly PlanLine[] {
  if (forgotten.length === 0) return [];
  const text = `- ${count(forgotten.length, "device")} will leave the state and remain in the account: ${idText(forgotten)}`;
  return [{ text, tone: "-" }];
}

function leftOutLines({ leftOut }: PlannedRows): readonly string[] {
  return leftOut.length === 0 ? [] : [`${leftOutText(leftOut.length)}: ${idRanges(leftOut)}`];
}

function waitingLines({ waiting }: PlannedRows): readonly PlanLine[] {
  if (waiting.length === 0) return [];
  const [wait, their] = waiting.length === 1 ? ["device waits", "its"] : ["devices wait", "their"];
  return [{ text: `${figure(waiting.length)} ${wait} for ${their} first connect: ${idText(waiting)}` }];
}

/** The provider's remarks on a set are marked as notes already. */
function noteText(remark: string): string {
  const [heading = "", ...lines] = remark.split("\n");
  const isOfSet = heading.endsWith(":") && lines.every((line) => line.startsWith("  ")) && lines.length > 0;
  if (!isOfSet) return remark.startsWith("Warning: ") ? remark : `Note: ${remark}`;
  return lines.map((line) => line.slice(2)).join("\n");
}

/** The number of devices to change, of changes of other resources, and of unchanged devices. */
function totalText({ changes, rows, report }: ShownPlan): string {
  const asDeclared = `${figure(rows.same)} as declared`;
  if (changes === 0) return `Nothing to do: ${count(rows.same, "device")} as declared.`;
  const { totals, forgotten } = rows;
  const parts = (
    [
      [totals["+"], "to add"],
      [totals["~"], "to update"],
      [totals["-/+"], "to replace"],
      [totals["-"], "to delete"],
      [forgotten.length, "to forget"],
    ] as const
  ).filter(([number]) => number > 0);
  const devices = parts.map(
    ([number, what], i) => `${i === 0 ? count(number, "device") : figure(number)} ${what}`,
  );
  const others = report.changes.filter(({ kind }) => !isTable(kind)).length;
  const resources = others === 0 ? [] : [`${count(others, "change")} of other resources`];
  return `Total: ${[devices.length === 0 ? "no device to change" : devices.join(", "), ...resources, asDeclared].join("; ")}.`;
}

const DETAILS = "Details: `nrfcloud-fleet plan --html plan.html`, or `pulumi preview --diff`.";
