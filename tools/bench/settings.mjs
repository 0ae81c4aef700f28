// The two ways of running Pulumi that are compared.

import { availableParallelism } from "node:os";

/** @typedef {{ name: "fleet" | "default", title: string, args: string[], env: Record<string, string> }} Settings */

/**
 * Those that docs/scale.md recommends for large fleets.
 * @type {Settings}
 */
export const fleetSettings = {
  name: "fleet",
  title: "settings for large fleets (--parallel 1000, PULUMI_SKIP_CHECKPOINTS=true)",
  args: ["--parallel", "1000"],
  env: { PULUMI_SKIP_CHECKPOINTS: "true" },
};

/**
 * Those of somebody who sets nothing.
 * @type {Settings}
 */
export const defaultSettings = {
  name: "default",
  title: `default settings (${4 * availableParallelism()} in flight, state saved at every step)`,
  args: [],
  env: {},
};
