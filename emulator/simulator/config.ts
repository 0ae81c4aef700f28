import { isRecord } from "../http/json.js";
import type { DeviceShadow } from "./shadow.js";

/** What the service sets for itself in the desired section, which are not settings of the firmware. */
const OF_THE_SERVICE = ["pairing", "nrfcloud_mqtt_topic_prefix"];

/**
 * Treats a configuration like firmware: it applies everything that is desired, and reports it if the shadow does not show it yet.
 *
 * @param before what the device applied last, of which it removes what is not desired any more
 * @returns what is applied now, and what to report; without anything to report, `undefined`
 */
export function applyConfig(
  { desired, reported }: Pick<DeviceShadow, "desired" | "reported">,
  before: Record<string, unknown>,
): { readonly applied: Record<string, unknown>; readonly report: Record<string, unknown> | undefined } {
  const applied = Object.fromEntries(
    Object.entries(desired).filter(([key]) => !OF_THE_SERVICE.includes(key)),
  );
  const report = differences(reported, applied, before);
  return { applied, report: Object.keys(report).length === 0 ? undefined : report };
}

function differences(
  reported: Record<string, unknown>,
  applied: Record<string, unknown>,
  before: Record<string, unknown>,
): Record<string, unknown> {
  const report: [string, unknown][] = [];
  for (const [key, value] of Object.entries(applied)) {
    const present = reported[key];
    if (isRecord(value) && isRecord(present)) {
      const former = before[key];
      const inner = differences(present, value, isRecord(former) ? former : {});
      if (Object.keys(inner).length > 0) report.push([key, inner]);
    } else if (JSON.stringify(value) !== JSON.stringify(present)) report.push([key, value]);
  }
  for (const key of Object.keys(before))
    if (!Object.hasOwn(applied, key) && Object.hasOwn(reported, key)) report.push([key, null]);
  return Object.fromEntries(report);
}
