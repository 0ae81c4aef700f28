import { changeDesired, findShadows } from "../../../cloud/shadow.js";
import type { Transport } from "../../../cloud/transport.js";
import { configChange, type DeviceConfig } from "../../../fleet/config.js";
import { formerConfig } from "../../plan/row/settings.js";
import type { Seen } from "../../plan/situation.js";
import type { RowRun } from "../rowRun.js";
import { watch } from "../watch.js";
import { tooLate } from "../words.js";
import { rowsTo, type Batch } from "./batch.js";
import { singly } from "./singly.js";

/** What was set of a row before, also by an interrupted run. */
export function formerOf({ record, log }: Pick<RowRun, "record" | "log">): DeviceConfig | undefined {
  return formerConfig(record?.row?.config, log);
}

/** Sets the configuration, with one call for each device. */
export async function configure(batch: Batch): Promise<void> {
  const rows = rowsTo("configure", batch.rows);
  if (rows.length === 0) return;
  const { cloud } = batch.context;
  const { present, call } = await configuring(cloud.transport, rows);
  if (present.length === 0) return;
  const byId = new Map(present.map((row) => [row.id, row]));
  await singly(batch, present, "configure", "configure", call, async (sent) => {
    const late = await watch(batch.context, {
      ids: sent.map(({ id }) => id),
      isClaim: false,
      withShadow: true,
      expects: "present",
      until: (id, seen) => isConfigured(byId.get(id), seen),
    });
    for (const row of sent)
      if (late.has(row.id)) row.fail(tooLate(cloud.deadlines, "to show its configuration"));
  });
}

/**
 * Reads the shadows of rows by list calls. A later run configures claimed devices that nRF Cloud has not onboarded yet.
 * @returns the rows to configure, and the call that configures one
 */
async function configuring(
  transport: Transport,
  rows: readonly RowRun[],
): Promise<{ readonly present: readonly RowRun[]; readonly call: (id: string) => Promise<void> }> {
  const shadows = await findShadows(
    transport,
    rows.map(({ id }) => id),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  // A list may not show a device yet that this run created. The device of a claim may not exist yet.
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
function isConfigured(row: RowRun | undefined, seen: (Seen & { kind: "present" }) | undefined): boolean {
  if (row === undefined || seen?.shadow?.kind !== "read") return false;
  return configChange(seen.shadow.desired, formerOf(row), row.declared?.config) === undefined;
}
