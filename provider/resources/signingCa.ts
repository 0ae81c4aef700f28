import * as pulumi from "@pulumi/pulumi";
import type { CaRole } from "../fleet/caRole.js";

/** A CA that signs device certificates. A CaCertificate is one. Exactly one of `privateKey` and `signer`. */
export interface SigningCa {
  /** The certificate of the CA (PEM). */
  readonly certificate: pulumi.Input<string>;
  /** The EC P-256 private key of the CA (PEM). Kept as a secret. */
  readonly privateKey?: pulumi.Input<string | undefined>;
  /** The signer that has the key, if the state does not. */
  readonly signer?: pulumi.Input<SignerArgs | undefined>;
}

/** A signer, which has the key of a CA and signs with it. [signer.md](../signer.md) describes both kinds. Exactly one of these. */
export type SignerArgs = SignerLimits &
  (
    | {
        /** A program and its arguments, started once a run in the project's folder. No secret belongs here: the state shows it. */
        readonly command: readonly string[];
      }
    | {
        /** A key on a PKCS#11 token. Needs the package `pkcs11js`. */
        readonly pkcs11: {
          /** Which token and which key (RFC 7512), such as `pkcs11:token=fleet;object=ca`. */
          readonly uri: string;
          /** The PKCS#11 library of the token: a path, from the project's folder, or a name that the system finds. */
          readonly module: string;
          /** Where its PIN is: an environment variable, a file (from the project's folder), or a key of the stack's configuration. */
          readonly pin?: SecretReference;
        };
      }
  );

interface SignerLimits {
  /**
   * The number of concurrent signature requests, 1 to 1,000.
   * @defaultValue 16
   */
  readonly inFlight?: number;
  /**
   * Seconds to wait for a signature, 1 to 3,600.
   * @defaultValue 60 seconds
   */
  readonly timeout?: number;
}

/** Where a secret is kept. The provider reads it when it needs it, and never stores it. */
export type SecretReference =
  { readonly env: string } | { readonly file: string } | { readonly config: string };

/**
 * The inputs that a resource needs to sign certificates with a CA. With its own copy it can be updated alone (`--target`).
 */
export function caInputs(ca: pulumi.Input<SigningCa> | undefined, role: CaRole = "ca"): pulumi.Inputs {
  if (ca === undefined) return {};
  const known = pulumi.output(ca);
  return {
    [`${role}Certificate`]: known.apply(({ certificate }) => certificate),
    [`${role}PrivateKey`]: known.apply(({ privateKey }) =>
      privateKey === undefined ? undefined : pulumi.secret(privateKey),
    ),
    [`${role}Signer`]: known.apply(({ signer }) => signer),
  };
}
