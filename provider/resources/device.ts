import * as pulumi from "@pulumi/pulumi";
import type { FirmwareType } from "../fleet/rules.js";
import { checkArgs } from "./args.js";
import type { IssueArgs } from "./deviceCertificate.js";
import type { JournalKey } from "./journalKey.js";
import { NrfCloudResource } from "./resource.js";
import type { RotationArgs } from "./rotation.js";
import { caInputs, type SigningCa } from "./signingCa.js";

/** How the certificate of a device is issued, also while its CA rotates. */
export interface DeviceIssueArgs extends IssueArgs {
  /**
   * The CA that is to replace `ca`. It signs for each new key. `ca` signs again for the key that it certified, until the device
   * rotates. See [rotation.md](../rotation.md#rotate-the-ca).
   * @defaultValue `ca` signs for all keys
   */
  readonly nextCa?: pulumi.Input<SigningCa>;
}

/** How a device proves its identity. Exactly one of these. */
export type DeviceCredential =
  /** The provider issues a certificate, signed by `ca`. */
  | DeviceIssueArgs
  /** You bring the certificate. */
  | {
      /** One ES256 certificate (PEM). Its common name must be the device id. */
      readonly certificate: pulumi.Input<string>;
    }
  /** You bring a bare public key. Such a device uses REST with its own tokens. It can't use MQTT. */
  | {
      /** One EC P-256 public key (PEM). */
      readonly publicKey: pulumi.Input<string>;
    };

/** The arguments of `Device`. */
export interface DeviceArgs {
  /**
   * The id, unique among all customers of nRF Cloud: 1 to 64 letters, digits, `:`, `_` and `-`. A UUID is a good choice. A change replaces
   * the device.
   */
  readonly deviceId: pulumi.Input<string>;
  /**
   * How the device proves its identity. Only a device with `adopt: true` can do without. A change registers another certificate in
   * place.
   * @defaultValue required, but for an adopted device
   */
  readonly credential?: DeviceCredential;
  /**
   * The generation of its key and certificate that the device is to have ([rotation](../rotation.md)). Not with a certificate or public key
   * that you bring.
   * @defaultValue the first generation
   */
  readonly rotation?: RotationArgs;
  /**
   * Your own class of devices: at most 799 letters, digits and `_ . , @ / : # -`. One that contains `gateway` makes a gateway. A change replaces
   * the device.
   */
  readonly subType?: pulumi.Input<string>;
  /** Tags, which nRF Cloud calls device groups. At most 100. A change updates the device in place. */
  readonly tags?: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** What a firmware update (FOTA) may replace on the device. A change replaces the device. */
  readonly firmwareTypes?: pulumi.Input<readonly pulumi.Input<FirmwareType>[]>;
  /**
   * The display name, 1 to 128 characters. A change updates the device in place.
   * @defaultValue the device id
   */
  readonly name?: pulumi.Input<string>;
  /**
   * The desired configuration in the device's shadow: settings of your firmware, as a JSON object. Keys that you don't declare are never touched. A key
   * that you remove is removed from the shadow. Not for secrets.
   * @defaultValue nothing is set
   */
  readonly config?: pulumi.Input<object>;
  /**
   * `"retired"` gives the device the tag `retired`, keeps it in the account for `keepFor`, and then deletes it. Until
   * then no run removes, replaces or destroys it, unless you allow it. See [rollout.md](../rollout.md#retire-devices).
   * @defaultValue `"active"`
   */
  readonly state?: "active" | "retired";
  /**
   * How long a retired device is kept: a number followed by `h`, `d`, `w` or `y`.
   * @defaultValue `"30d"`
   */
  readonly keepFor?: string;
  /**
   * Whether to adopt a device that the account has already. `true` keeps its certificate. `"recertify"` issues a new certificate, which
   * the device needs before it can connect again.
   * @defaultValue `false`: such a device is an error
   */
  readonly adopt?: boolean | "recertify";
  /**
   * The key that seals the journal. With it, the next run resumes an interrupted run with the same private key.
   * @defaultValue no journal is kept
   */
  readonly journal?: JournalKey;
}

/**
 * One device, which the provider onboards before it connects. For more than a few devices use a DeviceSet. Devices that are created
 * together share one bulk job.
 *
 * @example
 * ```ts
 * import { CaCertificate, Device, JournalKey } from "pulumi-nrfcloud";
 *
 * const ca = new CaCertificate("ca", { subject: { commonName: "Acme Lab CA" } });
 * const journal = new JournalKey("journal", { dependsOn: ca });
 * const lamp = new Device("lamp", {
 *   deviceId: "lamp-001",
 *   credential: { ca },
 *   tags: ["lab"],
 *   journal,
 * });
 * export const certificate = lamp.certificate;
 * ```
 *
 * @create Generates a private key, issues the certificate, onboards the device, and waits until the account shows it. With
 * `adopt`, a device that the account has already is kept.
 * @refresh Reads name, tags, sub-type and the declared keys of its configuration. A missing device is removed from the state, so that the next update onboards it with a new key. A
 * device that the API key can't see is kept.
 * @update Changes name, tags, configuration and certificate in place. A new certificate ends the old one at once: the device can't connect before it has
 * the new one. `rotation` does it in two phases.
 * @replace Another device id, sub-type or firmware type deletes the device and onboards it again. Its history is lost.
 * @delete Deletes the device with its data, certificate and shadow, and waits until it is gone. Nothing is left.
 * @errors
 * - A retired device leaves before its time. Set `NRF_CLOUD_ALLOW_DELETES=1` to allow it.
 * - The account has the device already, and `adopt` is not set. The preview refuses this.
 * - The certificate has another common name than the device id, has expired, or is not ES256. The preview refuses this.
 * - The API key has the role `viewer`, or belongs to another team than the stack.
 * @operations OnboardDevices, RegisterCertificates, RegisterPublicKeys, UpdateDeviceName, UpdateDeviceTags, UpdateDeviceState, DeleteDevice, ListDevices, FetchDevice,
 * ListBulkOpsRequests, FetchBulkOpsRequest.
 */
export class Device extends NrfCloudResource {
  /** The device id. It is also the `id` of the resource. */
  declare readonly deviceId: pulumi.Output<string>;
  /** The sub-type, as it is declared. */
  declare readonly subType: pulumi.Output<string | undefined>;
  /** The tags. */
  declare readonly tags: pulumi.Output<readonly string[] | undefined>;
  /** What a firmware update could replace when the device was onboarded. */
  declare readonly firmwareTypes: pulumi.Output<readonly FirmwareType[] | undefined>;
  /** The display name; `undefined` where none is declared. */
  declare readonly name: pulumi.Output<string | undefined>;
  /** The certificate that the provider issued (PEM); `undefined` for one that you brought. */
  declare readonly certificate: pulumi.Output<string | undefined>;
  /** The private key that the provider generated (PKCS#8 PEM); `undefined` where the device or you have it. Secret. */
  declare readonly privateKey: pulumi.Output<string | undefined>;
  /** The next certificate, which nRF Cloud does not have yet (PEM); `undefined` where none is kept. */
  declare readonly nextCertificate: pulumi.Output<string | undefined>;
  /** The private key of the next certificate (PKCS#8 PEM). Secret. */
  declare readonly nextPrivateKey: pulumi.Output<string | undefined>;
  /** The previous certificate, to go back to (PEM); `undefined` where none is kept. */
  declare readonly previousCertificate: pulumi.Output<string | undefined>;
  /** The private key of the previous certificate (PKCS#8 PEM). Secret. */
  declare readonly previousPrivateKey: pulumi.Output<string | undefined>;
  /** The last second of the certificate's validity, ISO 8601. */
  declare readonly validUntil: pulumi.Output<string | undefined>;
  /** When the account got the device, ISO 8601. */
  declare readonly createdAt: pulumi.Output<string | undefined>;
  /** When the device was retired, ISO 8601; `undefined` for a device in use. */
  declare readonly retiredAt: pulumi.Output<string | undefined>;
  /** When the retired device was deleted, or was found missing, ISO 8601. */
  declare readonly deletedAt: pulumi.Output<string | undefined>;

  /** @throws pulumi.RunError for an unknown argument, or a missing one */
  constructor(name: string, args: DeviceArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`Device ${name}`, args, {
      deviceId: "required",
      credential: "optional",
      rotation: "optional",
      subType: "optional",
      tags: "optional",
      firmwareTypes: "optional",
      name: "optional",
      config: "optional",
      state: "optional",
      keepFor: "optional",
      adopt: "optional",
      journal: "optional",
    });
    if (args.credential !== undefined) checkCredential(`The credential of Device ${name}`, args.credential);
    const { credential, journal, ...others } = args;
    super(
      "Device",
      "device",
      name,
      {
        subType: undefined,
        tags: undefined,
        firmwareTypes: undefined,
        name: undefined,
        ...others,
        ...(credential === undefined ? {} : credentialInputs(credential)),
        journalKey: journal?.key,
        adopt: args.adopt === true ? "keep" : args.adopt === false ? undefined : args.adopt,
        certificate: undefined,
        privateKey: undefined,
        validUntil: undefined,
        createdAt: undefined,
        retiredAt: undefined,
        deletedAt: undefined,
        nextCertificate: undefined,
        nextPrivateKey: undefined,
        previousCertificate: undefined,
        previousPrivateKey: undefined,
      },
      pulumi.mergeOptions(options, {
        additionalSecretOutputs: ["privateKey", "nextPrivateKey", "previousPrivateKey", "line"],
      }),
    );
  }
}

function credentialInputs(credential: DeviceCredential): pulumi.Inputs {
  if (!("ca" in credential)) return { credential: { ...credential } };
  const { ca, nextCa, ...order } = credential;
  return { credential: order, ...caInputs(ca), ...caInputs(nextCa, "nextCa") };
}

function checkCredential(subject: string, credential: DeviceCredential): void {
  checkArgs(subject, credential, {
    ca: "optional",
    nextCa: "optional",
    csr: "optional",
    validityDays: "optional",
    earlyRenewalHours: "optional",
    profile: "optional",
    certificate: "optional",
    publicKey: "optional",
  });
}
