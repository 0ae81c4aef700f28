import { Fields } from "../../provider/engine/fields.js";
import type { LooseObject } from "../../provider/engine/outputs.js";
import { isUnknown } from "../../provider/engine/unknown.js";
import { declaredDigest } from "../../provider/lifecycle/tables/declaredDigest.js";
import type { RowRecord, Records } from "../../provider/reconcile/table/record.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { decodeSetState, encodeSetState } from "../../provider/reconcile/table/state.js";
import { setInputsCodec, type SetInputs } from "../../provider/reconcile/table/table.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import type { StateRow } from "./sets.js";
import type { Bags, StackState } from "./stackState.js";

/** Everything that a set stores for one device. */
export interface KeptRow {
  readonly id: string;
  /** The last declaration. */
  readonly declared: Row | undefined;
  /** The device's own credential, code or token. Secret. */
  readonly material: string | undefined;
  readonly record: RowRecord;
}

/** A state without some rows of its sets. */
export function withoutRows(state: StackState, rows: readonly StateRow[]): StackState {
  let rest = state;
  for (const [urn, of] of groupBy(rows, ({ table }) => table.urn)) {
    const ids = new Set(of.map(({ id }) => id));
    rest = rest.with(urn, (bags) => withoutIds(bags, ids));
  }
  return rest;
}

/** A state with more rows in one of its sets. */
export function withRows(state: StackState, urn: string, rows: readonly KeptRow[]): StackState {
  return state.with(urn, (bags) => withKept(bags, rows));
}

/** Everything that the sets of a state store for rows. */
export function keptRows(state: StackState, rows: readonly StateRow[]): readonly KeptRow[] {
  const inputs = new Map(
    [...groupBy(rows, ({ table }) => table.urn)].flatMap(([urn, [first]]) =>
      first === undefined ? [] : [[urn, readInputs(first.table.resource.inputs)] as const],
    ),
  );
  return rows.map(({ id, record, table }) => {
    const set = inputs.get(table.urn);
    return { id, record, declared: set?.devices.get(id), material: materialsOf(set).get(id) };
  });
}

function withoutIds({ inputs, outputs }: Bags, ids: ReadonlySet<string>): Bags {
  const left = <Value>(map: ReadonlyMap<string, Value>) => new Map([...map].filter(([id]) => !ids.has(id)));
  return edited(
    { inputs, outputs },
    (set) => ({ ...set, devices: left(set.devices), materials: left(materialsOf(set)) }),
    left,
  );
}

function withKept({ inputs, outputs }: Bags, rows: readonly KeptRow[]): Bags {
  const materials = rows.flatMap(({ id, material }) =>
    material === undefined ? [] : [[id, material] as const],
  );
  const declared = rows.flatMap(({ id, declared: row }) => (row === undefined ? [] : [[id, row] as const]));
  return edited(
    { inputs, outputs },
    (set) => ({
      ...set,
      devices: new Map([...set.devices, ...declared]),
      materials: new Map([...materialsOf(set), ...materials]),
    }),
    (records) => new Map([...records, ...rows.map(({ id, record }) => [id, record] as const)]),
  );
}

/** Changes the declared and the recorded rows together, so that a comparison finds no new difference. */
function edited(
  { inputs, outputs }: Bags,
  declare: (set: SetInputs) => SetInputs,
  record: (records: Records) => Records,
): Bags {
  const declared = declare(readInputs(inputs));
  const state = decodeSetState(new Fields(outputs));
  const records = record(state.records);
  const next = {
    ...state,
    inputs: declare(state.inputs),
    declared: declaredDigest(declared),
    records,
    notAttempted: state.notAttempted.filter((id) => declared.devices.has(id) || records.has(id)),
  };
  return {
    inputs: {
      ...withoutKeysOf(inputs, setInputsCodec.encode(readInputs(inputs))),
      ...given(setInputsCodec.encode(declared)),
    },
    outputs: { ...withoutKeysOf(outputs, encodeSetState(state)), ...given(encodeSetState(next)) },
  };
}

function readInputs(inputs: Bags["inputs"]): SetInputs {
  return setInputsCodec.decode(new Fields(inputs));
}

function materialsOf(set: SetInputs | undefined): ReadonlyMap<string, string> {
  return set === undefined || isUnknown(set.materials) ? new Map() : set.materials;
}

/** The properties that the engine adds, such as the provider's code. */
function withoutKeysOf(bag: LooseObject, own: LooseObject): LooseObject {
  return Object.fromEntries(Object.entries(bag).filter(([key]) => !(key in own)));
}

function given(bag: LooseObject): LooseObject {
  return Object.fromEntries(Object.entries(bag).filter(([, value]) => value !== undefined));
}
