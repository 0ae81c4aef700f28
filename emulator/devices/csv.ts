import { CsvError, parse } from "csv-parse/sync";
import { invalid } from "../errors.js";
import type { Rule } from "./rules.js";

/** Rows that an uploaded file may have. */
export const maximalRows = 1000;

/** A column of an uploaded file. Rows and columns are named by position, as there is no header. */
export interface Column {
  readonly name: string;
  /** The problems of a cell. */
  readonly problems: (cell: string) => string[];
}

/** A required column with a rule for its cells. */
export const required = (name: string, rule: Rule): Column => ({
  name,
  problems: (cell) => problemsOf([cell], rule),
});

/** A column whose cells may be empty. */
export const optional = (name: string, rule: Rule): Column => ({
  name,
  problems: (cell) => problemsOf(cell === "" ? [] : [cell], rule),
});

/** A column of values separated by `|`, or of none. */
export const optionalList = (name: string, rule: Rule): Column => ({
  name,
  problems: (cell) => problemsOf(splitList(cell), rule),
});

export const splitList = (cell: string): string[] => (cell === "" ? [] : cell.split("|"));

const problemsOf = (values: readonly string[], rule: Rule): string[] =>
  values.map(rule).filter((problem) => problem !== undefined);

/**
 * Reads an uploaded CSV file: no header, no blank lines, 1 to 1000 rows. Throws 42200 with every problem in it, each
 * with its row (counted from 0, as in error summaries) and column.
 */
export function readRows(csv: string, columns: readonly Column[]): string[][] {
  const rows = parseCsv(csv);
  if (rows.length === 0) throw invalid(["the file has no rows"]);
  if (rows.length > maximalRows) {
    throw invalid([`the file has ${rows.length} rows, more than the ${maximalRows} allowed`]);
  }
  const problems = rows.flatMap((row, index) =>
    rowProblems(row, columns).map((problem) => `row [${index}]${problem}`),
  );
  if (problems.length > 0) throw invalid(problems);
  return rows;
}

function rowProblems(row: readonly string[], columns: readonly Column[]): string[] {
  if (row.length === 1 && row[0] === "") return [" is blank"];
  if (row.length !== columns.length) {
    const expected = columns.map(({ name }) => name).join(",");
    return [` has ${row.length} columns, not the ${columns.length} of ${expected}`];
  }
  return columns.flatMap(({ name, problems }, index) =>
    problems(row[index] ?? "").map((problem) => `, ${name}: ${problem}`),
  );
}

/** The cells of a CSV file. Throws 42200 for invalid CSV. */
export function parseCsv(csv: string): string[][] {
  try {
    return parse(csv, { relax_column_count: true, record_delimiter: ["\r\n", "\n", "\r"] });
  } catch (error) {
    if (error instanceof CsvError) throw invalid([`the file is not valid CSV: ${error.message}`]);
    throw error;
  }
}
