import * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "./args.js";
import { NrfCloudResource } from "./resource.js";

/** What a JitpCertificate is declared with. */
export interface JitpCertificateArgs {
  /** `nrf-<IMEI>` for Nordic's own kits, otherwise an id that does not begin with `nrf-`. A change makes another certificate. */
  readonly deviceId: pulumi.Input<string>;
  /**
   * The code on the label of a Nordic kit (PIN or hardware id), otherwise a text of 1 to 128 characters that you choose
   * now and need again to claim the device. Kept as a secret. A change makes another certificate.
   */
  readonly ownershipCode: pulumi.Input<string>;
}

/**
 * A certificate and key that nRF Cloud issues for a just-in-time device (CreateDeviceCertificate). The key is given once and
 * kept as a secret in your state. Nothing shows in the account until the device has connected with it and is claimed
 * by an OwnershipClaim.
 *
 * nRF Cloud can't take such a certificate back. Destroying the resource forgets it and deletes nothing in the cloud; the
 * preview says `delete[retain]`.
 */
export class JitpCertificate extends NrfCloudResource {
  /** The device that the certificate is for. */
  declare readonly deviceId: pulumi.Output<string>;
  /** The device's certificate alone (PEM). */
  declare readonly certificate: pulumi.Output<string>;
  /** The device's certificate and Nordic's intermediate CA (PEM), as the device needs them for its first connect. */
  declare readonly certificateBundle: pulumi.Output<string>;
  /** Root of nRF Cloud's MQTT server (PEM), for the device to trust. */
  declare readonly serverCa: pulumi.Output<string>;
  /** The device's key (PEM). Secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** SHA-256 of the certificate, hexadecimal. */
  declare readonly fingerprint: pulumi.Output<string>;
  /** Last second of the validity, ISO 8601. */
  declare readonly validUntil: pulumi.Output<string>;

  /** @throws pulumi.RunError for an argument that there is not, or that is missing */
  constructor(name: string, args: JitpCertificateArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`JitpCertificate ${name}`, args, { deviceId: "required", ownershipCode: "required" });
    super(
      "JitpCertificate",
      "jitp-certificate",
      name,
      {
        ...args,
        ownershipCode: pulumi.secret(args.ownershipCode),
        certificate: undefined,
        certificateBundle: undefined,
        serverCa: undefined,
        privateKey: undefined,
        fingerprint: undefined,
        validUntil: undefined,
      },
      pulumi.mergeOptions(options, {
        additionalSecretOutputs: ["privateKey", "ownershipCode"],
        retainOnDelete: true,
      }),
    );
  }
}
