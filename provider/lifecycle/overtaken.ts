import type { Journal } from "../engine/journal.js";
import type { LooseObject } from "../engine/outputs.js";
import { describeCertificate } from "../pki/certificate.js";
import { parsePublicKey } from "../pki/keys.js";
import { confirm } from "./confirmed.js";
import type { DeviceInputs } from "./deviceInputs.js";
import type { DeviceState } from "./deviceState.js";

/**
 * Whether a run that was killed before it saved its state gave this device another credential than the state has: a
 * replacement, say, that was never recorded. Where state and journal agree, the entry has served and is settled.
 */
export function isOvertaken(
  journal: Journal,
  state: DeviceState,
  declared: DeviceInputs,
  olds: LooseObject,
): boolean {
  const intent = journal.unfinished(state.deviceId);
  if (intent === undefined) return false;
  const mark = markOf(state, declared);
  if (mark !== undefined && mark !== intent.mark) return true;
  confirm(journal, state.deviceId, olds);
  return false;
}

/** The fingerprint of what the state says the device has; `undefined` where the state does not know. */
function markOf({ certificate }: DeviceState, { credential }: DeviceInputs): string | undefined {
  if (certificate !== undefined) return describeCertificate(certificate).fingerprint;
  if (credential.kind === "certificate" && credential.pem !== undefined) {
    return describeCertificate(credential.pem).fingerprint;
  }
  if (credential.kind === "publicKey" && credential.pem !== undefined)
    return parsePublicKey(credential.pem).fingerprint;
  return undefined;
}
