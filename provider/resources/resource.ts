import * as pulumi from "@pulumi/pulumi";

/** The file behind `pulumi-nrfcloud/dynamic/` that does the work of a resource type. Never rename one. */
type Handler =
  | "attestation-claim"
  | "ca-certificate"
  | "claim-preflight"
  | "device"
  | "device-certificate"
  | "fleet-guard"
  | "jitp-certificate"
  | "ownership-claim"
  | "provisioning-rule";

/**
 * The text that Pulumi keeps in state to find its way back to the code of a resource. It only names a path of this
 * package, so it stays the same for every version, and whatever version is installed does the work.
 */
export function handlerText(handler: Handler): string {
  return `exports.handler = () => require("pulumi-nrfcloud/dynamic/${handler}.cjs");`;
}

const fleets = new WeakMap<pulumi.Resource, string>();

/**
 * Makes a component a fleet of this name: its children are told, so that what a killed run left of them can be taken
 * away once the fleet declares it no longer.
 */
export function becomesFleet(component: pulumi.ComponentResource, name: string): void {
  fleets.set(component, name);
}

/** A resource whose life is led by Pulumi's host of dynamic providers, with the code of this package. */
export abstract class NrfCloudResource extends pulumi.CustomResource {
  /** @internal */
  protected constructor(
    type: string,
    handler: Handler,
    name: string,
    properties: pulumi.Inputs,
    options: pulumi.CustomResourceOptions,
  ) {
    const fleet = options.parent && fleets.get(options.parent);
    super(
      `pulumi-nodejs:dynamic/nrfcloud:${type}`,
      name,
      {
        __provider: handlerText(handler),
        stack: pulumi.getStack(),
        ...(fleet === undefined ? {} : { fleet }),
        ...properties,
      },
      options,
    );
  }
}
