import { tell } from "../terminal.js";

/** What a stop without saving would cost: nothing in a preview, the record of all that was done in an operation. */
export type AtStake = "nothing" | "state";

/** The answer to a signal while nothing can have changed yet. */
export const NOTHING_CHANGED = "Interrupted: nothing was changed.";

/** The answer to a signal after the engine has ended. */
export const SUMMARY_MISSING = "Interrupted: the engine has ended, and only the summary is missing.";

const INSIST_MS = 10_000;

const WAITING =
  "Interrupted: the engine begins nothing new, finishes what is in flight, and saves the state; please wait.";
const WARNING =
  "The engine is still working: to stop it without saving, which can lose new keys, press Ctrl-C again within " +
  `${INSIST_MS / 1000} s.`;
const STOPPED =
  "Stopped without saving: run the same command again, after `pulumi cancel` if the stack is locked.";

/** What signals can be sent to. */
export interface Engine {
  kill(signal: "SIGINT"): boolean;
}

/**
 * Answers the signals of a user while an engine runs. The engine receives the first as SIGINT: it finishes what is in flight,
 * and saves. Another SIGINT makes the engine stop at once. So the second signal gets a warning only, and the engine receives
 * the next one within ten seconds. SIGTERM and SIGHUP, which no person sends, reach the engine once only.
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
  readonly passedOn: () => number;
} {
  let passedOn = 0;
  let warnedAt: number | undefined;
  const pass = (): void => {
    passedOn++;
    engine.kill("SIGINT");
  };
  return {
    passedOn: () => passedOn,
    onSignal(signal) {
      if (passedOn === 0) {
        answer(atStake === "state" ? WAITING : NOTHING_CHANGED);
        pass();
      } else if (signal !== "SIGINT" || passedOn > 1) {
        // The engine ends already.
      } else if (atStake === "nothing") {
        pass();
      } else if (warnedAt !== undefined && now() - warnedAt <= INSIST_MS) {
        answer(STOPPED);
        pass();
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
 * Does work of the command itself, between the runs of the engine. A signal ends the command at once.
 * @param answer what the user reads then
 */
export async function interruptible<T>(answer: string, work: () => Promise<T>): Promise<T> {
  const stopListening = listenForSignals(() => {
    tell(answer);
    process.exit(1);
  });
  try {
    return await work();
  } finally {
    stopListening();
  }
}
