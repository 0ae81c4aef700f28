import type { LooseObject } from "../engine/outputs.js";
import { describeCertificate } from "../pki/certificate.js";
import { parsePublicKey } from "../pki/keys.js";
import { confirm } from "./confirmed.js";
import type { DeviceInputs } from "./deviceInputs.js";
import type { DeviceState } from "./deviceState.js";
import type { Session } from "./session.js";

/**
 * Whether a run that was killed before it saved its state gave this device another credential than the state has: a
 * replacement, say, that was never recorded. Where state and journal agree, the entry has served and is settled.
 */
export function isOvertaken(
  { journalOf }: Pick<Session, "journalOf">,
  state: DeviceState,
  declared: DeviceInputs,
  olds: LooseObject,
): boolean {
  const journal = journalOf("device", state.declared);
  const intent = journal.unfinished(state.deviceId);
  if (intent === undefined) return false;
  const mark = markOf(state, declared);
  if (mark !== undefined && mark !== intent.mark) return true;
  return !confirm(journal, state.deviceId, olds);
}

/** Whether such a run has put a device of another sub-type in its place: that can't be changed, only replaced once more. */
export async function isOfAnotherKind(
  open: Session,
  { deviceId, declared }: DeviceState,
  { subType }: DeviceInputs,
): Promise<boolean> {
  const found = await open.unfinishedDevice(deviceId, declared);
  return found !== undefined && subType !== undefined && found.subType !== subType;
}

/** In words for a reviewer. */
export const REPLACED =
  "was deleted and onboarded with another sub-type by a run that could not save that, so it will be deleted and onboarded as it is " +
  "declared: it needs its new certificate before it can connect again.";

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
