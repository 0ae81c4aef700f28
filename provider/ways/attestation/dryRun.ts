import { tryClaim, type Claim } from "../../cloud/claimedDevices.js";
import type { Transport } from "../../cloud/transport.js";
import { claimRemedy } from "./claim.js";

/** Checks whether devices can be claimed, without claiming them. @returns why not, by UUID */
export async function dryRun(
  identity: Transport,
  claims: readonly Claim[],
): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>();
  await Promise.all(
    claims.map(async (claim) => {
      const reason = await tryClaim(identity, claim);
      if (reason !== undefined)
        refused.set(claim.deviceUuid, `nRF Cloud can't claim the device: ${reason} ${claimRemedy(reason)}`);
    }),
  );
  return refused;
}
