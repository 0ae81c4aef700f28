/** Lists of ownership codes: one line `id,code` for each device, kept as one secret. */
import { readDialect } from "./csv/dialect.js";
import { readRecords, type CsvRecord } from "./csv/records.js";
import { imeiOf } from "./imei.js";
import { parseOwnershipCode } from "./ownershipCode.js";
import { checkNumberNotDamaged, quote, type Violation } from "./rules.js";
import type { ReadResult } from "./readResult.js";

/** A parsed list. No problem quotes the list: if its columns are swapped, anything in it may be a code. */
export interface CodeList {
  /** Lines are counted from 1. */
  readonly problems: readonly ({ readonly line: number } & Violation)[];
  /** The code of a device, or what is wrong with its line; undefined if it has no line. */
  readonly codeOf: (deviceId: string) => ReadResult<string> | undefined;
}

/**
 * Parses lines of a device id (for Nordic's own products also the IMEI alone) and a code, separated by a comma or semicolon.
 * A header, blank lines and lines of other devices are allowed.
 */
export function parseCodeList(text: string): CodeList {
  const dialect = readDialect(text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  const parsed = readRecords(dialect.text, dialect.delimiter);
  if (!parsed.ok) {
    const { line } = parsed.broken;
    return {
      problems: [{ line, ...parsed.violation }],
      codeOf: () => ({ ok: false, ...withLine(line, parsed.violation) }),
    };
  }
  const problems: ({ line: number } & Violation)[] = [];
  const entries = new Map<string, { readonly line: number; readonly code: ReadResult<string> }>();
  for (const [index, record] of parsed.records.entries()) {
    const { line, cells } = record;
    if (index === 0 && isHeader(record)) continue;
    const [id = ""] = cells;
    const earlier = entries.get(id);
    const read = readLine(cells, earlier?.line);
    if (!read.ok) problems.push({ line, message: read.message, fix: read.fix });
    const code = read.ok ? read : ({ ok: false, ...withLine(line, read) } as const);
    if (id !== "") entries.set(id, { line: earlier?.line ?? line, code });
  }
  return {
    problems,
    codeOf: (deviceId) => (entries.get(deviceId) ?? entries.get(imeiOf(deviceId) ?? ""))?.code,
  };
}

function withLine(line: number, { message, fix }: Violation): Violation {
  return { message: `line ${line} of the list of codes: ${message}`, fix };
}

function readLine(cells: readonly string[], earlier: number | undefined): ReadResult<string> {
  const [id = "", text, ...surplus] = cells;
  if (id === "" || text === undefined || surplus.some((cell) => cell !== "")) {
    return {
      ok: false,
      message: "the line does not have the form id,code",
      fix: 'write "id,code", with a code that contains a comma in double quotes',
    };
  }
  const damaged = checkNumberNotDamaged(id, "device id");
  if (damaged) return { ok: false, ...damaged };
  if (earlier === undefined) return parseOwnershipCode(text);
  return {
    ok: false,
    message: `this device has a code in line ${earlier} already`,
    fix: "keep one line for each device",
  };
}

function isHeader({ cells }: CsvRecord): boolean {
  const [id, code, ...surplus] = cells.map((cell) => cell.toLowerCase().replaceAll(/[\s_-]/g, ""));
  return (
    surplus.every((cell) => cell === "") && code === "code" && ["id", "deviceid", "imei"].includes(id ?? "")
  );
}

/** The ownership code of a device from a list, or why the list has none. No message quotes a code. */
export function codeFromList({ problems, codeOf }: CodeList, deviceId: string): ReadResult<string> {
  const wrong = problems[0] ? `; its line ${problems[0].line} is wrong: ${problems[0].message}` : "";
  return (
    codeOf(deviceId) ?? {
      ok: false,
      message: `the list of codes has no line for ${quote(deviceId)}${wrong}`,
      fix: 'add a line "id,code" for it',
    }
  );
}
