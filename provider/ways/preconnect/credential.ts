import { ExpectedError } from "../../engine/errors.js";
import type { IssuedWith, RowRecord } from "../../reconcile/table/record.js";
import type { PreconnectRow } from "../../reconcile/table/row.js";
import type { LoggedCredential } from "../../reconcile/plan/situation.js";
import type { CredentialSource } from "../../reconcile/plan/step.js";
import { describeCertificate } from "../../pki/certificate.js";
import { parseCsr } from "../../pki/csr.js";
import type { CaRole } from "../../fleet/caRole.js";
import type { Certify } from "../../pki/deviceCertificate.js";
import type { CertificateProfile } from "../../pki/profile.js";
import { issueValidity } from "../../pki/issueValidity.js";
import { generateKeyPair, parsePrivateKey, parsePublicKey } from "../../pki/keys.js";
import { keyPem } from "../../pki/pack.js";
import { isSignedBy } from "../../pki/signedBy.js";
import { casOf, issuedWith, roleOf, roleOfNew } from "./cas.js";

/** A credential ready to be registered, and what of it the state keeps. */
export interface MadeCredential {
  /** One certificate or public key (PEM), as nRF Cloud is sent it. */
  readonly pem: string;
  /** SHA-256 of the certificate or of the SubjectPublicKeyInfo, hex. */
  readonly fingerprint: string;
  /** Only of an issued credential: a user's own is not kept. */
  readonly certificate: string | undefined;
  readonly privateKey: string | undefined;
  /** Last second of the certificate (ISO 8601). */
  readonly validUntil: string | undefined;
  /** What it was issued with; `undefined` for a user's own. */
  readonly issuedWith?: IssuedWith | undefined;
}

/** What certificates are made with. */
export interface Issuer {
  /** Issues with a CA of the table. Rejects with an ExpectedError where there is none. */
  readonly certify: (request: Parameters<Certify>[0], role: CaRole) => ReturnType<Certify>;
  /** Certificate of the CA (PEM), where there is one. */
  readonly caCertificate: string | undefined;
  /** Certificate of the CA that is to take its place (PEM), where there is one. */
  readonly nextCaCertificate: string | undefined;
  readonly validityDays: number;
  readonly profile: CertificateProfile;
  /** By this machine's clock. */
  readonly now: () => Date;
  /** By nRF Cloud's clock. */
  readonly serviceTime: () => Date;
}

export interface CredentialOrder {
  readonly id: string;
  readonly row: PreconnectRow;
  readonly source: CredentialSource;
  /** The device's own CSR, certificate or public key (PEM). */
  readonly material: string | undefined;
  readonly record: RowRecord | undefined;
  readonly logged: LoggedCredential | undefined;
}

/** Makes, or finds, the credential of one step. @throws ExpectedError, PkiError */
export async function makeCredential(order: CredentialOrder, issuer: Issuer): Promise<MadeCredential> {
  const { id, source, record, logged } = order;
  switch (source.kind) {
    case "brought":
      return brought(order);
    case "recorded":
      return { ...kept(id, record?.certificate, record?.privateKey), issuedWith: record?.issuedWith };
    case "next":
    case "previous": {
      const credential = record?.rotation?.[source.kind];
      const { certificate, privateKey, issuedWith } = credential ?? {};
      return {
        ...kept(id, certificate, privateKey),
        issuedWith: issuedWith && activated(issuedWith, issuer),
      };
    }
    case "logged":
      return loggedCredential(id, logged, issuer);
    case "new":
      return issue(order, issuer, roleOfNew(issuer.nextCaCertificate !== undefined), undefined);
    case "same key":
      return issue(order, issuer, roleOf(record?.issuedWith, casOf(issuer)), record?.privateKey);
  }
}

/** What is kept was issued for what was declared then: another validity is for what is issued later. */
function activated({ ca, validityDays }: IssuedWith, issuer: Issuer): IssuedWith {
  return validityDays === issuer.validityDays
    ? { ca, validityDays }
    : { ca, validityDays, activatedFor: issuer.validityDays };
}

/** What an interrupted run made for a device. @throws ExpectedError where the log has no certificate */
export function loggedCredential(
  id: string,
  logged: LoggedCredential | undefined,
  issuer: Issuer,
): MadeCredential {
  const found = kept(id, logged?.certificate, logged?.privateKey);
  return { ...found, issuedWith: issuedWithOf(found.pem, issuer) };
}

function brought({ id, row, material }: CredentialOrder): MadeCredential {
  const nothingKept = { certificate: undefined, privateKey: undefined };
  if (material === undefined) throw lacks(id);
  if (row.credential.kind === "publicKey") {
    const { publicKeyPem, fingerprint } = parsePublicKey(material);
    return { pem: publicKeyPem, fingerprint, ...nothingKept, validUntil: undefined };
  }
  const { certificatePem, fingerprint, notAfter } = describeCertificate(material);
  return { pem: certificatePem, fingerprint, ...nothingKept, validUntil: notAfter };
}

function kept(id: string, certificate: string | undefined, privateKey: string | undefined): MadeCredential {
  if (certificate === undefined) throw lacks(id);
  const { certificatePem, fingerprint, notAfter } = describeCertificate(certificate);
  return { pem: certificatePem, fingerprint, certificate: certificatePem, privateKey, validUntil: notAfter };
}

async function issue(
  { id, row, material }: CredentialOrder,
  issuer: Issuer,
  role: CaRole,
  keptKey: string | undefined,
): Promise<MadeCredential> {
  const key = keyOf(row, material, keptKey, id);
  const signed = await issuer.certify(
    {
      commonName: id,
      publicKeyPem: key.publicKeyPem,
      validity: issueValidity(issuer.validityDays, issuer.now(), issuer.serviceTime()),
      profile: issuer.profile,
    },
    role,
  );
  return {
    pem: signed.certificatePem,
    fingerprint: signed.fingerprint,
    certificate: signed.certificatePem,
    privateKey: key.privateKeyPem,
    validUntil: signed.notAfter,
    issuedWith: casOf(issuer)[role],
  };
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** What an interrupted run issued a certificate with, as far as the certificate shows. */
function issuedWithOf(certificate: string, issuer: Issuer): IssuedWith | undefined {
  const { caCertificate, nextCaCertificate, validityDays } = issuer;
  if (caCertificate === undefined) return undefined;
  const { notBefore, notAfter } = describeCertificate(certificate);
  const days = Math.round((Date.parse(notAfter) - Date.parse(notBefore)) / DAY_MS);
  const signedBy = [caCertificate, nextCaCertificate].find(
    (each) => each !== undefined && isSignedBy(certificate, each),
  );
  const { ca = "another" } = issuedWith({ caCertificate: signedBy, validityDays }) ?? {};
  // One that ends with its CA is shorter than what was asked for.
  return { ca, validityDays: days < validityDays && signedBy !== undefined ? validityDays : days };
}

function keyOf(row: PreconnectRow, material: string | undefined, keptKey: string | undefined, id: string) {
  if (row.credential.kind === "csr") {
    if (material === undefined) throw lacks(id);
    return { publicKeyPem: parseCsr(material).publicKeyPem, privateKeyPem: undefined };
  }
  return keptKey === undefined ? generateKeyPair() : parsePrivateKey(keyPem(keptKey));
}

function lacks(id: string): ExpectedError {
  return new ExpectedError(`The credential of device ${id} is not known.`);
}
