import * as pulumi from "@pulumi/pulumi";
import type { FirmwareType } from "../fleet/rules.js";
import { checkArgs } from "./args.js";
import type { IssueArgs } from "./deviceCertificate.js";
import type { JournalKey } from "./journalKey.js";
import { NrfCloudResource } from "./resource.js";
import { caInputs } from "./signingCa.js";

/** How a device proves who it is: by a certificate issued here, by one you bring, or by a bare public key. */
export type DeviceCredential =
  | IssueArgs
  | {
      /** One ES256 certificate (PEM) whose common name is the device id. */
      readonly certificate: pulumi.Input<string>;
    }
  | {
      /** One EC P-256 public key (PEM). Such a device can use REST with its own tokens, but not MQTT. */
      readonly publicKey: pulumi.Input<string>;
    };

/** What a Device is declared with. */
export interface DeviceArgs {
  /**
   * Unique across all customers of nRF Cloud; a UUID is a good choice. 1 to 64 of letters, digits, `:`, `_` and `-`.
   * A change replaces the device.
   */
  readonly deviceId: pulumi.Input<string>;
  /** Only an adopted device can do without. A change gives the device another certificate in place. */
  readonly credential?: DeviceCredential;
  /** Free text of at most 799 letters, digits and `_ . , @ / : # -`; one that contains `gateway` makes a gateway. A change replaces the device. */
  readonly subType?: pulumi.Input<string>;
  /** nRF Cloud's device groups. */
  readonly tags?: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** What FOTA can update on the device when it is onboarded. A change replaces the device. */
  readonly firmwareTypes?: pulumi.Input<readonly pulumi.Input<FirmwareType>[]>;
  /** Display name, 1 to 128 characters. Default: the device id. */
  readonly name?: pulumi.Input<string>;
  /**
   * Take over a device that is in the account already, instead of failing: as it is (`true`), or with a new certificate
   * (`"recertify"`), which the device must be given before it can connect again. Default `false`.
   */
  readonly adopt?: boolean | "recertify";
  /** Seals a redo log, by which an interrupted run is finished with the key that it made. Without it no log is kept. */
  readonly journal?: JournalKey;
}

/**
 * A device in the account, onboarded before it ever connects (OnboardDevices, or OnboardDevice for a single one).
 * Devices that are created together share one bulk job.
 */
export class Device extends NrfCloudResource {
  /** The device id; also the resource's `id`. */
  declare readonly deviceId: pulumi.Output<string>;
  /** The sub-type, as it is declared. */
  declare readonly subType: pulumi.Output<string | undefined>;
  /** nRF Cloud's device groups. */
  declare readonly tags: pulumi.Output<readonly string[] | undefined>;
  /** What FOTA could update when the device was onboarded. */
  declare readonly firmwareTypes: pulumi.Output<readonly FirmwareType[] | undefined>;
  /** The display name; `undefined` where none is declared. */
  declare readonly name: pulumi.Output<string | undefined>;
  /** The certificate (PEM) that was issued here; `undefined` for one that you brought. */
  declare readonly certificate: pulumi.Output<string | undefined>;
  /** The key (PKCS#8 PEM) that was generated here; `undefined` where the device or you have it. Secret. */
  declare readonly privateKey: pulumi.Output<string | undefined>;
  /** Last second of the certificate's validity, ISO 8601. */
  declare readonly validUntil: pulumi.Output<string | undefined>;
  /** When the device was onboarded, ISO 8601. */
  declare readonly createdAt: pulumi.Output<string | undefined>;

  /** @throws pulumi.RunError for an argument that there is not, or that is missing */
  constructor(name: string, args: DeviceArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`Device ${name}`, args, {
      deviceId: "required",
      credential: "optional",
      subType: "optional",
      tags: "optional",
      firmwareTypes: "optional",
      name: "optional",
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
      },
      pulumi.mergeOptions(options, { additionalSecretOutputs: ["privateKey", "line"] }),
    );
  }
}

function credentialInputs(credential: DeviceCredential): pulumi.Inputs {
  if (!("ca" in credential)) return { credential: { ...credential } };
  const { ca, ...order } = credential;
  return { credential: order, ...caInputs(ca) };
}

function checkCredential(subject: string, credential: DeviceCredential): void {
  checkArgs(subject, credential, {
    ca: "optional",
    csr: "optional",
    validityDays: "optional",
    earlyRenewalHours: "optional",
    profile: "optional",
    rotation: "optional",
    certificate: "optional",
    publicKey: "optional",
  });
}
