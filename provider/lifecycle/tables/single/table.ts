import { Fields } from "../../../engine/fields.js";
import { isUnknown } from "../../../engine/unknown.js";
import type { DeclaredTable, RecordedTable } from "../table.js";
import { titleOf, type SingleInputs, type SingleType } from "./inputs.js";
import type { SingleState } from "./state.js";

export function tableOfRow(single: SingleType, { bag, declared, terms }: SingleInputs): DeclaredTable {
  const { id, row, material } = declared;
  const title = titleOf(single, isUnknown(id) ? "" : id);
  return {
    title,
    stack: new Fields(bag).text("stack") ?? "",
    name: title,
    declared: isUnknown(row) || isUnknown(id) ? new Map() : new Map([[id, row]]),
    unknown: isUnknown(row) && !isUnknown(id) ? new Set([id]) : new Set(),
    materials:
      isUnknown(material) || isUnknown(id)
        ? new Map()
        : new Map(material === undefined ? [] : [[id, material]]),
    ...terms,
    maxDeletes: undefined,
    policy: undefined,
    isChosen: () => true,
    lanes: [],
    isDestroyed: false,
  };
}

export function recordedRow(
  single: SingleType,
  id: string,
  { inputs, record, revision, team }: SingleState,
): RecordedTable {
  return {
    revision,
    team,
    records: new Map([[id, record]]),
    materials: new Map(),
    cas: tableOfRow(single, inputs),
  };
}
