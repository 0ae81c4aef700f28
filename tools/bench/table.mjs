/**
 * Lines up columns: the first to the left, the others to the right.
 * @param {string[][]} rows  The first one is the heading.
 * @returns {string}
 */
export function table(rows) {
  const [heading = []] = rows;
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? "";
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("   ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)).join("   "));
  return lines.map((line) => `  ${line}`).join("\n");
}

/**
 * A number for people: 12,345 or 12.3 or 0.123.
 * @param {number | undefined} value
 * @returns {string}
 */
export function number(value) {
  if (value === undefined) return "–";
  return value.toLocaleString(
    "en",
    value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
  );
}
