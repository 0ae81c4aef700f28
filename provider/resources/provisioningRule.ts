import type * as pulumi from "@pulumi/pulumi";
import { requireApiKey } from "./apiKey.js";
import { NrfCloudResource } from "./resource.js";

/** One thing that a device is told to do, by the service's own names. `secTag` is the modem's security tag. */
export type ProvisioningCommand =
  | { readonly clientPrivateKeyGeneration: { readonly secTag: number } }
  | { readonly cloudAccessKeyGeneration: { readonly secTag: number } }
  | {
      readonly certificateSigningRequest: {
        readonly secTag: number;
        /** Such as `O=Acme,CN=device-1`. */
        readonly attributes: string;
        /** Bits, such as `101010000`. */
        readonly keyUsage: string;
      };
    }
  | { readonly clientCertificate: { readonly secTag: number; readonly content: string } }
  | { readonly serverCertificate: { readonly secTag: number; readonly content: string } }
  | { readonly finished: Readonly<Record<string, never>> };

export interface ProvisioningRuleArgs {
  /** Unique in the team. */
  readonly name: pulumi.Input<string>;
  readonly description?: pulumi.Input<string>;
  /** The rule acts on claimed devices that carry one of these. */
  readonly tags: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** What such a device is told when it comes online, in this order. At most 20 wait for a device at a time. */
  readonly commands: pulumi.Input<readonly ProvisioningCommand[]>;
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
  constructor(name: string, args: ProvisioningRuleArgs, options: pulumi.CustomResourceOptions = {}) {
    requireApiKey();
    super("ProvisioningRule", "provisioning-rule", name, { ...args }, options);
  }
}
