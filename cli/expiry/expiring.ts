import { describeCertificate } from "../../provider/pki/certificate.js";
import { renewAfter } from "../../provider/pki/validity.js";
import { entry, textEntry } from "../json.js";
import { isKind } from "../report/things.js";
import type { StateResource } from "../state/export.js";

/** Where a certificate is from, which decides what can be done before it ends. */
export type Origin =
  | "CA"
  /** Issued here for a device, or for the factory. */
  | "issued"
  /** Brought by the user. */
  | "brought"
  /** Issued by nRF Cloud for a just-in-time device. */
  | "just in time";

/** A certificate that ends. */
export interface Expiring {
  readonly origin: Origin;
  /** Id of the device; of a CA, its name. */
  readonly subject: string;
  /** Its last second, ISO 8601. */
  readonly validUntil: string;
  /** From when on an `up` issues it anew, ISO 8601; absent where none ever does. */
  readonly renewedFrom?: string;
}

/** What the state knows of certificates. */
export interface Certificates {
  readonly known: readonly Expiring[];
  /** Devices whose certificate the state does not know, because they were adopted as they were. */
  readonly unknown: readonly string[];
}

/** Every certificate in a state, by the time at which it ends. */
export function certificatesIn(state: readonly StateResource[]): Certificates {
  const known: Expiring[] = [];
  const unknown: string[] = [];
  for (const resource of state) {
    const found = certificateOf(resource);
    if (found === "unknown") unknown.push(resource.subject);
    else if (found !== "none") known.push(found);
  }
  return { known: known.sort(byTime), unknown };
}

/** Those that have ended by a time. */
export function endingBy(known: readonly Expiring[], until: Date): readonly Expiring[] {
  return known.filter(({ validUntil }) => Date.parse(validUntil) <= until.getTime());
}

function certificateOf(resource: StateResource): Expiring | "unknown" | "none" {
  const { kind, subject, outputs } = resource;
  const validUntil = instant(outputs.validUntil);
  if (isKind(kind, "Device")) return certificateOfDevice(resource, validUntil);
  const origin = ORIGINS.find(([name]) => isKind(kind, name))?.[1];
  if (origin === undefined) return "none";
  if (validUntil === undefined) return "unknown";
  return {
    origin,
    subject,
    validUntil,
    ...renewal(validUntil, origin === "issued" ? outputs.earlyRenewalHours : 0),
  };
}

const ORIGINS: readonly (readonly [kind: string, origin: Origin])[] = [
  ["CaCertificate", "CA"],
  ["DeviceCertificate", "issued"],
  ["JitpCertificate", "just in time"],
];

function certificateOfDevice(
  { subject, outputs, inputs }: StateResource,
  validUntil: string | undefined,
): Expiring | "unknown" | "none" {
  const credential = outputs.credential ?? inputs.credential;
  if (outputs.adopted === true) return "unknown";
  if (entry(credential, "publicKey") !== undefined) return "none";
  const brought = textEntry(credential, "certificate");
  if (brought !== undefined) {
    const until = validUntil ?? endOf(brought);
    return until === undefined ? "unknown" : { origin: "brought", subject, validUntil: until };
  }
  if (validUntil === undefined) return "unknown";
  return {
    origin: entry(credential, "ca") === undefined ? "brought" : "issued",
    subject,
    validUntil,
    ...renewal(validUntil, entry(credential, "earlyRenewalHours")),
  };
}

function renewal(validUntil: string, hours: unknown): Pick<Expiring, "renewedFrom"> {
  return typeof hours === "number" && hours > 0
    ? { renewedFrom: renewAfter(validUntil, hours).toISOString() }
    : {};
}

function endOf(pem: string): string | undefined {
  try {
    return describeCertificate(pem).notAfter;
  } catch {
    return undefined;
  }
}

function instant(value: unknown): string | undefined {
  return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

const natural = new Intl.Collator("en", { numeric: true });

function byTime(one: Expiring, other: Expiring): number {
  return (
    Date.parse(one.validUntil) - Date.parse(other.validUntil) || natural.compare(one.subject, other.subject)
  );
}
