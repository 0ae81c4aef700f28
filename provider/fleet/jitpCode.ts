/** Where a just-in-time device's ownership code comes from: what it brings itself, or its group's list. */
import { parseCodeList, type CodeList } from "./codeList.js";
import type { Context } from "./context.js";
import { isRecord } from "./data.js";
import type { CodeSource, SecretSource } from "./fleet.js";
import { parseOwnershipCode } from "./ownershipCode.js";
import { formatPath, type Path } from "./problems.js";
import { limits, readSecretSource, readSecretText } from "./sources.js";

/** The code that a device brings itself, unreadable if its source is wrong. */
export type OwnCode =
  | { readonly kind: "none" }
  | { readonly kind: "own"; readonly code: CodeSource }
  | { readonly kind: "unreadable" };

/** A group's list of codes; its lines are unknown if it lives in the stack's configuration. */
export type GroupCodes =
  | { readonly kind: "none" }
  | { readonly kind: "list"; readonly from: SecretSource; readonly lines?: CodeList }
  | { readonly kind: "unreadable" };

/** The code of a listed device, reporting what is wrong with it as far as it can be read now. */
export function readOwnCode(device: unknown, devicePath: Path, { folder, io, report }: Context): OwnCode {
  if (!isRecord(device) || !Object.hasOwn(device, "code")) return { kind: "none" };
  const source = readSecretSource(device.code, folder, io);
  const text = source?.ok ? readSecretText(source.value, limits.codeFile, io) : undefined;
  const code = text?.ok ? parseOwnershipCode(text.value) : undefined;
  const failure = [source, text, code].find((read) => read?.ok === false);
  if (failure?.ok === false) report.add(report.place([...devicePath, "code"]), failure);
  return source?.ok && !failure ? { kind: "own", code: source.value } : { kind: "unreadable" };
}

/** A group's list, reporting each line of it that is wrong as far as it can be read now. */
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
