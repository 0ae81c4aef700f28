import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Fleet } from "../provider/index.js";
import { projectOfProgram } from "../provider/resources/project.js";

/**
 * A ready program for users who only write a fleet file. It declares the fleet in `fleet.yaml` beside `Pulumi.yaml`, or in the file
 * that the configuration value `fleet` names.
 */
const file = path.resolve(projectOfProgram(), new pulumi.Config().get("fleet") ?? "fleet.yaml");
const fleet = new Fleet(pulumi.getProject(), { file });

/** The outputs of the stack. A fleet whose devices all have their own credentials has no CA. */
export = {
  /** The number of devices that the fleet declares, onboarded and claimed. */
  devices: fleet.size,
  /** The CA's certificate (PEM), to verify device certificates. */
  ...(fleet.ca === undefined ? {} : { caCertificate: fleet.ca.certificate }),
};
