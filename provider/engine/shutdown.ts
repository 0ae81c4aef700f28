const tasks: (() => void)[] = [];

/**
 * Runs a task, synchronously, when the engine ends this process: it sends SIGINT, waits a few seconds, then kills. A
 * process that is killed outright runs nothing.
 */
export function onShutdown(task: () => void): void {
  tasks.push(task);
  if (tasks.length > 1) return;
  // A handler of our own replaces Node's default of exiting.
  process.once("SIGINT", () => {
    for (const each of tasks) each();
    process.exit(0);
  });
}
