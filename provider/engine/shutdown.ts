/** What ends a process, as Node's `process` does. */
export interface Ending {
  once(event: "SIGINT", listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * Tasks for the end of a process. The engine sends SIGINT, waits a few seconds, then kills; a process that is killed outright runs
 * none of them.
 */
export class Shutdown {
  readonly #tasks: (() => void)[] = [];

  constructor(private readonly ending: Ending) {}

  /** Runs a task, synchronously, when the engine ends this process. */
  add(task: () => void): void {
    this.#tasks.push(task);
    if (this.#tasks.length > 1) return;
    // A handler of our own replaces Node's default of exiting.
    this.ending.once("SIGINT", () => {
      try {
        for (const each of this.#tasks) each();
      } finally {
        this.ending.exit(0);
      }
    });
  }
}
