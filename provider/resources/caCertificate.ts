import * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "./args.js";
import type { KeyUsage } from "../pki/keyUsage.js";
import type { Subject } from "../pki/subject.js";
import { NrfCloudResource } from "./resource.js";

/** A new CA, or an existing one that is taken over. */
export type CaCertificateArgs = NewCaArgs | ExistingCaArgs;

interface CommonCaArgs {
  /** How many hours before its end a preview begins to warn. Default 720 (30 days). The CA itself stays as it is. */
  readonly earlyRenewalHours?: pulumi.Input<number>;
}

/** A CA with a new EC P-256 key, signed by itself. A change of anything but `earlyRenewalHours` makes another CA. */
export interface NewCaArgs extends CommonCaArgs {
  /** Distinguished name. Only what is given is written. */
  readonly subject: pulumi.Input<Subject>;
  /** Whole days from now, 1 to 36,500. Default 3,650. */
  readonly validityDays?: pulumi.Input<number>;
  /** Hexadecimal. Default: 16 random bytes. */
  readonly serialNumber?: pulumi.Input<string>;
  /** How many CAs may follow below this one. Default 0: it signs devices only. */
  readonly pathLength?: pulumi.Input<number>;
  /** Default `keyCertSign` and `cRLSign`. */
  readonly keyUsage?: pulumi.Input<readonly KeyUsage[]>;
}

/** A CA that exists. Its key must be EC P-256, because nRF Cloud only takes certificates signed with ES256. */
export interface ExistingCaArgs extends CommonCaArgs {
  /**
   * PEM texts, or a PKCS#12 archive (base64), with the password of what is encrypted. Treated as secret as a whole. Read keys with
   * `config.requireSecret` or from a file that is not committed.
   */
  readonly takeOver: pulumi.Input<
    | {
        readonly certificate: pulumi.Input<string>;
        readonly privateKey: pulumi.Input<string>;
        readonly password?: pulumi.Input<string>;
      }
    | { readonly pkcs12: pulumi.Input<string>; readonly password?: pulumi.Input<string> }
  >;
}

/**
 * The CA that signs the certificates of your devices. It lives in your Pulumi state and nowhere else: nRF Cloud has no
 * place for it. The private key is kept as a secret; whoever has it can make devices of yours.
 */
export class CaCertificate extends NrfCloudResource {
  /** The certificate (PEM). The resource's `id` is its SHA-256 fingerprint. */
  declare readonly certificate: pulumi.Output<string>;
  /** EC P-256 private key, PKCS#8 PEM. Secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** Public key (PEM). */
  declare readonly publicKey: pulumi.Output<string>;
  /** Serial number, hexadecimal. */
  declare readonly serial: pulumi.Output<string>;
  /** First second of the validity, ISO 8601. */
  declare readonly validFrom: pulumi.Output<string>;
  /** Last second of the validity, ISO 8601. */
  declare readonly validUntil: pulumi.Output<string>;
  /** From when on a preview warns, ISO 8601. */
  declare readonly renewAfter: pulumi.Output<string>;

  /** @throws pulumi.RunError for an argument that there is not, or that is missing */
  constructor(name: string, args: CaCertificateArgs, options: pulumi.CustomResourceOptions = {}) {
    checkCaArgs(`CaCertificate ${name}`, args);
    const properties: pulumi.Inputs = {
      ...args,
      certificate: undefined,
      privateKey: undefined,
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
  }
}

function checkCaArgs(subject: string, args: CaCertificateArgs | undefined): void {
  if (args !== undefined && "takeOver" in args)
    checkArgs(subject, args, { takeOver: "required", earlyRenewalHours: "optional" });
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
