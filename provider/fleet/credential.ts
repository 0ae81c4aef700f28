/** How a device will prove who it is: with what it brings, with what the authority issues, or with what it has. */
import type { Context } from "./context.js";
import { isRecord } from "./data.js";
import type { Adoption, DeviceCredential, Place } from "./fleet.js";
import type { Path } from "./problems.js";
import { readPem, type PemKind } from "./sources.js";

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

/** The credential of a listed device, reporting what is wrong with it. `deviceId`: undefined if it is no legal id. */
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
  if (read?.ok && keys.length === 1) return judgedCredential(key, read.value, deviceId, place, context);
  if (read && !read.ok) context.report.add(place(), read);
  return { kind: "unreadable" };
}

/** A credential by the name under which it came, reporting what is wrong inside. */
export function judgedCredential(
  key: PemKind,
  pem: string,
  deviceId: string | undefined,
  place: () => Place,
  { io, report }: Pick<Context, "io" | "report">,
): OwnCredential {
  const judgement = io.contents?.judgeCredential(key, pem, deviceId);
  if (judgement?.ended === true) report.remark(place(), judgement);
  else if (judgement) report.add(place(), judgement);
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
 * The credential of a device that brings none: issued where there is an authority, else the one that a device in the
 * account has; undefined if there is no way.
 */
export function impliedCredential(hasCa: boolean, adopt: Adoption): DeviceCredential | undefined {
  if (hasCa) return { kind: "issue" };
  return adopt === "keep" ? { kind: "existing" } : undefined;
}
