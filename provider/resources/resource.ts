import * as pulumi from "@pulumi/pulumi";
import { WAY_TO_PROJECT, wayToProject } from "../engine/projectFolder.js";
import { warnOfPlainSecrets } from "./plainSecrets.js";
import { projectOfProgram } from "./project.js";

/** The file behind `pulumi-nrfcloud/dynamic/` that does the work of a resource type. Never rename one. */
type Handler =
  | "attestation-claim"
  | "ca-certificate"
  | "device"
  | "device-certificate"
  | "device-set"
  | "jitp-certificate"
  | "journal-key"
  | "ownership-claim"
  | "provisioning-rule";

/**
 * The text that Pulumi keeps in state to find its way back to the code of a resource. It only names a path of this
 * package, so it stays the same for every version, and whatever version is installed does the work.
 */
export function handlerText(handler: Handler): string {
  return `exports.handler = () => require("pulumi-nrfcloud/dynamic/${handler}.cjs");`;
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
    super(
      `pulumi-nodejs:dynamic/nrfcloud:${type}`,
      name,
      {
        __provider: handlerText(handler),
        [WAY_TO_PROJECT]: wayToProject(projectOfProgram(), process.cwd()),
        stack: pulumi.getStack(),
        ...properties,
      },
      options,
    );
    warnOfPlainSecrets();
  }
}
