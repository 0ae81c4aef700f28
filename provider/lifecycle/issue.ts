import type { Fields } from "../engine/fields.js";
import { isUnknown, type Unknowable } from "../engine/unknown.js";
import { FIRST_GENERATION, isGeneration, MAX_GENERATION } from "../fleet/rotation.js";
import { describeCertificate } from "../pki/certificate.js";
import { parseCsr } from "../pki/csr.js";
import type { Certify } from "../pki/deviceCertificate.js";
import type { CertificateProfile } from "../pki/profile.js";
import { issueValidity } from "../pki/issueValidity.js";
import { generateKeyPair, parsePrivateKey } from "../pki/keys.js";
import { isRenewalDue } from "../pki/validity.js";
import { DEFAULT_VALIDITY_DAYS, hoursRule, readProfile, validityDaysRule } from "../reconcile/table/terms.js";
import { readSigningCa, type SigningCa } from "../signers/description.js";
import { parsedBy } from "./rules.js";

/** The order of a device certificate from a CA of the program. */
export interface IssueOrder {
  readonly ca: Unknowable<SigningCa>;
  /** The device's certificate signing request (PEM). Without one the provider generates a key pair. */
  readonly csr: Unknowable<string | undefined>;
  readonly validityDays: number;
  /** Hours before the end of the certificate at which it is renewed. 0: never. */
  readonly earlyRenewalHours: number;
  /** Of new certificates only. */
  readonly profile: CertificateProfile;
  /** From 1. Another generation needs a new key and certificate. */
  readonly generation: number;
}

/** An issued certificate. `privateKey` only where the provider generated the key: it exists nowhere else. */
export interface Issued {
  readonly certificate: string;
  readonly privateKey: string | undefined;
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string;
  /** First and last second of the validity (ISO 8601). */
  readonly validFrom: string;
  readonly validUntil: string;
  readonly serial: string;
}

/** The validity of certificates, and their renewal. */
export type IssueTerm = Pick<IssueOrder, "validityDays" | "earlyRenewalHours" | "profile">;

/** Reads validity and renewal. Problems are in `fields.failures`. */
export function readTerm(fields: Fields): IssueTerm {
  const term = {
    validityDays: fields.number("validityDays", validityDaysRule) ?? DEFAULT_VALIDITY_DAYS,
    earlyRenewalHours: fields.number("earlyRenewalHours", hoursRule) ?? 0,
    profile: readProfile(fields),
  };
  if (term.earlyRenewalHours >= term.validityDays * 24) {
    fields.fail(
      "earlyRenewalHours",
      `must be less than the whole validity (${term.validityDays * 24} hours), not ${term.earlyRenewalHours} hours: every run would ` +
        "issue a new certificate",
    );
  }
  return term;
}

/** Reads an order. Problems are in `fields.failures`. */
export function readIssueOrder(fields: Fields): IssueOrder | undefined {
  const ca = readSigningCa(fields);
  const csr: IssueOrder["csr"] = fields.unknowable("csr", () => fields.text("csr", parsedBy(parseCsr)));
  const generation = fields.number("generation", (value) =>
    isGeneration(value) ? undefined : `must be a whole number from 1 to ${MAX_GENERATION}`,
  );
  const order: Omit<IssueOrder, "ca"> = {
    csr,
    ...readTerm(fields),
    generation: generation ?? FIRST_GENERATION.generation,
  };
  if (ca === undefined) {
    fields.fail("ca", "is missing");
    return undefined;
  }
  return { ...order, ca };
}

/**
 * Issues a device certificate with the device id as common name.
 * @param certify signs with the CA of the order
 * @param now by this machine's clock
 * @param service by nRF Cloud's clock, where it is known
 * @param keptKey the private key (PEM) of a renewed certificate; without it and without a CSR, a new pair is generated
 */
export async function issue(
  order: { readonly csr: string | undefined } & Pick<IssueOrder, "validityDays" | "profile">,
  deviceId: string,
  certify: Certify,
  now: Date,
  service?: Date,
  keptKey?: string,
): Promise<Issued> {
  const key = keyFor(order.csr, keptKey);
  const signed = await certify({
    commonName: deviceId,
    publicKeyPem: key.publicKeyPem,
    validity: issueValidity(order.validityDays, now, service),
    profile: order.profile,
  });
  return {
    certificate: signed.certificatePem,
    privateKey: key.privateKeyPem,
    fingerprint: signed.fingerprint,
    validFrom: signed.notBefore,
    validUntil: signed.notAfter,
    serial: signed.serialNumber,
  };
}

/**
 * Whether a certificate that ends at `validUntil` must be renewed now. No certificate outlives its CA, so one that ends with its CA is not
 * renewed: every run would renew it again.
 */
export function isDue(
  { earlyRenewalHours, ca }: Pick<IssueOrder, "earlyRenewalHours" | "ca">,
  validUntil: string,
  now: Date,
): boolean {
  if (earlyRenewalHours === 0 || !isRenewalDue(validUntil, earlyRenewalHours, now)) return false;
  return isUnknown(ca) || new Date(validUntil) < new Date(describeCertificate(ca.certificatePem).notAfter);
}

function keyFor(
  csr: string | undefined,
  keptKey: string | undefined,
): { readonly publicKeyPem: string; readonly privateKeyPem: string | undefined } {
  if (csr !== undefined) return { publicKeyPem: parseCsr(csr).publicKeyPem, privateKeyPem: undefined };
  return keptKey === undefined ? generateKeyPair() : parsePrivateKey(keptKey);
}
