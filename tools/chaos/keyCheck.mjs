// The verdict on keys: what the state has of each device is what the account has, and fits.

import { expectedDevices } from "./expected.mjs";
import { fingerprintOf, publicKeyBelongingTo, publicKeyOf } from "./ownKeys.mjs";

/**
 * Devices whose key, certificate in state and certificate in the account are not of a piece.
 * @param {import("./plan.mjs").Plan} plan
 * @param {import("./cloud.mjs").Account} account
 * @param {ReadonlyMap<string, import("./state.mjs").StateRow>} rows  Of the state, secrets in clear.
 * @param {import("./ownKeys.mjs").OwnKeys} keys
 * @param {ReadonlySet<string>} [excused]  Devices whose keys in the state need not fit, because a run named them or could not.
 * @returns {Promise<string[]>}
 */
export async function keyProblems({ declared, residents }, { devices }, rows, keys, excused = new Set()) {
  const problems = [];
  for (const [id, { credential }] of expectedDevices(declared, residents)) {
    if (excused.has(id)) continue;
    const device = devices.get(id);
    const row = rows.get(id);
    if (device === undefined || row === undefined) {
      if (row === undefined) problems.push(`the state has nothing of ${id}`);
      continue;
    }
    if (credential.kind === "certificate" || credential.kind === "publicKey") {
      const { pem } = await keys.of(credential.kind, id, credential.key);
      const brought = credential.kind === "certificate" ? publicKeyOf(pem) : publicKeyBelongingTo(pem);
      if (device.publicKey !== brought)
        problems.push(`the account has another key of ${id} than was declared`);
      continue;
    }
    const { certificate, privateKey, outcome } = row;
    if (certificate === undefined) {
      if (outcome !== "adopted") problems.push(`the state has no certificate of ${id}`);
      continue;
    }
    if (device.fingerprint !== fingerprintOf(certificate)) {
      problems.push(`the account has another certificate of ${id} than the state`);
    }
    if (credential.kind === "csr") {
      if (privateKey !== undefined) problems.push(`the state has a private key of ${id}, which made its own`);
      const own = await keys.of("csr", id, credential.key);
      if (publicKeyOf(certificate) !== publicKeyBelongingTo(own.privateKey)) {
        problems.push(`the certificate of ${id} is not for the key of its signing request`);
      }
    } else if (privateKey === undefined) {
      problems.push(`the state has no private key of ${id}`);
    } else if (publicKeyBelongingTo(privateKey) !== publicKeyOf(certificate)) {
      problems.push(`the private key of ${id} in the state does not belong to its certificate`);
    }
  }
  return problems;
}
