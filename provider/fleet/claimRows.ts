/** Rows of a claim group's CSV file as devices. */
import { readCells } from "./cells.js";
import { checkSameDevice, decodeToken, type Identity } from "./claimToken.js";
import type { Context } from "./context.js";
import type { CsvFormat, CsvRow } from "./csv.js";
import type { ClaimSpec } from "./fleet.js";
import { checkImeiDigits } from "./imei.js";
import { foreignToClaims } from "./newerCsv.js";
import { checkDeviceUuid, checkProvisioningTag, holdsAttestationToken } from "./rules.js";
import { unionOfTags } from "./settings.js";
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
 * Attestation tokens: with a header (memfault-cli's is `deviceId,attestationToken`), or without one: as Nordic's
 * gather_attestation_tokens writes them, `imei,uuid,token,timestamp`, or as the service takes them, `"token"` or
 * `"token","tag1,tag2"`. When a token was read makes no difference.
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
  foreign: foreignToClaims,
  confidential: true,
  noId: {
    message:
      "the first row is neither a header with a token column nor a row of Nordic's gather_attestation_tokens",
    fix: `begin the file with a header such as "token,tags"; columns: ${names.join(", ")}`,
  },
  headless: [
    {
      recognises: ([, uuid = "", token = "", ...others]) =>
        others.length === 1 && (!checkDeviceUuid(uuid) || token.includes(".")),
      columnsOf: () => ["imei", "uuid", "token", "timestamp"],
    },
    {
      recognises: ([token = "", ...others]) => holdsAttestationToken(token) && others.length < 2,
      columnsOf: (cells) => (cells.length < 2 ? ["token"] : ["token", "tags"]),
    },
  ],
};

/** What the tool writes where the modem does not tell. */
const noImei = "None";

/** Reads a row; undefined if it names no device, which has been reported. `path` is where the fleet names the CSV file. */
export function readClaimRow(
  row: CsvRow<ClaimColumn>,
  path: string,
  { io, report }: Context,
):
  (Identity & Pick<ClaimSpec, "imei" | "tags" | "source"> & { readonly settings: SettingCells }) | undefined {
  const cells = readCells(row, path, report, claimCsv);
  const { refuse, cell, parts } = cells;
  const imei = row.cells.get("imei") === noImei ? undefined : cell("imei", checkImeiDigits);
  const stated = cell("uuid", checkDeviceUuid)?.toLowerCase();
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
  const violation = stated === undefined ? undefined : checkSameDevice(stated, uuid);
  if (violation) {
    refuse("uuid", violation);
    return undefined;
  }
  return { uuid, token: { kind: "csv", value }, ...(imei !== undefined && { imei }), tags, settings, source };
}
