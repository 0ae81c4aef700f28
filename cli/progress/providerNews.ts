import type { Batch, StepLine } from "../../provider/engine/progress.js";
import { entry } from "../json.js";

/** What the provider has told of its work so far. */
export interface ProviderNews {
  /** What it does now. Before the first step it looks at the account. */
  readonly now: Pick<StepLine, "step" | "done" | "total"> | undefined;
  /** The batch that a roll-out is at. */
  readonly batch: Batch | undefined;
  /** Devices that wait for their first connect. */
  readonly waiting: number;
  /** Requests that were sent once more, by the step that they were for. */
  readonly retries: ReadonlyMap<string, number>;
}

export const NO_NEWS: ProviderNews = { now: undefined, batch: undefined, waiting: 0, retries: new Map() };

/** The news after one more line; a line that can't be read, or tells of something else, changes nothing. */
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
