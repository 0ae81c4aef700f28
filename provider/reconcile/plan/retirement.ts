import type { RowRecord } from "../table/record.js";
import type { Row } from "../table/row.js";

/** A retired device as the state has it. */
export type RetiredRecord = Partial<Pick<RowRecord, "retiredAt" | "deletedAt">>;

/**
 * How a retired device stands: `kept` until its term ends, `due` to be deleted or released, or `gone`. `undefined` where it has not been
 * retired yet, or is not retired.
 */
export type Retirement =
  { readonly kind: "kept" | "due"; readonly until: Date } | { readonly kind: "gone" } | undefined;

/** @param row as it is declared, or as it was recorded where it is not declared any more */
export function retirementOf(record: RetiredRecord | undefined, row: Row | undefined, now: Date): Retirement {
  if (row?.retired === undefined || record === undefined) return undefined;
  if (record.deletedAt !== undefined) return { kind: "gone" };
  if (record.retiredAt === undefined) return undefined;
  const until = new Date(Date.parse(record.retiredAt) + row.retired.hours * 3_600_000);
  return { kind: now < until ? "kept" : "due", until };
}

/**
 * A row as it is declared, or where it is retired, as it was with the retirement: such a device gets nothing but its tags, so that a list of
 * retired ids need not repeat how each was onboarded.
 */
export function asRetired(before: Row | undefined, declared: Row): Row {
  if (declared.retired === undefined || before === undefined) return declared;
  const { tags, protect, retired } = declared;
  return { ...before, tags, protect, retired };
}
