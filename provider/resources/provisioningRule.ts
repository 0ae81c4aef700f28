import type * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "./args.js";
import { NrfCloudResource } from "./resource.js";

/** One thing that a device is told to do, by the service's own names. `secTag` is the modem's security tag. */
export type ProvisioningCommand =
  | { readonly clientPrivateKeyGeneration: { readonly secTag: number } }
  | { readonly cloudAccessKeyGeneration: { readonly secTag: number } }
  | {
      readonly certificateSigningRequest: {
        readonly secTag: number;
        /** Such as `O=Acme,CN=device-1`. */
        readonly attributes: pulumi.Input<string>;
        /** Bits, such as `101010000`. */
        readonly keyUsage: string;
      };
    }
  | { readonly clientCertificate: { readonly secTag: number; readonly content: pulumi.Input<string> } }
  | { readonly serverCertificate: { readonly secTag: number; readonly content: pulumi.Input<string> } }
  | { readonly finished: Readonly<Record<string, never>> };

/** What a ProvisioningRule is declared with. */
export interface ProvisioningRuleArgs {
  /** Unique in the team. */
  readonly name: pulumi.Input<string>;
  /** Free text. Default: none. */
  readonly description?: pulumi.Input<string>;
  /** The rule acts on claimed devices that carry one of these. */
  readonly tags: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** What such a device is told when it comes online, in this order. At most 20 wait for a device at a time. */
  readonly commands: pulumi.Input<readonly pulumi.Input<ProvisioningCommand>[]>;
  /**
   * Takes over a rule of this name that the team has already, such as one of Nordic's tools, as it is. What the list of rules tells of
   * it must be as declared. Default: false, and such a rule is refused.
   */
  readonly adopt?: pulumi.Input<boolean>;
}

/**
 * A provisioning rule of the Identity and Provisioning service (CreateProvisioningRule), active from the start. An active rule
 * can't be changed, so every change replaces it; what it did to devices that came online before stays.
 */
export class ProvisioningRule extends NrfCloudResource {
  /** The rule's name in the team. */
  declare readonly name: pulumi.Output<string>;
  /** The rule's text; `undefined` where none is declared. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** The rule acts on claimed devices that carry one of these. */
  declare readonly tags: pulumi.Output<readonly string[]>;
  /** What such a device is told when it comes online. */
  declare readonly commands: pulumi.Output<pulumi.Unwrap<readonly ProvisioningCommand[]>>;

  /** @throws pulumi.RunError for an argument that there is not, or that is missing */
  constructor(name: string, args: ProvisioningRuleArgs, options: pulumi.CustomResourceOptions = {}) {
    checkArgs(`ProvisioningRule ${name}`, args, {
      name: "required",
      description: "optional",
      tags: "required",
      commands: "required",
      adopt: "optional",
    });
    super("ProvisioningRule", "provisioning-rule", name, { description: undefined, ...args }, options);
  }
}
