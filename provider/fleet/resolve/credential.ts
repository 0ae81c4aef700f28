/** The credential of a device: a given one, one that the CA issues, or the one that the device has already. */
import type { Context } from "./context.js";
import { isRecord } from "../data.js";
import type { Adoption, DeviceCredential } from "../deviceSpec.js";
import type { Place } from "../place.js";
import type { Path } from "../problems.js";
import { readPem, type PemKind } from "../sources/pem.js";

/** The keys of a device that give a credential. */
export const credentialKeys = ["certificate", "csr", "publicKey"] as const;

/** The credential that a device's own entry gives; `unreadable` if its source is wrong. */
export type OwnCredential =
  | { readonly kind: "none" }
  | {
      readonly kind: "own";
      readonly key: PemKind;
      readonly credential: DeviceCredential;
      readonly pem: string;
    }
  | { readonly kind: "unreadable" };

/** Reads the credential of a listed device, and reports its problems. `deviceId`: undefined if the id is invalid. */
export function readOwnCredential(
  device: unknown,
  devicePath: Path,
  deviceId: string | undefined,
  context: Context,
): OwnCredential {
  const keys = isRecord(device) ? credentialKeys.filter((key) => Object.hasOwn(device, key)) : [];
  const [key] = keys;
  if (key === undefined || !isRecord(device)) return { kind: "none" };
  const place = () => context.report.place([...devicePath, key]);
  const read = readPem(device[key], key, context.folder, context.io);
  if (read?.ok && keys.length === 1) return checkedCredential(key, read.value, deviceId, place, context);
  if (read && !read.ok) context.report.add(place(), read);
  return { kind: "unreadable" };
}

/** Checks what is inside a credential, and reports its problems. `key` says which kind it is declared as. */
export function checkedCredential(
  key: PemKind,
  pem: string,
  deviceId: string | undefined,
  place: () => Place,
  { io, report }: Pick<Context, "io" | "report">,
): OwnCredential {
  const violation = io.contents?.checkCredential(key, pem, deviceId);
  if (violation?.onlyExpired === true) report.remark(place(), violation);
  else if (violation) report.add(place(), violation);
  return ownCredential(key, pem);
}

function ownCredential(key: PemKind, pem: string): OwnCredential {
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
 * The credential of a device whose entry gives none: issued if the fleet has a CA, else the one that an adopted device has;
 * undefined if neither applies.
 */
export function impliedCredential(hasCa: boolean, adopt: Adoption): DeviceCredential | undefined {
  if (hasCa) return { kind: "issue" };
  return adopt === "keep" ? { kind: "existing" } : undefined;
}
