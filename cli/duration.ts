import { readDuration } from "../provider/fleet/duration.js";
import { CommandError } from "./commandError.js";

/** Reads a time such as `36h`, `90d`, `12w` or `1y`, in milliseconds. @throws CommandError (2) for anything else */
export function parseDuration(text: string, option: string): number {
  const duration = readDuration(text.trim());
  if (duration === undefined) {
    throw new CommandError(
      `${option} is ${JSON.stringify(text)}, which is not a time. Write a number followed by h, d, w or y, such as 90d.`,
      2,
    );
  }
  return duration.hours * 3_600_000;
}
