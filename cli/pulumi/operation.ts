import { meter } from "../progress/meter.js";
import { NO_NEWS, withLine } from "../progress/providerNews.js";
import type { EngineEvent, Remark, Step } from "./events.js";
import { interrupts, listenForSignals, type AtStake } from "./interrupts.js";
import { runOperation } from "./run.js";
import { isChange } from "./steps.js";
import type { Target } from "./target.js";

export interface Operation {
  readonly args: readonly string[];
  /** More of the engine's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is done, in a word for the progress: `Applying`. */
  readonly what: string;
  readonly atStake: AtStake;
  /** Whether to remember what stays as it is, too. */
  readonly withSame?: boolean;
}

/** What an operation did, from the events of the engine. */
export interface Outcome {
  readonly ok: boolean;
  /** `asked to end`: it waited for what was in flight. `stopped`: it was told not to. */
  readonly interrupted: "no" | "asked to end" | "stopped";
  /** Steps that were started and change something, or would in a preview, in order. */
  readonly started: readonly Step[];
  /** Of what stays as it is, where it was asked for. */
  readonly same: readonly Step[];
  readonly done: readonly Step[];
  readonly failed: readonly Step[];
  readonly remarks: readonly Remark[];
  /** Number of resources by what was done to each; `undefined` where the engine did not get to its summary. */
  readonly changes: Readonly<Record<string, number>> | undefined;
  /** What the CLI said outside its events. */
  readonly errorOutput: string;
}

const DRAW_MS = 200;

/** Runs an operation of the engine, shows how far it is, and passes on signals with words. */
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

  const shown = meter(what, process.stderr);
  const began = Date.now();
  const draw = setInterval(() => {
    shown.update({ resources, failed: failed.length, news, elapsedMs: Date.now() - began });
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
          shown.tell(text);
        });
        stopListening = listenForSignals(signals.onSignal);
      },
    });
    const sent = signals?.passedOn() ?? 0;
    const interrupted = sent === 0 ? "no" : sent === 1 ? "asked to end" : "stopped";
    return { ...ended, interrupted, started, same, done, failed, remarks, changes };
  } finally {
    stopListening?.();
    clearInterval(draw);
    shown.stop();
  }
}
