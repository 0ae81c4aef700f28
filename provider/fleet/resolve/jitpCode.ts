/** Reads the sources of a JITP device's ownership code: its own entry, or its group's list. */
import { parseCodeList, type CodeList } from "../codeList.js";
import type { Context } from "./context.js";
import { isRecord } from "../data.js";
import type { CodeSource } from "../deviceSpec.js";
import type { SecretSource } from "../sources/secretSource.js";
import { parseOwnershipCode } from "../ownershipCode.js";
import { formatPath, type Path } from "../problems.js";
import { limits } from "../sources/file.js";
import { readSecretSource, readSecretText } from "../sources/secret.js";

/** The code that a device's own entry gives; `unreadable` if its source is wrong. */
export type OwnCode =
  | { readonly kind: "none" }
  | { readonly kind: "own"; readonly code: CodeSource }
  | { readonly kind: "unreadable" };

/** A group's list of codes. Its lines are unknown if it is in the stack's configuration. */
export type GroupCodes =
  | { readonly kind: "none" }
  | { readonly kind: "list"; readonly from: SecretSource; readonly lines?: CodeList }
  | { readonly kind: "unreadable" };

/** Reads the code of a listed device, and reports its problems as far as it can be read now. */
export function readOwnCode(device: unknown, devicePath: Path, { folder, io, report }: Context): OwnCode {
  if (!isRecord(device) || !Object.hasOwn(device, "code")) return { kind: "none" };
  const source = readSecretSource(device.code, folder, io);
  const text = source?.ok ? readSecretText(source.value, limits.codeFile, io) : undefined;
  const code = text?.ok ? parseOwnershipCode(text.value) : undefined;
  const failure = [source, text, code].find((read) => read?.ok === false);
  if (failure?.ok === false) report.add(report.place([...devicePath, "code"]), failure);
  return source?.ok && !failure ? { kind: "own", code: source.value } : { kind: "unreadable" };
}

/** Reads a group's list, and reports its problems line by line as far as it can be read now. */
export function readGroupCodes(group: unknown, groupPath: Path, { folder, io, report }: Context): GroupCodes {
  if (!isRecord(group) || !Object.hasOwn(group, "codes")) return { kind: "none" };
  const path = [...groupPath, "codes"];
  const source = readSecretSource(group.codes, folder, io);
  const text = source?.ok ? readSecretText(source.value, limits.csvFile, io) : undefined;
  const failure = [source, text].find((read) => read?.ok === false);
  if (failure?.ok === false) report.add(report.place(path), failure);
  if (!source?.ok || failure) return { kind: "unreadable" };
  const from = source.value;
  if (!text?.ok) return { kind: "list", from };
  const lines = parseCodeList(text.value);
  for (const { line, message, fix } of lines.problems) {
    if (from.kind === "file") {
      report.add({ path: formatPath(path), at: { file: from.path, line, column: 1 } }, { message, fix });
    } else {
      report.add(report.place(path), { message: `line ${line}: ${message}`, fix });
    }
  }
  return { kind: "list", from, lines };
}
