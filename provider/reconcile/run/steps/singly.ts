import { mayHaveTakenEffect } from "../../../cloud/errors.js";
import type { LogStep } from "../../../journal/entry.js";
import type { Step } from "../../plan/step.js";
import type { RowRun } from "../rowRun.js";
import { chunks, LOGGED_TOGETHER, loggedRow, type Batch } from "./batch.js";
import { textOf } from "./outcome.js";

/** Writes rows into the journal, makes one call for each, and confirms them together. */
export async function singly(
  batch: Batch,
  rows: readonly RowRun[],
  kind: Step["kind"],
  step: LogStep,
  call: (id: string) => Promise<void>,
  confirm: (sent: readonly RowRun[]) => Promise<void>,
): Promise<void> {
  const { log, progress } = batch.context;
  const meter = progress.step(step, rows.length);
  const sent: RowRun[] = [];
  const started = chunks(rows, LOGGED_TOGETHER).map((some) => ({
    some,
    started: log.start(step, some.map(loggedRow)),
  }));
  const unsettled = new Set<string>();
  await Promise.all(
    rows.map(async (row) => {
      try {
        await call(row.id);
        sent.push(row);
      } catch (thrown) {
        row.fail(textOf(thrown));
        if (mayHaveTakenEffect(thrown)) unsettled.add(row.id);
      }
      meter.done(1);
    }),
  );
  if (sent.length > 0) await confirm(sent);
  for (const row of sent) if (row.failed === undefined) row.succeed(kind);
  for (const { some, started: each } of started) {
    each.ended({
      done: some.filter((row) => row.did(kind)).map(({ id }) => id),
      refused: some
        .filter((row) => !row.did(kind) && !sent.includes(row) && !unsettled.has(row.id))
        .map(({ id }) => id),
      unsettled: some
        .filter((row) => !row.did(kind) && (sent.includes(row) || unsettled.has(row.id)))
        .map(({ id }) => id),
    });
  }
  meter.end();
}
