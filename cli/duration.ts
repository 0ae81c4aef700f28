import { CommandError } from "./commandError.js";

const hours: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24, y: 365 * 24 };

/** Reads a time such as `36h`, `90d`, `12w` or `1y`, in milliseconds. @throws CommandError (2) for anything else */
export function parseDuration(text: string, option: string): number {
  const [, count, unit = ""] = /^(\d{1,5})([hdwy])$/.exec(text.trim()) ?? [];
  const factor = hours[unit];
  if (count === undefined || factor === undefined) {
    throw new CommandError(
      `${option} is ${JSON.stringify(text)}, which is not a time. Write a number with h, d, w or y behind it, such as 90d.`,
      2,
    );
  }
  return Number(count) * factor * 3_600_000;
}
