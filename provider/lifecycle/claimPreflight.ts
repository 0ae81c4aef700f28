import { CLAIM_ROWS, findClaimedDevices, tryClaims, type Claim } from "../cloud/claimedDevices.js";
import { Fields } from "../engine/fields.js";
import type { Lifecycle } from "../engine/lifecycle.js";
import { containsUnknown } from "../engine/unknown.js";
import { bareAttestationToken, parseAttestationToken } from "../pki/attestationToken.js";
import { reasonFor } from "./attest.js";
import { sessionIfConfigured, type Session } from "./session.js";

/**
 * A dry run of many claims, made by `check` and so by every preview: one bulk request asks the service whether the devices
 * that are not ours yet could be claimed. There is nothing in the cloud that belongs to it, and no token in its state.
 */
export const claimPreflight: Lifecycle = {
  declared: [],

  async check(_olds, news) {
    const fields = new Fields(news);
    const tokens = fields.texts("tokens") ?? [];
    const open = containsUnknown(news) ? undefined : await sessionIfConfigured();
    for (const reason of open === undefined ? [] : await refusals(open, tokens))
      fields.fail("tokens", reason);
    if (fields.failures.length > 0) return { ok: false, failures: fields.failures };
    return { ok: true, inputs: { claims: tokens.length } };
  },

  diff() {
    return Promise.resolve({ kind: "same" });
  },

  create() {
    return Promise.resolve({ id: "preflight", state: {} });
  },

  read(_id, state) {
    return Promise.resolve({ kind: "present", state });
  },

  update() {
    return Promise.resolve({ state: {} });
  },

  delete() {
    return Promise.resolve();
  },
};

async function refusals(open: Session, tokens: readonly string[]): Promise<readonly string[]> {
  // Malformed tokens are reported by their own claims.
  const claims = tokens.flatMap((token): Claim[] => {
    try {
      return [
        { token: bareAttestationToken(token), deviceUuid: parseAttestationToken(token).deviceUuid, tags: [] },
      ];
    } catch {
      return [];
    }
  });
  const ours = await findClaimedDevices(
    open.identity(),
    claims.map(({ deviceUuid }) => deviceUuid),
  );
  const wanted = claims.filter(({ deviceUuid }) => !ours.has(deviceUuid));
  const reasons: string[] = [];
  for (let start = 0; start < wanted.length; start += CLAIM_ROWS) {
    const batch = wanted.slice(start, start + CLAIM_ROWS);
    const { failed = [] } = await tryClaims(open.identity(), batch);
    const named = batch.flatMap(({ deviceUuid }, row) => {
      const reason = reasonFor(failed, row, deviceUuid);
      return reason === undefined ? [] : [`device ${deviceUuid} could not be claimed: ${reason}`];
    });
    reasons.push(...named);
    if (named.length < failed.length)
      reasons.push(`${failed.length - named.length} more devices could not be claimed`);
  }
  return reasons;
}
