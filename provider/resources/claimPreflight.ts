import * as pulumi from "@pulumi/pulumi";
import { NrfCloudResource } from "./resource.js";

export interface ClaimPreflightArgs {
  /** Attestation tokens of devices that are to be claimed. Not kept, neither in inputs nor in outputs. */
  readonly tokens: pulumi.Input<readonly pulumi.Input<string>[]>;
}

/**
 * A dry run of claims, by one bulk request a preview: devices that could not be claimed fail the preview, each with the
 * service's reason. Devices that the team has claimed already are left out. `Fleet` makes one with `preflight: true`.
 */
export class ClaimPreflight extends NrfCloudResource {
  constructor(name: string, args: ClaimPreflightArgs, options: pulumi.CustomResourceOptions = {}) {
    super("ClaimPreflight", "claim-preflight", name, { tokens: pulumi.secret(args.tokens) }, options);
  }
}
