import type { Unknowable } from "../../engine/unknown.js";
import type { TableLane } from "../../reconcile/plan/rollout/lanes.js";
import type { TableOutcome } from "../../reconcile/run/run.js";
import type { Records } from "../../reconcile/table/record.js";
import type { Row } from "../../reconcile/table/row.js";
import type { TableInputs } from "../../reconcile/table/table.js";

/** A declared table: the rows of a DeviceSet, or the one row of a single resource. */
export interface DeclaredTable extends TableInputs {
  /** The name in messages, such as `DeviceSet fleet`. */
  readonly title: string;
  readonly declared: ReadonlyMap<string, Row>;
  readonly isChosen: (id: string) => boolean;
  /** The order of change. Empty: all rows together. */
  readonly lanes: readonly TableLane[];
  /** Whether the table is destroyed, so that retired devices are not kept. */
  readonly isDestroyed: boolean;
}

/** A recorded table. */
export interface RecordedTable {
  /** Grows with each operation. The state does not have journal entries of later revisions. */
  readonly revision: number;
  /** Tenant id of the team. */
  readonly team: string | undefined;
  readonly records: Records;
  /** What devices brought in the last run. Secret. */
  readonly materials: Unknowable<ReadonlyMap<string, string>>;
  /** The CAs of the last run. */
  readonly cas: Pick<TableInputs, "ca" | "nextCa">;
}

/** The result of an apply. */
export interface AppliedTable {
  readonly revision: number;
  readonly team: string;
  readonly outcome: TableOutcome;
  readonly failures: readonly string[];
}

export const EMPTY: RecordedTable = {
  revision: 0,
  team: undefined,
  records: new Map(),
  materials: new Map(),
  cas: { ca: undefined, nextCa: undefined },
};
