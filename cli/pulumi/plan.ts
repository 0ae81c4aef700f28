import { CommandError } from "../commandError.js";
import type { Report, ReportOptions } from "../report/report.js";
import { digestOf } from "./digest.js";
import { operate, type Outcome } from "./operation.js";
import { engineSettings } from "./settings.js";
import { isWork, protectionOf } from "./steps.js";
import type { Target } from "./target.js";

/** What an `up` would do. */
export interface Plan {
  /** As `pulumi preview --json` prints it. */
  readonly digest: string;
  readonly report: Report;
  readonly outcome: Outcome;
  /** Resources and components that change, be it in nothing but their protection. */
  readonly changes: number;
  /** What the engine does to protections without a word. */
  readonly protections: readonly Protection[];
  /** Steps of the engine that work is done in; a replacement has two. */
  readonly steps: number;
  /** Resources that are made, or made anew. */
  readonly creates: number;
}

export interface Protection {
  readonly subject: string;
  readonly becomes: "set" | "taken off";
}

export interface PlanOptions extends ReportOptions {
  /** More of the engine's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Asks the engine what an `up` would do (`pulumi preview`). A preview that fails is told in the report.
 * @throws CommandError where there is no preview at all
 */
export async function preview(target: Target, options: PlanOptions): Promise<Plan> {
  const outcome = await operate(target, {
    args: ["preview"],
    // A preview writes no state, so nothing depends on who keeps it.
    settings: engineSettings({ kind: "look" }, "self-managed", process.env),
    env: options.env,
    what: "Looking",
    atStake: "nothing",
    withSame: true,
    total: undefined,
  });
  if (outcome.interrupted !== "no") throw new CommandError("The plan was interrupted. Nothing was changed.");
  if (outcome.ok && outcome.changes === undefined) {
    throw new CommandError(
      "The Pulumi CLI does not tell what it does as it does it. Update it to 3.200 or newer (`pulumi version`).",
    );
  }
  if (!outcome.ok && outcome.begun.length + outcome.remarks.length === 0)
    throw new CommandError(`The plan failed, so nothing was changed.\n${outcome.said}`);
  // What it takes to understand a preview takes half a second to load, meanwhile the engine would wait.
  const { readPreview } = await import("../report/digest.js");
  const { reportOf } = await import("../report/report.js");
  const digest = `${JSON.stringify(digestOf(outcome))}\n`;
  const protections = [...outcome.begun, ...outcome.same].flatMap((step): Protection[] => {
    const becomes = protectionOf(step);
    return becomes === undefined ? [] : [{ subject: step.subject, becomes }];
  });
  const changed = new Set(
    [...outcome.begun, ...outcome.same.filter((step) => protectionOf(step) !== undefined)].map(
      ({ urn }) => urn,
    ),
  );
  const work = outcome.begun.filter(isWork);
  return {
    digest,
    report: reportOf(readPreview(digest), options),
    outcome,
    protections,
    changes: changed.size,
    steps: work.length,
    creates: work.filter(({ op }) => op.startsWith("create")).length,
  };
}
