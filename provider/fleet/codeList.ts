/** Lists of ownership codes: an `id,code` line a device, kept as one secret. */
import { readDialect } from "./csvDialect.js";
import { readRecords, type CsvRecord } from "./csvRecords.js";
import { imeiOf } from "./imei.js";
import { parseOwnershipCode } from "./ownershipCode.js";
import { checkNumberAsWritten, quote, type Violation } from "./rules.js";
import type { Read } from "./sources.js";

/** A list, read. What is wrong with it never repeats any of it, as the columns may have been swapped. */
export interface CodeList {
  /** Each line that is wrong; counted from 1. */
  readonly problems: readonly ({ readonly line: number } & Violation)[];
  /** The code of a device, or why its line has none; undefined if it has no line. */
  readonly codeOf: (deviceId: string) => Read<string> | undefined;
}

/**
 * Reads a list: a line a device, its id (or of Nordic's products the IMEI alone) and its code, with a comma or semicolon
 * between. A header, blank lines and lines of devices that nobody asks for are fine.
 */
export function parseCodeList(text: string): CodeList {
  const dialect = readDialect(text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  const parsed = readRecords(dialect.text, dialect.delimiter);
  if (!parsed.ok) {
    const { line } = parsed.broken;
    return {
      problems: [{ line, ...parsed.violation }],
      codeOf: () => ({ ok: false, ...naming(line, parsed.violation) }),
    };
  }
  const problems: ({ line: number } & Violation)[] = [];
  const entries = new Map<string, { readonly line: number; readonly code: Read<string> }>();
  for (const [index, record] of parsed.records.entries()) {
    const { line, cells } = record;
    if (index === 0 && isHeader(record)) continue;
    const [id = ""] = cells;
    const earlier = entries.get(id);
    const read = readLine(cells, earlier?.line);
    if (!read.ok) problems.push({ line, message: read.message, fix: read.fix });
    const code = read.ok ? read : ({ ok: false, ...naming(line, read) } as const);
    if (id !== "") entries.set(id, { line: earlier?.line ?? line, code });
  }
  return {
    problems,
    codeOf: (deviceId) => (entries.get(deviceId) ?? entries.get(imeiOf(deviceId) ?? ""))?.code,
  };
}

function naming(line: number, { message, fix }: Violation): Violation {
  return { message: `line ${line} of the list of codes: ${message}`, fix };
}

function readLine(cells: readonly string[], earlier: number | undefined): Read<string> {
  const [id = "", text, ...surplus] = cells;
  if (id === "" || text === undefined || surplus.some((cell) => cell !== "")) {
    return {
      ok: false,
      message: "the line does not have the form id,code",
      fix: 'write "id,code", with a code that contains a comma in double quotes',
    };
  }
  const spoilt = checkNumberAsWritten(id, "device id");
  if (spoilt) return { ok: false, ...spoilt };
  if (earlier === undefined) return parseOwnershipCode(text);
  return {
    ok: false,
    message: `the device of this line has one already, line ${earlier}`,
    fix: "keep one line for each device",
  };
}

function isHeader({ cells }: CsvRecord): boolean {
  const [id, code, ...surplus] = cells.map((cell) => cell.toLowerCase().replaceAll(/[\s_-]/g, ""));
  return (
    surplus.every((cell) => cell === "") && code === "code" && ["id", "deviceid", "imei"].includes(id ?? "")
  );
}

/** The ownership code of a device from a list, or why there is none (which never repeats a code). */
export function codeFromList({ problems, codeOf }: CodeList, deviceId: string): Read<string> {
  const wrong = problems[0] ? `; line ${problems[0].line} of it is wrong: ${problems[0].message}` : "";
  return (
    codeOf(deviceId) ?? {
      ok: false,
      message: `the list of codes has no line for ${quote(deviceId)}${wrong}`,
      fix: 'add a line "id,code" for it',
    }
  );
}
