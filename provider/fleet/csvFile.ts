/** The CSV file of a group: found, read, and its rows made room for. */
import type { Context } from "./context.js";
import { parseCsv, type CsvFormat, type CsvRow } from "./csv.js";
import { isRecord, listOf, textAt } from "./data.js";
import { formatPath, type Path } from "./problems.js";
import { limits, readFile, resolvePath } from "./sources.js";

/** Rows of the file that a group names under `csv`, none if it names none or the file is of no use (then reported). */
export function readGroupCsv<Column extends string>(
  group: unknown,
  groupPath: Path,
  format: CsvFormat<Column>,
  { folder, io, report, declaredDevices }: Context,
): readonly CsvRow<Column>[] {
  const csv = textAt(group, "csv");
  if (csv === undefined || csv === "") return [];
  const path = [...groupPath, "csv"];
  const file = resolvePath(folder, csv);
  const read = readFile(file, limits.csvFile, io);
  if (!read.ok) {
    report.add(report.place(path), read);
    return [];
  }
  const { rows, problems } = parseCsv(read.value, file, format, ignoredColumns(group));
  for (const { at, ...violation } of problems) report.add({ path: formatPath(path), at }, violation);
  return declaredDevices.expect(rows.length, report.place(path)) ? rows : [];
}

function ignoredColumns(group: unknown): string[] {
  const names = isRecord(group) ? listOf(group.ignoreColumns) : [];
  return names.filter((name) => typeof name === "string");
}
