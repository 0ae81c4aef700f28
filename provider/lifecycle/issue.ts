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

/** A certificate to be issued to a device by a CA of the program. */
export interface IssueOrder {
  readonly ca: Unknowable<SigningCa>;
  /** The device's own certificate signing request (PEM). Without one a key pair is generated here. */
  readonly csr: Unknowable<string | undefined>;
  readonly validityDays: number;
  /** How long before its end the certificate is issued again, in hours; 0 is never. */
  readonly earlyRenewalHours: number;
  /** Of new certificates only. */
  readonly profile: CertificateProfile;
  /** From 1; another one orders a new key and certificate. */
  readonly generation: number;
}

/** What was issued. `privateKey` only where the key was generated here: it exists nowhere else. */
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

/** How long certificates last, and when they are renewed. */
export type IssueTerm = Pick<IssueOrder, "validityDays" | "earlyRenewalHours" | "profile">;

/** Reads how long certificates last; what is wrong is left in `fields.failures`. */
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

/** Reads the terms of an order; what is wrong is left in `fields.failures`. */
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
 * Issues a device certificate; the device id becomes its common name.
 *
 * @param certify with the CA of the order
 * @param now by this machine's clock
 * @param service by nRF Cloud's, as far as it is known
 * @param keptKey Private key (PEM) to certify again; without one, and without a CSR, a new pair is generated.
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
 * Whether a certificate that ends at `validUntil` is to be issued again now. One that ends with its CA is not: another would
 * last no longer, and each run would give the device yet another.
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
