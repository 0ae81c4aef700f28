import * as pulumi from "@pulumi/pulumi";
import { NrfCloudResource } from "./resource.js";

/**
 * The key that seals the journal: the redo logs in `.nrfcloud/journal`. It is random. Declare it with `dependsOn` on the CA, so that
 * a destroy removes it first.
 *
 * @example
 * ```ts
 * import { CaCertificate, DeviceSet, JournalKey } from "pulumi-nrfcloud";
 *
 * const ca = new CaCertificate("ca", { subject: { commonName: "Acme Lab CA" } });
 * const journal = new JournalKey("journal", { dependsOn: ca });
 * new DeviceSet("lab", { ca, journal, devices: { "lab-001": {}, "lab-002": {} } });
 * ```
 *
 * @create Generates the key. The engine saves it before it creates any device.
 * @refresh Reads nothing.
 * @update There is nothing to update.
 * @delete Removes the key and the journal files that it sealed.
 * @errors
 * - Only the journal knows of some devices, because an interrupted run created them. The key is then kept, and the error names the devices.
 * @operations None, but for the reads that look for such devices.
 */
export class JournalKey extends NrfCloudResource {
  /** 32 bytes, base64. Secret. */
  declare readonly key: pulumi.Output<string>;

  constructor(name: string, options: pulumi.CustomResourceOptions = {}) {
    super(
      "JournalKey",
      "journal-key",
      name,
      { key: undefined },
      pulumi.mergeOptions(options, { additionalSecretOutputs: ["key"] }),
    );
  }
}
