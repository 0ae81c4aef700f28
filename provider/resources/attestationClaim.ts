import * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "./args.js";
import type { JournalKey } from "./journalKey.js";
import { NrfCloudResource } from "./resource.js";
import type { KeyRotationArgs } from "./rotation.js";

/** The arguments of `AttestationClaim`. */
export interface AttestationClaimArgs {
  /**
   * The answer of the device to `AT%ATTESTTOKEN` (nRF91x1, modem firmware 2.0.0 or newer). Kept as a secret. A fresh token of the same
   * device changes nothing. A token of another device replaces the claim.
   */
  readonly token: pulumi.Input<string>;
  /** Provisioning tags, such as `nrf-cloud-onboarding`, without spaces, commas or quotes. A change updates the claim in place. */
  readonly tags?: pulumi.Input<readonly pulumi.Input<string>[]>;
  /**
   * Whether a destroy unclaims the device. nRF Cloud then deletes the device under its UUID too, with its data.
   * @defaultValue `false`: the claim is kept, and the preview says `delete[retain]`
   */
  readonly unclaimOnDestroy?: boolean;
  /**
   * The desired configuration in the device's shadow: settings of your firmware, as a JSON object. Keys that you don't declare are never touched. A key
   * that you remove is removed from the shadow. Not for secrets. A device without a shadow gets it in the first run after it has one.
   * @defaultValue nothing is set
   */
  readonly config?: pulumi.Input<object>;
  /**
   * `"retired"` gives the device the tag `retired`, keeps it in the account for `keepFor`, and then unclaims it, with
   * `unclaimOnDestroy`. Until then no run unclaims it, unless you allow it. See [rollout.md](../rollout.md#retire-devices).
   * @defaultValue `"active"`
   */
  readonly state?: "active" | "retired";
  /**
   * How long a retired device is kept: a number followed by `h`, `d`, `w` or `y`.
   * @defaultValue `"30d"`
   */
  readonly keepFor?: string;
  /**
   * Whether to adopt a device that the team has claimed already.
   * @defaultValue `false`: such a device is an error
   */
  readonly adopt?: boolean;
  /**
   * The generation of its key that the device is to have. A higher one orders it to make another key, by a provisioning command
   * ([rotation](../rotation.md)).
   * @defaultValue the first generation
   */
  readonly rotation?: KeyRotationArgs;
  /**
   * The key that seals the journal. With it, the next run resumes an interrupted run.
   * @defaultValue no journal is kept
   */
  readonly journal?: JournalKey;
}

/**
 * The claim of a device by its attestation token. The provider reads the UUID of the device from the token. Claims that are created
 * together share one bulk request.
 *
 * @example
 * ```ts
 * import * as pulumi from "@pulumi/pulumi";
 * import { AttestationClaim } from "pulumi-nrfcloud";
 *
 * const config = new pulumi.Config();
 * const tracker = new AttestationClaim("tracker", {
 *   token: config.requireSecret("trackerToken"),
 *   tags: ["nrf-cloud-onboarding"],
 * });
 * export const uuid = tracker.deviceUuid;
 * ```
 *
 * @create Claims the device. Provisioning rules onboard it when it comes online. The preview asks nRF Cloud by a dry run.
 * @refresh Reads the tags and the declared keys of its configuration, and whether the device left the team.
 * @update Changes tags and configuration in place. A higher generation orders the device to make a new key, and waits until it has.
 * @replace A token of another device claims that device.
 * @delete Keeps the claim. With `unclaimOnDestroy` it unclaims the device, and nRF Cloud deletes the onboarded device and its data.
 * @errors
 * - A retired device leaves before its time. Set `NRF_CLOUD_ALLOW_DELETES=1` to allow it.
 * - The token is damaged. The preview refuses this.
 * - The team has claimed the device already, and `adopt` is not set. The preview refuses this.
 * - `NRF_CLOUD_ENDPOINT` is set and `NRF_CLOUD_IDENTITY_ENDPOINT` is not.
 * @operations ClaimDeviceOwnership, UpdateClaimedDeviceTags, UpdateDeviceState, UnclaimDevice, ListClaimedDevices, FetchClaimedDevice, ListBulkOpsRequests, CreateDeviceProvisioningCommand,
 * FetchDeviceProvisioningCommand, ListDeviceProvisioningCommands.
 */
export class AttestationClaim extends NrfCloudResource {
  /** The UUID in the token, in lower case. It is also the `id` of the resource, and known in the preview. */
  declare readonly deviceUuid: pulumi.Output<string>;
  /** The chip, such as `nRF9151`. */
  declare readonly deviceType: pulumi.Output<string>;
  /** The UUID of the modem firmware that made the token. */
  declare readonly firmwareUuid: pulumi.Output<string>;
  /** The IMEI from Nordic's production data, where the service has it. */
  declare readonly imei: pulumi.Output<string | undefined>;
  /** When the team claimed the device, ISO 8601. */
  declare readonly claimedAt: pulumi.Output<string | undefined>;
  /** The provisioning tags. */
  declare readonly tags: pulumi.Output<readonly string[] | undefined>;
  /** When the device was retired, ISO 8601; `undefined` for a device in use. */
  declare readonly retiredAt: pulumi.Output<string | undefined>;
  /** When the retired device was unclaimed, or was found missing, ISO 8601. */
  declare readonly deletedAt: pulumi.Output<string | undefined>;

  /** @throws pulumi.RunError for an unknown argument, or a missing one */
  constructor(name: string, args: AttestationClaimArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`AttestationClaim ${name}`, args, {
      token: "required",
      tags: "optional",
      unclaimOnDestroy: "optional",
      config: "optional",
      state: "optional",
      keepFor: "optional",
      adopt: "optional",
      rotation: "optional",
      journal: "optional",
    });
    const { journal, ...others } = args;
    super(
      "AttestationClaim",
      "attestation-claim",
      name,
      {
        tags: undefined,
        ...others,
        journalKey: journal?.key,
        token: pulumi.secret(args.token),
        deviceUuid: undefined,
        deviceType: undefined,
        firmwareUuid: undefined,
        imei: undefined,
        claimedAt: undefined,
        retiredAt: undefined,
        deletedAt: undefined,
      },
      pulumi.mergeOptions(options, {
        additionalSecretOutputs: ["line"],
        retainOnDelete: args.unclaimOnDestroy !== true,
      }),
    );
  }
}
