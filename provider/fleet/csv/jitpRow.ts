/** Reads rows of a JITP group's CSV file. */
import { readCells } from "./cells.js";
import type { CsvFormat, CsvRow } from "./parse.js";
import type { Place } from "../place.js";
import { checkImei, checkJitpDeviceId, nordicDeviceId } from "../imei.js";
import type { OwnCode } from "../resolve/jitpCode.js";
import { unsupportedOutsideClaims } from "./unsupportedColumns.js";
import { parseOwnershipCode } from "../ownershipCode.js";
import type { Report } from "../problems.js";
import { checkName, checkSubType, checkTag, type Violation } from "../rules.js";
import { unionOfTags, type Settings } from "../resolve/settings.js";
import { readSettingCells, settingColumns, settingNames, type SettingColumn } from "./settingCells.js";

type JitpColumn = "id" | "imei" | "code" | "name" | "subType" | "tags" | SettingColumn;

const names = ["id", "imei", "code", "name", "subType", "tags", ...settingNames] as const;

/** A CSV file with ids or IMEIs, and optionally ownership codes. */
export const jitpCsv: CsvFormat<JitpColumn> = {
  columns: new Map([
    ["id", "id"],
    ["deviceid", "id"],
    ["imei", "imei"],
    ["code", "code"],
    ["ownershipcode", "code"],
    ["name", "name"],
    ["subtype", "subType"],
    ["tags", "tags"],
    ...settingColumns,
  ]),
  names,
  ids: ["id", "imei"],
  unsupported: unsupportedOutsideClaims,
  confidential: true,
  missingId: {
    message: "the first row is not a header with a column id or imei",
    fix: `begin the file with a header such as "imei,code"; columns: ${names.join(", ")}`,
  },
};

/** A checked row. A missing or invalid id is reported and left out. */
export interface JitpRow {
  readonly deviceId?: string;
  readonly settings: Settings;
  readonly own: OwnCode;
  readonly source: Place;
}

/** Reads a row. `path` is where the fleet names the CSV file. */
export function readJitpRow(row: CsvRow<JitpColumn>, path: string, report: Report): JitpRow {
  const cells = readCells(row, path, report, jitpCsv);
  const { refuse, cell, parts } = cells;
  const [id, imei] = [cell("id", checkJitpDeviceId), cell("imei", checkImei)];
  const named = (["id", "imei"] as const).filter((column) => row.cells.has(column));
  if (named.length === 0) {
    report.add(
      { path, at: row.at },
      { message: "the row has neither id nor imei", fix: "fill in one of them, or remove the row" },
    );
  } else if (named.length === 2) {
    refuse("imei", {
      message: "the row has an id and an imei",
      fix: "leave the imei empty, or for one of Nordic's own products the id",
    });
  }
  const deviceId = imei === undefined ? id : nordicDeviceId(imei);
  const [subType, name] = [cell("subType", checkSubType), cell("name", checkName)];
  return {
    ...(deviceId !== undefined && named.length === 1 && { deviceId }),
    settings: {
      ...readSettingCells(cells),
      tags: unionOfTags(parts("tags", checkTag)),
      ...(subType !== undefined && { subType }),
      ...(name !== undefined && { name: { kind: "literal", text: name } }),
    },
    own: readCodeCell(row, (violation) => {
      refuse("code", violation);
    }),
    source: { path, at: row.at },
  };
}

function readCodeCell(row: CsvRow<JitpColumn>, refuse: (violation: Violation) => void): OwnCode {
  const text = row.cells.get("code");
  if (text === undefined) return { kind: "none" };
  const code = parseOwnershipCode(text);
  if (code.ok) return { kind: "own", code: { kind: "csv", value: code.value } };
  refuse(code);
  return { kind: "unreadable" };
}
