import type { ProgressLine } from "../../provider/engine/progress.js";
import { entry } from "../json.js";

/** What the provider has told of its work so far. */
export interface ProviderNews {
  readonly batchesSent: number;
  readonly batchesEnded: number;
  /** Devices that wait for their first connect. */
  readonly waiting: number;
}

export const NO_NEWS: ProviderNews = { batchesSent: 0, batchesEnded: 0, waiting: 0 };

/** The news after one more line; a line that can't be read changes nothing. */
export function withLine(news: ProviderNews, text: string): ProviderNews {
  const line = parseLine(text);
  if (line === undefined) return news;
  if ("waiting" in line) return { ...news, waiting: line.waiting };
  return line.batch === "sent"
    ? { ...news, batchesSent: news.batchesSent + 1 }
    : { ...news, batchesEnded: news.batchesEnded + 1 };
}

function parseLine(text: string): ProgressLine | undefined {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return undefined;
  }
  const [batch, id, rows, waiting] = ["batch", "id", "rows", "waiting"].map((key) => entry(line, key));
  if (typeof waiting === "number") return { waiting };
  if ((batch === "sent" || batch === "ended") && typeof id === "number" && typeof rows === "number")
    return { batch, id, rows };
  return undefined;
}
