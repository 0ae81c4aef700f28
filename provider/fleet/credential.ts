/** How a device will prove who it is: with what it brings, with what the authority issues, or with what it has. */
import { isRecord } from "./data.js";
import type { Adoption, DeviceCredential } from "./fleet.js";
import { readPem, type FleetIo, type PemKind, type Read } from "./sources.js";

/** The entries of a device that bring a credential. */
export const credentialKeys = ["certificate", "csr", "publicKey"] as const;

/** What a device brings itself, unreadable if its source is wrong. */
export type OwnCredential =
  | { readonly kind: "none" }
  | {
      readonly kind: "own";
      readonly key: PemKind;
      readonly credential: DeviceCredential;
      readonly pem: string;
    }
  | { readonly kind: "unreadable" };

/** The credential of a listed device; `report` gets what is wrong with the source of one. */
export function readOwnCredential(
  device: unknown,
  folder: string,
  io: FleetIo,
  report: (key: PemKind, failure: Extract<Read<string>, { ok: false }>) => void,
): OwnCredential {
  const keys = isRecord(device) ? credentialKeys.filter((key) => Object.hasOwn(device, key)) : [];
  const [key] = keys;
  if (key === undefined || !isRecord(device)) return { kind: "none" };
  const read = readPem(device[key], key, folder, io);
  if (read?.ok && keys.length === 1) return ownCredential(key, read.value);
  if (read && !read.ok) report(key, read);
  return { kind: "unreadable" };
}

/** A PEM text under the name by which it came. */
export function ownCredential(key: PemKind, pem: string): OwnCredential {
  switch (key) {
    case "certificate":
      return { kind: "own", key, pem, credential: { kind: "certificate", certificate: pem } };
    case "csr":
      return { kind: "own", key, pem, credential: { kind: "csr", csr: pem } };
    case "publicKey":
      return { kind: "own", key, pem, credential: { kind: "publicKey", publicKey: pem } };
  }
}

/**
 * The credential of a device that brings none: issued where there is an authority, else the one that a device in the
 * account has; undefined if there is no way.
 */
export function impliedCredential(hasCa: boolean, adopt: Adoption): DeviceCredential | undefined {
  if (hasCa) return { kind: "issue" };
  return adopt === "keep" ? { kind: "existing" } : undefined;
}
