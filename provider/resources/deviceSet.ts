import * as pulumi from "@pulumi/pulumi";
import { policyLine, readPolicy, type CertificatePolicy } from "../fleet/policy.js";
import { targetedRolloutText } from "../fleet/rollout.js";
import type { CertificateProfile } from "../pki/profile.js";
import { checkArgs } from "./args.js";
import { guarded } from "./guarded.js";
import type { JournalKey } from "./journalKey.js";
import { caInputs } from "./signingCa.js";
import type { SigningCa } from "./signingCa.js";
import { NrfCloudResource } from "./resource.js";
import { declareRow, materialsOf, type DeclaredRow } from "./setInputs.js";
import { SetOutputs } from "./setOutputs.js";
import type { SetDevice } from "./setOutputs.js";
import type { DeviceRow } from "./deviceRow.js";
import { type RolloutArgs, rolloutsOf } from "./rolloutArgs.js";

/** The arguments of `DeviceSet`. */
export interface DeviceSetArgs {
  /** A row for each device, by device id. The ids must be known when the program runs. */
  readonly devices: Readonly<Record<string, pulumi.Input<DeviceRow>>>;
  /** The CA that signs certificates: a CaCertificate of this program, or the certificate and key of another CA. */
  readonly ca?: pulumi.Input<SigningCa>;
  /**
   * The CA that is to replace `ca`. It signs for all new keys. `ca` signs again for the keys of its devices only, until they
   * rotate. See [rotation.md](../rotation.md#rotate-the-ca).
   * @defaultValue `ca` signs for all keys
   */
  readonly nextCa?: pulumi.Input<SigningCa>;
  /**
   * The key that seals the journal. With it, the next run resumes an interrupted run with the same private keys.
   * @defaultValue no journal is kept, and an interrupted run is reported only
   */
  readonly journal?: JournalKey;
  /**
   * How many days a new certificate is valid, 1 to 36,500.
   * @defaultValue 3,650 days
   */
  readonly validityDays?: pulumi.Input<number>;
  /**
   * How many hours before its end a certificate is issued again, for the same key.
   * @defaultValue 0: never
   */
  readonly earlyRenewalHours?: pulumi.Input<number>;
  /**
   * Which extensions a new certificate has: those of a TLS client (`"rfc5280"`), or none (`"bare"`, as from Nordic's tool). Existing
   * certificates are kept.
   * @defaultValue `"rfc5280"`
   */
  readonly profile?: pulumi.Input<CertificateProfile>;
  /**
   * How many devices one operation may delete, replace, release or unclaim: a count, or a share such as `"5%"`.
   * @defaultValue no limit
   */
  readonly maxDeletes?: number | string;
  /**
   * Rules for certificates. A preview fails if a certificate breaks one.
   * @defaultValue no rules
   */
  readonly policy?: CertificatePolicy;
  /**
   * The order in which an `up` changes the devices, and the failures after which it stops. One roll-out for all devices, or several in the
   * order of execution. See [rollout.md](../rollout.md).
   * @defaultValue all devices change together
   */
  readonly rollout?: RolloutArgs | readonly RolloutArgs[];
  /**
   * Whether a destroy of the set leaves its devices in the account.
   * @defaultValue `false`
   */
  readonly keepOnDestroy?: boolean;
}

/**
 * A table of devices: one resource for any number of them, whichever way they are added.
 *
 * @example
 * ```ts
 * import * as pulumi from "@pulumi/pulumi";
 * import { CaCertificate, DeviceSet, JournalKey } from "pulumi-nrfcloud";
 *
 * const config = new pulumi.Config();
 * const ca = new CaCertificate("ca", { subject: { commonName: "Acme Lab CA" } });
 * const journal = new JournalKey("journal", { dependsOn: ca });
 * const set = new DeviceSet("lab", {
 *   ca,
 *   journal,
 *   maxDeletes: "5%",
 *   devices: {
 *     "lab-001": { subType: "tracker", tags: ["lab"] },
 *     "kit-001": { via: "jitp", ownershipCode: config.requireSecret("kit001"), tags: ["kit"] },
 *     "50363154-3931-44f0-8022-121b6401627d": { via: "attestation", token: config.requireSecret("token1") },
 *   },
 * });
 * export const certificate = set.device("lab-001").certificate;
 * ```
 *
 * @create Onboards and claims all rows. The state is saved with the rows that succeeded. The error lists the others, and the next
 * `pulumi up` retries them.
 * @refresh Reads each row: name, tags, sub-type, the declared keys of its configuration, and whether the device still exists. A device that the API key can't see is kept with its key.
 * @update Changes each row in place where nRF Cloud can, and reports the rows by kind of change. A row that changes its way into the
 * account keeps its device.
 * @replace The set is never replaced. A row with another sub-type or firmware type is: its device is deleted and onboarded again, and its
 * history is lost.
 * @delete Deletes onboarded devices with their data, and releases claims by ownership code. Claims by token are kept, unless
 * `unclaimOnDestroy` is set. With `keepOnDestroy` all devices are kept.
 * @errors
 * - More devices would leave the account than `maxDeletes` allows, or a row with `protect` would. The preview refuses this.
 * - The account has a declared device already, and `adopt` is not set. The preview refuses this.
 * - A certificate breaks the `policy`. The preview refuses this.
 * - A roll-out stopped, because too many rows failed, or the run was interrupted. The error says how many rows are left. The output `notAttempted` names them.
 * - Some rows failed: the error lists them with their reasons, and the output `failed` has them by id.
 * - The API key belongs to another team than the stack.
 * @operations OnboardDevices, RegisterCertificates, RegisterPublicKeys, AssociateDevice, DissociateDevice, CreateDeviceCertificate, ClaimDeviceOwnership,
 * UnclaimDevice, UpdateClaimedDeviceTags, UpdateDeviceName, UpdateDeviceTags, UpdateDeviceState, DeleteDevice, ListDevices, FetchDevice,
 * ListClaimedDevices, FetchClaimedDevice, ListBulkOpsRequests, FetchBulkOpsRequest, CreateDeviceProvisioningCommand,
 * FetchDeviceProvisioningCommand, ListDeviceProvisioningCommands.
 */
export class DeviceSet extends NrfCloudResource {
  /** The devices as the account has them, one line of text each, by device id. */
  declare readonly devices: pulumi.Output<Readonly<Record<string, string>>>;
  /** The reason of each failed row, by device id; `undefined` where none failed. */
  declare readonly failed: pulumi.Output<Readonly<Record<string, string>> | undefined>;
  /** The ids of devices that have not connected yet, or not made their new key yet; `undefined` where there is none. */
  declare readonly waiting: pulumi.Output<readonly string[] | undefined>;
  /** The ids, or patterns of ids, that the last run did not attempt because its roll-out stopped; `undefined` where there is none. */
  declare readonly notAttempted: pulumi.Output<readonly string[] | undefined>;
  /** The server root (PEM): the root certificate of nRF Cloud's MQTT server. Only where nRF Cloud issued certificates. */
  declare readonly serverCa: pulumi.Output<string | undefined>;
  /** All certificates that the provider or nRF Cloud issued (PEM), by device id. */
  declare readonly certificates: pulumi.Output<Readonly<Record<string, string>>>;
  /** All private keys that the provider or nRF Cloud generated (PEM), by device id. Secret. */
  declare readonly privateKeys: pulumi.Output<Readonly<Record<string, string>>>;
  private readonly outputs: SetOutputs;

  /** @throws pulumi.RunError for an unknown or missing argument, or an invalid row */
  constructor(name: string, args: DeviceSetArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`DeviceSet ${name}`, args, {
      devices: "required",
      ca: "optional",
      nextCa: "optional",
      journal: "optional",
      validityDays: "optional",
      earlyRenewalHours: "optional",
      profile: "optional",
      maxDeletes: "optional",
      policy: "optional",
      rollout: "optional",
      keepOnDestroy: "optional",
    });
    const rows = rowsOf(name, args.devices);
    const rollout = rolloutsOf(name, args.rollout).map(targetedRolloutText);
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
        ...caInputs(args.nextCa, "nextCa"),
        journalKey: args.journal?.key,
        validityDays: args.validityDays,
        profile: args.profile,
        earlyRenewalHours: args.earlyRenewalHours,
        maxDeletes: args.maxDeletes === undefined ? undefined : String(args.maxDeletes),
        policy: args.policy === undefined ? undefined : policyText(name, args.policy),
        rollout: rollout.length === 0 ? undefined : rollout,
        keepOnDestroy: args.keepOnDestroy === true ? true : undefined,
        only: process.env.NRF_CLOUD_ONLY === "" ? undefined : process.env.NRF_CLOUD_ONLY,
        certificates: undefined,
        privateKeys: undefined,
        keptCertificates: undefined,
        keptKeys: undefined,
        records: undefined,
        failed: undefined,
        waiting: undefined,
        notAttempted: undefined,
        serverCa: undefined,
      },
      pulumi.mergeOptions(guard, { additionalSecretOutputs: ["privateKeys", "keptKeys"] }),
    );
    this.outputs = new SetOutputs(this, this.failed, this.devices);
    failAfterwards(name, this.failed);
    // Unpacked when they are first used: ten thousand keys take a second.
    Object.defineProperties(this, {
      certificates: { get: () => this.outputs.certificates() },
      privateKeys: { get: () => this.outputs.privateKeys() },
    });
  }

  /** Certificate, key and outcome of one device. */
  device(id: string): SetDevice {
    return this.outputs.device(id);
  }
}

function policyText(name: string, policy: CertificatePolicy): string {
  const read = readPolicy(policy);
  if (read.ok) return policyLine(read.policy);
  const key = read.key === "" ? "policy" : `policy.${read.key}`;
  throw new pulumi.RunError(`DeviceSet ${name}: ${key}: ${read.message}; ${read.fix}.`);
}

function rowsOf(name: string, devices: DeviceSetArgs["devices"]): DeclaredRow[] {
  const given: unknown = devices;
  if (typeof given !== "object" || given === null || Array.isArray(given) || pulumi.Output.isInstance(given))
    throw new pulumi.RunError(
      `DeviceSet ${name}: devices must be an object with a row for each device id. The ids must be known. The values in a row may be outputs.`,
    );
  return Object.entries(devices).map(([id, row]) => declareRow(id, row));
}

/**
 * Ends the program with an error if devices failed. For states of more than 10 MB the provider can't return an error to the engine, since
 * the state would be lost with it.
 */
function failAfterwards(name: string, failed: DeviceSet["failed"]): void {
  failed.apply((reasons) => {
    const ids = Object.keys(reasons ?? {});
    if (ids.length === 0 || pulumi.runtime.isDryRun()) return;
    throw new pulumi.RunError(
      `DeviceSet ${name}: ${ids.length} devices are not as declared. Their errors are above; run \`pulumi up\` again to retry.`,
    );
  });
}
