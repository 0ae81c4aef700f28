/** The CA of a resolved fleet, and the terms of its certificates. */
import type { Place } from "./place.js";
import type { SecretSource } from "./sources/secretSource.js";

/** The validity of a certificate, and how long before its end it is due for renewal. */
export interface CertificateTerm {
  /** Whole days, 1 to 36,500. */
  readonly validityDays: number;
  /** Hours before the end of the validity; 0: not before its end. Always less than the validity. */
  readonly earlyRenewalHours: number;
}

/** How device certificates are issued. */
export interface IssueSettings extends CertificateTerm {
  /** The extensions of certificates that are issued from now on, as in `pki/deviceCertificate.ts`. */
  readonly profile?: "rfc5280" | "bare";
}

/** A CA: generated, an existing one with its key, or one whose key only a signer has. */
export type CaSpec = NamedCa &
  (
    | (CertificateTerm & { readonly kind: "generate"; readonly subject: CaSubject; readonly source: Place })
    | ExistingCaSpec
    | SignerCaSpec
  );

export interface NamedCa {
  /** Identifies the CA in the state, whether it is `ca` or `nextCa`. */
  readonly name?: string;
}

export interface SignerCaSpec {
  readonly kind: "signer";
  readonly certificate: TextSource;
  readonly signer: SignerSpec;
  /** PEM of the certificates above it. */
  readonly chain?: string;
  readonly earlyRenewalHours: number;
  readonly source: Place;
}

/** The signer that has the key of the CA. */
export type SignerSpec = {
  /** The number of concurrent signature requests. */
  readonly inFlight?: number;
  /** Seconds to wait for a signature. */
  readonly timeout?: number;
} & (
  | { readonly kind: "command"; readonly command: readonly string[] }
  | {
      readonly kind: "pkcs11";
      readonly uri: string;
      readonly module: string;
      /** Only read when something is signed. */
      readonly pin?: SecretSource;
    }
);

export type ExistingCaSpec =
  | {
      readonly kind: "pem";
      readonly certificate: TextSource;
      readonly privateKey: SecretSource;
      /** Decrypts an encrypted private key. */
      readonly password?: SecretSource;
      /** PEM of the certificates above it. */
      readonly chain?: string;
      readonly earlyRenewalHours: number;
      readonly source: Place;
    }
  | {
      readonly kind: "pkcs12";
      /** A file holds the raw archive, a configuration key or environment variable its base64. */
      readonly pkcs12: SecretSource;
      /** Absent: the archive has none. */
      readonly password?: SecretSource;
      /** PEM of the certificates above it. */
      readonly chain?: string;
      readonly earlyRenewalHours: number;
      readonly source: Place;
    };

/** Distinguished name of a generated CA. Length limits are those of X.520. */
export interface CaSubject {
  readonly commonName: string;
  readonly organization?: string;
  readonly organizationalUnit?: string;
  /** Two capital letters, ISO 3166. */
  readonly country?: string;
  readonly state?: string;
  readonly locality?: string;
  readonly emailAddress?: string;
}

/** A certificate: read at load time, unless it is in the stack's configuration. */
export type TextSource =
  { readonly kind: "text"; readonly text: string } | { readonly kind: "config"; readonly key: string };
