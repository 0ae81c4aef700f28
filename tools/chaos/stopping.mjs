// The ways to stop a command before its end.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { descendants, killTree } from "../bench/processes.mjs";

/** The provider ends soon after its engine. This limit is longer than it needs. */
const OUTLIVES_MS = 15_000;
/** After so long without a request, a process has no work any more. */
const QUIET_MS = 5_000;

/**
 * @typedef {object} Running  A command that runs as a process group of its own.
 * @property {number} pid
 * @property {() => boolean} ended
 * @property {() => number} answered  How many requests nRF Cloud has answered.
 */

/**
 * Stops a command the given way, and waits until nothing that it started can do anything any more.
 * @param {Running} running
 * @param {import("./operations.mjs").Stop} how
 */
export async function stop(running, how) {
  const { pid, ended } = running;
  const started = descendants(pid);
  switch (how) {
    case "kill engine":
      signal(-pid, "SIGKILL");
      return settle(running, started);
    case "kill all":
      killTree(pid);
      return settle(running, started);
    case "kill provider":
      while (!ended() && !killProvider(pid)) await sleep(50);
      return;
    case "interrupt":
      signal(-pid, "SIGINT");
      return;
    case "interrupt twice":
      signal(-pid, "SIGINT");
      await sleep(300);
      if (!ended()) signal(-pid, "SIGINT");
      return settle(running, started);
  }
}

/**
 * Stops a command as an impatient user does.
 * @param {Running} running
 */
export async function giveUpOn(running) {
  const { pid, ended } = running;
  const started = descendants(pid);
  for (let presses = 0; presses < 2 && !ended(); presses++) {
    signal(-pid, "SIGINT");
    for (let i = 0; i < 100 && !ended(); i++) await sleep(100);
  }
  if (!ended()) signal(-pid, "SIGKILL");
  await settle(running, started);
}

/** @param {number} pid */
function killProvider(pid) {
  const providers = descendants(pid).filter(({ command }) => command.includes("cmd/dynamic-provider"));
  for (const provider of providers) signal(provider.pid, "SIGKILL");
  return providers.length > 0;
}

/**
 * Waits until what a killed engine started has ended by itself: before its command is run again, it must really have ended. What
 * stays then is idle and Pulumi's own (its language host, and a host of dynamic providers that never got one of ours), and
 * is ended here.
 * @param {Running} running
 * @param {import("../bench/processes.mjs").Process[]} started
 */
async function settle({ answered }, started) {
  const isHost = (/** @type {{ command: string }} */ { command }) =>
    command.includes("pulumi-language-nodejs");
  const until = Date.now() + OUTLIVES_MS;
  let last = { answered: answered(), at: Date.now() };
  while (Date.now() < until && started.some((each) => !isHost(each) && isAlive(each.pid))) {
    await sleep(50);
    if (answered() !== last.answered) last = { answered: answered(), at: Date.now() };
  }
  const isQuiet = Date.now() < until || Date.now() - last.at > QUIET_MS;
  for (const each of started) signal(each.pid, "SIGKILL");
  if (!isQuiet) throw new OutlivedError();
}

/** Something goes on changing an account without its engine. */
export class OutlivedError extends Error {
  constructor() {
    super(`the provider still sends requests ${OUTLIVES_MS / 1000} s after its engine was killed`);
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} name
 */
function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended already.
  }
}
