import * as pulumi from "@pulumi/pulumi";
import { WAY_TO_PROJECT, wayToProject } from "../engine/projectFolder.js";
import { warnOfPlainSecrets } from "./plainSecrets.js";
import { projectOfProgram } from "./project.js";

/** The file in `pulumi-nrfcloud/dynamic/` that implements a resource type. States refer to it: never rename one. */
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
 * The text in the state by which Pulumi loads the code of a resource. It only names a path of this package, so it is the same for
 * all versions, and the installed version is used.
 */
export function handlerText(handler: Handler): string {
  return `exports.handler = () => require("pulumi-nrfcloud/dynamic/${handler}.cjs");`;
}

/** A resource that Pulumi's host of dynamic providers manages with the code of this package. */
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
