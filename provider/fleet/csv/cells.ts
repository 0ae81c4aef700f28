/** The cells of a CSV row, each checked by its rule. */
import type { CsvFormat, CsvRow } from "./parse.js";
import type { Place } from "../place.js";
import type { Report } from "../problems.js";
import { quote, type Violation } from "../rules.js";
import type { ReadResult } from "../readResult.js";

type Check = (value: string) => Violation | undefined;

export interface Cells<Column extends string> {
  readonly place: (column: Column) => Place;
  /** Reports a violation at a cell. */
  readonly refuse: (column: Column, violation: Violation) => void;
  /** A cell's text; undefined if it is empty, or invalid (which is reported). */
  readonly cell: (column: Column, check: Check) => string | undefined;
  /** The parsed text of a cell; undefined if it is empty, or invalid (which is reported). */
  readonly read: <Value>(column: Column, read: (text: string) => ReadResult<Value>) => Value | undefined;
  /** The valid parts of a cell with separators (default: vertical bars). Invalid parts are reported. */
  readonly parts: (column: Column, check: Check, separator?: string | RegExp) => string[];
}

/** Reads the cells of a row. `path` is where the fleet names the CSV file. */
export function readCells<Column extends string>(
  row: CsvRow<Column>,
  path: string,
  report: Report,
  { confidential }: CsvFormat<Column>,
): Cells<Column> {
  // To locate a cell is slow, and a cell with many parts may have many problems.
  const places = new Map<Column, Place>();
  const place = (column: Column): Place => {
    const known = places.get(column) ?? { path, at: row.locate(column) };
    places.set(column, known);
    return known;
  };
  const refuse = (column: Column, violation: Violation) => {
    report.add(place(column), violation);
  };
  const refuseText = (column: Column, value: string, violation: Violation) => {
    refuse(column, confidential ? withoutQuoting(violation, value) : violation);
  };
  const isGood = (column: Column, value: string, check: Check): boolean => {
    const violation = check(value);
    if (violation) refuseText(column, value, violation);
    return violation === undefined;
  };
  return {
    place,
    refuse,
    cell: (column, check) => {
      const value = row.cells.get(column);
      return value !== undefined && isGood(column, value, check) ? value : undefined;
    },
    read: (column, read) => {
      const text = row.cells.get(column);
      const result = text === undefined ? undefined : read(text);
      if (text === undefined || result === undefined) return undefined;
      if (result.ok) return result.value;
      refuseText(column, text, result);
      return undefined;
    },
    parts: (column, check, separator = "|") =>
      split(row.cells.get(column) ?? "", separator).filter((part) => isGood(column, part, check)),
  };
}

function withoutQuoting({ message, fix }: Violation, value: string): Violation {
  return { message: message.replace(quote(value), "it"), fix };
}

function split(cell: string, separator: string | RegExp): string[] {
  return cell
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
