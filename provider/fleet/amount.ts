/** A number of devices: a count, or a share of some. */
export type Amount =
  | { readonly kind: "count"; readonly count: number }
  /** 0 to 100. */
  | { readonly kind: "percent"; readonly percent: number };

/** Parses an amount such as 10, `"10"` or `"5%"`; undefined for anything else. */
export function readAmount(value: unknown): Amount | undefined {
  if (typeof value === "string" && /^\d{1,6}$/.test(value)) return { kind: "count", count: Number(value) };
  if (typeof value === "number" && Number.isInteger(value) && value >= 0)
    return { kind: "count", count: value };
  const percent = typeof value === "string" ? /^(\d{1,3})%$/.exec(value)?.[1] : undefined;
  return percent !== undefined && Number(percent) <= 100
    ? { kind: "percent", percent: Number(percent) }
    : undefined;
}

/** The number of devices that an amount allows out of `size`. A share is rounded down. */
export function resolveAmount(amount: Amount, size: number): number {
  return amount.kind === "count" ? amount.count : Math.floor((size * amount.percent) / 100);
}

/** The inverse of `readAmount`. */
export function amountText(amount: Amount): string {
  return amount.kind === "count" ? String(amount.count) : `${amount.percent}%`;
}
