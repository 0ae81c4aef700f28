import { asError } from "../../engine/errors.js";
import { bareAttestationToken, parseAttestationToken } from "../../pki/attestationToken.js";

/** Why a string can't be the attestation token of this device; `undefined` if it can. The message never quotes the token. */
export function tokenProblem(uuid: string, token: string | undefined): string | undefined {
  if (token === undefined) return "token is missing";
  try {
    const { deviceUuid } = parseAttestationToken(token);
    if (deviceUuid === uuid) return undefined;
    return `token is that of device ${deviceUuid}: correct one of the two`;
  } catch (thrown) {
    return `token: ${asError(thrown).message}`;
  }
}

export const bareToken = bareAttestationToken;
