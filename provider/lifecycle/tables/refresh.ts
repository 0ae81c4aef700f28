import { configInAccount } from "../../fleet/config.js";
import { FIRST_GENERATION } from "../../fleet/rotation.js";
import { RedoLog } from "../../journal/log.js";
import { generationsOf } from "../../reconcile/plan/credentials/generations.js";
import { MISSING_NOW, HIDDEN, keep, note, REPLACED } from "../../reconcile/plan/finding.js";
import type { Seen } from "../../reconcile/plan/situation.js";
import type { TableFinding } from "../../reconcile/plan/tablePlan.js";
import { readRows } from "../../reconcile/run/readRows.js";
import { sameMembers } from "../../reconcile/table/members.js";
import type { Records, RowRecord } from "../../reconcile/table/record.js";
import type { Row } from "../../reconcile/table/row.js";
import type { Session } from "../session/session.js";
import { requireTeam } from "../session/team.js";
import { logFindings } from "./findings/journal.js";
import { logName } from "./redoLog.js";
import { reportFindings } from "./report.js";
import type { DeclaredTable, RecordedTable } from "./table.js";

/** Reads all recorded rows again. Devices that the API key may not see are kept. */
export async function refreshTable(
  session: Session,
  table: DeclaredTable,
  state: RecordedTable,
): Promise<Records> {
  const { title } = table;
  const cloud = await session.cloud();
  requireTeam(cloud.account, state.team, title);
  const rows = [...state.records].flatMap(([id, { row, outcome }]) =>
    row === undefined || outcome.kind === "waiting"
      ? []
      : [
          {
            id,
            way: row.way,
            expected: "present" as const,
            withShadow: row.config !== undefined,
          },
        ],
  );
  const seen = await readRows(cloud, rows);
  const records = new Map<string, RowRecord>();
  const missing: string[] = [];
  const hidden: string[] = [];
  const replaced: string[] = [];
  for (const [id, record] of state.records) {
    const each = seen.get(id);
    if (each === undefined || record.row === undefined) {
      records.set(id, record);
    } else if (each.kind === "hidden") {
      hidden.push(id);
      records.set(id, { ...record, outcome: { kind: "hidden" } });
    } else if (each.kind === "absent") {
      missing.push(id);
      // The next `up` onboards the device again with the same key.
      records.set(id, {
        ...record,
        ...keptGenerations(record),
        row: undefined,
        createdAt: undefined,
        jobId: undefined,
      });
    } else if (
      record.createdAt !== undefined &&
      each.createdAt !== undefined &&
      each.createdAt !== record.createdAt
    ) {
      replaced.push(id);
      records.set(id, { ...record, outcome: { kind: "replaced", createdAt: each.createdAt } });
    } else {
      const found = rowInAccount(record.row, each, record.keepsName);
      const outcome =
        record.outcome.kind === "hidden" || record.outcome.kind === "replaced"
          ? ({ kind: "done" } as const)
          : record.outcome;
      records.set(id, { ...record, row: found, createdAt: record.createdAt ?? each.createdAt, outcome });
    }
  }
  const name = logName(session, table);
  const log = name === undefined ? undefined : RedoLog.read(session.journalFolder, name);
  const rowFindings: TableFinding[] = [
    { ...note(MISSING_NOW), ids: missing },
    { ...keep(HIDDEN), ids: hidden },
    { ...keep(REPLACED), ids: replaced },
  ];
  reportFindings(session, title, [
    ...(log === undefined ? [] : logFindings(log, state)),
    ...rowFindings.filter(({ ids }) => ids.length > 0),
  ]);
  return records;
}

/** The generation of a row whose line is removed. The first needs no record. */
function keptGenerations(record: RowRecord): Pick<RowRecord, "rotation"> {
  const had = generationsOf(record, record.row);
  if (record.rotation !== undefined || had === undefined) return {};
  const { generation, order } = had;
  return generation === FIRST_GENERATION.generation ? {} : { rotation: { generation, order, at: "" } };
}

/** The row as the account shows it, so that a comparison shows the drift. */
function rowInAccount(row: Row, seen: Seen & { kind: "present" }, keepsName: boolean): Row {
  const tags = sameMembers(seen.tags, row.tags) ? row.tags : seen.tags;
  // Only the declared keys count, because others set the other keys.
  const config =
    row.config !== undefined && seen.shadow?.kind === "read"
      ? { config: configInAccount(seen.shadow.desired, row.config) }
      : {};
  if (row.way === "attestation") return { ...row, tags, ...config };
  const name = row.name === undefined && keepsName ? undefined : seen.name;
  // nRF Cloud sets a sub-type where the row declares none.
  const subType = row.subType === undefined ? undefined : (seen.subType ?? row.subType);
  return { ...row, tags, name, subType, ...config };
}
