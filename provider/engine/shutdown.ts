/** How this process ends. `orderly`: the engine waited for every call, so it has all answers in hand. */
export interface Shutdown {
  readonly orderly: boolean;
}

const tasks: ((shutdown: Shutdown) => void)[] = [];
let callsUnderWay = 0;

/**
 * Runs a task, synchronously, when the engine ends this process: it sends SIGINT, waits a few seconds, then kills. A
 * process that is killed outright, or whose engine is, runs nothing.
 */
export function onShutdown(task: (shutdown: Shutdown) => void): void {
  tasks.push(task);
  if (tasks.length > 1) return;
  // A handler of our own replaces Node's default of exiting.
  process.once("SIGINT", () => {
    // An engine that is interrupted twice ends its plugins in the middle of their calls, and saves nothing.
    const orderly = callsUnderWay === 0;
    for (const each of tasks) each({ orderly });
    process.exit(0);
  });
}

/** Does a call of the engine, so that a shutdown in the middle of it is known for what it is. */
export async function underWay<T>(call: () => Promise<T>): Promise<T> {
  callsUnderWay++;
  try {
    return await call();
  } finally {
    callsUnderWay--;
  }
}
