import type { Fields } from "../engine/fields.js";
import { parseCsr } from "../pki/csr.js";
import { generateKeyPair, parsePrivateKey } from "../pki/keys.js";
import { isRenewalDue } from "../pki/validity.js";
import { parsedBy } from "./rules.js";
import { endOfCa, signerOf } from "./signers.js";
import { DEFAULT_DEVICE_VALIDITY_DAYS, hoursRule, validityDaysRule } from "./terms.js";

/** A certificate to be issued to a device by a CA of the program. */
export interface IssueOrder {
  /** Fingerprint of the CA; `undefined` while the CA is not created yet. */
  readonly ca: string | undefined;
  /** The device's own certificate signing request (PEM). Without one a key pair is generated here. */
  readonly csr: string | undefined;
  readonly validityDays: number;
  /** How long before its end the certificate is issued anew, in hours; 0 is never. */
  readonly earlyRenewalHours: number;
  /** Any text; a change of it orders a new key and certificate. */
  readonly rotation: string | undefined;
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

/** Reads the terms of an order; what is wrong is left in `fields.failures`. */
export function readIssueOrder(fields: Fields): IssueOrder {
  const order = {
    ca: fields.requiredText("ca"),
    csr: fields.text("csr", parsedBy(parseCsr)),
    validityDays: fields.number("validityDays", validityDaysRule) ?? DEFAULT_DEVICE_VALIDITY_DAYS,
    earlyRenewalHours: fields.number("earlyRenewalHours", hoursRule) ?? 0,
    rotation: fields.text("rotation"),
  };
  if (order.earlyRenewalHours >= order.validityDays * 24) {
    fields.fail(
      "earlyRenewalHours",
      `${order.earlyRenewalHours} hours are no less than the whole validity (${order.validityDays * 24} hours), so every run would ` +
        `give the device another certificate: give less than ${order.validityDays * 24}`,
    );
  }
  return order;
}

/**
 * Issues a device certificate; the device id becomes its common name.
 *
 * @param keptKey Private key (PEM) to certify again; without one, and without a CSR, a new pair is generated.
 */
export function issue(
  order: IssueOrder & { readonly ca: string },
  deviceId: string,
  keptKey?: string,
): Issued {
  const key = keyFor(order, keptKey);
  const signed = signerOf(order.ca).sign({
    commonName: deviceId,
    publicKeyPem: key.publicKeyPem,
    validity: { notBefore: new Date(), days: order.validityDays },
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
 * Whether a certificate that ends at `validUntil` is to be issued anew now. One that ends with its CA is not: another would
 * last no longer, and each run would give the device yet another.
 */
export function isDue({ earlyRenewalHours, ca }: IssueOrder, validUntil: string): boolean {
  if (earlyRenewalHours === 0 || !isRenewalDue(validUntil, earlyRenewalHours, new Date())) return false;
  const caEnd = ca === undefined ? undefined : endOfCa(ca);
  return caEnd === undefined || new Date(validUntil) < caEnd;
}

function keyFor(
  { csr }: IssueOrder,
  keptKey: string | undefined,
): { readonly publicKeyPem: string; readonly privateKeyPem: string | undefined } {
  if (csr !== undefined) return { publicKeyPem: parseCsr(csr).publicKeyPem, privateKeyPem: undefined };
  return keptKey === undefined ? generateKeyPair() : parsePrivateKey(keptKey);
}
