import { findDevices, listDevices } from "../cloud/devices.js";
import { notice } from "../engine/notices.js";
import type { LooseObject } from "../engine/outputs.js";
import { arrivals, departures, idsIn, idText } from "../fleet/holdings.js";
import type { GuardInputs } from "./guardInputs.js";
import type { Session } from "./session.js";

/**
 * Tells in a preview what the account already has of the devices that are to come, and whether they fit the plan. One
 * pass of list calls for all of them, and none where nothing comes.
 */
export async function preflight(
  open: Session,
  before: GuardInputs | undefined,
  after: GuardInputs,
  news: LooseObject,
): Promise<void> {
  const fresh = arrivals(before?.devices ?? {}, after.devices);
  if (fresh.length === 0) return;
  const limit = open.account.plan?.limits?.devices;
  // The plan counts every device of the account, so that all of them must be listed.
  const account =
    limit === undefined
      ? new Set((await findDevices(open.transport, fresh)).keys())
      : new Set((await listDevices(open.transport)).map(({ id }) => id));
  const say = (text: string) => {
    notice({ subject: `Fleet ${after.fleet}`, text });
  };

  const halfDone = new Set(
    (["device", "claim"] as const).flatMap((kind) =>
      open
        .journalOf(kind, news)
        .allUnfinished()
        .map(({ key }) => key),
    ),
  );
  const adopting = new Set(idsIn(after.adopting ?? ""));
  const present = fresh.filter((id) => account.has(id) && !halfDone.has(id));
  const adopted = present.filter((id) => adopting.has(id));
  const refused = present.filter((id) => !adopting.has(id));
  const told = (ids: readonly string[]) => `${idText(ids)} (${ids.length} of ${fresh.length} new devices)`;
  if (adopted.length > 0) say(`already in the account, and adopted by \`up\`: ${told(adopted)}.`);
  if (refused.length > 0) {
    say(
      `already in the account, and refused by \`up\`: ${told(refused)}. To manage them here, declare \`adopt: true\` for them.`,
    );
  }
  if (limit !== undefined) {
    const leaving = departures(before?.devices ?? {}, after.devices).gone.filter((id) => account.has(id));
    const arriving = fresh.filter((id) => !account.has(id));
    // Devices go last in an operation, so that for a while all of them are there.
    const most = account.size + arriving.length;
    if (most > limit) {
      say(
        `the team's plan allows ${limit} devices, but the account has ${account.size} and ${arriving.length} would come` +
          `${leaving.length > 0 ? ` before ${leaving.length} go` : ""}: \`up\` will be refused for some. Remove devices or change the plan first.`,
      );
    }
  }
  say(
    `looked for ${fresh.length} new devices in the account and found ${present.length}. Whether another team has one of their ids ` +
      "shows only when it is onboarded or claimed.",
  );
}
