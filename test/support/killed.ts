import { setTimeout as sleep } from "node:timers/promises";
import { ended, type Stack } from "./stack.js";

/** Has the engine save its state at the end only, as fast runs do: what a killed one did is in no state then. */
export const AT_THE_END = { PULUMI_SKIP_CHECKPOINTS: "true", PULUMI_PARALLEL: "20" };

/** Starts a command and kills its engine once the account is as it should be then. */
export async function killed(stack: Stack, command: string, reached: () => Promise<boolean>): Promise<void> {
  const running = stack.start(command, "--yes", "--skip-preview");
  const { pid } = running;
  if (pid === undefined) throw new Error("pulumi did not start");
  while (!(await reached())) {
    if (running.exitCode !== null) throw new Error(`the ${command} ended before it could be killed`);
    await sleep(20);
  }
  process.kill(-pid, "SIGKILL");
  await ended(running);
  // The provider looks every three seconds whether it still has an engine.
  await sleep(8000);
  await stack.pulumi("cancel", "--yes");
}
