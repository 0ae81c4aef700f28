/** The part of Node's `process` that ends it. */
export interface EndableProcess {
  once(event: "SIGINT", listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * Tasks for the end of a process. The engine sends SIGINT, waits a few seconds, then kills the process. A process that is killed
 * immediately does not run them.
 */
export class Shutdown {
  readonly #tasks: (() => void)[] = [];

  constructor(private readonly endable: EndableProcess) {}

  /** Runs a synchronous task when the engine ends this process. */
  add(task: () => void): void {
    this.#tasks.push(task);
    if (this.#tasks.length > 1) return;
    // A handler replaces Node's default, which is to exit.
    this.endable.once("SIGINT", () => {
      try {
        for (const each of this.#tasks) each();
      } finally {
        this.endable.exit(0);
      }
    });
  }
}
