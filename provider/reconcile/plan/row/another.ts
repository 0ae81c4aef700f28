import type { RowRecord } from "../../table/record.js";
import type { Seen, Unfinished } from "../situation.js";

/** Whether the account has another device under the id than the state: one of another time, that no run of this stack created. */
export function isAnother(
  seen: Seen & { kind: "present" },
  record: RowRecord,
  log: Unfinished | undefined,
): boolean {
  if (record.createdAt === undefined || seen.createdAt === undefined) return false;
  return record.createdAt !== seen.createdAt && log?.verdict !== "ours";
}
