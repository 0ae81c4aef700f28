import type { RowOutcome, RowRecord } from "../../table/record.js";
import type { Row } from "../../table/row.js";
import type { RowRun } from "../rowRun.js";
import { credentialAfter } from "./credential.js";
import { rotationAfter } from "./rotation.js";
import { createdAtAfter, keepsName } from "./settings.js";

/**
 * The record of a device that is in the account.
 * @param row what the run has reached of the declared row
 */
export function presentRecord(run: RowRun, declared: Row, row: Row, outcome: RowOutcome): RowRecord {
  return {
    ...credentialAfter(run),
    ...rotationAfter(run),
    row,
    createdAt: createdAtAfter(run),
    jobId: undefined,
    keepsName: keepsName(run),
    ...retirementOf(run, declared),
    outcome,
  };
}

function retirementOf({ record, now }: RowRun, declared: Row): Pick<RowRecord, "retiredAt"> {
  if (declared.retired === undefined) return {};
  const before = record?.row?.retired === undefined ? undefined : record.retiredAt;
  return { retiredAt: before ?? now.toISOString() };
}
