import { CommandError, Interrupted } from "../commandError.js";
import type { Report, ReportOptions } from "../report/report.js";
import { joinLines } from "../remaining/notices.js";
import { withoutPendingList } from "../remaining/pendingOperations.js";
import { nameOf } from "../report/things.js";
import { digestOf } from "./digest.js";
import type { Step } from "./events.js";
import { setupProblem } from "./setupProblems.js";
import { operate, type Outcome } from "./operation.js";
import { isWork, protectionOf } from "./steps.js";
import { plannedRows, type PlannedRows } from "./plannedRows.js";
import { onlyWaits } from "./rows.js";
import type { Target } from "./target.js";

/** What an `up` would do. */
export interface Plan {
  /** The text of `pulumi preview --json`. */
  readonly digest: string;
  readonly report: Report;
  readonly outcome: Outcome;
  /** The changes of the rows of sets, and of devices and claims that are single resources. */
  readonly rows: PlannedRows;
  /** The number of resources and components that change, also if only their protection does. Not those that only wait for devices. */
  readonly changes: number;
  /** Changes of protections, which the engine does not show. */
  readonly protections: readonly Protection[];
  /** Remarks of the engine, the program and the provider. */
  readonly notices: readonly string[];
  /** The steps of the engine that do work. A replacement has two. */
  readonly steps: readonly Step[];
}

export interface Protection {
  readonly subject: string;
  readonly becomes: "set" | "removed";
}

export interface PlanOptions extends ReportOptions {
  /** Additional environment variables of the engine. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Previews an `up` (`pulumi preview`). The report says why a preview failed.
 * @throws CommandError if the engine previewed nothing, `Interrupted` after a signal
 */
export async function preview(target: Target, options: PlanOptions): Promise<Plan> {
  const outcome = await operate(target, {
    args: ["preview"],
    env: options.env,
    what: "Planning",
    atStake: "nothing",
    withSame: true,
  });
  if (outcome.interrupted !== "no") throw new Interrupted();
  if (outcome.ok && outcome.changes === undefined) {
    throw new CommandError(
      "The Pulumi CLI is too old: it streams no events. Update it to 3.200 or newer (`pulumi version`), then run again.",
    );
  }
  if (!outcome.ok && outcome.started.length + outcome.remarks.length === 0)
    throw new CommandError(
      setupProblem(outcome.errorOutput, target) ??
        `The plan failed. Nothing was changed.\n${outcome.errorOutput}`,
    );
  // The reader of previews takes half a second to load, and would delay the start of the engine.
  const { readPreview } = await import("../report/digest.js");
  const { reportOf } = await import("../report/report.js");
  const problem = outcome.ok
    ? undefined
    : setupProblem(outcome.remarks.map(({ text }) => text).join("\n"), target);
  const digest = `${JSON.stringify(digestOf(outcome))}\n`;
  const protections = [...outcome.started, ...outcome.same].flatMap((step): Protection[] => {
    const becomes = protectionOf(step);
    return becomes === undefined ? [] : [{ subject: step.subject, becomes }];
  });
  const changed = new Set(
    [
      ...outcome.started.filter((step) => !onlyWaits(step, options.horizon.now)),
      ...outcome.same.filter((step) => protectionOf(step) !== undefined),
    ].map(({ urn }) => urn),
  );
  const report = reportOf(readPreview(digest), options);
  return {
    digest,
    report:
      problem === undefined ? report : { ...report, failures: [{ resource: undefined, message: problem }] },
    outcome,
    rows: plannedRows([...outcome.started, ...outcome.same], options.horizon.now),
    protections,
    changes: changed.size,
    // The remarks of Node and Pulumi on the same problem would hide the remedy.
    notices: problem === undefined ? noticesIn(outcome) : [],
    steps: outcome.started.filter(isWork),
  };
}

function noticesIn({ remarks }: Outcome): string[] {
  const shown = remarks.filter(({ severity }) => severity !== "error");
  return joinLines(
    shown.map(({ severity, urn, text }) => {
      const name = urn === undefined ? "" : `${nameOf(urn)}: `;
      return severity === "warning" ? `Warning: ${name}${withoutPendingList(text)}` : `${name}${text}`;
    }),
  );
}
