import { SingleBar } from "cli-progress";
import { batchText } from "../../provider/engine/progress.js";
import { STEP_WORDS } from "../../provider/reconcile/run/stepWords.js";
import { count, figure, widthOf, wrapped } from "../terminal.js";
import type { ProviderNews } from "./providerNews.js";

/** The progress of an operation. */
export interface Progress {
  /** The number of resources that the engine has finished. */
  readonly resources: number;
  readonly failed: number;
  readonly news: ProviderNews;
  /** Time since the start, in milliseconds. */
  readonly elapsedMs: number;
}

/** Shows the progress of an operation. */
export interface Meter {
  update(progress: Progress): void;
  /** Prints a line between the updates. */
  printNote(text: string): void;
  stop(): void;
}

/** A bar on a terminal, or lines in a log. */
export function meter(what: string, stream: NodeJS.WriteStream): Meter {
  return stream.isTTY ? barMeter(what, stream) : lineMeter(what, (line) => stream.write(`${line}\n`));
}

function barMeter(what: string, stream: NodeJS.WriteStream): Meter {
  let bar: { readonly single: SingleBar; readonly step: string | undefined } | undefined;
  const started = (step: string | undefined): SingleBar => {
    if (bar !== undefined && bar.step === step) return bar.single;
    bar?.single.stop();
    const single = new SingleBar({
      format: step === undefined ? `${what} {more}` : `${what} [{bar}] {more}`,
      stream,
      barsize: 24,
      barCompleteChar: "#",
      barIncompleteChar: "-",
      hideCursor: true,
      clearOnComplete: true,
      emptyOnZero: true,
      forceRedraw: true,
      // The runner of the engine handles signals.
      gracefulExit: false,
    });
    single.start(0, 0, { more: "" });
    bar = { single, step };
    return single;
  };
  return {
    update(progress) {
      const { now } = progress.news;
      const single = started(now?.step);
      single.setTotal(now?.total ?? 0);
      single.update(now?.done ?? 0, { more: described(progress) });
    },
    printNote(text) {
      // A bar redraws its own line and would overwrite the text. Stop it; the next update starts a new bar below.
      bar?.single.stop();
      bar = undefined;
      stream.write(`${wrapped(text, widthOf(stream))}\n`);
    },
    stop() {
      bar?.single.stop();
    },
  };
}

const EVERY_MS = 10_000;
const EVERY_PERCENT = 10;
const LEAST_MS = 1_000;

/**
 * Prints a line every ten seconds, and one every ten percent of a step.
 * @internal
 */
export function lineMeter(what: string, write: (line: string) => void): Meter {
  let last: { readonly at: number; readonly step: string | undefined; readonly percent: number } = {
    at: 0,
    step: undefined,
    percent: 0,
  };
  return {
    update(progress) {
      const { elapsedMs, news } = progress;
      const percent = percentOf(news);
      const advanced = news.now?.step !== last.step || percent >= last.percent + EVERY_PERCENT;
      const since = elapsedMs - last.at;
      if (since < EVERY_MS && !(advanced && since >= LEAST_MS)) return;
      last = { at: elapsedMs, step: news.now?.step, percent };
      write(`${what}: ${described(progress)}`);
    },
    printNote: write,
    stop() {
      // The summary follows.
    },
  };
}

function percentOf({ now }: ProviderNews): number {
  return now === undefined || now.total === 0 ? 0 : (now.done / now.total) * 100;
}

/** @internal `onboarding: 312 of 1,000 devices; 3 retries; 12 devices wait for their first connect; 65 s` */
export function described({ resources, failed, news, elapsedMs }: Progress): string {
  const { now, batch, waiting } = news;
  const retries = [...news.retries.values()].reduce((sum, each) => sum + each, 0);
  return [
    ...(batch === undefined ? [] : [batchText(batch)]),
    now === undefined
      ? count(resources, "resource")
      : `${stepWord(now.step)}: ${figure(now.done)} of ${count(now.total, "device")}`,
    ...(failed > 0 ? [`${count(failed, "resource")} failed`] : []),
    ...(retries > 0 ? [count(retries, "retry", "retries")] : []),
    ...(waiting > 0
      ? [
          `${count(waiting, "device waits", "devices wait")} for ${waiting === 1 ? "its" : "their"} first connect`,
        ]
      : []),
    `${Math.round(elapsedMs / 1000)} s`,
  ].join("; ");
}

function stepWord(step: string): string {
  return new Map(Object.entries(STEP_WORDS)).get(step) ?? step;
}
