import { changeDesired, findShadows } from "../../cloud/shadow.js";
import type { Transport } from "../../cloud/transport.js";
import { configChange, type DeviceConfig } from "../../fleet/config.js";
import { formerConfig } from "../plan/planRow.js";
import type { RowRun } from "./rowRun.js";
import type { Seen } from "../plan/situation.js";

/** What was set of a row before, be it by an interrupted run. */
export function formerOf({ record, log }: Pick<RowRun, "record" | "log">): DeviceConfig | undefined {
  return formerConfig(record?.row?.config, log);
}

/**
 * Reads the shadows of rows that are to be configured, by list calls for all of them. A claimed device that nRF Cloud has not onboarded
 * yet is left to a later run.
 *
 * @returns the rows to configure, and the call that configures one
 */
export async function configuring(
  transport: Transport,
  rows: readonly RowRun[],
): Promise<{ readonly present: readonly RowRun[]; readonly call: (id: string) => Promise<void> }> {
  const shadows = await findShadows(
    transport,
    rows.map(({ id }) => id),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  // A list may not show yet what was created in this run; a claim says nothing of the device itself.
  const isThere = ({ id, declared }: RowRun) => shadows.has(id) || declared?.way !== "attestation";
  for (const row of rows) if (!isThere(row)) row.defer();
  return {
    present: rows.filter(isThere),
    call: async (id) => {
      const row = byId.get(id);
      if (row === undefined) return;
      const former = formerOf(row);
      const known = row.log?.steps.includes("configure") === true ? undefined : shadows.get(id);
      await changeDesired(transport, id, known, (desired) =>
        configChange(desired, former, row.declared?.config),
      );
    },
  };
}

/** Whether the account shows the configuration of a row. */
export function isConfigured(
  row: RowRun | undefined,
  seen: (Seen & { kind: "present" }) | undefined,
): boolean {
  if (row === undefined || seen?.shadow?.kind !== "read") return false;
  return configChange(seen.shadow.desired, formerOf(row), row.declared?.config) === undefined;
}
