import { isDeepStrictEqual } from "node:util";
import { Fields } from "../engine/fields.js";
import type { Difference } from "../engine/lifecycle.js";
import { IN_DOUBT } from "./changing.js";
import { readDeviceInputs, type Credential, type DeviceInputs } from "./deviceInputs.js";
import type { DeviceState } from "./deviceState.js";
import { isDue } from "./issue.js";

/**
 * What becomes of the certificate: it stays, is registered again because a killed run put another in its place, is issued
 * again for the device's key, or comes with another key.
 */
export type CertificateChange = "same" | "restore" | "same key" | "another key";

export interface DeviceComparison {
  readonly difference: Difference;
  readonly certificate: CertificateChange;
  /** What the change means for the device in the field, in words for a reviewer. */
  readonly consequences: readonly string[];
}

export interface Circumstances {
  /** A killed run gave the device a certificate that no state has, or made it anew. */
  readonly overtaken: boolean;
  /** Inputs that are not known yet, as in a preview. */
  readonly unknown: readonly string[];
}

/** Compares a device as it is with what it is declared to be. */
export function compareDevice(
  state: DeviceState,
  declared: DeviceInputs,
  { overtaken, unknown }: Circumstances,
): DeviceComparison {
  const before = readDeviceInputs(new Fields(state.declared));
  const because = fixedInputsThatDiffer(before, declared, unknown);
  if (changesKind(before.credential, declared.credential)) because.push("credential");
  if (because.length > 0) {
    return {
      difference: { kind: "replace", because, deleteFirst: true },
      certificate: "another key",
      consequences: [
        `will be deleted and onboarded anew because of ${because.join(" and ")}: its history in nRF Cloud is lost, and it ` +
          "needs its new certificate before it can connect again.",
      ],
    };
  }

  const changed = compareCertificate(state, before, declared);
  const certificate = changed === "same" && overtaken && canRestore(state, declared) ? "restore" : changed;
  const consequences =
    certificate !== "same" ? [consequenceOf(certificate, declared)] : overtaken ? [IN_DOUBT] : [];
  const visible =
    unknown.length > 0 ||
    nameOf(state, before) !== nameOf(state, declared) ||
    !isDeepStrictEqual(sorted(before.tags), sorted(declared.tags)) ||
    ((certificate !== "same" || !state.adopted) &&
      !isDeepStrictEqual(before.credential, declared.credential)) ||
    before.adopt !== declared.adopt;
  if (visible) return { difference: { kind: "update" }, certificate, consequences };
  const isDone = certificate === "same" && !overtaken;
  return { difference: { kind: isDone ? "same" : "renew" }, certificate, consequences };
}

/** Whether it is known which certificate or key a device has by its state. Of one that was adopted it is not. */
function canRestore({ certificate, adopted }: DeviceState, { credential }: DeviceInputs): boolean {
  if (certificate !== undefined) return true;
  return !adopted && (credential.kind === "certificate" || credential.kind === "publicKey");
}

/** The inputs that nRF Cloud can't change of a device, where they differ. */
export function fixedInputsThatDiffer(
  before: DeviceInputs,
  declared: DeviceInputs,
  unknown: readonly string[],
): string[] {
  return (["deviceId", "subType", "firmwareTypes"] as const).filter(
    (key) => !unknown.includes(key) && !isDeepStrictEqual(sorted(before[key]), sorted(declared[key])),
  );
}

/** A registered public key does not take the place of a certificate, nor the other way about. */
function changesKind(one: Credential, other: Credential): boolean {
  const known = [one, other].every(({ kind }) => kind !== "existing" && kind !== "unknown");
  return known && (one.kind === "publicKey") !== (other.kind === "publicKey");
}

function compareCertificate(
  state: DeviceState,
  before: DeviceInputs,
  declared: DeviceInputs,
): CertificateChange {
  const [one, other] = [before.credential, declared.credential];
  // What an adopted device has is not ours to change, until its owner asks for it.
  if (other.kind === "existing") return "same";
  if (state.adopted) {
    if (before.adopt !== "recertify" && declared.adopt === "recertify") return "another key";
    if (other.kind === "issue") return "same";
  }
  if (one.kind !== "issue" || other.kind !== "issue") {
    return isDeepStrictEqual(one, other) ? "same" : "another key";
  }
  if (one.order.csr !== other.order.csr || one.order.rotation !== other.order.rotation) return "another key";
  const reissued =
    one.order.ca !== other.order.ca ||
    one.order.validityDays !== other.order.validityDays ||
    (state.validUntil !== undefined && isDue(other.order, state.validUntil));
  return reissued ? "same key" : "same";
}

function consequenceOf(change: Exclude<CertificateChange, "same">, { credential }: DeviceInputs): string {
  if (change === "restore") {
    return (
      "an interrupted run was at work on this device, and no state has what it did: the certificate that the device has by this stack's " +
      "state is registered again, and its name and tags are set."
    );
  }
  if (change === "same key") {
    return "gets a new certificate for the key it has: give the device the new certificate, or it can't connect.";
  }
  return credential.kind === "issue" && credential.order.csr === undefined
    ? "gets a new key and certificate: give the device both, or it can't connect."
    : "gets another certificate: the device must have it already, or it can't connect.";
}

/** A device is called by its id anyway, unless it came with another name. */
function nameOf({ keepsName }: DeviceState, { name, deviceId }: DeviceInputs): string | undefined {
  return name === deviceId && !keepsName ? undefined : name;
}

function sorted(value: string | readonly string[] | undefined): unknown {
  return typeof value === "string" || value === undefined ? value : [...value].sort();
}
