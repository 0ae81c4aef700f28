/** The factory's CSV: rows of devices, each with the line it stands on. */
import { cellPosition, delimiterOf, readRecords, type CsvRecord } from "./csvRecords.js";
import type { FilePosition } from "./fleet.js";
import { quote, type Violation } from "./rules.js";
import { closest } from "./suggest.js";

/** What the files of a kind of group look like. */
export interface CsvFormat<Column extends string> {
  /** Columns by the names that a header may give them, in small letters, without spaces, `_` and `-`. */
  readonly columns: ReadonlyMap<string, Column>;
  /** Their names as documented, for messages. */
  readonly names: readonly Column[];
  /** The columns that name a device; a header has at least one of them. */
  readonly ids: readonly Column[];
  /** What to say of a file whose header has none. */
  readonly noId: Violation;
  /** No message repeats a cell: in a file with secrets any may hold one, by a slip of the columns or lines. */
  readonly confidential?: boolean;
  /** A kind of file that has no header: how its first record is recognised, and the columns of each. */
  readonly headless?: {
    readonly width: number;
    recognises(first: CsvRecord): boolean;
    columnsOf(record: CsvRecord): readonly Column[];
  };
}

/** Beyond so many columns a file is another one than was meant. */
const maxColumns = 100;

/** One device's row; empty cells are left out. */
export interface CsvRow<Column extends string> {
  readonly at: FilePosition;
  readonly cells: ReadonlyMap<Column, string>;
  /** Line and column of a cell. */
  locate(column: Column): FilePosition;
}

export interface ParsedCsv<Column extends string> {
  readonly rows: readonly CsvRow<Column>[];
  readonly problems: readonly ({ readonly at: FilePosition } & Violation)[];
}

/**
 * Parses a CSV text (line ends are LF) with a header row, unless its format knows files without one. The delimiter is a
 * comma, or a semicolon where the first line has no comma (spreadsheets of many countries write it so).
 */
export function parseCsv<Column extends string>(
  text: string,
  file: string,
  format: CsvFormat<Column>,
): ParsedCsv<Column> {
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
  if (first.cells.length > maxColumns) {
    const message = `the first row has ${first.cells.length.toLocaleString("en")} cells, more than any fleet has columns`;
    return { rows: [], problems: [{ at: at(first.line), message, fix: "check that it is the right file" }] };
  }
  const headless = format.headless?.recognises(first) === true ? format.headless : undefined;
  const header = headless
    ? []
    : readHeader(first, format, (index, violation) => {
        problems.push({ at: position(first, index), ...violation });
      });
  if (!headless && !format.ids.some((column) => header.includes(column))) {
    // Where no column is known, this is no header at all, and its cells need no advice of their own.
    if (header.every((column) => column === undefined)) problems.length = 0;
    return { rows: [], problems: [...problems, { at: at(first.line), ...format.noId }] };
  }

  const width = headless?.width ?? header.length;
  const rows: CsvRow<Column>[] = [];
  for (const record of headless ? records : records.slice(1)) {
    if (record.cells.length !== width) {
      problems.push({ at: at(record.line), ...wrongWidth(record.cells.length, width) });
      continue;
    }
    const names = headless?.columnsOf(record) ?? header;
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

function entry<Column extends string>(column: Column | undefined, cell: string): [Column, string][] {
  return column === undefined || cell === "" ? [] : [[column, cell]];
}

/** The columns that a header names, undefined for those it should not. */
function readHeader<Column extends string>(
  record: CsvRecord,
  { columns, names, confidential }: CsvFormat<Column>,
  report: (index: number, violation: Violation) => void,
): (Column | undefined)[] {
  const header: (Column | undefined)[] = [];
  for (const [index, cell] of record.cells.entries()) {
    const column = columns.get(cell.toLowerCase().replaceAll(/[\s_-]/g, ""));
    if (column === undefined) {
      const meant = closest(cell, names);
      const fix = meant === undefined ? `use ${names.join(", ")}` : `did you mean "${meant}"?`;
      const named = confidential ? "" : ` ${quote(cell)}`;
      report(index, { message: `unknown column${named}`, fix });
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
