import * as pulumi from "@pulumi/pulumi";
import type { CertificateProfile } from "../pki/profile.js";
import { checkArgs } from "./args.js";
import { NrfCloudResource } from "./resource.js";
import { caInputs } from "./signingCa.js";
import type { SigningCa } from "./signingCa.js";

/** How a certificate is issued. */
export interface IssueArgs {
  /** The CA that signs: a CaCertificate of this program, or the certificate and key of another CA. */
  readonly ca: pulumi.Input<SigningCa>;
  /**
   * The certificate signing request of the device (PEM).
   * @defaultValue the provider generates an EC P-256 key
   */
  readonly csr?: pulumi.Input<string>;
  /**
   * How many days the certificate is valid, 1 to 36,500. It never ends after the CA.
   * @defaultValue 3,650 days
   */
  readonly validityDays?: pulumi.Input<number>;
  /**
   * How many hours before its end the certificate is issued again, for the same key.
   * @defaultValue 0: never
   */
  readonly earlyRenewalHours?: pulumi.Input<number>;
  /**
   * Which extensions a new certificate has: those of a TLS client (`"rfc5280"`), or none (`"bare"`, as from Nordic's tool). An existing
   * certificate is kept.
   * @defaultValue `"rfc5280"`
   */
  readonly profile?: pulumi.Input<CertificateProfile>;
}

/** The arguments of `DeviceCertificate`. */
export interface DeviceCertificateArgs extends IssueArgs {
  /** The device that the certificate is for. It becomes the common name: 1 to 64 letters, digits, `:`, `_` and `-`. */
  readonly deviceId: pulumi.Input<string>;
  /**
   * Another generation orders a new key and certificate: a whole number from 1.
   * @defaultValue 1
   */
  readonly generation?: pulumi.Input<number>;
}

/**
 * A device certificate that your CA signs, without a device in nRF Cloud: for a factory that needs certificates first. A Device or a
 * DeviceSet issues its own certificates, which keeps the state smaller.
 *
 * @example
 * ```ts
 * import { CaCertificate, DeviceCertificate } from "pulumi-nrfcloud";
 *
 * const ca = new CaCertificate("ca", { subject: { commonName: "Acme Lab CA" } });
 * const next = new DeviceCertificate("lamp-next", { deviceId: "lamp-001", ca, validityDays: 365 });
 * export const certificate = next.certificate;
 * ```
 *
 * @create Generates a key, unless you give a `csr`, and signs the certificate.
 * @refresh Reads nothing: nRF Cloud does not have the certificate.
 * @update Issues the certificate again for the same key: when its renewal is due, or with another validity.
 * @replace Another device id, CA, CSR or generation issues another certificate.
 * @delete Removes certificate and key from the state. The certificate stays valid until it ends.
 * @errors
 * - The CSR is damaged, or its common name is another device. The preview refuses this.
 * - The CA has expired, or its validity has not begun.
 * @operations None.
 */
export class DeviceCertificate extends NrfCloudResource {
  /** The device that the certificate is for. */
  declare readonly deviceId: pulumi.Output<string>;
  /** The certificate (PEM). */
  declare readonly certificate: pulumi.Output<string>;
  /** The EC P-256 private key (PKCS#8 PEM); `undefined` where you gave a `csr`. Secret. */
  declare readonly privateKey: pulumi.Output<string | undefined>;
  /** The SHA-256 fingerprint of the certificate, hexadecimal. */
  declare readonly fingerprint: pulumi.Output<string>;
  /** The serial number, hexadecimal. */
  declare readonly serial: pulumi.Output<string>;
  /** The first second of the validity, ISO 8601. */
  declare readonly validFrom: pulumi.Output<string>;
  /** The last second of the validity, ISO 8601. */
  declare readonly validUntil: pulumi.Output<string>;

  /** @throws pulumi.RunError for an unknown argument, or a missing one */
  constructor(name: string, args: DeviceCertificateArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`DeviceCertificate ${name}`, args, {
      deviceId: "required",
      ca: "required",
      csr: "optional",
      validityDays: "optional",
      earlyRenewalHours: "optional",
      profile: "optional",
      generation: "optional",
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
