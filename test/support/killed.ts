import { setTimeout as sleep } from "node:timers/promises";
import { stop } from "../../tools/chaos/stopping.mjs";
import { ended, type Stack } from "./stack.js";

/** What of a run is killed: the engine and all that it started, or its command line alone, so that the provider lives on. */
export type Killed = "all" | "command line";

/** Starts a command, and kills it once the account is as it should be then. */
export async function killed(
  stack: Stack,
  command: string,
  reached: () => Promise<boolean>,
  what: Killed = "all",
): Promise<void> {
  const running = stack.start(command, "--yes", "--skip-preview");
  const { pid } = running;
  if (pid === undefined) throw new Error("pulumi did not start");
  while (!(await reached())) {
    if (running.exitCode !== null) throw new Error(`the ${command} ended before it could be killed`);
    await sleep(20);
  }
  if (what === "all") {
    // Until the provider has ended, too.
    await stop({ pid, ended: () => running.exitCode !== null, answered: () => 0 }, "kill engine");
  } else {
    process.kill(pid, "SIGKILL");
  }
  await ended(running);
  await stack.pulumi("cancel", "--yes");
}
