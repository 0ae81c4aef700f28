const HOURS = { h: 1, d: 24, w: 24 * 7 } as const;

/** Hours of a time span such as `36h`, `90d` or `12w`; `undefined` where it is none. */
export function readDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,6})([hdw])$/.exec(text) ?? [];
  if (amount === undefined || (unit !== "h" && unit !== "d" && unit !== "w")) return undefined;
  return Number(amount) * HOURS[unit];
}
