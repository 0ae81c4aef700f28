/** Splits CSV into records and cells, and keeps their positions. */
import { CsvError, parse } from "csv-parse/sync";
import { plainCell, type Delimiter } from "./dialect.js";
import { isRecord, listOf, textAt } from "../data.js";
import type { Violation } from "../rules.js";

export interface CsvRecord {
  readonly cells: readonly string[];
  readonly raw: string;
  /** The line on which the record begins. */
  readonly line: number;
}

/** All records, or the first broken record and the index of its broken cell. */
export type CsvRecords =
  | { readonly ok: true; readonly records: readonly CsvRecord[] }
  | { readonly ok: false; readonly broken: CsvRecord; readonly cell: number; readonly violation: Violation };

/** Splits a text with LF line ends. Rows without content, which spreadsheets write, are skipped. */
export function readRecords(text: string, delimiter: Delimiter): CsvRecords {
  let parsed: readonly unknown[];
  try {
    parsed = parse(text, {
      delimiter,
      raw: true,
      record_delimiter: "\n",
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    if (error instanceof CsvError) return brokenRecord(error);
    throw error;
  }
  const records: CsvRecord[] = [];
  let line = 1;
  for (const entry of parsed) {
    const raw = textAt(entry, "raw") ?? "";
    const cells = isRecord(entry) ? listOf(entry.record).map(String).map(plainCell) : [];
    const content = withoutLeadingBlankLines(raw);
    const start = line + lineBreaks(raw) - lineBreaks(content);
    if (cells.some((cell) => cell !== "")) records.push({ cells, raw: content, line: start });
    line += lineBreaks(raw);
  }
  return { ok: true, records };
}

function brokenRecord(error: CsvError): CsvRecords {
  const { lines, column } = error;
  const raw = withoutLeadingBlankLines(textAt(error, "raw") ?? "");
  const line = Number(lines) - lineBreaks(raw.replace(/\n$/, ""));
  return {
    ok: false,
    broken: { cells: [], raw, line: Math.max(line, 1) },
    cell: typeof column === "number" ? column : 0,
    violation:
      error.code === "CSV_QUOTE_NOT_CLOSED"
        ? {
            message: "the double quote that opens here is never closed",
            fix: 'close the cell with a double quote (")',
          }
        : {
            message: "a cell has a double quote inside",
            fix: 'put the whole cell in double quotes, and write a double quote in it twice: "say ""hi"""',
          },
  };
}

function withoutLeadingBlankLines(raw: string): string {
  const start = raw.search(/[^ \t\n]/);
  return start < 0 ? "" : raw.slice(raw.lastIndexOf("\n", start) + 1);
}

function lineBreaks(text: string): number {
  return text.split("\n").length - 1;
}

/** Where the cell at an index begins. */
export function cellPosition(
  record: CsvRecord,
  delimiter: Delimiter,
  index: number,
): { line: number; column: number } {
  let [line, column, cell, quoted] = [record.line, 1, 0, false];
  for (const character of record.raw) {
    if (cell === index && character !== " ") break;
    if (character === '"') quoted = !quoted;
    else if (character === delimiter && !quoted) cell += 1;
    if (character === "\n") [line, column] = [line + 1, 1];
    else column += 1;
  }
  return { line, column };
}
