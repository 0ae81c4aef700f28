/** Reads rows of a claim group's CSV file. */
import { readCells } from "./cells.js";
import { checkSameDevice, decodeToken, type Identity } from "../resolve/claimToken.js";
import type { Context } from "../resolve/context.js";
import type { CsvFormat, CsvRow } from "./parse.js";
import type { ClaimSpec } from "../deviceSpec.js";
import { checkImeiDigits } from "../imei.js";
import { unsupportedInClaims } from "./unsupportedColumns.js";
import { checkDeviceUuid, checkProvisioningTag, holdsAttestationToken } from "../rules.js";
import { unionOfTags } from "../resolve/settings.js";
import {
  readSettingCells,
  settingColumns,
  settingNames,
  type SettingCells,
  type SettingColumn,
} from "./settingCells.js";

type ClaimColumn = "token" | "uuid" | "imei" | "tags" | "timestamp" | SettingColumn;

const names = ["token", "uuid", "imei", "tags", "timestamp", ...settingNames] as const;

/**
 * Attestation tokens with a header (memfault-cli writes `deviceId,attestationToken`) or without one: Nordic's
 * gather_attestation_tokens writes `imei,uuid,token,timestamp`, and nRF Cloud's bulk claim takes `"token"` or
 * `"token","tag1,tag2"`. The timestamp is ignored.
 */
export const claimCsv: CsvFormat<ClaimColumn> = {
  columns: new Map([
    ["token", "token"],
    ["claimtoken", "token"],
    ["attestationtoken", "token"],
    ["uuid", "uuid"],
    ["deviceuuid", "uuid"],
    ["deviceid", "uuid"],
    ["imei", "imei"],
    ["tags", "tags"],
    ["timestamp", "timestamp"],
    ...settingColumns,
  ]),
  names,
  ids: ["token"],
  unsupported: unsupportedInClaims,
  confidential: true,
  missingId: {
    message:
      "the first row is neither a header with a token column nor a row of Nordic's gather_attestation_tokens",
    fix: `begin the file with a header such as "token,tags"; columns: ${names.join(", ")}`,
  },
  headless: [
    {
      matches: ([, uuid = "", token = "", ...others]) =>
        others.length === 1 && (!checkDeviceUuid(uuid) || token.includes(".")),
      columnsOf: () => ["imei", "uuid", "token", "timestamp"],
    },
    {
      matches: ([token = "", ...others]) => holdsAttestationToken(token) && others.length < 2,
      columnsOf: (cells) => (cells.length < 2 ? ["token"] : ["token", "tags"]),
    },
  ],
};

/** What gather_attestation_tokens writes when the modem does not report its IMEI. */
const noImei = "None";

/** Reads a row; undefined if it names no device, which is reported. `path` is where the fleet names the CSV file. */
export function readClaimRow(
  row: CsvRow<ClaimColumn>,
  path: string,
  { io, report }: Context,
):
  (Identity & Pick<ClaimSpec, "imei" | "tags" | "source"> & { readonly settings: SettingCells }) | undefined {
  const cells = readCells(row, path, report, claimCsv);
  const { refuse, cell, parts } = cells;
  const imei = row.cells.get("imei") === noImei ? undefined : cell("imei", checkImeiDigits);
  const declared = cell("uuid", checkDeviceUuid)?.toLowerCase();
  const tags = unionOfTags(parts("tags", checkProvisioningTag, /[|,]/));
  const settings = readSettingCells(cells);
  const source = { path, at: row.at };
  const value = row.cells.get("token");
  if (value === undefined) {
    report.add(source, { message: "the row has no token", fix: "fill in the token, or remove the row" });
    return undefined;
  }
  const decoded = decodeToken(value, io);
  if (!decoded.ok) {
    refuse("token", decoded);
    return undefined;
  }
  const { uuid } = decoded.value;
  const violation = declared === undefined ? undefined : checkSameDevice(declared, uuid);
  if (violation) {
    refuse("uuid", violation);
    return undefined;
  }
  return { uuid, token: { kind: "csv", value }, ...(imei !== undefined && { imei }), tags, settings, source };
}
