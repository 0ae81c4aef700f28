import * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "./args.js";
import type { JournalKey } from "./journalKey.js";
import { NrfCloudResource } from "./resource.js";

/** What an OwnershipClaim is declared with. */
export interface OwnershipClaimArgs {
  /** A device with a just-in-time certificate; `nrf-<IMEI>` for Nordic's own kits. A change releases it and claims the other. */
  readonly deviceId: pulumi.Input<string>;
  /** Hardware id, PIN or ownership code of the device. Kept as a secret. */
  readonly ownershipCode: pulumi.Input<string>;
  /** At most 799 letters, digits and `_ . , @ / : # -`. Default: what nRF Cloud gives just-in-time devices. */
  readonly subType?: pulumi.Input<string>;
  /** nRF Cloud's device groups. */
  readonly tags?: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** Display name, 1 to 128 characters. Default: the device id. */
  readonly name?: pulumi.Input<string>;
  /** How many seconds to wait for the device's first connect, 0 to 3,600. Default 120. */
  readonly wait?: pulumi.Input<number>;
  /**
   * What becomes of a device that has not connected in time: `"fail"` (default) is an error, `"allow"` keeps the claim as pending
   * and every later `pulumi up` tries again.
   */
  readonly pending?: pulumi.Input<"allow" | "fail">;
  /** Take over a device that the team owns already, instead of failing. Default `false`. */
  readonly adopt?: boolean;
  /** Seals a redo log, by which an interrupted run is finished. Without it no log is kept. */
  readonly journal?: JournalKey;
}

/**
 * The team's ownership of a just-in-time device, claimed by its code (AssociateDevice). The device must have connected to
 * nRF Cloud once; claims wait for that together. Destroying a claim releases the device (DissociateDevice): it stays on the
 * platform with its certificate, and whoever has the code can claim it.
 */
export class OwnershipClaim extends NrfCloudResource {
  /** The device id; also the resource's `id`. */
  declare readonly deviceId: pulumi.Output<string>;
  /** The sub-type, as it is declared. */
  declare readonly subType: pulumi.Output<string | undefined>;
  /** nRF Cloud's device groups. */
  declare readonly tags: pulumi.Output<readonly string[] | undefined>;
  /** The display name; `undefined` where none is declared. */
  declare readonly name: pulumi.Output<string | undefined>;
  /** Whether the claim still waits for the device's first connect; `undefined` when it does not. */
  declare readonly pendingConnect: pulumi.Output<true | undefined>;

  /** @throws pulumi.RunError for an argument that there is not, or that is missing */
  constructor(name: string, args: OwnershipClaimArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`OwnershipClaim ${name}`, args, {
      deviceId: "required",
      ownershipCode: "required",
      subType: "optional",
      tags: "optional",
      name: "optional",
      wait: "optional",
      pending: "optional",
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
      },
      pulumi.mergeOptions(options, { additionalSecretOutputs: ["line"] }),
    );
  }
}
