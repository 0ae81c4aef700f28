/** What a fleet has in the account, in few words, and what a change of it would take away. */
import type { DeviceSpec, Fleet } from "./fleet.js";
import { foldIds } from "./foldIds.js";
import { parseIdPattern } from "./ids.js";

/**
 * Device ids by what the devices are, e.g. `{"device: tracker, APP+MODEM": "lab-{000..499}, spare-1"}`. A device whose
 * description changes can't stay what it is: it is replaced.
 */
export type Holdings = Readonly<Record<string, string>>;

/** Ids that an operation takes out of the account, in the order of the fleet. */
export interface Departures {
  /** Deleted, released or unclaimed. */
  readonly gone: readonly string[];
  /** Deleted and onboarded anew. */
  readonly replaced: readonly string[];
}

const JITP = "claimed by ownership code";
const TOKEN = "claimed by token";
/** These are unclaimed with their claim, and with that deleted. */
const TOKEN_UNCLAIMED = "claimed by token, unclaimed on destroy";

/** What a fleet has in the account once it is up. */
export function holdingsOf({ devices, jitp, claims }: Fleet): Holdings {
  const ids = new Map<string, string[]>();
  const add = (what: string, id: string) => {
    const known = ids.get(what);
    if (known === undefined) ids.set(what, [id]);
    else known.push(id);
  };
  for (const device of devices) add(description(device), device.deviceId);
  for (const { deviceId } of jitp) add(JITP, deviceId);
  for (const { uuid, unclaimOnDestroy } of claims) add(unclaimOnDestroy ? TOKEN_UNCLAIMED : TOKEN, uuid);
  return Object.fromEntries([...ids].map(([what, members]) => [what, idText(members)]));
}

/** What of a device can't change without a replacement. */
function description({ subType, firmwareTypes, credential }: DeviceSpec): string {
  const traits = [
    subType,
    [...firmwareTypes].sort().join("+"),
    credential.kind === "publicKey" ? "public key" : "",
  ].filter((trait) => trait !== undefined && trait !== "");
  return traits.length === 0 ? "device" : `device: ${traits.join(", ")}`;
}

/** Which devices leave the account, for good or to come back as others, where a fleet that had these has those. */
export function departures(before: Holdings, after: Holdings): Departures {
  const now = byId(after);
  const gone: string[] = [];
  const replaced: string[] = [];
  for (const [id, was] of byId(before)) {
    const is = now.get(id);
    if (is === was || was === TOKEN) continue;
    if (is === undefined) gone.push(id);
    else if (!(was === TOKEN_UNCLAIMED && is === TOKEN)) replaced.push(id);
  }
  return { gone, replaced };
}

/** Devices that come with a fleet that had these before; claims by token, which no list of devices shows, are left out. */
export function arrivals(before: Holdings, after: Holdings): string[] {
  const was = byId(before);
  return [...byId(after)]
    .filter(([id, is]) => !was.has(id) && is !== TOKEN && is !== TOKEN_UNCLAIMED)
    .map(([id]) => id);
}

/** How many devices an operation could take away: all but the claims that stay claimed. */
export function sizeOf(holdings: Holdings): number {
  return [...byId(holdings).values()].filter((what) => what !== TOKEN).length;
}

/** Ids in the notation of the fleet file, e.g. `lab-{000..499}, spare-1`. */
export function idText(ids: readonly string[]): string {
  return foldIds(ids).join(", ");
}

/** The ids of such a text. */
export function idsIn(text: string): string[] {
  return text
    .split(", ")
    .filter((pattern) => pattern !== "")
    .flatMap((pattern) => {
      const parsed = parseIdPattern(pattern);
      return parsed.ok ? [...parsed.pattern.ids()] : [];
    });
}

function byId(holdings: Holdings): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(holdings).flatMap(([what, text]) => idsIn(text).map((id) => [id, what] as const)),
  );
}
