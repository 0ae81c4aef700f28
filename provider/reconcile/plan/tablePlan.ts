import type { Records, RowRecord } from "../table/record.js";
import type { Row } from "../table/row.js";
import type { TableChange } from "./change.js";
import type { Finding } from "./finding.js";
import type { Batch } from "./rollout/batches.js";
import type { TableLane } from "./rollout/lanes.js";
import type { RowPlan } from "./row/rowPlan.js";
import type { Renewal, Seen, Unfinished } from "./situation.js";

/** A table as it is declared, and as the state has it. */
export interface Tables {
  readonly declared: ReadonlyMap<string, Row>;
  /** Declared rows that are not known in a preview. */
  readonly unknown: ReadonlySet<string>;
  readonly recorded: Records;
  /** Compares the CAs and the validity with those of a record. */
  readonly tableOf: (record: RowRecord | undefined) => TableChange;
  readonly isDue: (record: RowRecord, row: Row) => boolean;
  readonly now: Date;
  /** Whether this run may change a row. */
  readonly isChosen: (id: string) => boolean;
  /** The order of change. Empty: all rows together. */
  readonly lanes: readonly TableLane[];
}

/** What the account and the journal have. */
export interface Observations {
  readonly seen: ReadonlyMap<string, Seen>;
  readonly log: ReadonlyMap<string, Unfinished>;
  /** The state of orders to generate new keys. */
  readonly renewals?: ReadonlyMap<string, Renewal>;
}

/** A finding with its devices. */
export interface TableFinding extends Finding {
  readonly ids: readonly string[];
}

export interface TablePlan {
  /** The rows with steps, findings or a new record. */
  readonly rows: ReadonlyMap<string, RowPlan>;
  readonly findings: readonly TableFinding[];
  /** Rows that differ and are not changed, because others were chosen. */
  readonly leftOut: readonly string[];
  /** Devices that the plan deletes, releases or replaces. */
  readonly leaving: readonly string[];
  readonly batches: readonly Batch[];
}
