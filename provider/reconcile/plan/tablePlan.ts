import type { Records, RowRecord } from "../table/record.js";
import type { Row } from "../table/row.js";
import type { TableChange } from "./change.js";
import type { Finding } from "./finding.js";
import type { Batch } from "./rollout/batches.js";
import type { TableLane } from "./rollout/lanes.js";
import type { RowPlan } from "./row/rowPlan.js";
import type { Renewal, Seen, Unfinished } from "./situation.js";

/** What is declared of a table, and what the state has of it. */
export interface Tables {
  readonly declared: ReadonlyMap<string, Row>;
  /** Rows that are declared, but not known yet. */
  readonly unknown: ReadonlySet<string>;
  readonly recorded: Records;
  /** What has changed of the table since the certificate of a row was issued. */
  readonly tableOf: (record: RowRecord | undefined) => TableChange;
  readonly isDue: (record: RowRecord, row: Row) => boolean;
  readonly now: Date;
  /** Which rows may be changed at all. */
  readonly isChosen: (id: string) => boolean;
  /** In which order rows are changed; empty: all together. */
  readonly lanes: readonly TableLane[];
}

/** What the account and the redo log have. */
export interface Observations {
  readonly seen: ReadonlyMap<string, Seen>;
  readonly log: ReadonlyMap<string, Unfinished>;
  /** What became of orders to make new keys. */
  readonly renewals?: ReadonlyMap<string, Renewal>;
}

/** A finding with all the ids that it is true of. */
export interface TableFinding extends Finding {
  readonly ids: readonly string[];
}

export interface TablePlan {
  /** The rows with steps, findings or a new record. */
  readonly rows: ReadonlyMap<string, RowPlan>;
  readonly findings: readonly TableFinding[];
  /** Rows that are left as they are, because only others were chosen, though they differ. */
  readonly leftOut: readonly string[];
  /** Devices that would leave the account. */
  readonly leaving: readonly string[];
  /** The rows of this plan, in the order of their change. */
  readonly batches: readonly Batch[];
}
