import { idText } from "../fleet/idText.js";
import type { Plan } from "../pulumi/plan.js";
import { gatherNotices } from "../remaining/notices.js";
import { withoutPendingList } from "../remaining/pendingOperations.js";
import type { Danger } from "../report/danger.js";
import { grouped } from "../report/grouped.js";
import { actions, counted, verb } from "../report/things.js";
import { count, say } from "../terminal.js";

/** Prints a plan in short: why it failed if it did, the danger, counts with ids as ranges, remarks, and the way to the details. */
export function showPlan({ report, changes: all, protections }: Plan): void {
  const { failures, dangers, changes, notices, unchanged } = report;
  for (const { resource, message } of failures)
    say(`Error: ${resource === undefined ? "" : `${resource}: `}${message}\n`);
  if (dangers.length > 0) say(`${dangers.map(danger).join("\n\n")}\n`);
  const groups = grouped(changes, ({ action, kind }) => `${action} ${kind.type}`);
  for (const action of actions) {
    for (const [first, ...others] of groups.values()) {
      if (first?.action !== action) continue;
      const ids = [first, ...others].map(({ id }) => id);
      say(`  ${counted(ids.length, first.kind)} ${verb(first.kind, action)}: ${idText(ids)}`);
    }
  }
  for (const [becomes, ofKind] of grouped(protections, ({ becomes }) => becomes))
    say(`  protection ${becomes}: ${idText(ofKind.map(({ subject }) => subject))}`);
  const others = all - changes.length - protections.length;
  if (failures.length === 0 && others > 0)
    say(`  ${count(others, "component")} of the program and the stack itself`);
  if (failures.length === 0) say(summary(all, unchanged));
  for (const notice of gatherNotices(notices.map(withoutPendingList))) say(`Note: ${notice}`);
}

function danger({ title, consequence, ids }: Danger): string {
  return `! ${title}: ${idText(ids)}\n  ${consequence}`;
}

function summary(changes: number, unchanged: number): string {
  if (changes === 0) return `Nothing to do: ${count(unchanged, "resource")} as declared.`;
  return `${count(changes, "change")}, ${count(unchanged, "resource")} as declared. Details: nrfcloud-fleet plan --html plan.html, or pulumi preview --diff.`;
}
