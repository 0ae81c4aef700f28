/** Reads rows of the CSV file of a group under `groups`. */
import { dirname } from "node:path";
import { readCells, type Cells } from "./cells.js";
import type { Context } from "../resolve/context.js";
import { checkedCredential, type OwnCredential, credentialKeys } from "../resolve/credential.js";
import type { CsvFormat, CsvRow } from "./parse.js";
import type { Place } from "../place.js";
import { unsupportedOutsideClaims } from "./unsupportedColumns.js";
import { isCredentialText } from "../sources/pemForms.js";
import {
  checkDeviceId,
  checkFirmwareType,
  checkName,
  checkSubType,
  checkTag,
  isFirmwareType,
} from "../rules.js";
import { unionOfTags, type Settings } from "../resolve/settings.js";
import { readSettingCells, settingColumns, settingNames, type SettingColumn } from "./settingCells.js";
import type { FleetIo } from "../sources/io.js";
import { resolvePath } from "../sources/file.js";
import { checkPem, readPemFile, type PemKind } from "../sources/pem.js";
import type { ReadResult } from "../readResult.js";

export type CsvColumn =
  "id" | "name" | "subType" | "tags" | "firmwareTypes" | "certificate" | "csr" | "publicKey" | SettingColumn;

const names = [
  "id",
  "name",
  "subType",
  "tags",
  "firmwareTypes",
  "certificate",
  "csr",
  "publicKey",
  ...settingNames,
] as const;

/**
 * A CSV file with a header, or Nordic's onboard.csv, which has none:
 * `deviceId,subType,tags,fwTypes,"certificate or public key in PEM"`.
 */
export const deviceCsv: CsvFormat<CsvColumn> = {
  columns: new Map([
    ["id", "id"],
    ["deviceid", "id"],
    ["name", "name"],
    ["subtype", "subType"],
    ["tags", "tags"],
    ["firmwaretypes", "firmwareTypes"],
    ["fwtypes", "firmwareTypes"],
    ["certificate", "certificate"],
    ["certpem", "certificate"],
    ["csr", "csr"],
    ["publickey", "publicKey"],
    ...settingColumns,
  ]),
  names,
  ids: ["id"],
  unsupported: unsupportedOutsideClaims,
  missingId: {
    message: "the first row is neither a header with an id column nor a row of Nordic's onboard.csv",
    fix: `begin the file with a header such as "id,name,tags"; columns: ${names.join(", ")}`,
  },
  headless: [
    {
      matches: (cells) => cells.length === 5 && (cells[4] ?? "").includes("-----BEGIN"),
      columnsOf: ([, , , , pem = ""]) => {
        const last = pem.includes("BEGIN PUBLIC KEY") ? "publicKey" : "certificate";
        return ["id", "subType", "tags", "firmwareTypes", last];
      },
    },
  ],
};

/** A checked row. A missing or invalid id is reported and left out. */
export interface RowDevice {
  readonly deviceId?: string;
  readonly settings: Settings;
  readonly own: OwnCredential;
  readonly source: Place;
}

/** Reads a row. `path` is where the fleet names the CSV file. */
export function readRow(row: CsvRow<CsvColumn>, path: string, context: Context): RowDevice {
  const source: Place = { path, at: row.at };
  const cells = readCells(row, path, context.report, deviceCsv);
  const { refuse, cell, parts } = cells;
  const deviceId = cell("id", checkDeviceId);
  if (!row.cells.has("id"))
    refuse("id", { message: "the row has no device id", fix: "fill in the id, or remove the row" });
  const [subType, name] = [cell("subType", checkSubType), cell("name", checkName)];
  const firmwareTypes = parts("firmwareTypes", checkFirmwareType).filter(isFirmwareType);
  return {
    ...(deviceId !== undefined && { deviceId }),
    settings: {
      ...readSettingCells(cells),
      tags: unionOfTags(parts("tags", checkTag)),
      ...(subType !== undefined && { subType }),
      ...(name !== undefined && { name: { kind: "literal", text: name } }),
      ...(row.cells.has("firmwareTypes") && { firmwareTypes: [...new Set(firmwareTypes)] }),
    },
    own: readCredentialCells(row, cells, deviceId, context),
    source,
  };
}

function readCredentialCells(
  row: CsvRow<CsvColumn>,
  { place, refuse }: Cells<CsvColumn>,
  deviceId: string | undefined,
  context: Context,
): OwnCredential {
  const given = credentialKeys.flatMap((key) => {
    const text = row.cells.get(key);
    return text === undefined ? [] : [{ key, text }];
  });
  const [first, second] = given;
  if (!first) return { kind: "none" };
  if (second) {
    refuse(second.key, {
      message: `a device has one credential, not ${first.key} and ${second.key}`,
      fix: "leave all but one of these cells empty",
    });
    return { kind: "unreadable" };
  }
  const { key } = first;
  const read = readPemCell(first.text, key, dirname(row.at.file), context.io);
  if (read.ok) return checkedCredential(key, read.value, deviceId, () => place(key), context);
  refuse(key, read);
  return { kind: "unreadable" };
}

/** A cell holds the PEM itself or the path of its file. */
function readPemCell(text: string, kind: PemKind, folder: string, io: FleetIo): ReadResult<string> {
  return isCredentialText(text) ? checkPem(text, kind) : readPemFile(resolvePath(folder, text), kind, io);
}
