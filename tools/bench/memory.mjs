// What the processes need that a Pulumi command is made of.

import { descendants, usage } from "./processes.mjs";

const SAMPLE_MS = 100;

/** What the command line of each contains. */
export const COMMANDS = /** @type {const} */ ({
  provider: "cmd/dynamic-provider/index.js",
  program: "@pulumi/pulumi/cmd/run",
});

/**
 * @typedef {{ peakBytes: number, cpuSeconds: number }} Usage  The most memory it had, and the time of all cores together.
 * @typedef {Partial<Record<"cli" | keyof typeof COMMANDS, Usage>>} Processes  Where the system tells: on Linux.
 */

/**
 * Samples the processes of a command. The system keeps peaks and sums, so only the last moment can be missed.
 * @param {number | undefined} cli
 */
export function watchProcesses(cli) {
  /** @type {Map<keyof Processes, number>} */
  const pids = new Map(cli === undefined ? [] : [["cli", cli]]);
  /** @type {Processes} */
  const needed = {};
  const timer = setInterval(() => {
    if (cli !== undefined && pids.size < 3) find(cli, pids);
    for (const [name, pid] of pids) {
      const used = usage(pid);
      if (used !== undefined) needed[name] = used;
    }
  }, SAMPLE_MS);
  return {
    needed: () => needed,
    stop: () => {
      clearInterval(timer);
    },
  };
}

/**
 * @param {number} cli
 * @param {Map<keyof Processes, number>} pids
 */
function find(cli, pids) {
  const all = descendants(cli);
  for (const name of /** @type {const} */ (["provider", "program"])) {
    const found = all.find(({ command }) => command.includes(COMMANDS[name]) && command.includes("node"));
    if (found !== undefined) pids.set(name, found.pid);
  }
}
