import { claimDevice, claimDevices, CLAIM_ROWS, type Claim } from "../cloud/claimedDevices.js";
import { RefusedError } from "../cloud/errors.js";
import { Batcher, type Settled } from "../engine/batcher.js";
import { ExpectedError } from "../engine/errors.js";
import { asBatch } from "../engine/progress.js";
import { perSession } from "./perSession.js";
import { QUIET_MS, type Session } from "./session.js";

/** Claims that arrive together become one bulk request; a single one goes alone. */
export const attestations = perSession(
  (open) =>
    new Batcher<Claim, undefined>({
      maxSize: CLAIM_ROWS,
      quietMs: QUIET_MS,
      run: (claims) => asBatch(claims.length, () => claimTogether(open, claims)),
    }),
);

async function claimTogether(
  open: Session,
  claims: readonly Claim[],
): Promise<readonly Settled<undefined>[]> {
  const [only, another] = claims;
  if (only !== undefined && another === undefined) return [await claimAlone(open, only)];
  const { claimedIds = [], failed = [] } = await claimDevices(open.identity(), claims);
  const claimed = new Set(claimedIds);
  return claims.map(({ deviceUuid }, row): Settled<undefined> => {
    if (claimed.has(deviceUuid)) return { ok: true, value: undefined };
    return { ok: false, error: refusedClaim(deviceUuid, reasonFor(failed, row, deviceUuid)) };
  });
}

async function claimAlone(open: Session, claim: Claim): Promise<Settled<undefined>> {
  try {
    await claimDevice(open.identity(), claim);
    return { ok: true, value: undefined };
  } catch (error) {
    if (
      !(error instanceof RefusedError) ||
      error.status >= 500 ||
      error.status === 429 ||
      error.status === 403
    )
      throw error;
    return { ok: false, error: refusedClaim(claim.deviceUuid, error.reason) };
  }
}

/**
 * What the service says of a row. How it says so is not documented, so whatever names the row or the device is taken for
 * it; what it is compared with is never repeated, because it may be the token.
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

/** An error for a claim that was refused, with the service's reason and what to do about it. */
export function refusedClaim(deviceUuid: string, reason: string | undefined): Error {
  return new ExpectedError(
    `Device ${deviceUuid} was not claimed: ${reason ?? "the service does not say why."}\n${remedyFor(reason ?? "")}`,
  );
}

function remedyFor(reason: string): string {
  if (/another team|another account/i.test(reason)) {
    return "Its present owner must unclaim it first; if that is you, use the API key of that team.";
  }
  if (/already claimed/i.test(reason)) return "To manage it here, declare `adopt: true`.";
  return (
    "Read the token from the device once more (AT%ATTESTTOKEN) and check that its row was not cut or mixed up; the devices of " +
    "the same batch that were good are claimed."
  );
}
