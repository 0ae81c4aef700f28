import type { Batch, StepLine } from "../../provider/engine/progress.js";
import { entry } from "../json.js";

/** The progress that the provider has reported. */
export interface ProviderNews {
  /** The present step. Before the first step the provider reads the account. */
  readonly now: Pick<StepLine, "step" | "done" | "total"> | undefined;
  /** The present batch of a roll-out. */
  readonly batch: Batch | undefined;
  /** Devices that wait for their first connect. */
  readonly waiting: number;
  /** The number of retried requests, by step. */
  readonly retries: ReadonlyMap<string, number>;
}

export const NO_NEWS: ProviderNews = { now: undefined, batch: undefined, waiting: 0, retries: new Map() };

/** Applies one more line. Unreadable and unknown lines change nothing. */
export function withLine(news: ProviderNews, text: string): ProviderNews {
  const line = parsed(text);
  const batch = readBatch(entry(line, "batch"));
  if (batch !== undefined) return { ...news, batch };
  const read = readStep(line);
  if (read === undefined) return news;
  const { step, done, total, waiting, retries } = read;
  return {
    ...news,
    now: { step, done, total },
    waiting,
    retries: news.retries.get(step) === retries ? news.retries : new Map(news.retries).set(step, retries),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readBatch(value: unknown): Batch | undefined {
  const [number, of] = [entry(value, "number"), entry(value, "of")];
  return typeof number === "number" && typeof of === "number" ? { number, of } : undefined;
}

function readStep(line: unknown): Omit<StepLine, "ms"> | undefined {
  const step = entry(line, "step");
  const [done, total, waiting, retries] = ["done", "total", "waiting", "retries"].map((key) =>
    entry(line, key),
  );
  if (
    typeof step !== "string" ||
    typeof done !== "number" ||
    typeof total !== "number" ||
    typeof waiting !== "number" ||
    typeof retries !== "number"
  )
    return undefined;
  return { step, done, total, waiting, retries };
}
