import { CommandError } from "../commandError.js";
import { kindOf, type Kind } from "../fleet/kinds.js";
import { operate, type Outcome } from "./operation.js";
import { engineSettings } from "./settings.js";
import { isRetained, isWork, subjectOf } from "./steps.js";
import type { Target } from "./target.js";

/** What becomes of a resource. `forget`: it leaves the state, and what it stands for stays where it is. */
export type Change = "create" | "update" | "replace" | "delete" | "forget";

/** Resources of a kind that the same becomes of. */
export interface Group {
  readonly change: Change;
  readonly kind: Kind;
  /** Ids of devices, or names. */
  readonly subjects: readonly string[];
}

/** What an `up` would do. */
export interface Plan {
  readonly groups: readonly Group[];
  /** Steps of the engine that work is done in; a replacement has two. */
  readonly steps: number;
  /** Whatever is to change; a component can change where no resource does. */
  readonly changes: number;
  readonly outcome: Outcome;
}

/**
 * Asks the engine what an `up` would do (`pulumi preview`). A preview that fails is told in `outcome`.
 * @param env more of the engine's environment
 */
export async function preview(target: Target, env: Readonly<Record<string, string>> = {}): Promise<Plan> {
  const outcome = await operate(target, {
    args: ["preview"],
    // A preview writes no state, so nothing depends on who keeps it.
    settings: engineSettings({ kind: "look" }, "self-managed", process.env),
    env,
    what: "Looking",
    atStake: "nothing",
    total: undefined,
  });
  if (outcome.ok && outcome.changes === undefined) {
    throw new CommandError(
      "The Pulumi CLI does not tell what it does as it does it. Update it to 3.200 or newer (`pulumi version`).",
    );
  }
  return planOf(outcome);
}

/** @internal */
export function planOf(outcome: Outcome): Plan {
  const work = outcome.begun.filter(isWork);
  const replaced = new Set(work.filter(({ op }) => op.includes("replace")).map(({ urn }) => urn));
  const groups = new Map<string, { change: Change; kind: Kind; subjects: Set<string> }>();
  for (const step of work) {
    const change = changeOf(step, replaced);
    const kind = kindOf(step.type);
    const key = `${change} ${kind}`;
    const group = groups.get(key) ?? { change, kind, subjects: new Set() };
    groups.set(key, group);
    group.subjects.add(subjectOf(step));
  }
  return {
    groups: [...groups.values()].map(({ change, kind, subjects }) => ({
      change,
      kind,
      subjects: [...subjects],
    })),
    steps: work.length,
    changes: outcome.begun.length,
    outcome,
  };
}

function changeOf(step: Outcome["begun"][number], replaced: ReadonlySet<string>): Change {
  if (replaced.has(step.urn)) return "replace";
  if (step.op === "delete") return isRetained(step) ? "forget" : "delete";
  return step.op === "update" ? "update" : "create";
}

/** How many resources of a kind, or of all, a change is made to. */
export function countOf({ groups }: Plan, change: Change): number {
  return groups
    .filter((group) => group.change === change)
    .reduce((sum, { subjects }) => sum + subjects.length, 0);
}
