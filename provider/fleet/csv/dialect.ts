/** The CSV dialects of spreadsheets: separators, and marks that keep a number as text. */

export type Delimiter = "," | ";" | "\t";

export interface Dialect {
  readonly delimiter: Delimiter;
  /** The text with spreadsheet marks blanked out, so that every cell keeps its line and column. */
  readonly text: string;
}

/**
 * Detects the dialect of a text with LF line ends. Excel's first line `sep=;` declares the separator. Without it, the separator
 * is the first of comma, semicolon (spreadsheets of many countries) and tab that the first line contains.
 */
export function readDialect(text: string): Dialect {
  const declared = /^"?sep=([,;\t])"?[,; \t]*(?=\n|$)/i.exec(text);
  const [line = "", delimiter] = declared ?? [];
  const undeclared = " ".repeat(line.length) + text.slice(line.length);
  const own = isDelimiter(delimiter) ? delimiter : delimiterOf(undeclared);
  return { delimiter: own, text: withoutBareFormulas(undeclared) };
}

function isDelimiter(text: string | undefined): text is Delimiter {
  return text === "," || text === ";" || text === "\t";
}

function delimiterOf(text: string): Delimiter {
  const start = text.lastIndexOf("\n", Math.max(text.search(/\S/), 0)) + 1;
  const end = text.indexOf("\n", start);
  const first = text.slice(start, end < 0 ? undefined : end);
  const found = ([",", ";", "\t"] as const).find((delimiter) => first.includes(delimiter));
  return found ?? ",";
}

/** `="0123"` without quotes around it is not valid CSV. A blank instead of the equals sign makes it a quoted cell. */
function withoutBareFormulas(text: string): string {
  if (!/(?:^|[,;\t])="/m.test(text)) return text;
  return text.replace(/"[^"]*"|(^|[,;\t])=(?=")/gm, (found, before?: string) =>
    before === undefined ? found : `${before} `,
  );
}

/** Removes the marks that keep a number as text: `="0123"` and `'0123`. */
export function plainCell(cell: string): string {
  const formula = /^="([^"]*)"$/.exec(cell)?.[1];
  return formula === undefined ? cell.replace(/^'(?=\d+$)/, "") : formula.trim();
}
