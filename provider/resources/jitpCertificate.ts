import * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "./args.js";
import { NrfCloudResource } from "./resource.js";

/** The arguments of `JitpCertificate`. */
export interface JitpCertificateArgs {
  /** `nrf-<IMEI>` for Nordic's own kits, otherwise an id that does not begin with `nrf-`. A change issues another certificate. */
  readonly deviceId: pulumi.Input<string>;
  /**
   * The PIN or hardware id on the label of a Nordic kit. For other devices it is a string of 1 to 128 characters that you choose, and need
   * again to claim the device. Kept as a secret. A change issues another certificate.
   */
  readonly ownershipCode: pulumi.Input<string>;
}

/**
 * A certificate and private key that nRF Cloud issues for a just-in-time device. nRF Cloud gives the key once; the state keeps it as
 * a secret. The account shows nothing before the device has connected and an OwnershipClaim has claimed it.
 *
 * @example
 * ```ts
 * import * as pulumi from "@pulumi/pulumi";
 * import { JitpCertificate, OwnershipClaim } from "pulumi-nrfcloud";
 *
 * const ownershipCode = new pulumi.Config().requireSecret("lampCode");
 * const certificate = new JitpCertificate("lamp", { deviceId: "lamp-001", ownershipCode });
 * new OwnershipClaim("lamp", { deviceId: certificate.deviceId, ownershipCode, pending: "allow" });
 * ```
 *
 * @create nRF Cloud issues a certificate and a key.
 * @refresh Reads nothing: the API does not show such certificates.
 * @update There is nothing to update.
 * @replace Another device id or code issues another certificate. The old one stays valid.
 * @delete Removes certificate and key from the state (`delete[retain]`). nRF Cloud can't revoke the certificate: it stays valid.
 * @errors
 * - nRF Cloud issues no certificate while the device is on the platform with another code.
 * - A run that is interrupted between request and answer loses the key. The next run issues another certificate.
 * @operations CreateDeviceCertificate.
 */
export class JitpCertificate extends NrfCloudResource {
  /** The device that the certificate is for. */
  declare readonly deviceId: pulumi.Output<string>;
  /** The certificate of the device alone (PEM). */
  declare readonly certificate: pulumi.Output<string>;
  /** The certificate of the device and Nordic's intermediate CA (PEM). The device needs both for its first connect. */
  declare readonly certificateBundle: pulumi.Output<string>;
  /** The server root (PEM): the root certificate of nRF Cloud's MQTT server, for the device to trust. */
  declare readonly serverCa: pulumi.Output<string>;
  /** The private key of the device (PEM). Secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** The SHA-256 fingerprint of the certificate, hexadecimal. */
  declare readonly fingerprint: pulumi.Output<string>;
  /** The last second of the validity, ISO 8601. */
  declare readonly validUntil: pulumi.Output<string>;

  /** @throws pulumi.RunError for an unknown argument, or a missing one */
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
