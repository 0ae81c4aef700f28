import type { RowRecord } from "../../table/record.js";
import type { Seen, Unfinished } from "../situation.js";

/**
 * Whether somebody else created the device that the account has under the id: its creation time differs from the recorded one, and no run of
 * this stack created it.
 */
export function isForeign(
  seen: Seen & { kind: "present" },
  record: RowRecord,
  log: Unfinished | undefined,
): boolean {
  if (record.createdAt === undefined || seen.createdAt === undefined) return false;
  return record.createdAt !== seen.createdAt && log?.verdict !== "ours";
}
