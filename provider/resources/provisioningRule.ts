import type * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "./args.js";
import { NrfCloudResource } from "./resource.js";

/** One command for a device, with the names of nRF Cloud's API. `secTag` is the security tag of the modem. */
export type ProvisioningCommand =
  /** The device generates a private key. */
  | { readonly clientPrivateKeyGeneration: { readonly secTag: number } }
  /** The device generates the key with which nRF Cloud onboards it. */
  | { readonly cloudAccessKeyGeneration: { readonly secTag: number } }
  /** The device generates a key, and answers with a certificate signing request. */
  | {
      readonly certificateSigningRequest: {
        readonly secTag: number;
        /** The subject, such as `O=Acme,CN=device-1`. */
        readonly attributes: pulumi.Input<string>;
        /** Bits, such as `101010000`. */
        readonly keyUsage: string;
      };
    }
  /** The device stores a client certificate. */
  | { readonly clientCertificate: { readonly secTag: number; readonly content: pulumi.Input<string> } }
  /** The device stores the root certificates of a server. */
  | { readonly serverCertificate: { readonly secTag: number; readonly content: pulumi.Input<string> } }
  /** The device ends its provisioning. */
  | { readonly finished: Readonly<Record<string, never>> };

/** The arguments of `ProvisioningRule`. */
export interface ProvisioningRuleArgs {
  /** The name, unique in the team. A change replaces the rule. */
  readonly name: pulumi.Input<string>;
  /** Free text. A change replaces the rule. */
  readonly description?: pulumi.Input<string>;
  /** The rule applies to claimed devices with one of these provisioning tags. A change replaces the rule. */
  readonly tags: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** What such a device is to do when it comes online, in this order. At most 20 commands wait for a device. A change replaces the rule. */
  readonly commands: pulumi.Input<readonly pulumi.Input<ProvisioningCommand>[]>;
  /**
   * Whether to adopt a rule of this name that the team has already, such as one from Nordic's tools. What nRF Cloud shows of the rule must
   * be as declared.
   * @defaultValue `false`: such a rule is an error
   */
  readonly adopt?: pulumi.Input<boolean>;
}

/**
 * A provisioning rule of the Identity and Provisioning service, active from the start. It sends commands to claimed devices when they
 * come online.
 *
 * @example
 * ```ts
 * import { ProvisioningRule } from "pulumi-nrfcloud";
 *
 * new ProvisioningRule("onboarding", {
 *   name: "nRF Cloud Onboarding",
 *   tags: ["nrf-cloud-onboarding"],
 *   commands: [
 *     { clientPrivateKeyGeneration: { secTag: 16842753 } },
 *     { cloudAccessKeyGeneration: { secTag: 16842753 } },
 *     { finished: {} },
 *   ],
 * });
 * ```
 *
 * @create Creates the rule, or adopts the rule of this name.
 * @refresh Reads whether the rule still exists.
 * @update There is nothing to update: nRF Cloud can't change an active rule.
 * @replace Any change deletes the rule and creates another. What the old rule did to devices stays.
 * @delete Deletes the rule. What it did to devices stays.
 * @errors
 * - The team has a rule of this name, and `adopt` is not set. The preview refuses this.
 * - A rule was adopted whose id nRF Cloud does not list. Then the provider can't delete it: delete it in the portal.
 * @operations CreateProvisioningRule, ListProvisioningRules, DeleteProvisioningRule.
 */
export class ProvisioningRule extends NrfCloudResource {
  /** The name of the rule in the team. */
  declare readonly name: pulumi.Output<string>;
  /** The text of the rule; `undefined` where none is declared. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** The provisioning tags of the rule. */
  declare readonly tags: pulumi.Output<readonly string[]>;
  /** The commands of the rule. */
  declare readonly commands: pulumi.Output<pulumi.Unwrap<readonly ProvisioningCommand[]>>;

  /** @throws pulumi.RunError for an unknown argument, or a missing one */
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
