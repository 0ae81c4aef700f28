import * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "./args.js";
import type { KeyUsage } from "../pki/keyUsage.js";
import type { Subject } from "../pki/subject.js";
import { NrfCloudResource } from "./resource.js";
import type { SignerArgs } from "./signingCa.js";

/** A new CA, an existing CA with its key, or an existing CA whose key only a signer has. */
export type CaCertificateArgs = NewCaArgs | ExistingCaArgs | SignerCaArgs;

interface CommonCaArgs {
  /**
   * How many hours before its end a preview begins to warn. The CA itself is kept.
   * @defaultValue 720 hours (30 days)
   */
  readonly earlyRenewalHours?: pulumi.Input<number>;
}

/** A CA with a new EC P-256 key, signed by itself. */
export interface NewCaArgs extends CommonCaArgs {
  /** The distinguished name. Attributes that you leave out are not written. A change replaces the CA. */
  readonly subject: pulumi.Input<Subject>;
  /**
   * How many days the CA is valid, 1 to 36,500. A change replaces the CA.
   * @defaultValue 3,650 days
   */
  readonly validityDays?: pulumi.Input<number>;
  /**
   * The serial number, hexadecimal. A change replaces the CA.
   * @defaultValue 16 random bytes
   */
  readonly serialNumber?: pulumi.Input<string>;
  /**
   * How many levels of CAs may follow below this one. A change replaces the CA.
   * @defaultValue 0: it signs devices only
   */
  readonly pathLength?: pulumi.Input<number>;
  /**
   * What the key may be used for. A change replaces the CA.
   * @defaultValue `keyCertSign` and `cRLSign`
   */
  readonly keyUsage?: pulumi.Input<readonly KeyUsage[]>;
}

/** An existing CA. Its key must be EC P-256, because nRF Cloud accepts only certificates with ES256 signatures. */
export interface ExistingCaArgs extends CommonCaArgs {
  /**
   * The certificate and key (PEM), or a PKCS#12 archive (base64), with the password of what is encrypted. Kept as a secret as a whole.
   * Read keys with `config.requireSecret`, or from a file that you don't commit. Another certificate replaces the CA.
   */
  readonly takeOver: pulumi.Input<
    | {
        readonly certificate: pulumi.Input<string>;
        readonly privateKey: pulumi.Input<string>;
        readonly password?: pulumi.Input<string>;
      }
    | { readonly pkcs12: pulumi.Input<string>; readonly password?: pulumi.Input<string> }
  >;
  /** The certificates above the CA (PEM), up to a root, in any order. Kept for you: nRF Cloud takes one certificate a device. */
  readonly chain?: pulumi.Input<string>;
}

/** A CA whose key only a signer has, and never the state. The key must be EC P-256. */
export interface SignerCaArgs extends CommonCaArgs {
  /** The certificate of the CA (PEM), without its chain. Another certificate replaces the CA. */
  readonly certificate: pulumi.Input<string>;
  /** The signer that has the key. A change updates the CA, and no device gets another certificate. */
  readonly signer: pulumi.Input<SignerArgs>;
  /** The certificates above the CA (PEM), up to a root, in any order. Kept for you: nRF Cloud takes one certificate a device. */
  readonly chain?: pulumi.Input<string>;
}

/**
 * The CA that signs the certificates of your devices. Only your state has it: nRF Cloud has no place for a CA. Anybody with its
 * private key can issue certificates in its name. With a `signer`, the key is not in the state either: [signer.md](../signer.md).
 *
 * @example
 * ```ts
 * import * as pulumi from "@pulumi/pulumi";
 * import { readFileSync } from "node:fs";
 * import { CaCertificate } from "pulumi-nrfcloud";
 *
 * const generated = new CaCertificate("lab", { subject: { commonName: "Acme Lab CA", organization: "Acme" } });
 * const existing = new CaCertificate("field", {
 *   takeOver: {
 *     certificate: readFileSync("field-ca.pem", "utf8"),
 *     privateKey: new pulumi.Config().requireSecret("fieldCaKey"),
 *   },
 * });
 * const inHsm = new CaCertificate("hsm", {
 *   certificate: readFileSync("hsm-ca.pem", "utf8"),
 *   signer: { command: ["./sign.sh", "hsm-ca"] },
 * });
 * export const certificates = [generated.certificate, existing.certificate, inHsm.certificate];
 * ```
 *
 * @create Generates a key and signs the certificate, or reads the existing CA. A signer signs nothing yet.
 * @refresh Reads nothing: nRF Cloud does not have the CA.
 * @update Changes when the preview begins to warn, the chain, or who has the key. With the same certificate and a
 * `signer` in place of `takeOver`, the key leaves the state.
 * @replace Another subject, validity, serial number, path length, key usage or certificate makes another CA. All devices that it signs for
 * get new certificates, and can't connect before they have them.
 * @delete Removes the CA from the state. Certificates that it signed stay valid until they end.
 * @errors
 * - The key does not belong to the certificate, is not EC P-256, or the password is wrong. The preview refuses this.
 * - An existing CA has expired, or its validity has not begun. The preview refuses this.
 * - The certificate is not a CA's, or the chain does not belong to it. The preview refuses this.
 * @operations None.
 */
export class CaCertificate extends NrfCloudResource {
  /** The certificate (PEM). The `id` of the resource is its SHA-256 fingerprint. */
  declare readonly certificate: pulumi.Output<string>;
  /** The EC P-256 private key (PKCS#8 PEM); `undefined` with a `signer`. Secret. */
  declare readonly privateKey: pulumi.Output<string | undefined>;
  /** The signer; `undefined` where the state has the key. */
  declare readonly signer: pulumi.Output<SignerArgs | undefined>;
  /** The certificates above the CA (PEM): first the one that signed it; `undefined` without any. */
  declare readonly chain: pulumi.Output<string | undefined>;
  /** The public key (PEM). */
  declare readonly publicKey: pulumi.Output<string>;
  /** The serial number, hexadecimal. */
  declare readonly serial: pulumi.Output<string>;
  /** The first second of the validity, ISO 8601. */
  declare readonly validFrom: pulumi.Output<string>;
  /** The last second of the validity, ISO 8601. */
  declare readonly validUntil: pulumi.Output<string>;
  /** From when on a preview warns, ISO 8601. */
  declare readonly renewAfter: pulumi.Output<string>;

  /** @throws pulumi.RunError for an unknown argument, or a missing one */
  constructor(name: string, args: CaCertificateArgs, options: pulumi.CustomResourceOptions = {}) {
    checkCaArgs(`CaCertificate ${name}`, args);
    const isOutside = "signer" in args;
    const hasChain = "chain" in args;
    const properties: pulumi.Inputs = {
      certificate: undefined,
      ...(isOutside ? {} : { privateKey: undefined }),
      ...args,
      publicKey: undefined,
      serial: undefined,
      validFrom: undefined,
      validUntil: undefined,
      renewAfter: undefined,
    };
    if ("takeOver" in args) properties.takeOver = pulumi.secret(args.takeOver);
    super(
      "CaCertificate",
      "ca-certificate",
      name,
      properties,
      pulumi.mergeOptions(options, { additionalSecretOutputs: ["privateKey"] }),
    );
    // In a preview, the engine treats missing outputs as unknown, and devices could not be compared.
    if (isOutside) this.privateKey = pulumi.output(undefined);
    else this.signer = pulumi.output(undefined);
    if (!hasChain) this.chain = pulumi.output(undefined);
  }
}

function checkCaArgs(subject: string, args: CaCertificateArgs | undefined): void {
  if (args !== undefined && "takeOver" in args)
    checkArgs<ExistingCaArgs>(subject, args, {
      takeOver: "required",
      chain: "optional",
      earlyRenewalHours: "optional",
    });
  else if (args !== undefined && "signer" in args)
    checkArgs<SignerCaArgs>(subject, args, {
      certificate: "required",
      signer: "required",
      chain: "optional",
      earlyRenewalHours: "optional",
    });
  else
    checkArgs(subject, args, {
      subject: "required",
      validityDays: "optional",
      serialNumber: "optional",
      pathLength: "optional",
      keyUsage: "optional",
      earlyRenewalHours: "optional",
    });
}
