import { renewAfter } from "../../provider/pki/validity.js";
import { entry } from "../json.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";
import { isKind } from "../report/things.js";
import type { StateResource } from "../state/export.js";
import { rowsIn, tablesIn, type StateRow } from "../state/sets.js";

/** The origin of a certificate, which decides how to renew it. */
export type Origin =
  | "CA"
  /** Issued by the provider, for a device or for the factory. */
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
  /** Whether the state has a later certificate that is not activated yet. */
  readonly hasNext?: true;
  /** The time from which an `up` renews it, ISO 8601; absent if no `up` does. */
  readonly renewedFrom?: string;
}

/** The certificates in a state. */
export interface Certificates {
  readonly known: readonly Expiring[];
  /** Adopted devices, whose certificates the state does not have. */
  readonly unknown: readonly string[];
}

/** All certificates in a state, the next to end first. */
export function certificatesIn(state: readonly StateResource[]): Certificates {
  const known: Expiring[] = [];
  const unknown: string[] = [];
  const add = (subject: string, found: Expiring | "unknown" | "none"): void => {
    if (found === "unknown") unknown.push(subject);
    else if (found !== "none") known.push(found);
  };
  for (const resource of state) add(resource.subject, certificateOf(resource));
  for (const row of rowsIn(tablesIn(state))) add(row.id, certificateOfRow(row));
  return { known: known.sort(byTime), unknown };
}

/** The certificates that end before a time. */
export function endingBy(known: readonly Expiring[], until: Date): readonly Expiring[] {
  return known.filter(({ validUntil }) => Date.parse(validUntil) <= until.getTime());
}

function certificateOf({ kind, subject, outputs }: StateResource): Expiring | "unknown" | "none" {
  const origin = ORIGINS.find(([name]) => isKind(kind, name))?.[1];
  if (origin === undefined) return "none";
  const validUntil = instant(outputs.validUntil);
  if (validUntil === undefined) return "unknown";
  const hours = origin === "issued" ? outputs.earlyRenewalHours : 0;
  return { origin, subject, validUntil, ...renewal(validUntil, hours) };
}

const ORIGINS: readonly (readonly [kind: string, origin: Origin])[] = [
  ["CaCertificate", "CA"],
  ["DeviceCertificate", "issued"],
  ["JitpCertificate", "just in time"],
];

function certificateOfRow({ id, record, table }: StateRow): Expiring | "unknown" | "none" {
  const origin = originOf(record);
  if (origin === "none" || origin === "unknown") return origin;
  const validUntil = instant(record.validUntil);
  if (validUntil === undefined) return "unknown";
  const { earlyRenewalHours, credential } = table.resource.inputs;
  const hours = origin === "issued" ? (entry(credential, "earlyRenewalHours") ?? earlyRenewalHours) : 0;
  const next = instant(record.rotation?.next?.validUntil);
  const hasNext = next !== undefined && Date.parse(next) > Date.parse(validUntil);
  return { origin, subject: id, validUntil, ...(hasNext && { hasNext }), ...renewal(validUntil, hours) };
}

function originOf({ row, outcome }: StateRow["record"]): Origin | "unknown" | "none" {
  if (row === undefined || row.way === "attestation") return "none";
  if (row.way === "jitp") return row.issued ? "just in time" : "none";
  switch (row.credential.kind) {
    case "issue":
    case "csr":
      return outcome.kind === "adopted" ? "unknown" : "issued";
    case "certificate":
      return "brought";
    case "publicKey":
      return "none";
    case "existing":
      return "unknown";
  }
}

function renewal(validUntil: string, hours: unknown): Pick<Expiring, "renewedFrom"> {
  return typeof hours === "number" && hours > 0
    ? { renewedFrom: renewAfter(validUntil, hours).toISOString() }
    : {};
}

function instant(value: unknown): string | undefined {
  return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

function byTime(one: Expiring, other: Expiring): number {
  return (
    Date.parse(one.validUntil) - Date.parse(other.validUntil) || inNaturalOrder(one.subject, other.subject)
  );
}
