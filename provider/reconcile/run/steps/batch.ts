import type { Clock } from "../../../engine/clock.js";
import type { Progress } from "../../../engine/progress.js";
import type { LogRow } from "../../../journal/entry.js";
import type { Cloud } from "../../../lifecycle/session/session.js";
import type { Issuer, MadeCredential } from "../../../ways/preconnect/credential.js";
import type { Step } from "../../plan/step.js";
import { formatRow } from "../../table/formatRow.js";
import type { Calls } from "../calls.js";
import type { RowRun } from "../rowRun.js";
import type { StepLog } from "../stepLog.js";

/** What a run needs beside the plan. */
export interface RunContext {
  readonly cloud: Cloud;
  readonly calls: Calls;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly log: StepLog;
  readonly issuer: Issuer;
  /** Whether the user has interrupted the run. */
  readonly isStopped: () => boolean;
}

export interface Batch {
  readonly context: RunContext;
  /** What devices bring: PEM texts, ownership codes, tokens. Secret. */
  readonly materials: ReadonlyMap<string, string>;
  readonly rows: readonly RowRun[];
}

/** The rows that still need a step. */
export function rowsTo(kind: Step["kind"], rows: readonly RowRun[]): readonly RowRun[] {
  return rows.filter((row) => row.step(kind) !== undefined);
}

/** An empty ending, which is filled as calls end. */
export function noneEnded(): { done: string[]; refused: string[]; unsettled: string[] } {
  return { done: [], refused: [], unsettled: [] };
}

/** The most rows in one line of the journal. */
export const LOGGED_TOGETHER = 1000;

export function loggedRow({ id, declared, record, log }: RowRun): LogRow {
  const row = declared ?? record?.row ?? log?.row;
  return { id, line: row === undefined ? "" : formatRow(row) };
}

export function keptOf({
  fingerprint,
  certificate,
  privateKey,
}: MadeCredential): Omit<LogRow, "id" | "line"> {
  return { fingerprint, certificate, privateKey };
}

export function chunks<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  const all: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += size) all.push(items.slice(start, start + size));
  return all;
}
