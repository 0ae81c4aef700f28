import { meter } from "../progress/meter.js";
import { NO_NEWS, withLine } from "../progress/providerNews.js";
import type { EngineEvent, Remark, Step } from "./events.js";
import { interrupts, listenForSignals, type AtStake } from "./interrupts.js";
import { runOperation } from "./run.js";
import { isChange } from "./steps.js";
import type { Target } from "./target.js";

export interface Operation {
  readonly args: readonly string[];
  /** Additional environment variables of the engine. */
  readonly env?: Readonly<Record<string, string>>;
  /** A word for the progress: `Applying`. */
  readonly what: string;
  readonly atStake: AtStake;
  /** Whether the outcome also has the steps that change nothing. */
  readonly withSame?: boolean;
}

/** The result of an operation, from the events of the engine. */
export interface Outcome {
  /** Whether everything was done. An interrupted operation is never ok. */
  readonly ok: boolean;
  /** `asked to end`: the engine finished the running work. `stopped`: it did not. */
  readonly interrupted: "no" | "asked to end" | "stopped";
  /** The started steps that change something (in a preview: that would), in order. */
  readonly started: readonly Step[];
  /** Steps that change nothing, with `withSame` only. */
  readonly same: readonly Step[];
  readonly done: readonly Step[];
  readonly failed: readonly Step[];
  readonly remarks: readonly Remark[];
  /** The number of resources by operation; `undefined` if the engine printed no summary. */
  readonly changes: Readonly<Record<string, number>> | undefined;
  /** The output of the CLI outside of its events. */
  readonly errorOutput: string;
}

const DRAW_MS = 200;

/** Runs an operation of the engine, shows its progress, and answers signals. */
export async function operate(target: Target, operation: Operation): Promise<Outcome> {
  const { args, what, atStake, withSame = false } = operation;
  const started: Step[] = [];
  const same: Step[] = [];
  const done: Step[] = [];
  const failed: Step[] = [];
  const remarks: Remark[] = [];
  let changes: Outcome["changes"];
  let resources = 0;
  let news = NO_NEWS;
  const onEvent = (event: EngineEvent): void => {
    switch (event.kind) {
      case "started":
        if (isChange(event.step)) started.push(event.step);
        else if (withSame && event.step.op === "same") same.push(event.step);
        return;
      case "done":
        resources++;
        if (isChange(event.step)) done.push(event.step);
        return;
      case "failed":
        failed.push(event.step);
        return;
      case "remark":
        remarks.push(event.remark);
        return;
      case "summary":
        changes = event.changes;
    }
  };

  const progressMeter = meter(what, process.stderr);
  const startedAt = Date.now();
  const draw = setInterval(() => {
    progressMeter.update({ resources, failed: failed.length, news, elapsedMs: Date.now() - startedAt });
  }, DRAW_MS);
  let signals: ReturnType<typeof interrupts> | undefined;
  let stopListening: (() => void) | undefined;
  try {
    const ended = await runOperation(target, args, {
      env: operation.env ?? {},
      onEvent,
      onProviderLine: (line) => {
        news = withLine(news, line);
      },
      onStart: (engine) => {
        signals = interrupts(engine, atStake, (text) => {
          progressMeter.printNote(text);
        });
        stopListening = listenForSignals(signals.onSignal);
      },
    });
    const sent = signals?.signalsSent() ?? 0;
    const interrupted = sent === 0 ? "no" : sent === 1 ? "asked to end" : "stopped";
    // A CLI that is interrupted before its engine starts exits with 0.
    const ok = ended.ok && interrupted === "no";
    return { ...ended, ok, interrupted, started, same, done, failed, remarks, changes };
  } finally {
    stopListening?.();
    clearInterval(draw);
    progressMeter.stop();
  }
}
