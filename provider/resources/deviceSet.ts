import * as pulumi from "@pulumi/pulumi";
import type { FirmwareType } from "../fleet/rules.js";
import type { CertificateProfile } from "../pki/deviceCertificate.js";
import { checkArgs } from "./args.js";
import { guarded } from "./guarded.js";
import type { JournalKey } from "./journalKey.js";
import { caInputs } from "./signingCa.js";
import type { SigningCa } from "./signingCa.js";
import { NrfCloudResource } from "./resource.js";
import { declareRow, materialsOf, type DeclaredRow } from "./setInputs.js";
import { SetOutputs } from "./setOutputs.js";
import type { SetDevice } from "./setOutputs.js";

/** A device of a table: an object with plain values or outputs. `via` says how it comes into the account. */
export type DeviceRow = PreconnectDevice | JitpDevice | AttestedDevice;

interface CommonRow {
  /** nRF Cloud's device groups; of a device claimed by token its provisioning tags. */
  readonly tags?: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** Never to be deleted, replaced or released. Default `false`. */
  readonly protect?: boolean;
}

/** A device that is onboarded before it connects (OnboardDevices). */
export interface PreconnectDevice extends CommonRow {
  /** The way into the account. Default. */
  readonly via?: "preconnect";
  /** At most 799 letters, digits and `_ . , @ / : # -`; one that contains `gateway` makes a gateway. A change replaces the device. */
  readonly subType?: pulumi.Input<string>;
  /** What FOTA can update on the device when it is onboarded. A change replaces the device. */
  readonly firmwareTypes?: pulumi.Input<readonly pulumi.Input<FirmwareType>[]>;
  /** Display name, 1 to 128 characters. Default: the device id. */
  readonly name?: pulumi.Input<string>;
  /** How the device proves who it is. Default: a key and a certificate that are made here, signed by the set's CA. */
  readonly credential?: RowCredentialArgs;
  /** Take over a device that the account has already: as it is (`true`), or with a new certificate (`"recertify"`). Default `false`. */
  readonly adopt?: boolean | "recertify";
}

/** What a device of a table brings. */
export type RowCredentialArgs =
  /** Made here. Any other `rotation` orders a new key and certificate. */
  | { readonly rotation?: pulumi.Input<string> }
  /** The device's own certificate signing request (PEM), signed by the set's CA. */
  | { readonly csr: pulumi.Input<string>; readonly rotation?: pulumi.Input<string> }
  /** One ES256 certificate (PEM) whose common name is the device id. */
  | { readonly certificate: pulumi.Input<string> }
  /** One EC P-256 public key (PEM). Such a device has REST with its own tokens, but no MQTT. */
  | { readonly publicKey: pulumi.Input<string> }
  /** Of an adopted device: whatever it has. */
  | "existing";

/** A just-in-time device, claimed by its ownership code after its first connect (AssociateDevice). */
export interface JitpDevice extends CommonRow {
  /** The way into the account. */
  readonly via: "jitp";
  /** Hardware id, PIN or ownership code. Kept as a secret. */
  readonly ownershipCode: pulumi.Input<string>;
  /** At most 799 letters, digits and `_ . , @ / : # -`. Default: what nRF Cloud gives just-in-time devices. */
  readonly subType?: pulumi.Input<string>;
  /** Display name, 1 to 128 characters. Default: the device id. */
  readonly name?: pulumi.Input<string>;
  /** Have nRF Cloud issue the certificate too (CreateDeviceCertificate). Default `false`. */
  readonly issueCertificate?: boolean;
  /** Seconds to wait for the first connect, 0 to 3,600. Default 120. */
  readonly wait?: pulumi.Input<number>;
  /** What becomes of a device that has not connected in time: an error (`"fail"`, default), or a row that waits (`"allow"`). */
  readonly pending?: "allow" | "fail";
  /** Take over a device that the team owns already. Default `false`. */
  readonly adopt?: boolean;
}

/** A device that is claimed by its attestation token (ClaimDeviceOwnership). Its id in the table is its UUID. */
export interface AttestedDevice extends CommonRow {
  /** The way into the account. */
  readonly via: "attestation";
  /** Answer of the device to `AT%ATTESTTOKEN`. Kept as a secret. */
  readonly token: pulumi.Input<string>;
  /** Give the device up when its row leaves, which deletes what was onboarded under its UUID. Default `false`. */
  readonly unclaimOnDestroy?: boolean;
  /** Take over a device that the team has claimed already. Default `false`. */
  readonly adopt?: boolean;
}

/** What a DeviceSet is declared with. */
export interface DeviceSetArgs {
  /** The table: a row for each device id. */
  readonly devices: Readonly<Record<string, pulumi.Input<DeviceRow>>>;
  /** The CA that signs the certificates that are made here: a `CaCertificate` of this program, or certificate and key of one elsewhere. */
  readonly ca?: pulumi.Input<SigningCa>;
  /** Seals the redo log, by which an interrupted run is finished. Without it no log is kept, and what an interrupted run did is told, not finished. */
  readonly journal?: JournalKey;
  /** Whole days that certificates last, 1 to 36,500. Default 3,650. */
  readonly validityDays?: pulumi.Input<number>;
  /** Hours before their end at which certificates are issued again for the same key. Default 0: never. */
  readonly earlyRenewalHours?: pulumi.Input<number>;
  /**
   * What the certificates say besides their subject: that they are of a TLS client (`"rfc5280"`, default), or nothing (`"bare"`, as
   * Nordic's own tool makes them). Another profile is for new certificates: those that exist stay as they are.
   */
  readonly profile?: pulumi.Input<CertificateProfile>;
  /** How many devices one operation may take out of the account: a count, or a share such as `"5%"`. Default: no limit. */
  readonly maxDeletes?: number | string;
  /** Leave the devices in the account when the set is destroyed. Default `false`. */
  readonly keepOnDestroy?: boolean;
}

/** A table of devices: one resource for any number of them, whichever way they come into the account. */
export class DeviceSet extends NrfCloudResource {
  /** The devices as the account has them, one line each. */
  declare readonly devices: pulumi.Output<Readonly<Record<string, string>>>;
  /** Why which devices are not as declared, by id; `undefined` where all are. */
  declare readonly failed: pulumi.Output<Readonly<Record<string, string>> | undefined>;
  /** Ids of the devices that wait for their first connect; `undefined` where none does. */
  declare readonly waiting: pulumi.Output<readonly string[] | undefined>;
  /** Root of nRF Cloud's MQTT server (PEM), where nRF Cloud issued certificates. */
  declare readonly serverCa: pulumi.Output<string | undefined>;
  /** All certificates that were issued here or by nRF Cloud (PEM), by device id. */
  declare readonly certificates: pulumi.Output<Readonly<Record<string, string>>>;
  /** All keys that were made here or by nRF Cloud (PEM), by device id. Secret. */
  declare readonly privateKeys: pulumi.Output<Readonly<Record<string, string>>>;
  private readonly outputs: SetOutputs;

  /** @throws pulumi.RunError for an argument or a row that there is not */
  constructor(name: string, args: DeviceSetArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`DeviceSet ${name}`, args, {
      devices: "required",
      ca: "optional",
      journal: "optional",
      validityDays: "optional",
      earlyRenewalHours: "optional",
      profile: "optional",
      maxDeletes: "optional",
      keepOnDestroy: "optional",
    });
    const rows = rowsOf(name, args.devices);
    const guard = guarded(rows, args.maxDeletes, options);
    super(
      "DeviceSet",
      "device-set",
      name,
      {
        name,
        devices: Object.fromEntries(rows.map(({ id, line }) => [id, line])),
        materials: materialsOf(rows),
        ...caInputs(args.ca),
        journalKey: args.journal?.key,
        validityDays: args.validityDays,
        profile: args.profile,
        earlyRenewalHours: args.earlyRenewalHours,
        maxDeletes: args.maxDeletes === undefined ? undefined : String(args.maxDeletes),
        keepOnDestroy: args.keepOnDestroy === true ? true : undefined,
        only: process.env.NRF_CLOUD_ONLY === "" ? undefined : process.env.NRF_CLOUD_ONLY,
        certificates: undefined,
        privateKeys: undefined,
        records: undefined,
        failed: undefined,
        waiting: undefined,
        serverCa: undefined,
      },
      pulumi.mergeOptions(guard, { additionalSecretOutputs: ["privateKeys"] }),
    );
    this.outputs = new SetOutputs(this, this.failed);
    failAfterwards(name, this.failed);
    // Unpacked when they are asked for: ten thousand keys take a second.
    Object.defineProperties(this, {
      certificates: { get: () => this.outputs.certificates() },
      privateKeys: { get: () => this.outputs.privateKeys() },
    });
  }

  /** What is known of one device. */
  device(id: string): SetDevice {
    return this.outputs.device(id);
  }
}

function rowsOf(name: string, devices: DeviceSetArgs["devices"]): DeclaredRow[] {
  const given: unknown = devices;
  if (typeof given !== "object" || given === null || Array.isArray(given) || pulumi.Output.isInstance(given))
    throw new pulumi.RunError(
      `DeviceSet ${name}: devices must be an object with a row for each device id. The ids must be known; what rows hold may be outputs.`,
    );
  return Object.entries(devices).map(([id, row]) => declareRow(id, row));
}

/**
 * Ends the program with an error where devices failed. The engine does so itself, but for states of more than 10 MB, which it would lose
 * with the error.
 */
function failAfterwards(name: string, failed: DeviceSet["failed"]): void {
  failed.apply((reasons) => {
    const ids = Object.keys(reasons ?? {});
    if (ids.length === 0 || pulumi.runtime.isDryRun()) return;
    throw new pulumi.RunError(
      `DeviceSet ${name}: ${ids.length} devices are not as declared. Their errors are above; run \`pulumi up\` again to go on.`,
    );
  });
}
