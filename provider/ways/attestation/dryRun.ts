import { tryClaim, type Claim } from "../../cloud/claimedDevices.js";
import type { Transport } from "../../cloud/transport.js";
import { claimRemedy } from "./claim.js";

/** Asks of each device whether it could be claimed, and claims none. @returns why not, by UUID */
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
