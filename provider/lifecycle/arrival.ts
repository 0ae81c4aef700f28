import type { CloudDevice } from "../cloud/answers.js";
import { hasReported } from "../cloud/devices.js";
import { ExpectedError } from "../engine/errors.js";
import type { Journal } from "../engine/journal.js";
import { notice } from "../engine/notices.js";
import type { MadeCredential } from "./credential.js";
import type { KnownDeviceInputs } from "./deviceInputs.js";

/** A device that is to be in the account, with the credential made for it. */
export interface Order {
  readonly inputs: KnownDeviceInputs;
  readonly credential: MadeCredential;
}

/** How a device came to be in the account. `certified`: it has the credential of this order; `fresh`: it came by this order. */
export interface Arrival {
  readonly fresh: boolean;
  readonly adopted: boolean;
  readonly certified: boolean;
}

/** What is to be done for one device, decided from what the account and the journal say. */
export type Plan =
  | { readonly kind: "onboard"; readonly pem: string }
  /** Delete what an interrupted run onboarded, and onboard it as it is declared now. */
  | { readonly kind: "anew"; readonly pem: string }
  | { readonly kind: "recertify"; readonly pem: string; readonly arrival: Arrival }
  | { readonly kind: "present"; readonly arrival: Arrival }
  | { readonly kind: "refuse"; readonly error: Error };

/** Decides what is to be done for a device, from what the account and the journal say of it. */
export function planArrival(
  journal: Journal,
  { inputs, credential }: Order,
  present: CloudDevice | undefined,
): Plan {
  const { deviceId, adopt } = inputs;
  if (present === undefined) {
    if (credential.pem !== undefined) return { kind: "onboard", pem: credential.pem };
    return refuse(
      `Device ${deviceId} is to be adopted, but the account has no such device. ` +
        "Check the id and the team of the API key, or give the device a credential so that it can be onboarded.",
    );
  }
  const intent = journal.unfinished(deviceId);
  // A device that has reported has its key, whatever an interrupted run has lost; the very credential that is declared is
  // no lost one, however alive the device is.
  const halfDone = intent?.mark === credential.mark || !hasReported(present) ? intent : undefined;
  if (halfDone === undefined && adopt === "no") {
    return refuse(
      `Device ${deviceId} is in the account already, and this stack's state does not have it.\n` +
        "To manage it here as it is, declare `adopt: true`; to give it a new certificate as well, `adopt: recertify` (the " +
        "device can't connect until it has the new one). If a run on another machine was interrupted before it could " +
        "save its state, `adopt: recertify` is right.",
    );
  }
  if (inputs.subType !== undefined && present.subType !== inputs.subType) {
    // What an interrupted run onboarded and nobody has a key for loses nothing by it. Adopted devices may.
    if (halfDone !== undefined && adopt === "no" && credential.pem !== undefined) {
      notice({ subject: deviceId, text: ANEW });
      return { kind: "anew", pem: credential.pem };
    }
    return refuse(
      `Device ${deviceId} can't be taken over: its sub-type in the account is ${JSON.stringify(present.subType ?? "")}, declared is ` +
        `${JSON.stringify(inputs.subType)}, and a sub-type can't be changed. Declare the one it has, or delete the device first.`,
    );
  }
  if (halfDone !== undefined && credential.pem !== undefined) {
    // That a run meant to register this very credential does not prove that it did; doing it again changes nothing.
    if (halfDone.mark !== credential.mark) notice({ subject: deviceId, text: HALF_DONE });
    return {
      kind: "recertify",
      pem: credential.pem,
      arrival: { fresh: false, adopted: false, certified: true },
    };
  }
  if (adopt === "recertify" && credential.pem !== undefined) {
    return {
      kind: "recertify",
      pem: credential.pem,
      arrival: { fresh: false, adopted: true, certified: true },
    };
  }
  notice({
    subject: deviceId,
    text: "was in the account already and is adopted with the certificate it has.",
  });
  return { kind: "present", arrival: { fresh: false, adopted: true, certified: false } };
}

/** What a preview says, too, of devices that a killed run left behind. */
export const HALF_DONE =
  "an interrupted run onboarded this device, but the key it made was never saved or shown. The device gets a new " +
  "certificate and key in place of the lost ones.";

const ANEW =
  "an interrupted run onboarded this device with another sub-type, and the key it made was never saved or shown. The device is " +
  "deleted and onboarded as it is declared now.";

/** Leaves the device alone, with this error. */
export function refuse(message: string): Plan {
  return { kind: "refuse", error: new ExpectedError(message) };
}
