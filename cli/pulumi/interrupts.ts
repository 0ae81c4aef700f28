/** What a stop without saving would cost: nothing in a preview, the record of all that was done in an operation. */
export type AtStake = "nothing" | "state";

const INSIST_MS = 10_000;

const WAITING =
  "Interrupted: the engine begins nothing new, finishes what is in flight, and saves the state; please wait.";
const WARNING =
  "The engine is still working: to stop it without saving, which can lose new keys, press Ctrl-C again within " +
  `${INSIST_MS / 1000} s.`;
const STOPPED =
  "Stopped without saving: run the same command again, and if the stack is locked, `pulumi cancel` before.";

/** Takes the signals that an engine is sent. */
export interface Engine {
  kill(signal: "SIGINT"): boolean;
}

/**
 * Decides what becomes of each signal while an engine runs. The first is passed on as SIGINT: the engine waits
 * for what is in flight, and saves. Another SIGINT would make it stop at once, so the second is only answered with a
 * warning, and the next one within ten seconds is passed on. A wish to end that no person makes (SIGTERM, SIGHUP) is passed on
 * once, and never becomes that order.
 *
 * @param now the time in milliseconds
 */
export function interrupts(
  engine: Engine,
  atStake: AtStake,
  tell: (text: string) => void,
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
        tell(atStake === "state" ? WAITING : "Interrupted: nothing was changed.");
        pass();
      } else if (signal !== "SIGINT" || passedOn > 1) {
        // It ends as it was told already.
      } else if (atStake === "nothing") {
        pass();
      } else if (warnedAt !== undefined && now() - warnedAt <= INSIST_MS) {
        tell(STOPPED);
        pass();
      } else {
        warnedAt = now();
        tell(WARNING);
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
