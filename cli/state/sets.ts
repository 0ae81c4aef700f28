import { Fields } from "../../provider/engine/fields.js";
import type { RowRecord, Records } from "../../provider/reconcile/table/record.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { decodeSetState } from "../../provider/reconcile/table/state.js";
import { isKind, nameOf, type Kind } from "../report/things.js";
import type { StateResource } from "./export.js";
import { linesIn, parseLines } from "./lines.js";
import { isSingle, singleRecord } from "./singles.js";

/** A table of devices in a state: a set, or a resource that is a table of one row. */
export interface StateTable {
  readonly urn: string;
  /** Logical name of the resource. */
  readonly name: string;
  readonly resource: StateResource;
  /** Whether it is a set, and not a single device, claim or certificate. */
  readonly isSet: boolean;
  /** The last declared rows, by device id. */
  readonly declared: ReadonlyMap<string, Row>;
  /** The recorded rows, by device id. With certificates and, if the state has secrets in clear text, with private keys. */
  readonly records: Records;
  /** Rows that the last run did not attempt, because its roll-out stopped. */
  readonly notAttempted: readonly string[];
  /** Increases with each operation on the table. */
  readonly revision: number | undefined;
  /** Tenant id of the team that has the devices. */
  readonly team: string | undefined;
}

/** The tables of devices in a state. */
export function tablesIn(state: readonly StateResource[]): readonly StateTable[] {
  return state.flatMap((resource) => tableOf(resource) ?? []);
}

/** Whether a resource is a table of devices, also a table of one row. */
export function isTable(kind: Kind): boolean {
  return isKind(kind, "DeviceSet") || isSingle(kind);
}

/** A row of a state, with its table. */
export interface StateRow {
  readonly id: string;
  readonly record: RowRecord;
  readonly table: StateTable;
}

/** All rows of a state. */
export function rowsIn(tables: readonly StateTable[]): readonly StateRow[] {
  return tables.flatMap((table) => [...table.records].map(([id, record]) => ({ id, record, table })));
}

function tableOf(resource: StateResource): StateTable | undefined {
  const { urn, kind, subject, inputs, outputs } = resource;
  const common = { urn, name: nameOf(urn), resource };
  // Encrypted secrets are objects. The codec reads them as absent.
  if (isKind(kind, "DeviceSet")) {
    const { records, notAttempted, revision, team } = decodeSetState(new Fields(outputs));
    const lines = parseLines(linesIn(inputs.devices));
    return { ...common, isSet: true, declared: lines, records, notAttempted, revision, team };
  }
  const single = singleRecord(kind, outputs);
  if (single === undefined) return undefined;
  const { declared, record, revision, team } = single;
  return {
    ...common,
    isSet: false,
    declared: new Map(declared === undefined ? [] : [[subject, declared]]),
    records: new Map([[subject, record]]),
    notAttempted: [],
    revision,
    team,
  };
}
