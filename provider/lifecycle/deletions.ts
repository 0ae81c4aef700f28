import { departures, idText, idsIn, sizeOf } from "../fleet/holdings.js";
import { limitText, mostDeletes } from "../fleet/maxDeletes.js";
import type { GuardInputs } from "./guardInputs.js";

/**
 * Why an operation that makes a fleet what is declared must not be carried out; `undefined` where it may.
 *
 * @param left Ids that an interrupted operation was to take out of the account, and that are still there.
 */
export function whyRefuse(
  before: GuardInputs,
  after: GuardInputs,
  left: readonly string[] = [],
): string | undefined {
  return whyProtected(before, after) ?? whyTooMany(before, after, left) ?? whyStillSealed(before, after);
}

/** Says that more may leave the account than the limit of the fleet file allows; `undefined` where nothing is overridden. */
export function allowance(before: GuardInputs, after: GuardInputs): string | undefined {
  const { maxDeletes, allowedDeletes } = after;
  if (maxDeletes === undefined || allowedDeletes === undefined) return undefined;
  const size = sizeOf(after.devices);
  const limit = limitText(maxDeletes);
  const leave = leaving(before, after).length;
  if (leave > mostDeletes(maxDeletes, sizeOf(before.devices))) {
    return `maxDeletes (${limit}) is overridden: ${devices(leave)} leave the account, NRF_CLOUD_ALLOW_DELETES allows ${allowedDeletes}.`;
  }
  return mostDeletes(maxDeletes, size) < size && allowedDeletes >= size
    ? `maxDeletes (${limit}) is overridden: until the next \`up\` a destroy may delete all ${devices(size)} (NRF_CLOUD_ALLOW_DELETES=${allowedDeletes}).`
    : undefined;
}

/** Protection that ends, as groups with the ids that are still in the fleet. */
export function removedProtection(before: GuardInputs, after: GuardInputs): [string, string][] {
  const still = new Set(Object.values(after.protected).flatMap(idsIn));
  return Object.entries(before.protected).flatMap(([group, text]): [string, string][] => {
    const freed = idsIn(text).filter((id) => !still.has(id));
    return freed.length === 0 ? [] : [[group, idText(freed)]];
  });
}

function whyProtected(before: GuardInputs, after: GuardInputs): string | undefined {
  const leave = new Set(leaving(before, after));
  const hit = Object.entries(before.protected).flatMap(([group, text]) => {
    const ids = idsIn(text).filter((id) => leave.has(id));
    return ids.length === 0 ? [] : [`group ${group}: ${idText(ids)}`];
  });
  if (hit.length === 0) return undefined;
  return (
    `Fleet ${after.fleet}: protected devices would be deleted, replaced or released (${hit.join("; ")}). Nothing was changed.\n` +
    "If that is meant, take `protect: true` out of the group and run `up` with that alone first; the next operation may then delete them."
  );
}

function whyTooMany(before: GuardInputs, after: GuardInputs, left: readonly string[]): string | undefined {
  const { maxDeletes, allowedDeletes = 0 } = after;
  if (maxDeletes === undefined) return undefined;
  const { gone, replaced } = departures(before.devices, after.devices);
  const leave = gone.length + replaced.length + left.length;
  const size = sizeOf(before.devices);
  const most = mostDeletes(maxDeletes, size);
  if (leave <= Math.max(most, allowedDeletes)) return undefined;
  const parts = [
    told("deleted or released", gone),
    told("replaced, with the loss of their history", replaced),
    told("left over from an interrupted operation", left),
  ].filter((part) => part !== undefined);
  const limit = limitText(maxDeletes);
  return (
    `Fleet ${after.fleet}: this operation would take ${devices(leave)} of ${size} out of the account, ` +
    `but maxDeletes (${limit}) allows ${most}. Nothing was changed.\n${parts.join("\n")}\n` +
    `If that is meant, run again with NRF_CLOUD_ALLOW_DELETES=${leave}, which the plan will show, or raise maxDeletes in the fleet file.`
  );
}

/** The seal that keeps a destroy off is protected itself: the fleet file can't do without it at once. */
function whyStillSealed(before: GuardInputs, after: GuardInputs): string | undefined {
  if (!isGuarded(before) || isGuarded(after)) return undefined;
  if (sizeOf(before.devices) <= mostOf(before) && Object.keys(before.protected).length === 0)
    return undefined;
  return (
    `Fleet ${after.fleet}: the guards were taken out of the fleet file while they protect the fleet. Nothing was changed.\n` +
    'Write `maxDeletes: "100%"` and no `protect: true`, run `up`, and take maxDeletes out after that.'
  );
}

/** Whether the fleet file says anything about what may be deleted. */
export function isGuarded({
  maxDeletes,
  protected: groups,
}: Pick<GuardInputs, "maxDeletes" | "protected">): boolean {
  return maxDeletes !== undefined || Object.keys(groups).length > 0;
}

function mostOf({ maxDeletes, allowedDeletes = 0, devices: held }: GuardInputs): number {
  const size = sizeOf(held);
  return Math.max(allowedDeletes, maxDeletes === undefined ? size : mostDeletes(maxDeletes, size));
}

function leaving(before: GuardInputs, after: GuardInputs): string[] {
  const { gone, replaced } = departures(before.devices, after.devices);
  return [...gone, ...replaced];
}

function told(how: string, ids: readonly string[]): string | undefined {
  return ids.length === 0 ? undefined : `- ${devices(ids.length)} ${how}: ${shortened(idText(ids))}`;
}

/** Thousands of scattered ids are no help in a message. */
function shortened(text: string): string {
  return text.length <= 1000 ? text : `${text.slice(0, text.lastIndexOf(", ", 1000))} and more`;
}

function devices(count: number): string {
  return count === 1 ? "1 device" : `${count} devices`;
}
