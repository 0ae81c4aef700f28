import { summaryLines } from "../../provider/reconcile/plan/summary.js";
import { idText } from "../fleet/idText.js";
import type { Plan } from "../pulumi/plan.js";
import { plannedLines, type PlannedGroup } from "../pulumi/plannedRows.js";
import { gatherNotices } from "../remaining/notices.js";
import { grouped } from "../report/grouped.js";
import { refusalLine } from "../report/refusals.js";
import { actions, counted, verb } from "../report/things.js";
import { isTable } from "../state/sets.js";
import { count, figure, say } from "../terminal.js";

/**
 * Prints a plan in short: why it failed if it did, the danger, what becomes of the devices with ids as ranges, other
 * resources, remarks, and the way to the details.
 */
export function showPlan(plan: Plan): void {
  const { report, changes: all, protections, rows } = plan;
  for (const { resource, message } of [...report.failures, ...report.refusals])
    say(`This apply will fail: ${resource === undefined ? "" : `${resource}: `}${message}\n`);
  const { dangers } = report;
  if (dangers.length > 0) sayLines(summaryLines({ dangers, counts: [] }));
  for (const group of rows.tables) sayRows(group, rows.tables.length > 1);
  if (rows.forgotten.length > 0)
    say(
      `  ${count(rows.forgotten.length, "device leaves", "devices leave")} the state and stay in the account: ${idText(rows.forgotten)}`,
    );
  if (rows.leftOut.length > 0) {
    say(
      `${count(rows.leftOut.length, "device that differs is", "devices that differ are")} left as ${rows.leftOut.length === 1 ? "it is" : "they are"}, ` +
        `as only others were chosen: ${idText(rows.leftOut)}`,
    );
  }
  const others = report.changes.filter(({ kind }) => !isTable(kind));
  const groups = grouped(others, ({ action, kind }) => `${action} ${kind.type}`);
  for (const action of actions) {
    for (const [first, ...more] of groups.values()) {
      if (first?.action !== action) continue;
      const ids = [first, ...more].map(({ id }) => id);
      say(`  ${counted(ids.length, first.kind)} ${verb(first.kind, action)}: ${idText(ids)}`);
    }
  }
  for (const [becomes, ofKind] of grouped(protections, ({ becomes }) => becomes))
    say(`  protection ${becomes}: ${idText(ofKind.map(({ subject }) => subject))}`);
  if (rows.waiting.length > 0) {
    const [wait, their] = rows.waiting.length === 1 ? ["device waits", "its"] : ["devices wait", "their"];
    say(`${figure(rows.waiting.length)} ${wait} for ${their} first connect: ${idText(rows.waiting)}`);
  }
  if (report.failures.length === 0) say(summary(plan));
  for (const notice of gatherNotices(plan.notices, {
    lines: [...plannedLines(rows), ...report.refusals.map(refusalLine)],
  }))
    say(`Note: ${notice}`);
  if (report.failures.length === 0 && all > 0) say(DETAILS);
}

function sayRows({ title, summary: { counts } }: PlannedGroup, isOneOfMany: boolean): void {
  if (isOneOfMany) say(`${title}:`);
  sayLines(summaryLines({ dangers: [], counts }));
}

function sayLines(lines: readonly string[]): void {
  say(lines.join("\n"));
}

function summary({ changes, rows }: Plan): string {
  const asDeclared = `${count(rows.same, "device")} as declared`;
  if (changes === 0) return `Nothing to do: ${asDeclared}.`;
  return `${count(rows.changed, "device changes", "devices change")}, ${asDeclared}.`;
}

const DETAILS = "Details: nrfcloud-fleet plan --html plan.html, or pulumi preview --diff.";
