import { unpackRecords, type PackedRecord } from "../../provider/reconcile/table/packRecords.js";
import { parseRow } from "../../provider/reconcile/table/parseRow.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { isObject } from "../json.js";

/** The lines of a table in the properties of a resource, by device id. */
export function linesIn(devices: unknown): Readonly<Record<string, unknown>> {
  return isObject(devices) ? devices : {};
}

/** The rows of lines. Without lines that are not known yet or can't be read. */
export function parseLines(lines: Readonly<Record<string, unknown>>): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (const [id, line] of Object.entries(lines)) {
    const parsed = typeof line === "string" ? parseRow(line) : undefined;
    if (parsed?.ok === true) rows.set(id, parsed.row);
  }
  return rows;
}

/** The records in the outputs of a table. Unreadable records are left out: the provider reports them itself. */
export function recordsIn({ records }: Readonly<Record<string, unknown>>): ReadonlyMap<string, PackedRecord> {
  try {
    return unpackRecords(typeof records === "string" ? records : "");
  } catch {
    return new Map();
  }
}
