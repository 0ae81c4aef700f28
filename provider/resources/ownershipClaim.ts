import * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "./args.js";
import type { JournalKey } from "./journalKey.js";
import { NrfCloudResource } from "./resource.js";

/** The arguments of `OwnershipClaim`. */
export interface OwnershipClaimArgs {
  /**
   * The id of a device with a just-in-time certificate; `nrf-<IMEI>` for Nordic's own kits. A change releases the device and claims
   * the other.
   */
  readonly deviceId: pulumi.Input<string>;
  /** The hardware id, PIN or ownership code of the device. Kept as a secret. */
  readonly ownershipCode: pulumi.Input<string>;
  /**
   * Your own class of devices: at most 799 letters, digits and `_ . , @ / : # -`. A change updates the device in place.
   * @defaultValue what nRF Cloud gives just-in-time devices
   */
  readonly subType?: pulumi.Input<string>;
  /** Tags, which nRF Cloud calls device groups. At most 100. A change updates the device in place. */
  readonly tags?: pulumi.Input<readonly pulumi.Input<string>[]>;
  /**
   * The display name, 1 to 128 characters. A change updates the device in place.
   * @defaultValue the device id
   */
  readonly name?: pulumi.Input<string>;
  /**
   * How many seconds to wait for the first connect, 0 to 3,600.
   * @defaultValue 120 seconds
   */
  readonly wait?: pulumi.Input<number>;
  /**
   * What happens when the device has not connected in that time. `"fail"` is an error. `"allow"` keeps the claim as waiting, and each
   * later `pulumi up` retries it.
   * @defaultValue `"fail"`
   */
  readonly pending?: pulumi.Input<"allow" | "fail">;
  /**
   * The desired configuration in the device's shadow: settings of your firmware, as a JSON object. Keys that you don't declare are never touched. A key
   * that you remove is removed from the shadow. Not for secrets. A device without a shadow gets it in the first run after it has one.
   * @defaultValue nothing is set
   */
  readonly config?: pulumi.Input<object>;
  /**
   * `"retired"` gives the device the tag `retired`, keeps it in the account for `keepFor`, and then releases it. Until
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
   * Whether to adopt a device that the team owns already.
   * @defaultValue `false`: such a device is an error
   */
  readonly adopt?: boolean;
  /**
   * The key that seals the journal. With it, the next run resumes an interrupted run.
   * @defaultValue no journal is kept
   */
  readonly journal?: JournalKey;
}

/**
 * The claim of a just-in-time device by its ownership code. The device must have connected to nRF Cloud once. Claims that are created
 * together wait together.
 *
 * @example
 * ```ts
 * import * as pulumi from "@pulumi/pulumi";
 * import { OwnershipClaim } from "pulumi-nrfcloud";
 *
 * const config = new pulumi.Config();
 * new OwnershipClaim("kit", {
 *   deviceId: "nrf-352656100123457",
 *   ownershipCode: config.requireSecret("kitPin"),
 *   tags: ["kits"],
 *   wait: 300,
 * });
 * ```
 *
 * @create Waits for the first connect of the device, and claims it. With `pending: "allow"` the claim may stay waiting.
 * @refresh Reads name, tags, sub-type and the declared keys of its configuration, and whether the device left the account.
 * @update Changes name, tags, sub-type and configuration in place. Retries a claim that is waiting.
 * @replace Another device id releases the device and claims the other.
 * @delete Releases the device. The device remains on the platform with its certificate, and anybody with the code can claim it. A claim that
 * is still waiting releases nothing.
 * @errors
 * - A retired device leaves before its time. Set `NRF_CLOUD_ALLOW_DELETES=1` to allow it.
 * - The device has not connected yet (40412), belongs to another team (40101), or has another code (40102).
 * - The device has no just-in-time certificate (40001), or is not a product of Nordic with this code (40411).
 * - The team owns the device already, and `adopt` is not set. The preview refuses this.
 * @operations AssociateDevice, DissociateDevice, UpdateDeviceName, UpdateDeviceTags, UpdateDeviceState, ListDevices, FetchDevice.
 */
export class OwnershipClaim extends NrfCloudResource {
  /** The device id. It is also the `id` of the resource. */
  declare readonly deviceId: pulumi.Output<string>;
  /** The sub-type, as it is declared. */
  declare readonly subType: pulumi.Output<string | undefined>;
  /** The tags. */
  declare readonly tags: pulumi.Output<readonly string[] | undefined>;
  /** The display name; `undefined` where none is declared. */
  declare readonly name: pulumi.Output<string | undefined>;
  /** `true` while the claim is waiting for the first connect; `undefined` afterwards. */
  declare readonly pendingConnect: pulumi.Output<true | undefined>;
  /** When the device was retired, ISO 8601; `undefined` for a device in use. */
  declare readonly retiredAt: pulumi.Output<string | undefined>;
  /** When the retired device was released, or was found missing, ISO 8601. */
  declare readonly deletedAt: pulumi.Output<string | undefined>;

  /** @throws pulumi.RunError for an unknown argument, or a missing one */
  constructor(name: string, args: OwnershipClaimArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`OwnershipClaim ${name}`, args, {
      deviceId: "required",
      ownershipCode: "required",
      subType: "optional",
      tags: "optional",
      name: "optional",
      wait: "optional",
      pending: "optional",
      config: "optional",
      state: "optional",
      keepFor: "optional",
      adopt: "optional",
      journal: "optional",
    });
    const { journal, ...others } = args;
    super(
      "OwnershipClaim",
      "ownership-claim",
      name,
      {
        subType: undefined,
        tags: undefined,
        name: undefined,
        ...others,
        journalKey: journal?.key,
        ownershipCode: pulumi.secret(args.ownershipCode),
        adopt: args.adopt === true ? "keep" : undefined,
        pendingConnect: undefined,
        retiredAt: undefined,
        deletedAt: undefined,
      },
      pulumi.mergeOptions(options, { additionalSecretOutputs: ["line"] }),
    );
  }
}
