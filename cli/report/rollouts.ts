import { ROLLOUT } from "../../provider/reconcile/plan/rollout/text.js";
import { joined } from "../remaining/notices.js";
import type { GuardUse } from "./guardUse.js";

/** What the provider says in a preview of the roll-outs of a set. */
export interface SetRollouts {
  /** As the program names it. */
  readonly set: string;
  /** One for each roll-out. */
  readonly lines: readonly string[];
}

/** The roll-outs of each set, as the provider tells them in a preview. */
export function rolloutsIn(remarks: readonly string[]): readonly SetRollouts[] {
  return joined(remarks).flatMap((remark) => {
    const [heading = "", ...below] = remark.split("\n");
    const lines = below.map((line) => line.trim()).filter((line) => ROLLOUT_LINE.test(line));
    return lines.length === 0 ? [] : [{ set: heading.replace(/^DeviceSet /, "").replace(/:$/, ""), lines }];
  });
}

const ROLLOUT_LINE = new RegExp(`^${ROLLOUT}(?: of |: )`);

/** The guards of each set with its roll-outs, which limit what a failure costs. */
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
