import * as pulumi from "@pulumi/pulumi";
import { NrfCloudResource } from "./resource.js";

/**
 * The key that seals the redo log of a fleet (`.nrfcloud/journal`). It is random, and a secret of the state. Destroying it removes the logs
 * that it sealed.
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
