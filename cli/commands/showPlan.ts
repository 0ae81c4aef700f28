import { CommandError } from "../commandError.js";
import { idText } from "../fleet/idText.js";
import { kindWords } from "../fleet/kinds.js";
import type { Group, Plan } from "../pulumi/plan.js";
import { count, say } from "../terminal.js";

const ORDER = ["delete", "replace", "forget", "update", "create"] as const;

const CONSEQUENCES: Readonly<Record<Group["change"], string>> = {
  delete: "delete",
  replace: "delete and make anew",
  forget: "forget, and leave as it is",
  update: "change",
  create: "create",
};

/** Prints a plan in short: danger first, counts, ids as ranges. @throws CommandError where there is none */
export function showPlan({ groups, outcome }: Plan): void {
  const errors = outcome.remarks.filter(({ severity }) => severity === "error").map(({ text }) => text);
  if (!outcome.ok) {
    const said = errors.length > 0 ? [...new Set(errors)].join("\n") : outcome.said;
    throw new CommandError(
      `${outcome.interrupted ? "The plan was interrupted" : "The plan failed"}, so nothing was changed.\n${said}`,
    );
  }
  for (const change of ORDER) {
    for (const { kind, subjects } of groups.filter((group) => group.change === change)) {
      const [one, many] = kindWords(kind);
      say(`${CONSEQUENCES[change]}: ${count(subjects.length, one, many)} (${idText(subjects)})`);
    }
  }
}
