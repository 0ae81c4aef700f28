/** The old form counts rows from 1, after this marker; the current form counts from 0. */
const OLD_MARKER = "(1-based)]: ";

/** The reasons of failed rows, by index from 0. */
export type FailedRows = ReadonlyMap<number, string>;

/**
 * Parses an error summary of a bulk job, completely or not at all (`undefined`): rows that it does not name count as done, so a skipped
 * entry would hide a failure.
 *
 * Two forms are in use: the current `{"errors": ["[0]: reason", …]}`, and an older one, a string that contains a JSON map from reasons
 * to row numbers.
 *
 * @param rows the number of rows of the job
 */
export function readErrorSummary(text: string, rows: number): FailedRows | undefined {
  const named = currentForm(parse(text)) ?? oldForm(text);
  if (named === undefined || named.length === 0) return undefined;

  const failed = new Map<number, string>();
  for (const { row, reason } of named) {
    if (!Number.isInteger(row) || row < 0 || row >= rows) return undefined;
    const before = failed.get(row);
    failed.set(row, before === undefined ? reason : `${before} ${reason}`);
  }
  return failed;
}

interface Named {
  readonly row: number;
  readonly reason: string;
}

function currentForm(summary: unknown): readonly Named[] | undefined {
  if (typeof summary !== "object" || summary === null || !("errors" in summary)) return undefined;
  const { errors } = summary;
  if (!Array.isArray(errors)) return undefined;
  const named: Named[] = [];
  for (const entry of errors) {
    const match = typeof entry === "string" ? /^\[(\d+)\]:\s*([\s\S]*)$/.exec(entry) : null;
    const [, row, reason] = match ?? [];
    if (row === undefined || reason === undefined) return undefined;
    named.push({ row: Number(row), reason });
  }
  return named;
}

function oldForm(text: string): readonly Named[] | undefined {
  const start = text.indexOf(OLD_MARKER);
  const end = text.lastIndexOf('."}');
  if (start < 0 || end < start) return undefined;
  // The part between is the content of a JSON string, which contains JSON itself.
  const map = parse(`"${text.slice(start + OLD_MARKER.length, end)}"`);
  const reasons = typeof map === "string" ? parse(map) : undefined;
  if (typeof reasons !== "object" || reasons === null) return undefined;
  const named: Named[] = [];
  for (const [reason, numbers] of Object.entries(reasons)) {
    if (!Array.isArray(numbers)) return undefined;
    for (const number of numbers) {
      if (typeof number !== "number") return undefined;
      named.push({ row: number - 1, reason });
    }
  }
  return named;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
