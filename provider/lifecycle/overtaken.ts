import type { CloudDevice } from "../cloud/answers.js";
import { fetchDevice } from "../cloud/devices.js";
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
  // A device that came under a resource after that came with its own certificate, perhaps by a run on another machine.
  const cameBefore = typeof olds.since !== "string" || olds.since < intent.at;
  if (mark !== undefined && mark !== intent.mark && cameBefore) return true;
  return !confirm(journal, state.deviceId, olds);
}

/** Whether such a run has put a device of another sub-type in its place: that can't be changed, only replaced once more. */
export async function isOfAnotherKind(
  open: Session,
  { deviceId, declared }: DeviceState,
  { subType }: DeviceInputs,
): Promise<boolean> {
  const isAnother = (found: CloudDevice | undefined) =>
    found?.subType !== undefined && subType !== undefined && found.subType !== subType;
  // A list may lag behind, and what follows deletes the device.
  return (
    isAnother(await open.unfinishedDevice(deviceId, declared)) &&
    isAnother(await fetchDevice(open.transport, deviceId))
  );
}

/** In words for a reviewer. */
export const REPLACED =
  "was deleted and onboarded with another sub-type by a run that could not save that, so it will be deleted and onboarded as it is " +
  "declared: it needs its new certificate before it can connect again.";

/** The fingerprint of what the state says the device has; `undefined` where the state does not know. */
function markOf({ certificate, adopted }: DeviceState, { credential }: DeviceInputs): string | undefined {
  if (certificate !== undefined) return describeCertificate(certificate).fingerprint;
  if (adopted) return undefined;
  if (credential.kind === "certificate" && credential.pem !== undefined) {
    return describeCertificate(credential.pem).fingerprint;
  }
  if (credential.kind === "publicKey" && credential.pem !== undefined)
    return parsePublicKey(credential.pem).fingerprint;
  return undefined;
}
