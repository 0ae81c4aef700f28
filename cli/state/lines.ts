import { unpackRecords, type PackedRecord } from "../../provider/reconcile/table/packRecords.js";
import { parseRow } from "../../provider/reconcile/table/parseRow.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { isObject } from "../json.js";

/** The lines of a table in a property bag, by device id. */
export function linesIn(devices: unknown): Readonly<Record<string, unknown>> {
  return isObject(devices) ? devices : {};
}

/** The rows that lines say. What is not known yet, or can't be read, is left out. */
export function parseLines(lines: Readonly<Record<string, unknown>>): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const [id, line] of Object.entries(lines)) {
    const parsed = typeof line === "string" ? parseRow(line) : undefined;
    if (parsed?.ok === true) rows.set(id, parsed.row);
  }
  return rows;
}

/** What the outputs of a table have of its rows beside the lines. What can't be read is left out: the provider says so itself. */
export function recordsIn({ records }: Readonly<Record<string, unknown>>): ReadonlyMap<string, PackedRecord> {
  try {
    return unpackRecords(typeof records === "string" ? records : "");
  } catch {
    return new Map();
  }
}
