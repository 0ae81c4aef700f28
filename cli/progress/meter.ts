import { SingleBar } from "cli-progress";
import { count, figure } from "../terminal.js";
import type { ProviderNews } from "./providerNews.js";

/** How far an operation is. */
export interface Progress {
  readonly done: number;
  readonly failed: number;
  /** `undefined` while nobody knows how much there is, as in a preview. */
  readonly total: number | undefined;
  readonly news: ProviderNews;
}

/** Shows how far an operation is, in a way that suits where it is read. */
export interface Meter {
  update(progress: Progress): void;
  /** Says something in between. */
  tell(text: string): void;
  stop(): void;
}

/** A bar on a terminal; plain lines in a log. */
export function meter(what: string, stream: NodeJS.WriteStream): Meter {
  return stream.isTTY ? barMeter(what, stream) : lineMeter(what, (line) => stream.write(`${line}\n`));
}

function barMeter(what: string, stream: NodeJS.WriteStream): Meter {
  let bar: { readonly single: SingleBar; readonly total: number | undefined } | undefined;
  const begun = (total: number | undefined): SingleBar => {
    if (bar?.total === total && bar !== undefined) return bar.single;
    bar?.single.stop();
    const single = new SingleBar({
      format: total === undefined ? `${what} {duration_formatted} {more}` : `${what} [{bar}] {more}`,
      stream,
      barsize: 24,
      barCompleteChar: "#",
      barIncompleteChar: "-",
      hideCursor: true,
      clearOnComplete: true,
      emptyOnZero: true,
      forceRedraw: true,
      // Signals are answered by whoever runs the engine.
      gracefulExit: false,
    });
    single.start(total ?? 0, 0, { more: "" });
    bar = { single, total };
    return single;
  };
  return {
    update(progress) {
      begun(progress.total).update(progress.done + progress.failed, { more: described(progress) });
    },
    tell(text) {
      // A bar goes back to where it began, so the text would be lost under it. The next one begins below.
      bar?.single.stop();
      bar = undefined;
      stream.write(`${text}\n`);
    },
    stop() {
      bar?.single.stop();
    },
  };
}

const EVERY_MS = 10_000;
const EVERY_PERCENT = 10;

/**
 * A line every ten seconds or ten percent, and none where nothing has happened since the last.
 * @internal
 */
export function lineMeter(what: string, write: (line: string) => void, now: () => number = Date.now): Meter {
  let last = { at: now(), percent: 0, text: "" };
  return {
    update(progress) {
      const percent = percentOf(progress);
      const text = described(progress);
      const due = now() - last.at >= EVERY_MS || percent >= last.percent + EVERY_PERCENT;
      if (!due || text === last.text) return;
      last = { at: now(), percent, text };
      write(`${what}: ${text}`);
    },
    tell: write,
    stop() {
      // The summary follows.
    },
  };
}

function percentOf({ done, failed, total }: Progress): number {
  return total === undefined || total === 0 ? 0 : ((done + failed) / total) * 100;
}

/** @internal `312 of 1,000 done, 2 failed; 3 batches sent, 1 in flight; 12 devices wait for their first connect` */
export function described({ done, failed, total, news }: Progress): string {
  const inFlight = news.batchesSent - news.batchesEnded;
  return [
    [
      total === undefined ? count(done, "resource") : `${figure(done)} of ${figure(total)} done`,
      ...(failed > 0 ? [`${figure(failed)} failed`] : []),
    ].join(", "),
    ...(news.batchesSent > 0
      ? [
          `${count(news.batchesSent, "batch", "batches")} sent${inFlight > 0 ? `, ${figure(inFlight)} in flight` : ""}`,
        ]
      : []),
    ...(news.waiting > 0
      ? [
          `${count(news.waiting, "device waits", "devices wait")} for ${news.waiting === 1 ? "its" : "their"} first connect`,
        ]
      : []),
  ].join("; ");
}
