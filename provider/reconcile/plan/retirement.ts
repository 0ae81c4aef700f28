import type { RowRecord } from "../table/record.js";
import type { Row } from "../table/row.js";

/** The part of a record that says when a device was retired and deleted. */
export type RetiredRecord = Partial<Pick<RowRecord, "retiredAt" | "deletedAt">>;

/**
 * Whether a retired device is `kept`, is `due` to be deleted or released, or is `deleted`. `undefined`: it is not retired, or the state does
 * not say so yet.
 */
export type Retirement =
  { readonly kind: "kept" | "due"; readonly until: Date } | { readonly kind: "deleted" } | undefined;

/** @param row the declared row, or the recorded one where it is not declared any more */
export function retirementOf(record: RetiredRecord | undefined, row: Row | undefined, now: Date): Retirement {
  if (row?.retired === undefined || record === undefined) return undefined;
  if (record.deletedAt !== undefined) return { kind: "deleted" };
  if (record.retiredAt === undefined) return undefined;
  const until = new Date(Date.parse(record.retiredAt) + row.retired.hours * 3_600_000);
  return { kind: now < until ? "kept" : "due", until };
}

/**
 * The row that a declaration means. A retired device changes only its tags, protection and retirement, so that a list of retired ids need not
 * repeat how each device was onboarded.
 */
export function asRetired(before: Row | undefined, declared: Row): Row {
  if (declared.retired === undefined || before === undefined) return declared;
  const { tags, protect, retired } = declared;
  return { ...before, tags, protect, retired };
}
