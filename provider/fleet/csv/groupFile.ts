/** Reads the CSV file of a group. */
import type { Context } from "../resolve/context.js";
import { parseCsv, type CsvFormat, type CsvRow } from "./parse.js";
import { isRecord, listOf, textAt } from "../data.js";
import { formatPath, type Path } from "../problems.js";
import { limits, readFile, resolvePath } from "../sources/file.js";

/** The rows of the file that a group names under `csv`; none without such a file, or if it is unusable (which is reported). */
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
  return declaredDevices.reserve(rows.length, report.place(path)) ? rows : [];
}

function ignoredColumns(group: unknown): string[] {
  const names = isRecord(group) ? listOf(group.ignoreColumns) : [];
  return names.filter((name) => typeof name === "string");
}
