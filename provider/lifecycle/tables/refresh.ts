import { configInAccount } from "../../fleet/config.js";
import { FIRST_GENERATION } from "../../fleet/rotation.js";
import { RedoLog } from "../../journal/log.js";
import { generationsOf } from "../../reconcile/plan/credentials/turn.js";
import { GONE_NOW, HIDDEN, keep, note, REPLACED } from "../../reconcile/plan/finding.js";
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

/** Looks at all rows of a state, and gives what they are like now. Never drops what the API key may only not see. */
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
  const gone: string[] = [];
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
      gone.push(id);
      // The key is kept: the device may be onboarded again with it.
      records.set(id, {
        ...record,
        ...heldGenerations(record),
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
    { ...note(GONE_NOW), ids: gone },
    { ...keep(HIDDEN), ids: hidden },
    { ...keep(REPLACED), ids: replaced },
  ];
  reportFindings(session, title, [
    ...(log === undefined ? [] : logFindings(log, state)),
    ...rowFindings.filter(({ ids }) => ids.length > 0),
  ]);
  return records;
}

/** Which generations are kept of a row whose line goes; the first alone goes without saying. */
function heldGenerations(record: RowRecord): Pick<RowRecord, "rotation"> {
  const had = generationsOf(record, record.row);
  if (record.rotation !== undefined || had === undefined) return {};
  const { generation, order } = had;
  return generation === FIRST_GENERATION.generation ? {} : { rotation: { generation, order, at: "" } };
}

/** A row as the account has it now, so that a comparison shows what drifted. */
function rowInAccount(row: Row, seen: Seen & { kind: "present" }, keepsName: boolean): Row {
  const tags = sameMembers(seen.tags, row.tags) ? row.tags : seen.tags;
  // Of the keys that were declared only: the others are not ours.
  const config =
    row.config !== undefined && seen.shadow?.kind === "read"
      ? { config: configInAccount(seen.shadow.desired, row.config) }
      : {};
  if (row.way === "attestation") return { ...row, tags, ...config };
  // An adopted device keeps its name until one is declared.
  const name = row.name === undefined && keepsName ? undefined : seen.name;
  // The service fills in a sub-type where none was given.
  const subType = row.subType === undefined ? undefined : (seen.subType ?? row.subType);
  return { ...row, tags, name, subType, ...config };
}
