/** Durations such as `36h`, `90d`, `12w` or `2y`. A year has 365 days. */

/** A duration, as it was written and in hours. */
export interface Duration {
  readonly text: string;
  readonly hours: number;
}

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24, y: 365 * 24 };

/** Parses a duration; `undefined` for anything else. */
export function readDuration(text: string): Duration | undefined {
  const [, count, unit = ""] = /^(\d{1,5})([hdwy])$/.exec(text) ?? [];
  const factor = HOURS[unit];
  return count === undefined || factor === undefined ? undefined : { text, hours: Number(count) * factor };
}
