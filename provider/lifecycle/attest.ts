import {
  claimDevice,
  claimDevices,
  CLAIM_ROWS,
  findClaimedDevices,
  type Claim,
} from "../cloud/claimedDevices.js";
import { mayHaveTakenEffect, RefusedError } from "../cloud/errors.js";
import { surely, type Outcome } from "../cloud/surely.js";
import type { Transport } from "../cloud/transport.js";
import { Batcher, type Settled } from "../engine/batcher.js";
import { ExpectedError } from "../engine/errors.js";
import { asBatch } from "../engine/progress.js";
import { UncertainError } from "./didNothing.js";
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
  const identity = open.identity();
  const outcomes = await surely(
    claims,
    {
      send: (wanted) => {
        const [only, another] = wanted;
        return only !== undefined && another === undefined
          ? claimAlone(identity, only)
          : claimMany(identity, wanted);
      },
      // None of them was claimed before.
      look: async (wanted) => {
        const claimed = await findClaimedDevices(
          identity,
          wanted.map(({ deviceUuid }) => deviceUuid),
        );
        return new Set(wanted.filter(({ deviceUuid }) => claimed.has(deviceUuid)));
      },
    },
    open.deadlines,
  );
  return claims.map(({ deviceUuid }, i): Settled<undefined> => {
    const outcome = outcomes[i];
    if (outcome === undefined || outcome.kind === "done") return { ok: true, value: undefined };
    if (outcome.kind === "failed") return { ok: false, error: outcome.error };
    return { ok: false, error: refusedClaim(deviceUuid, outcome.reason, outcome.nothingDone) };
  });
}

async function claimMany(identity: Transport, claims: readonly Claim[]): Promise<readonly Outcome[]> {
  const { claimedIds = [], failed = [] } = await claimDevices(identity, claims);
  const claimed = new Set(claimedIds);
  return claims.map(({ deviceUuid }, row) => {
    if (claimed.has(deviceUuid)) return { kind: "done" };
    return { kind: "refused", reason: reasonFor(failed, row, deviceUuid) ?? NO_REASON, nothingDone: true };
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

const NO_REASON = "the service does not say why.";

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
function refusedClaim(deviceUuid: string, reason: string, nothingDone: boolean): Error {
  const text = `Device ${deviceUuid} was not claimed: ${reason}\n${remedyFor(reason)}`;
  return nothingDone ? new ExpectedError(text) : new UncertainError(text);
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
