import * as pulumi from "@pulumi/pulumi";

/** A CA that signs device certificates. A CaCertificate is one. */
export interface SigningCa {
  /** The certificate of the CA (PEM). */
  readonly certificate: pulumi.Input<string>;
  /** The EC P-256 private key of the CA (PEM). Kept as a secret. */
  readonly privateKey: pulumi.Input<string>;
}

/** What a resource that signs certificates needs of a CA, as its inputs: so that it can be updated alone (`--target`). */
export function caInputs(ca: pulumi.Input<SigningCa> | undefined): pulumi.Inputs {
  if (ca === undefined) return {};
  const known = pulumi.output(ca);
  return {
    caCertificate: known.apply(({ certificate }) => certificate),
    caPrivateKey: pulumi.secret(known.apply(({ privateKey }) => privateKey)),
  };
}
