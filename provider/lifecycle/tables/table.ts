import type { Unknowable } from "../../engine/unknown.js";
import type { TableLane } from "../../reconcile/plan/rollout/lanes.js";
import type { TableOutcome } from "../../reconcile/run/run.js";
import type { Records } from "../../reconcile/table/record.js";
import type { Row } from "../../reconcile/table/row.js";
import type { TableInputs } from "../../reconcile/table/table.js";

/** A table as a resource declares it: many rows of a DeviceSet, or the one row of a single resource. */
export interface DeclaredTable extends TableInputs {
  /** As messages call it, such as `DeviceSet fleet`. */
  readonly title: string;
  readonly declared: ReadonlyMap<string, Row>;
  readonly isChosen: (id: string) => boolean;
  /** In which order its rows change; empty: all together. */
  readonly lanes: readonly TableLane[];
  /** Whether all of it is to go: then nothing is kept because it is retired. */
  readonly isDestroyed: boolean;
}

/** What the state has of a table. */
export interface RecordedTable {
  /** Grows with each operation; what the redo log has beyond it is in no state. */
  readonly revision: number;
  /** Tenant id of the team. */
  readonly team: string | undefined;
  readonly records: Records;
  /** What devices brought when it was recorded. Secret. */
  readonly materials: Unknowable<ReadonlyMap<string, string>>;
  /** The CAs that it was recorded with. */
  readonly cas: Pick<TableInputs, "ca" | "nextCa">;
}

/** What became of a table. */
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
