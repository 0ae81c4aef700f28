import type { CaRole } from "../../fleet/caRole.js";
import { credentialFingerprint } from "../../pki/fingerprint.js";
import type { IssuedWith } from "../../reconcile/table/record.js";

/** What a table issues certificates with. */
export interface TableCas {
  /** By the present CA; `undefined` where there is none, or none is known yet. */
  readonly ca: IssuedWith | undefined;
  /** By the next CA, likewise. */
  readonly nextCa: IssuedWith | undefined;
}

/** Both CAs of a table, by their certificates (PEM). */
export interface CaCertificates {
  readonly caCertificate: string | undefined;
  readonly nextCaCertificate: string | undefined;
  readonly validityDays: number;
}

/** What is issued now is issued with, by either CA. */
export function casOf({ caCertificate, nextCaCertificate, validityDays }: CaCertificates): TableCas {
  return {
    ca: issuedWith({ caCertificate, validityDays }),
    nextCa: issuedWith({ caCertificate: nextCaCertificate, validityDays }),
  };
}

/** What a CA issues certificates with now. */
export function issuedWith({
  caCertificate,
  validityDays,
}: Pick<CaCertificates, "caCertificate" | "validityDays">): IssuedWith | undefined {
  if (caCertificate === undefined) return undefined;
  return { ca: credentialFingerprint(caCertificate).slice(0, CA_DIGITS), validityDays };
}

/** Digits of a CA's fingerprint in a record. */
export const CA_DIGITS = 16;

/** Which CA signs for a key that is new: the next one, as soon as it is declared. */
export function roleOfNew(hasNext: boolean): CaRole {
  return hasNext ? "nextCa" : "ca";
}

/** Which CA signs again for the key of a certificate: the one that signed it, or the present one in its place. */
export function roleOf(issued: IssuedWith | undefined, { nextCa }: TableCas): CaRole {
  return issued !== undefined && issued.ca === nextCa?.ca ? "nextCa" : "ca";
}
