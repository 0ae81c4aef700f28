import { associateDevice, type Association } from "../../cloud/association.js";
import { fetchDevice } from "../../cloud/devices.js";
import { mayHaveTakenEffect } from "../../cloud/errors.js";
import type { Transport } from "../../cloud/transport.js";
import type { Clock } from "../../engine/clock.js";
import { asError } from "../../engine/errors.js";

/** A JITP device to claim. */
export interface Claiming {
  readonly deviceId: string;
  /** Secret. */
  readonly ownershipCode: string;
  readonly subType: string | undefined;
  /** How long to wait for the first connect, in seconds. */
  readonly waitSeconds: number;
}

/** How a claim ended. */
export type Claimed =
  | { readonly kind: "claimed" }
  | { readonly kind: "not connected" }
  | { readonly kind: "failed"; readonly reason: string };

/** The least time between two tries, and what each waiting device adds to it (milliseconds): 50 tries a second at most. */
const ROUND_MS = 2_000;
const ROUND_PER_DEVICE_MS = 20;

/**
 * Claims devices by their ownership codes, and waits for the first connection of those that have not connected yet. The account does not
 * list unclaimed devices, so each round tries all of them. More devices mean longer pauses between rounds.
 *
 * @param waiting called after each round with the number of waiting devices
 */
export async function associate(
  transport: Transport,
  clock: Clock,
  claims: readonly Claiming[],
  waiting: (devices: number) => void,
): Promise<ReadonlyMap<string, Claimed>> {
  const ended = new Map<string, Claimed>();
  const started = clock.now().getTime();
  for (let rest = claims; rest.length > 0;) {
    const tries = await Promise.all(
      rest.map(async (claim) => ({ claim, answer: await attempt(transport, claim) })),
    );
    const waited = (clock.now().getTime() - started) / 1000;
    const still: Claiming[] = [];
    for (const { claim, answer } of tries) {
      if (answer.kind === "not connected" && waited < claim.waitSeconds) still.push(claim);
      else ended.set(claim.deviceId, answer);
    }
    waiting(still.length);
    if (still.length > 0) {
      const left = Math.min(...still.map(({ waitSeconds }) => (waitSeconds - waited) * 1000));
      await clock.sleep(Math.min(left, Math.max(ROUND_MS, still.length * ROUND_PER_DEVICE_MS)));
    }
    rest = still;
  }
  return ended;
}

async function attempt(transport: Transport, claim: Claiming): Promise<Claimed> {
  try {
    const answer = await associateDevice(transport, claim);
    if (answer.kind === "associated") return { kind: "claimed" };
    return answer.kind === "not connected" ? answer : { kind: "failed", reason: REFUSALS[answer.kind] };
  } catch (thrown) {
    // All retries failed, but one of them may have taken effect. Then the account has the device.
    if (mayHaveTakenEffect(thrown) && (await isOurs(transport, claim))) return { kind: "claimed" };
    return { kind: "failed", reason: asError(thrown).message };
  }
}

async function isOurs(transport: Transport, { deviceId }: Claiming): Promise<boolean> {
  return (await fetchDevice(transport, deviceId).catch(() => undefined)) !== undefined;
}

const REFUSALS: Readonly<Record<Exclude<Association["kind"], "associated" | "not connected">, string>> = {
  "other team":
    "Another team owns the device. Its owner must remove it from their account first. If that is you, use the API key of that team.",
  "wrong code":
    "The ownership code is wrong. Compare it with the label (PIN or hardware id), or with the code that the certificate was issued with. Rows of a CSV file may be swapped.",
  "no certificate":
    "nRF Cloud never issued a just-in-time certificate for this id. Check the id, or onboard the device with your own certificate.",
  "unknown product":
    "Nordic knows no product with this id and code. Check the IMEI and the code on the label.",
};
