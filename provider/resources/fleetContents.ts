import type { Contents, DecodeToken, JudgeCredential } from "../fleet/sources.js";
import { parseAttestationToken } from "../pki/attestationToken.js";
import { requireDeviceCredential } from "../pki/deviceCredential.js";
import { PkiError } from "../pki/errors.js";

/** Tells a fleet what is inside of tokens and credentials. What is wrong with them is said without their secrets. */
export function fleetContents(now: Date): Contents {
  const judgeCredential: JudgeCredential = (kind, pem, deviceId) => {
    try {
      requireDeviceCredential(kind, pem, now, deviceId);
      return undefined;
    } catch (error) {
      return { ...violationOf(error), ended: error instanceof PkiError && error.kind === "ended" };
    }
  };
  return { decodeToken, judgeCredential };
}

/** Whose device an attestation token is. */
export const decodeToken: DecodeToken = (text) => {
  try {
    return { ok: true, value: { uuid: parseAttestationToken(text).deviceUuid } };
  } catch (error) {
    return { ok: false, ...violationOf(error) };
  }
};

function violationOf(error: unknown): { readonly message: string; readonly fix: string } {
  if (!(error instanceof PkiError)) throw error;
  return { message: clause(error.problem), fix: clause(error.remedy) };
}

/** A sentence as it stands in the middle of another. */
function clause(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, "")}`;
}
