import type { DecodeToken } from "../fleet/sources.js";
import { parseAttestationToken } from "../pki/attestationToken.js";
import { PkiError } from "../pki/errors.js";

/** Tells a fleet of whose device an attestation token is. What is wrong with a token is said without a word of it. */
export const decodeToken: DecodeToken = (text) => {
  try {
    return { ok: true, value: { uuid: parseAttestationToken(text).deviceUuid } };
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return { ok: false, message: clause(error.problem), fix: clause(error.remedy) };
  }
};

/** A sentence as it stands in the middle of another. */
function clause(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, "")}`;
}
