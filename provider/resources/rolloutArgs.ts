/** Roll-outs of a device set, as a program declares them. */
import * as pulumi from "@pulumi/pulumi";
import { readTargetedRollout, type TargetedRollout } from "../fleet/rollout.js";
import type { DeviceSetArgs } from "./deviceSet.js";

/** A roll-out: devices change in batches, in the order of their ids, and the run stops if too many fail. */
export interface RolloutArgs {
  /**
   * How many devices change before all others: a count, or a share such as `"1%"` of the devices that change.
   * @defaultValue the value of `batch`
   */
  readonly first?: number | string;
  /**
   * How many of the others change together: a count, or a share of the devices that change.
   * @defaultValue all others
   */
  readonly batch?: number | string;
  /**
   * The run stops when more devices have failed: a count, or a share of the devices that it has tried so far.
   * @defaultValue 0: any failure stops it
   */
  readonly stopAfter?: number | string;
  /**
   * The devices of the roll-out: patterns such as `lab-{000..499}` or `lab-*`, separated by commas.
   * @defaultValue all devices that no other roll-out names
   */
  readonly ids?: string;
}

export function rolloutsOf(name: string, given: DeviceSetArgs["rollout"]): readonly TargetedRollout[] {
  const all: readonly unknown[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
  return all.map((each) => {
    try {
      return readTargetedRollout(each);
    } catch (thrown) {
      throw new pulumi.RunError(
        `DeviceSet ${name}, rollout: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
      );
    }
  });
}
