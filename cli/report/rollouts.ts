import { ROLLOUT } from "../../provider/reconcile/plan/rollout/text.js";
import { joinLines } from "../remaining/notices.js";
import type { GuardUse } from "./guardUse.js";

/** The provider's remarks on the roll-outs of a set, from a preview. */
export interface SetRollouts {
  /** The name of the set in the program. */
  readonly set: string;
  /** One for each roll-out. */
  readonly lines: readonly string[];
}

/** The roll-outs of each set, from the provider's remarks in a preview. */
export function rolloutsIn(remarks: readonly string[]): readonly SetRollouts[] {
  return joinLines(remarks).flatMap((remark) => {
    const [heading = "", ...below] = remark.split("\n");
    const lines = below.map((line) => line.trim()).filter((line) => ROLLOUT_LINE.test(line));
    return lines.length === 0 ? [] : [{ set: heading.replace(/^DeviceSet /, "").replace(/:$/, ""), lines }];
  });
}

const ROLLOUT_LINE = new RegExp(`^${ROLLOUT}(?: of |: )`);

/** Adds the roll-outs to the guards of each set: a roll-out limits the damage of a failure. */
export function withRollouts(guards: readonly GuardUse[], remarks: readonly string[]): readonly GuardUse[] {
  const rollouts = rolloutsIn(remarks);
  const sets = [...new Set([...guards, ...rollouts].map(({ set }) => set))];
  return sets.map((set) => ({
    set,
    texts: [
      ...guards.filter((each) => each.set === set).flatMap(({ texts }) => texts),
      ...rollouts.filter((each) => each.set === set).flatMap(({ lines }) => lines),
    ],
  }));
}
