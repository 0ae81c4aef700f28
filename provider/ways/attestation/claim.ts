import { claimDevice, claimDevices, findClaimedDevices, type Claim } from "../../cloud/claimedDevices.js";
import type { Deadlines } from "../../cloud/deadlines.js";
import { mayHaveTakenEffect, RefusedError } from "../../cloud/errors.js";
import { sendReliably, type Outcome } from "../../cloud/reliably.js";
import type { Transport } from "../../cloud/transport.js";

/** Claims up to 1,000 unclaimed devices by their tokens. A single device uses the request for one device. */
export function claimTogether(
  identity: Transport,
  claims: readonly Claim[],
  deadlines: Deadlines,
): Promise<readonly Outcome[]> {
  return sendReliably(
    claims,
    {
      send: (wanted) => {
        const [only, another] = wanted;
        return only !== undefined && another === undefined
          ? claimAlone(identity, only)
          : claimMany(identity, wanted);
      },
      readBack: async (wanted) => {
        const claimed = await findClaimedDevices(
          identity,
          wanted.map(({ deviceUuid }) => deviceUuid),
        );
        return new Set(wanted.filter(({ deviceUuid }) => claimed.has(deviceUuid)));
      },
    },
    deadlines,
    identity.clock,
  );
}

async function claimMany(identity: Transport, claims: readonly Claim[]): Promise<readonly Outcome[]> {
  const { claimedIds = [], failed = [] } = await claimDevices(identity, claims);
  const claimed = new Set(claimedIds);
  const sanitize = identity.sanitizer({ secrets: claims.map(({ token }) => token) });
  return claims.map(({ deviceUuid }, row) => {
    if (claimed.has(deviceUuid)) return { kind: "done" };
    return {
      kind: "refused",
      reason: sanitize(reasonFor(failed, row, deviceUuid) ?? NO_REASON),
      nothingDone: true,
    };
  });
}

async function claimAlone(identity: Transport, claim: Claim): Promise<readonly Outcome[]> {
  try {
    await claimDevice(identity, claim);
    return [{ kind: "done" }];
  } catch (error) {
    if (!(error instanceof RefusedError) || mayHaveTakenEffect(error) || [403, 429].includes(error.status))
      throw error;
    return [{ kind: "refused", reason: error.reason ?? NO_REASON, nothingDone: true }];
  }
}

const NO_REASON = "the service gives no reason.";

/**
 * The service's reason for a row. Its form is not documented, so any entry that names the row or the device is used. The compared values are
 * never quoted, since they may be the token.
 */
export function reasonFor(failed: readonly unknown[], row: number, deviceUuid: string): string | undefined {
  const about = failed.find((entry) => {
    if (typeof entry !== "object" || entry === null) return false;
    return Object.entries(entry).some(
      ([key, value]) => (/row|index/i.test(key) && value === row) || value === deviceUuid,
    );
  });
  if (typeof about !== "object" || about === null || !("message" in about)) return undefined;
  return typeof about.message === "string" ? about.message : undefined;
}

/** What to do about a refused claim. */
export function claimRemedy(reason: string): string {
  if (/another team|another account/i.test(reason)) {
    return "Its owner must unclaim it first. If that is you, use the API key of that team.";
  }
  if (/already claimed/i.test(reason)) return "To manage it here, declare `adopt: true`.";
  return "Read the token from the device again (AT%ATTESTTOKEN), and check that it is whole and in the right row.";
}
