import * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "./args.js";
import type { JournalKey } from "./journalKey.js";
import { NrfCloudResource } from "./resource.js";

/** What an AttestationClaim is declared with. */
export interface AttestationClaimArgs {
  /**
   * Answer of the device to `AT%ATTESTTOKEN` (nRF91x1, modem firmware 2.0.0 or newer). Kept as a secret. A fresh token of
   * the same device is no change; one of another device replaces the claim.
   */
  readonly token: pulumi.Input<string>;
  /** Provisioning tags, such as `nrf-cloud-onboarding`. No spaces, commas or quotes. */
  readonly tags?: pulumi.Input<readonly pulumi.Input<string>[]>;
  /**
   * Whether destroying the claim gives the device up. The service then deletes the device that was onboarded under its UUID
   * too, with its data. Default `false`: the claim stays, and the preview says `delete[retain]`.
   */
  readonly unclaimOnDestroy?: boolean;
  /** Take over a device that the team has claimed already, instead of failing. Default `false`. */
  readonly adopt?: boolean;
  /** Seals a redo log, by which an interrupted run is finished. Without it no log is kept. */
  readonly journal?: JournalKey;
}

/**
 * The team's claim of a device by its attestation token (ClaimDeviceOwnership). The resource's `id` is the device's UUID, which
 * is read from the token: a malformed token fails in the preview. Claims that are made together share one bulk request.
 */
export class AttestationClaim extends NrfCloudResource {
  /** The UUID in the token, lower-case. Known in the preview. */
  declare readonly deviceUuid: pulumi.Output<string>;
  /** The chip, such as `nRF9151`. */
  declare readonly deviceType: pulumi.Output<string>;
  /** UUID of the modem firmware that made the token. */
  declare readonly firmwareUuid: pulumi.Output<string>;
  /** From Nordic's production data, where the service knows it. */
  declare readonly imei: pulumi.Output<string | undefined>;
  /** When the device was claimed, ISO 8601. */
  declare readonly claimedAt: pulumi.Output<string | undefined>;
  /** The provisioning tags. */
  declare readonly tags: pulumi.Output<readonly string[] | undefined>;

  /** @throws pulumi.RunError for an argument that there is not, or that is missing */
  constructor(name: string, args: AttestationClaimArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`AttestationClaim ${name}`, args, {
      token: "required",
      tags: "optional",
      unclaimOnDestroy: "optional",
      adopt: "optional",
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
      },
      pulumi.mergeOptions(options, {
        additionalSecretOutputs: ["line"],
        retainOnDelete: args.unclaimOnDestroy !== true,
      }),
    );
  }
}
