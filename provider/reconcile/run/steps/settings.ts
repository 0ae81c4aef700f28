import { retagClaimedDevice } from "../../../cloud/claimedDevices.js";
import { renameDevice, retagDevice } from "../../../cloud/devices.js";
import { sameMembers } from "../../table/members.js";
import type { Seen } from "../../plan/situation.js";
import type { Row } from "../../table/row.js";
import { watch } from "../watch.js";
import { tooLate } from "../words.js";
import { rowsTo, type Batch } from "./batch.js";
import { singly } from "./singly.js";

/** Sets names or tags, with one call for each device, because nRF Cloud has no bulk call. */
export async function changeSettings(batch: Batch, kind: "rename" | "retag"): Promise<void> {
  const rows = rowsTo(kind, batch.rows);
  for (const isClaim of [false, true]) {
    const some = rows.filter(({ declared }) => (declared?.way === "attestation") === isClaim);
    if (some.length === 0) continue;
    const byId = new Map(some.map((row) => [row.id, row]));
    await singly(
      batch,
      some,
      kind,
      kind,
      (id) => setOne(batch, kind, id, byId.get(id)?.declared),
      async (sent) => {
        const late = await watch(batch.context, {
          ids: sent.map(({ id }) => id),
          isClaim,
          expects: "present",
          until: (id, seen) => shows(kind, id, byId.get(id)?.declared, seen),
        });
        for (const row of sent) {
          if (late.has(row.id))
            row.fail(
              tooLate(
                batch.context.cloud.deadlines,
                kind === "rename" ? "to show its new name" : "to show its new tags",
              ),
            );
        }
      },
    );
  }
}

function setOne(
  batch: Batch,
  kind: "rename" | "retag",
  id: string,
  declared: Row | undefined,
): Promise<void> {
  const { cloud } = batch.context;
  if (declared?.way === "attestation") return retagClaimedDevice(cloud.identity(), id, declared.tags);
  return kind === "rename"
    ? renameDevice(cloud.transport, id, declared?.name ?? id)
    : retagDevice(cloud.transport, id, declared?.tags ?? []);
}

function shows(
  kind: "rename" | "retag",
  id: string,
  declared: Row | undefined,
  seen: (Seen & { kind: "present" }) | undefined,
): boolean {
  if (seen === undefined || declared === undefined) return false;
  if (kind === "retag") return sameMembers(seen.tags, declared.tags);
  return declared.way === "attestation" || (seen.name ?? id) === (declared.name ?? id);
}
