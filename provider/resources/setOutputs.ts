import * as pulumi from "@pulumi/pulumi";
import { unpackCertificates, unpackKeys, type PackedKeys } from "../pki/pack.js";
import { unpackRecords, type PackedRecord } from "../reconcile/packRecords.js";
import type { RowOutcome } from "../reconcile/record.js";

/** What a set knows of one device. */
export interface SetDevice {
  /** The certificate that was issued (PEM); `undefined` for one that the device brings. */
  readonly certificate: pulumi.Output<string | undefined>;
  /** The key that was made here or by nRF Cloud (PEM); `undefined` where the device or you have it. Secret. */
  readonly privateKey: pulumi.Output<string | undefined>;
  /** When the account got the device, ISO 8601. */
  readonly createdAt: pulumi.Output<string | undefined>;
  /**
   * How it stands with the device: `done` (as declared), `adopted`, `waiting` (for its first connect), `failed` (the reason is in the set's
   * `failed`), `replaced` (by somebody else's under the same id) or `hidden` (from the API key); `undefined` where the set does not have it.
   */
  readonly outcome: pulumi.Output<RowOutcome["kind"] | undefined>;
}

/** The outputs of a set, which the engine keeps as one packed text each. They are unpacked once, when they are asked for. */
export class SetOutputs {
  readonly certificates: () => pulumi.Output<ReadonlyMap<string, string>>;
  /** Secret. */
  readonly privateKeys: () => pulumi.Output<PackedKeys>;
  private readonly records: () => pulumi.Output<ReadonlyMap<string, PackedRecord>>;

  /** @param set as the engine filled it */
  constructor(
    set: object,
    private readonly failed: pulumi.Output<Readonly<Record<string, string>> | undefined>,
  ) {
    const packed = { certificates: textOf(set, "certificates"), records: textOf(set, "records") };
    const keys = pulumi.secret(textOf(set, "privateKeys"));
    this.certificates = once(() => packed.certificates.apply(unpackCertificates));
    this.privateKeys = once(() => keys.apply(unpackKeys));
    this.records = once(() => packed.records.apply(unpackRecords));
  }

  device(id: string): SetDevice {
    const records = this.records();
    return {
      certificate: this.certificates().apply((all) => all.get(id)),
      privateKey: this.privateKeys().apply((all) => all.get(id)),
      createdAt: records.apply((all) => all.get(id)?.createdAt),
      outcome: pulumi.all([records, this.failed]).apply(([all, failed]) => {
        const record = all.get(id);
        if (record === undefined) return undefined;
        if (failed !== undefined && Object.hasOwn(failed, id)) return "failed";
        return record.outcome?.kind ?? "done";
      }),
    };
  }
}

/** An output whose type in the program is another than what the engine keeps. */
function textOf(set: object, key: string): pulumi.Output<string> {
  const value: unknown = Reflect.get(set, key);
  const known: pulumi.Output<unknown> = pulumi.output(value);
  return known.apply((text) => (typeof text === "string" ? text : ""));
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
