import { RedoLog } from "../../journal/log.js";
import { NO_TABLE_CHANGE } from "../../reconcile/plan/change.js";
import { survey } from "../../reconcile/run/survey.js";
import type { Tables } from "../../reconcile/plan/tablePlan.js";
import { holdingOf } from "../session/holders.js";
import type { Session } from "../session/session.js";

/** Devices of the account that only a journal knows. */
export interface Orphans {
  /** Absolute path of the journal. */
  readonly file: string;
  readonly ids: readonly string[];
}

const NO_TABLE: Tables = {
  declared: new Map(),
  unknown: new Set(),
  recorded: new Map(),
  tableOf: () => NO_TABLE_CHANGE,
  isChosen: () => true,
  lanes: [],
  now: new Date(0),
  isDue: () => false,
};

/** The devices that earlier runs with this key created, or may have created, and that no resource of this run has. */
export async function orphansOf(session: Session, key: string): Promise<readonly Orphans[]> {
  const orphans: Orphans[] = [];
  for (const log of RedoLog.sealedBy(session.journalFolder, key)) {
    log.forNewTable();
    const logged = log.unrecorded(0);
    if (logged.size === 0) continue;
    const observations = await survey(await session.cloud(), NO_TABLE, logged);
    const ids = [...observations.log].flatMap(([id, { verdict, row }]) =>
      verdict !== "foreign" &&
      observations.seen.get(id)?.kind === "present" &&
      session.holders.taken(holdingOf(id, row)) === undefined
        ? [id]
        : [],
    );
    if (ids.length > 0) orphans.push({ file: log.file, ids });
  }
  return orphans;
}
