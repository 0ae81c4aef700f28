/** The factory's CSV: rows of devices, each with the line it stands on. */
import { readDialect, type Delimiter } from "./csvDialect.js";
import { cellPosition, readRecords, type CsvRecord } from "./csvRecords.js";
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
  /** Columns by which a file is recognised that belongs elsewhere, and what to say of it. */
  readonly foreign: ReadonlyMap<string, Violation>;
  /** No message repeats a cell: in a file with secrets any may hold one, by a slip of the columns or lines. */
  readonly confidential?: boolean;
  /** Kinds of files that have no header. */
  readonly headless?: readonly HeadlessFormat<Column>[];
}

/** A kind of file without a header: how its first row is recognised, and the columns of each. */
export interface HeadlessFormat<Column extends string> {
  recognises(first: readonly string[]): boolean;
  columnsOf(cells: readonly string[]): readonly Column[];
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
 * Parses a CSV text (line ends are LF) with a header row, unless its format knows files without one. Empty columns and cells
 * at the end, as spreadsheets leave them, are no part of it.
 * @param ignored names of columns that say nothing about devices, as a header may give them
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
    const message = `the first row has ${columns.toLocaleString("en")} cells, more than any fleet has columns`;
    return { rows: [], problems: [{ at: at(first.line), message, fix: "check that it is the right file" }] };
  }
  const start = first.cells.slice(0, columns);
  const ignoredWords = new Set(ignored.map(plainWord));
  for (const [index, word] of start.map(plainWord).entries()) {
    const violation = ignoredWords.has(word) ? undefined : format.foreign.get(word);
    if (violation) return { rows: [], problems: [{ at: position(first, index), ...violation }] };
  }
  const headless = format.headless?.find((each) => each.recognises(start));
  const header = headless
    ? []
    : readHeader(start, format, ignoredWords, (index, violation) => {
        problems.push({ at: position(first, index), ...violation });
      });
  if (!headless && !format.ids.some((column) => header.includes(column))) {
    // Where no column is known, this is no header at all, and its cells need no advice of their own.
    if (header.every((column) => column === undefined)) problems.length = 0;
    return { rows: [], problems: [...problems, { at: at(first.line), ...format.noId }] };
  }

  // Under a wrong header an ownership code may stand where a device ID is read, and be quoted as one.
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
  message: "the cell stands in a column that has no name",
  fix: "name the column in the first row, or empty its cells",
};

function entry<Column extends string>(column: Column | undefined, cell: string): [Column, string][] {
  return column === undefined || cell === "" ? [] : [[column, cell]];
}

/** How many cells there are up to the last that is not empty. */
function contentWidth(cells: readonly string[]): number {
  let width = cells.length;
  while (width > 0 && cells[width - 1] === "") width -= 1;
  return width;
}

/** The columns that a header names, undefined for those that say nothing or that it should not name. */
function readHeader<Column extends string>(
  cells: readonly string[],
  { columns, names, confidential }: CsvFormat<Column>,
  ignored: ReadonlySet<string>,
  report: (index: number, violation: Violation) => void,
): (Column | undefined)[] {
  const header: (Column | undefined)[] = [];
  for (const [index, cell] of cells.entries()) {
    const word = plainWord(cell);
    const column = ignored.has(word) ? undefined : columns.get(word);
    if (column === undefined && cell !== "" && !ignored.has(word)) {
      const meant = closest(cell, names);
      const named = confidential ? "" : ` ${quote(cell)}`;
      const fix =
        meant === undefined
          ? `use ${names.join(", ")}, or list it under ignoreColumns`
          : `did you mean "${meant}"?`;
      report(index, { message: `unknown column${named}`, fix });
    } else if (column !== undefined && header.includes(column)) {
      report(index, { message: `the column "${column}" is there twice`, fix: "remove one of the two" });
    }
    header.push(column);
  }
  return header;
}

/** The name of a column in small letters, without spaces (also invisible ones), `_` and `-`. */
function plainWord(name: string): string {
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
