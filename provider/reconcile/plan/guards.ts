import { type Amount, amountText, resolveAmount } from "../../fleet/amount.js";
import { groupPairs } from "../../fleet/groupBy.js";
import type { TablePlan, Tables } from "./tablePlan.js";
import { retirementOf } from "./retirement.js";
import type { RowPlan } from "./row/rowPlan.js";
import { devices, idRanges } from "./summary/ids.js";

export interface Guards {
  readonly maxDeletes: Amount | undefined;
  /** How many devices this run may delete or release, even if `maxDeletes` allows fewer. */
  readonly allowedDeletes: number | undefined;
  /** Whether retired devices are kept until their time is over: not where the whole table is destroyed. */
  readonly keepsRetired: boolean;
}

/** The reasons why guards forbid a plan. */
export function guardRefusals(
  tables: Tables,
  { rows, leaving }: Pick<TablePlan, "rows" | "leaving">,
  unfinished: readonly string[],
  guards: Guards,
): string[] {
  return [
    ...whyProtected(rows, leaving),
    ...whyTooMany(rows, leaving, tables.recorded.size, guards),
    ...whyRetired(leaving, tables, guards),
    ...whyUnfinished(unfinished),
  ];
}

function whyProtected(rows: ReadonlyMap<string, RowPlan>, leaving: readonly string[]): string[] {
  const forbidden = leaving.filter((id) => {
    const change = rows.get(id)?.change;
    return change !== undefined && "before" in change && change.before.protect;
  });
  if (forbidden.length === 0) return [];
  return [
    `This operation would delete, replace or release protected devices: ${idRanges(forbidden)}. Nothing was changed.\n` +
      "If you want that, first remove `protect: true`, change nothing else, and run `up`. The next run may then delete them.",
  ];
}

function whyTooMany(
  rows: ReadonlyMap<string, RowPlan>,
  leaving: readonly string[],
  size: number,
  { maxDeletes, allowedDeletes = 0 }: Guards,
): string[] {
  if (maxDeletes === undefined) return [];
  const allowed = resolveAmount(maxDeletes, size);
  if (leaving.length <= Math.max(allowed, allowedDeletes)) return [];
  const replaced = leaving.filter((id) => rows.get(id)?.change.kind === "replace");
  const removed = leaving.filter((id) => rows.get(id)?.change.kind !== "replace");
  const parts = [
    ...(removed.length === 0
      ? []
      : [`- ${devices(removed.length)} deleted or released: ${idRanges(removed)}`]),
    ...(replaced.length === 0 ? [] : [`- ${devices(replaced.length)} replaced: ${idRanges(replaced)}`]),
  ];
  return [
    `This operation would delete, replace or release ${devices(leaving.length)} of ${size}, but maxDeletes (${amountText(maxDeletes)}) ` +
      `allows ${allowed}. Nothing was changed.\n${parts.join("\n")}\n` +
      `If you want that, run again with NRF_CLOUD_ALLOW_DELETES=${leaving.length}, or raise maxDeletes in the fleet file.`,
  ];
}

/** A retired device is kept until its time is over, even if its row is removed. */
function whyRetired(
  leaving: readonly string[],
  { recorded, now }: Tables,
  { allowedDeletes = 0, keepsRetired }: Guards,
): string[] {
  if (!keepsRetired) return [];
  const kept = leaving.flatMap((id) => {
    const record = recorded.get(id);
    const retirement = retirementOf(record, record?.row, now);
    return retirement?.kind === "kept" ? [[retirement.until.toISOString().slice(0, 10), id] as const] : [];
  });
  if (kept.length <= allowedDeletes) return [];
  const days = [...groupPairs(kept)].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    `This operation would delete, replace or release ${devices(kept.length)} before the end of the time for which retired devices are kept. ` +
      `Nothing was changed.\n${days.map(([day, ids]) => `- kept until ${day}: ${idRanges(ids)}`).join("\n")}\n` +
      `Declare them as retired until then. If you want to delete them now, run again with NRF_CLOUD_ALLOW_DELETES=${leaving.length}.`,
  ];
}

/**
 * This run would save a state, and the journal then drops its older entries. They have the only keys of the devices that `--only` leaves out.
 */
function whyUnfinished(ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  return [
    `An interrupted run began to change ${devices(ids.length)} that \`--only\` leaves out: ${idRanges(ids)}. Nothing was changed.\n` +
      "Only the next run can resume it. Run without `--only` first, or choose these devices too.",
  ];
}
