import { printNote } from "../terminal.js";

/** What is lost if the engine stops without saving: nothing in a preview, the new state in an operation. */
export type AtStake = "nothing" | "state";

/** The message for a signal before anything can have changed. */
export const NOTHING_CHANGED = "Interrupted: nothing was changed.";

/** The message for a signal after the engine has ended. */
export const SUMMARY_MISSING = "Interrupted: the engine has ended, and only the summary is missing.";

const CONFIRM_MS = 10_000;

const WAITING =
  "Interrupted: the engine starts nothing new, finishes the running work, and saves the state; please wait.";
const WARNING =
  "The engine is still working: to stop it without saving, which can lose new keys, press Ctrl-C again within " +
  `${CONFIRM_MS / 1000} s.`;
const STOPPED =
  "The engine stopped without saving: run the same command again, after `pulumi cancel` if the stack is locked.";

export interface Engine {
  kill(signal: "SIGINT"): boolean;
}

/**
 * Handles the signals of a user while an engine runs. The engine receives the first signal as SIGINT: it finishes the running work
 * and saves. A second SIGINT would stop the engine at once, without saving. So the second signal only prints a warning, and the
 * engine receives the next one within ten seconds. SIGTERM and SIGHUP, which no person sends, reach the engine once only.
 *
 * @param now the time in milliseconds
 */
export function interrupts(
  engine: Engine,
  atStake: AtStake,
  answer: (text: string) => void,
  now: () => number = Date.now,
): {
  readonly onSignal: (signal: "SIGINT" | "SIGTERM" | "SIGHUP") => void;
  readonly signalsSent: () => number;
} {
  let signalsSent = 0;
  let warnedAt: number | undefined;
  const interruptEngine = (): void => {
    signalsSent++;
    engine.kill("SIGINT");
  };
  return {
    signalsSent: () => signalsSent,
    onSignal(signal) {
      if (signalsSent === 0) {
        answer(atStake === "state" ? WAITING : NOTHING_CHANGED);
        interruptEngine();
      } else if (signal !== "SIGINT" || signalsSent > 1) {
        // The engine ends already.
      } else if (atStake === "nothing") {
        interruptEngine();
      } else if (warnedAt !== undefined && now() - warnedAt <= CONFIRM_MS) {
        answer(STOPPED);
        interruptEngine();
      } else {
        warnedAt = now();
        answer(WARNING);
      }
    },
  };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Listens for signals to this process until the returned function is called. */
export function listenForSignals(onSignal: (signal: (typeof SIGNALS)[number]) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}

/**
 * Does the command's own work, between the runs of the engine. A signal ends the command at once.
 * @param answer the message for the user after a signal
 */
export async function interruptible<T>(answer: string, work: () => Promise<T>): Promise<T> {
  const stopListening = listenForSignals(() => {
    printNote(answer);
    process.exit(1);
  });
  try {
    return await work();
  } finally {
    stopListening();
  }
}
