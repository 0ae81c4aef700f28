import type { Step } from "../../plan/step.js";
import { EMPTY_RECORD, type RowOutcome, type RowRecord } from "../../table/record.js";
import type { RowRun } from "../rowRun.js";
import { credentialAfter, credentialIn } from "./credential.js";
import { presentRecord } from "./present.js";
import { isOfAnother, rotationAfter, rotationOf } from "./rotation.js";
import { withSettings } from "./settings.js";

/** The record of a failed row: what the account has of it, and every key that may be in use. */
export function failedRecord(run: RowRun, reason: string): RowRecord | undefined {
  const { record, declared } = run;
  const outcome: RowOutcome = { kind: "failed", reason };
  const resumed = resumedRecord(run, outcome);
  if (resumed !== undefined) return resumed;
  const isPresent = run.arrived && run.seen !== undefined;
  if (record?.row === undefined && !isPresent) return absentRecord(run, outcome);
  if (declared === undefined || record === undefined)
    return record === undefined ? reachedRecord(run, outcome) : { ...record, outcome };
  // The replacement deleted the former device, and did not create the new one.
  if (run.did("delete") && !isPresent) {
    const kept = run.mayBeCreated ? credentialAfter(run) : {};
    return { ...EMPTY_RECORD, ...kept, jobId: run.jobId, outcome };
  }
  if (CREDENTIAL_STEPS.some((kind) => run.did(kind)) || isPresent) return reachedRecord(run, outcome);
  const row = record.row === undefined ? undefined : withSettings(run, record.row, record.row);
  // Which key a claimed device has was read from nRF Cloud, so it is true whatever failed in this run.
  const rotation = run.plan.key === undefined ? {} : rotationAfter(run);
  return { ...record, ...rotation, row, outcome };
}

const CREDENTIAL_STEPS: readonly Step["kind"][] = ["register", "next", "renew"];

/** The record of a device that the account does not have, or does not show yet. */
function absentRecord(run: RowRun, outcome: RowOutcome): RowRecord {
  // A key that nRF Cloud never registered is dropped, and the next run makes another. A key that nRF Cloud issued exists nowhere else.
  const isKept = run.mayBeCreated || run.declared?.way === "jitp";
  const kept = isKept ? { ...credentialAfter(run), ...rotationAfter(run) } : {};
  const jobId = run.mayBeCreated ? (run.jobId ?? run.record?.jobId) : undefined;
  return { ...EMPTY_RECORD, ...kept, jobId, outcome };
}

/** The record of a device that an interrupted run created. The journal drops its entry with this state, so the record must have all of it. */
function resumedRecord(run: RowRun, outcome: RowOutcome): RowRecord | undefined {
  const { log, seen, declared } = run;
  if (log?.verdict !== "ours" || log.row === undefined || seen === undefined) return undefined;
  if (!isOfAnother(run) || REPLACING.some((kind) => run.did(kind))) return undefined;
  const isRotated = declared !== undefined && CREDENTIAL_STEPS.some((kind) => run.did(kind));
  const reached = isRotated ? declared : log.row;
  return {
    ...(run.did("register") ? credentialAfter(run) : credentialIn(run.logged)),
    ...rotationOf(run, reached, log),
    row: run.has("delete") ? log.row : withSettings(run, reached, log.row),
    createdAt: seen.createdAt,
    jobId: undefined,
    keepsName: false,
    outcome,
  };
}

/** After one of these steps the account has another device than before, or none. */
const REPLACING: readonly Step["kind"][] = ["delete", "dissociate", "unclaim", "onboard"];

function reachedRecord(run: RowRun, outcome: RowOutcome): RowRecord | undefined {
  const { declared, record } = run;
  if (declared === undefined) return record;
  return presentRecord(run, declared, withSettings(run, declared, record?.row), outcome);
}
