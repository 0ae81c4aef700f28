import * as pulumi from "@pulumi/pulumi";
import type { CertificateProfile } from "../pki/deviceCertificate.js";
import { checkArgs } from "./args.js";
import { NrfCloudResource } from "./resource.js";
import { caInputs } from "./signingCa.js";
import type { SigningCa } from "./signingCa.js";

/** What a certificate is issued with. */
export interface IssueArgs {
  /** The CA that signs: a `CaCertificate` of this program, or certificate and key of one elsewhere. */
  readonly ca: pulumi.Input<SigningCa>;
  /** The device's certificate signing request (PEM). Default: a new EC P-256 key is generated. */
  readonly csr?: pulumi.Input<string>;
  /** Whole days from now, 1 to 36,500, but never beyond the CA's end. Default 3,650. */
  readonly validityDays?: pulumi.Input<number>;
  /** How many hours before its end the certificate is issued again for the same key. Default 0: never. */
  readonly earlyRenewalHours?: pulumi.Input<number>;
  /**
   * What the certificates say besides their subject: that they are of a TLS client (`"rfc5280"`, default), or nothing (`"bare"`, as
   * Nordic's own tool makes them). Another profile is for new certificates: those that exist stay as they are.
   */
  readonly profile?: pulumi.Input<CertificateProfile>;
  /** Any text. Change it to get a new key and certificate. */
  readonly rotation?: pulumi.Input<string>;
}

/** What a DeviceCertificate is declared with. */
export interface DeviceCertificateArgs extends IssueArgs {
  /** The device the certificate is for; becomes its common name. 1 to 64 of letters, digits, `:`, `_` and `-`. */
  readonly deviceId: pulumi.Input<string>;
}

/**
 * A device certificate signed by your CA (ES256), without a device in nRF Cloud: for certificates that go to a factory
 * first. A Device or a DeviceSet can issue its own, which keeps the state smaller.
 */
export class DeviceCertificate extends NrfCloudResource {
  /** The device that the certificate is for. */
  declare readonly deviceId: pulumi.Output<string>;
  /** The certificate (PEM). */
  declare readonly certificate: pulumi.Output<string>;
  /** EC P-256 private key, PKCS#8 PEM; `undefined` when the device made its own (`csr`). Secret. */
  declare readonly privateKey: pulumi.Output<string | undefined>;
  /** SHA-256 of the certificate, hexadecimal. */
  declare readonly fingerprint: pulumi.Output<string>;
  /** Serial number, hexadecimal. */
  declare readonly serial: pulumi.Output<string>;
  /** First second of the validity, ISO 8601. */
  declare readonly validFrom: pulumi.Output<string>;
  /** Last second of the validity, ISO 8601. */
  declare readonly validUntil: pulumi.Output<string>;

  /** @throws pulumi.RunError for an argument that there is not, or that is missing */
  constructor(name: string, args: DeviceCertificateArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`DeviceCertificate ${name}`, args, {
      deviceId: "required",
      ca: "required",
      csr: "optional",
      validityDays: "optional",
      earlyRenewalHours: "optional",
      profile: "optional",
      rotation: "optional",
    });
    const { ca, ...others } = args;
    super(
      "DeviceCertificate",
      "device-certificate",
      name,
      {
        ...others,
        ...caInputs(ca),
        certificate: undefined,
        privateKey: undefined,
        fingerprint: undefined,
        serial: undefined,
        validFrom: undefined,
        validUntil: undefined,
      },
      pulumi.mergeOptions(options, { additionalSecretOutputs: ["privateKey"] }),
    );
  }
}
