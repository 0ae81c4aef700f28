import { associateDevice, type Association } from "../cloud/association.js";
import { fetchDevice } from "../cloud/devices.js";
import { mayHaveTakenEffect } from "../cloud/errors.js";
import { ExpectedError } from "../engine/errors.js";
import { waitsToConnect } from "../engine/progress.js";
import { SharedPoll } from "../engine/sharedPoll.js";
import { perSession } from "./perSession.js";
import type { Session } from "./session.js";

/** A device to be claimed. */
export interface Claim {
  readonly deviceId: string;
  readonly ownershipCode: string;
  readonly subType: string | undefined;
  /** How long to wait for the device's first connect, in seconds. */
  readonly waitSeconds: number;
}

/** How a claim ended: the device is ours, or it has not connected in time. */
export type Claimed = "claimed" | "not connected";

/** What one round of tries tells of a device. A refusal that nobody expected belongs to its device alone. */
type Answer = Association | { readonly kind: "failed"; readonly error: Error };

/**
 * Claims a device, and waits for its first connect where it has not connected yet. All claims of an operation that wait
 * share one loop of rounds: unclaimed devices are in no list of the account, so a round tries each of them, and the
 * more there are, the rarer the rounds.
 *
 * @throws ExpectedError saying why the device can't be ours, and what to do
 */
export async function claim(open: Session, wanted: Claim): Promise<Claimed> {
  const { rounds, wants } = claims(open);
  wants.set(wanted.deviceId, wanted);
  try {
    const answer = await rounds.wait(
      wanted.deviceId,
      (seen) => seen !== undefined && seen.kind !== "not connected",
      wanted.waitSeconds * 1000,
      () => new NotConnectedInTime(),
    );
    if (answer?.kind === "associated") return "claimed";
    // Repeated until it no longer made sense, and yet it may be ours: what is claimed is in the account.
    if (answer?.kind === "failed" && mayHaveTakenEffect(answer.error) && (await isOurs(open, wanted)))
      return "claimed";
    throw answer === undefined || answer.kind === "failed"
      ? (answer?.error ?? new Error("no answer"))
      : refusal(answer, wanted);
  } catch (error) {
    if (error instanceof NotConnectedInTime) return "not connected";
    throw error;
  } finally {
    wants.delete(wanted.deviceId);
    waitsToConnect(wanted.deviceId, false);
  }
}

async function isOurs({ transport }: Session, { deviceId }: Claim): Promise<boolean> {
  return (await fetchDevice(transport, deviceId).catch(() => undefined)) !== undefined;
}

class NotConnectedInTime extends Error {}

/** The least time between two tries, and what each waiting device adds to it (milliseconds): 50 tries a second at most. */
const ROUND_MS = 2_000;
const ROUND_PER_DEVICE_MS = 20;

const claims = perSession((open) => {
  const wants = new Map<string, Claim>();
  const rounds = new SharedPoll<Answer>({
    intervalMs: (devices) => Math.max(ROUND_MS, devices * ROUND_PER_DEVICE_MS),
    look: async (deviceIds) => {
      const tries = deviceIds.flatMap((deviceId) => wants.get(deviceId) ?? []);
      const answers = await Promise.all(
        tries.map(async (wanted): Promise<[string, Answer]> => {
          try {
            const answer = await associateDevice(open.transport, wanted);
            waitsToConnect(wanted.deviceId, answer.kind === "not connected");
            return [wanted.deviceId, answer];
          } catch (error) {
            return [
              wanted.deviceId,
              { kind: "failed", error: error instanceof Error ? error : new Error(String(error)) },
            ];
          }
        }),
      );
      return new Map(answers);
    },
  });
  return { rounds, wants };
});

function refusal(answer: Association, { deviceId }: Claim): Error {
  switch (answer.kind) {
    case "other team":
      return new ExpectedError(
        `Device ${deviceId} belongs to another team. Its owner must release it (remove it from their account) before it can be ` +
          "claimed here; if that is you, use the API key of that team.",
      );
    case "wrong code":
      return new ExpectedError(
        `The ownership code of device ${deviceId} is not the right one. Compare it with the label (PIN or hardware id) or with ` +
          "what its certificate was made with; mind swapped rows in a CSV file.",
      );
    case "no certificate":
      return new ExpectedError(
        `Device ${deviceId} has no just-in-time certificate, so it can't be claimed by a code. Declare a JitpCertificate for it, or ` +
          "onboard it as a Device with a certificate of your own CA.",
      );
    case "unknown product":
      return new ExpectedError(
        `Nordic knows no product ${deviceId} with this ownership code. Check the IMEI and the code on the label; ids that begin ` +
          "with nrf- are for Nordic's own kits only.",
      );
    case "associated":
    case "not connected":
      return new Error(`device ${deviceId} was not refused`);
  }
}
