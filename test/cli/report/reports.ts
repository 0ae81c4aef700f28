import { readPreview, type Preview } from "../../../cli/report/digest.js";
import { markdownOf } from "../../../cli/report/markdown.js";
import { reportOf, type Report } from "../../../cli/report/report.js";
import { preview, type Step } from "../../../tools/picture/preview.mjs";

/** A day in November 2026, and how far ahead a report looks for ends of certificates. */
export const HORIZON = { now: new Date("2026-11-23T12:00:00Z"), withinMs: 90 * 86_400_000 };

/** The report of what a preview printed, on a day in November 2026. */
export function reportFrom(printed: string | Preview): Report {
  return reportOf(typeof printed === "string" ? readPreview(printed) : printed, { horizon: HORIZON });
}

export function reportOn(...steps: Step[]): Report {
  return reportFrom(preview(steps));
}

export function markdownFrom(printed: string | Preview): string {
  return markdownOf(reportFrom(printed));
}

/** Titles of the dangers with their ids. */
export function dangersIn({ dangers }: Report): [string, readonly string[]][] {
  return dangers.map(({ title, ids }) => [title, ids]);
}
