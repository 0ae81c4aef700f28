import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Fleet } from "../provider/index.js";
import { projectOfProgram } from "../provider/resources/project.js";

/**
 * A ready program for those who only want to write a fleet file: it declares the fleet in `fleet.yaml` beside
 * `Pulumi.yaml`, or in the file that the configuration value `fleet` names.
 */
const file = path.resolve(projectOfProgram(), new pulumi.Config().get("fleet") ?? "fleet.yaml");
const fleet = new Fleet(pulumi.getProject(), { file });

/** What `pulumi stack output` shows. A fleet whose devices all bring their credentials has no CA. */
export = {
  /** How many devices the fleet declares, whichever way they come into the account. */
  devices: fleet.size,
  /** The CA's certificate (PEM), for whoever checks device certificates. */
  ...(fleet.ca === undefined ? {} : { caCertificate: fleet.ca.certificate }),
};
