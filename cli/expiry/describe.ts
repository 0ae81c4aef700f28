import { idText } from "../fleet/idText.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { count } from "../terminal.js";
import type { Expiring, Origin } from "./expiring.js";

const DAY_MS = 24 * 3600 * 1000;

const WHO: Readonly<Record<Origin, readonly [one: string, many: string]>> = {
  CA: ["CA", "CAs"],
  issued: ["certificate issued here", "certificates issued here"],
  brought: ["your own certificate", "your own certificates"],
  "just in time": ["just-in-time certificate", "just-in-time certificates"],
};

/** When certificates end, and what to do. Certificates with the same day and the same remedy share an entry. */
export function describeExpiring(expiring: readonly Expiring[], now: Date): string {
  const groups = groupBy(
    expiring,
    (each) => `${each.validUntil.slice(0, 10)} ${each.origin} ${remedy(each, now)}`,
  );
  return [...groups.values()]
    .map((members) => {
      const [first] = members;
      if (first === undefined) return "";
      const [one, many] = WHO[first.origin];
      return (
        `${first.validUntil.slice(0, 10)}  ${distance(first.validUntil, now)}: ${count(members.length, one, many)} ` +
        `(${idText(members.map(({ subject }) => subject))})\n  ${remedy(first, now)}`
      );
    })
    .join("\n\n");
}

/** What to do before a certificate ends. */
export function remedy({ origin, validUntil, hasNext, renewedFrom }: Expiring, now: Date): string {
  switch (origin) {
    case "CA":
      return (
        "No apply renews a CA, and a certificate never outlives its CA. Declare another CA as `nextCa`, and rotate the devices to it before " +
        "that (docs/rotation.md)."
      );
    case "issued":
      if (hasNext === true)
        return "Its next certificate is issued already. Flash it (`nrfcloud-fleet credentials --next`), then activate it (`phase: activate`).";
      if (renewedFrom === undefined) {
        return (
          `No apply renews it. Set \`earlyRenewalHours\` of \`certificates\` in the fleet file (in a program: of its set) to more than ` +
          `${hoursLeft(validUntil, now)}, the remaining hours, and apply. Then flash the new certificates (\`nrfcloud-fleet credentials\`).`
        );
      }
      return Date.parse(renewedFrom) <= now.getTime()
        ? "The next apply renews it for the same key. Then flash the new certificate (`nrfcloud-fleet credentials`)."
        : `The first apply from ${renewedFrom.slice(0, 10)} on renews it for the same key. Then flash the new certificate.`;
    case "brought":
      return "Have a new certificate issued, flash it, and name it in the fleet file or program instead of this one.";
    case "just in time":
      return (
        "nRF Cloud issues no second certificate for a device that it has. Delete the device in the portal, give it another ownership " +
        "code in the fleet file, and apply. Then flash the new certificate and key."
      );
  }
}

/** Counts to the end of the day, so that all certificates of one day have the same remedy. */
function hoursLeft(validUntil: string, now: Date): string {
  const end = Date.parse(validUntil.slice(0, 10)) + DAY_MS;
  return String(Math.max(0, Math.ceil((end - now.getTime()) / 3_600_000)));
}

function distance(validUntil: string, now: Date): string {
  const ms = Date.parse(validUntil) - now.getTime();
  const days = Math.floor(Math.abs(ms) / DAY_MS);
  if (ms < 0) return days === 0 ? "ended today" : `ended ${count(days, "day")} ago`;
  return days === 0 ? "ends within a day" : `ends in ${count(days, "day")}`;
}
