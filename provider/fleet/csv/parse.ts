/** Parses CSV files with one device a row, and keeps the line and column of each cell. */
import { readDialect, type Delimiter } from "./dialect.js";
import { cellPosition, readRecords, type CsvRecord } from "./records.js";
import type { FilePosition } from "../place.js";
import { quote, type Violation } from "../rules.js";
import { closest } from "../suggest.js";

/** The columns of one kind of group. */
export interface CsvFormat<Column extends string> {
  /** Columns by the names that a header may use, in lower case, without spaces, `_` and `-`. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The documented names, for messages. */
  readonly names: readonly Column[];
  /** The columns that identify a device. A header must have at least one of them. */
  readonly ids: readonly Column[];
  /** The problem of a file whose header has none of `ids`. */
  readonly missingId: Violation;
  /** Columns of files for another kind of group or another API, with the problem to report. */
  readonly unsupported: ReadonlyMap<string, Violation>;
  /** Messages never quote a cell. In a file with secrets, any cell may hold one after a mix-up of columns or lines. */
  readonly confidential?: boolean;
  readonly headless?: readonly HeadlessFormat<Column>[];
}

/** A kind of file without a header. */
export interface HeadlessFormat<Column extends string> {
  matches(first: readonly string[]): boolean;
  columnsOf(cells: readonly string[]): readonly Column[];
}

/** A file with more columns is certainly the wrong file. */
const maxColumns = 100;

/** One row. Empty cells are left out. */
export interface CsvRow<Column extends string> {
  readonly at: FilePosition;
  readonly cells: ReadonlyMap<Column, string>;
  locate(column: Column): FilePosition;
}

export interface ParsedCsv<Column extends string> {
  readonly rows: readonly CsvRow<Column>[];
  readonly problems: readonly ({ readonly at: FilePosition } & Violation)[];
}

/**
 * Parses CSV with LF line ends. The first row is a header, unless a headless format of `format` matches it. Empty columns and
 * cells at the end, which spreadsheets write, are ignored.
 * @param ignored the group's `ignoreColumns`
 */
export function parseCsv<Column extends string>(
  text: string,
  file: string,
  format: CsvFormat<Column>,
  ignored: readonly string[] = [],
): ParsedCsv<Column> {
  const at = (line: number, column = 1): FilePosition => ({ file, line, column });
  const dialect = readDialect(text);
  const { delimiter } = dialect;
  const parsed = readRecords(dialect.text, delimiter);
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
  const columns = contentWidth(first.cells);
  if (columns > maxColumns) {
    const message = `the first row has ${columns.toLocaleString("en")} cells, more than a fleet's CSV file can have`;
    return { rows: [], problems: [{ at: at(first.line), message, fix: "check that it is the right file" }] };
  }
  const start = first.cells.slice(0, columns);
  const ignoredNames = new Set(ignored.map(normalized));
  for (const [index, word] of start.map(normalized).entries()) {
    const violation = ignoredNames.has(word) ? undefined : format.unsupported.get(word);
    if (violation) return { rows: [], problems: [{ at: position(first, index), ...violation }] };
  }
  const headless = format.headless?.find((each) => each.matches(start));
  const header = headless
    ? []
    : readHeader(start, format, ignoredNames, (index, violation) => {
        problems.push({ at: position(first, index), ...violation });
      });
  if (!headless && !format.ids.some((column) => header.includes(column))) {
    // If no column is known, the first row is not a header, and problems with its cells would mislead.
    if (header.every((column) => column === undefined)) problems.length = 0;
    return { rows: [], problems: [...problems, { at: at(first.line), ...format.missingId }] };
  }

  // Under a wrong header an ownership code may be read as a device id, and a message would quote it.
  if (format.confidential && problems.length > 0) return { rows: [], problems };

  const rows: CsvRow<Column>[] = [];
  for (const record of headless ? records : records.slice(1)) {
    const names = headless?.columnsOf(record.cells) ?? header;
    const content = contentWidth(record.cells);
    if (content > names.length || record.cells.length < names.length) {
      const found = Math.max(content, Math.min(record.cells.length, names.length));
      problems.push({ at: at(record.line), ...wrongWidth(found, names.length, delimiter) });
      continue;
    }
    rows.push({
      at: at(record.line),
      cells: new Map(record.cells.flatMap((cell, index) => entry(names[index], cell))),
      locate: (column) => position(record, Math.max(names.indexOf(column), 0)),
    });
  }
  for (const [index, name] of start.entries()) {
    const stray =
      name === "" && !headless ? records.find(({ cells }) => (cells[index] ?? "") !== "") : undefined;
    if (stray) problems.push({ at: position(stray, index), ...namelessColumn });
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

const namelessColumn: Violation = {
  message: "the cell is in a column that has no name",
  fix: "name the column in the first row, or empty its cells",
};

function entry<Column extends string>(column: Column | undefined, cell: string): [Column, string][] {
  return column === undefined || cell === "" ? [] : [[column, cell]];
}

/** The number of cells without the empty ones at the end. */
function contentWidth(cells: readonly string[]): number {
  let width = cells.length;
  while (width > 0 && cells[width - 1] === "") width -= 1;
  return width;
}

/** The columns of a header; undefined for those that are ignored, empty or unknown. */
function readHeader<Column extends string>(
  cells: readonly string[],
  { columns, names, confidential }: CsvFormat<Column>,
  ignored: ReadonlySet<string>,
  report: (index: number, violation: Violation) => void,
): (Column | undefined)[] {
  const header: (Column | undefined)[] = [];
  for (const [index, cell] of cells.entries()) {
    const word = normalized(cell);
    const column = ignored.has(word) ? undefined : columns.get(word);
    if (column === undefined && cell !== "" && !ignored.has(word)) {
      const suggestion = closest(cell, names);
      const named = confidential ? "" : ` ${quote(cell)}`;
      const fix =
        suggestion === undefined
          ? `use ${names.join(", ")}, or list it under ignoreColumns`
          : `did you mean "${suggestion}"?`;
      report(index, { message: `unknown column${named}`, fix });
    } else if (column !== undefined && header.includes(column)) {
      report(index, { message: `the header has the column "${column}" twice`, fix: "remove one of the two" });
    }
    header.push(column);
  }
  return header;
}

/** A column's name in lower case, without spaces (also invisible ones), `_` and `-`. */
function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[\s\p{Cf}_-]/gu, "");
}

function wrongWidth(found: number, wanted: number, delimiter: Delimiter): Violation {
  const cells = `${found} ${found === 1 ? "cell" : "cells"}`;
  const message = `the row has ${cells}, not ${wanted}`;
  if (found < wanted) return { message, fix: "keep the delimiters of empty cells" };
  const [noun, sign] =
    delimiter === "\t" ? ["tab", "\\t"] : delimiter === ";" ? ["semicolon", ";"] : ["comma", ","];
  return { message, fix: `put a cell that contains a ${noun} in double quotes: "a${sign}b"` };
}
