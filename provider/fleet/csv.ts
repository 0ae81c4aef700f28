/** The factory's CSV: rows of devices, each with the line it stands on. */
import { cellPosition, delimiterOf, readRecords, type CsvRecord } from "./csvRecords.js";
import type { FilePosition } from "./fleet.js";
import { type Violation } from "./rules.js";
import { closest } from "./suggest.js";

/** What a column may say about a device. */
export type CsvColumn =
  "id" | "name" | "subType" | "tags" | "firmwareTypes" | "certificate" | "csr" | "publicKey";

/** One device's row; empty cells are left out. */
export interface CsvRow {
  readonly at: FilePosition;
  readonly cells: ReadonlyMap<CsvColumn, string>;
  /** Line and column of a cell. */
  locate(column: CsvColumn): FilePosition;
}

export interface ParsedCsv {
  readonly rows: readonly CsvRow[];
  readonly problems: readonly ({ readonly at: FilePosition } & Violation)[];
}

const columns: ReadonlyMap<string, CsvColumn> = new Map([
  ["id", "id"],
  ["deviceid", "id"],
  ["name", "name"],
  ["subtype", "subType"],
  ["tags", "tags"],
  ["firmwaretypes", "firmwareTypes"],
  ["fwtypes", "firmwareTypes"],
  ["certificate", "certificate"],
  ["certpem", "certificate"],
  ["csr", "csr"],
  ["publickey", "publicKey"],
]);

/** The names as documented, for messages. */
const columnNames = [
  "id",
  "name",
  "subType",
  "tags",
  "firmwareTypes",
  "certificate",
  "csr",
  "publicKey",
] as const;

/**
 * Parses a CSV text (line ends are LF) with a header row, or Nordic's onboard.csv, which has none:
 * `deviceId,subType,tags,fwTypes,"certificate or public key in PEM"`. The delimiter is a comma, or a semicolon where
 * the first line has no comma (spreadsheets of many countries write it so).
 */
export function parseCsv(text: string, file: string): ParsedCsv {
  const at = (line: number, column = 1): FilePosition => ({ file, line, column });
  const delimiter = delimiterOf(text);
  const parsed = readRecords(text, delimiter);
  if (!parsed.ok) {
    const { line, column } = cellPosition(parsed.broken, delimiter, parsed.cell);
    return { rows: [], problems: [{ at: at(line, column), ...parsed.violation }] };
  }
  const { records } = parsed;
  const [first] = records;
  if (!first) {
    return {
      rows: [],
      problems: [{ at: at(1), message: "the CSV file is empty", fix: "add a header row and devices" }],
    };
  }

  const problems: ({ at: FilePosition } & Violation)[] = [];
  const position = (record: CsvRecord, index: number) => {
    const { line, column } = cellPosition(record, delimiter, index);
    return at(line, column);
  };
  const nordic = isOnboardCsv(first);
  const header = nordic
    ? []
    : readHeader(first, (index, violation) => problems.push({ at: position(first, index), ...violation }));
  if (!nordic && !header.includes("id")) {
    // Where no column is known, this is no header at all, and its cells need no advice of their own.
    if (header.every((column) => column === undefined)) problems.length = 0;
    return { rows: [], problems: [...problems, { at: at(first.line), ...noIdColumn }] };
  }

  const width = nordic ? 5 : header.length;
  const rows: CsvRow[] = [];
  for (const record of nordic ? records : records.slice(1)) {
    if (record.cells.length !== width) {
      problems.push({ at: at(record.line), ...wrongWidth(record.cells.length, width) });
      continue;
    }
    const names = nordic ? onboardColumns(record) : header;
    rows.push({
      at: at(record.line),
      cells: new Map(record.cells.flatMap((cell, index) => entry(names[index], cell))),
      locate: (column) => position(record, Math.max(names.indexOf(column), 0)),
    });
  }
  if (rows.length === 0 && problems.length === 0) {
    problems.push({
      at: at(first.line),
      message: "the CSV file has a header but no devices",
      fix: "add a row for each device",
    });
  }
  return { rows, problems };
}

const noIdColumn: Violation = {
  message: "the first row is neither a header with an id column nor a row of Nordic's onboard.csv",
  fix: `begin the file with a header such as "id,name,tags"; columns: ${columnNames.join(", ")}`,
};

function entry(column: CsvColumn | undefined, cell: string): [CsvColumn, string][] {
  return column === undefined || cell === "" ? [] : [[column, cell]];
}

function isOnboardCsv(first: CsvRecord): boolean {
  return first.cells.length === 5 && (first.cells[4] ?? "").includes("-----BEGIN");
}

function onboardColumns(record: CsvRecord): CsvColumn[] {
  const last = record.cells[4]?.includes("BEGIN PUBLIC KEY") ? "publicKey" : "certificate";
  return ["id", "subType", "tags", "firmwareTypes", last];
}

/** The columns that a header names, undefined for those it should not. */
function readHeader(
  record: CsvRecord,
  report: (index: number, violation: Violation) => void,
): (CsvColumn | undefined)[] {
  const header: (CsvColumn | undefined)[] = [];
  for (const [index, cell] of record.cells.entries()) {
    const column = columns.get(cell.toLowerCase().replaceAll(/[\s_-]/g, ""));
    if (column === undefined) {
      const meant = closest(cell, columnNames);
      const fix = meant === undefined ? `use ${columnNames.join(", ")}` : `did you mean "${meant}"?`;
      report(index, { message: `unknown column ${JSON.stringify(cell.slice(0, 60))}`, fix });
    } else if (header.includes(column)) {
      report(index, { message: `the column "${column}" is there twice`, fix: "remove one of the two" });
    }
    header.push(column);
  }
  return header;
}

function wrongWidth(found: number, wanted: number): Violation {
  const cells = `${found} ${found === 1 ? "cell" : "cells"}`;
  return found > wanted
    ? {
        message: `the row has ${cells}, not ${wanted}`,
        fix: 'put a cell that contains a comma in double quotes: "a,b"',
      }
    : { message: `the row has ${cells}, not ${wanted}`, fix: "keep the delimiters of empty cells" };
}
