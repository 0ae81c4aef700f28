import * as pulumi from "@pulumi/pulumi";
import { unpackCertificates, unpackKeys } from "../pki/pack.js";
import { keptUnder } from "../reconcile/table/packRotation.js";
import { parseRow } from "../reconcile/table/parseRow.js";
import { unpackRecords } from "../reconcile/table/packRecords.js";
import type { RowOutcome } from "../reconcile/table/record.js";
import { withLastResult } from "./withLastResult.js";

/** The outputs of one device of a set. */
export interface SetDevice {
  /** The certificate that was issued (PEM); `undefined` for one that the device brings. */
  readonly certificate: pulumi.Output<string | undefined>;
  /** The private key that the provider or nRF Cloud generated (PEM); `undefined` where the device or you have it. Secret. */
  readonly privateKey: pulumi.Output<string | undefined>;
  /** The generation of the credential that nRF Cloud has; `undefined` where the set has no such device. */
  readonly generation: pulumi.Output<number | undefined>;
  /** The next certificate, which nRF Cloud does not have yet (PEM); `undefined` where none is kept. */
  readonly nextCertificate: pulumi.Output<string | undefined>;
  /** The private key of the next certificate (PEM); `undefined` where none is kept. Secret. */
  readonly nextPrivateKey: pulumi.Output<string | undefined>;
  /** The previous certificate, to go back to (PEM); `undefined` where none is kept. */
  readonly previousCertificate: pulumi.Output<string | undefined>;
  /** The private key of the previous certificate (PEM); `undefined` where none is kept. Secret. */
  readonly previousPrivateKey: pulumi.Output<string | undefined>;
  /** When the account got the device, ISO 8601. */
  readonly createdAt: pulumi.Output<string | undefined>;
  /**
   * The outcome of the row: `done` (as declared), `adopted`, `waiting` for its first connect, or `failed`, with the reason in the set's `failed`.
   * `renewing` means that the device has not made its new key yet. `replaced` means that somebody else created a device under this id, and `hidden` that the API key can't see it. `undefined` where the
   * set has no such device.
   */
  readonly outcome: pulumi.Output<RowOutcome["kind"] | undefined>;
}

/** The outputs of a set. The state has each as one packed string, which is unpacked when it is first used. */
export class SetOutputs {
  private readonly packed: Readonly<
    Record<
      "certificates" | "privateKeys" | "keptCertificates" | "keptKeys" | "records",
      pulumi.Output<string>
    >
  >;
  // Not as outputs, since Pulumi treats a Map in an output as a plain object.
  private readonly certificatesIn = withLastResult(unpackCertificates);
  private readonly keysIn = withLastResult(unpackKeys);
  private readonly keptIn = withLastResult(unpackCertificates);
  private readonly keptKeysIn = withLastResult(unpackKeys);
  private readonly recordsIn = withLastResult(unpackRecords);

  /** @param set the resource with its outputs */
  constructor(
    set: object,
    private readonly failed: pulumi.Output<Readonly<Record<string, string>> | undefined>,
    private readonly lines: pulumi.Output<Readonly<Record<string, string>> | undefined>,
  ) {
    this.packed = {
      certificates: textOf(set, "certificates"),
      privateKeys: pulumi.secret(textOf(set, "privateKeys")),
      keptCertificates: textOf(set, "keptCertificates"),
      keptKeys: pulumi.secret(textOf(set, "keptKeys")),
      records: textOf(set, "records"),
    };
  }

  certificates(): pulumi.Output<Readonly<Record<string, string>>> {
    return this.packed.certificates.apply((text) => Object.fromEntries(this.certificatesIn(text)));
  }

  /** Secret. */
  privateKeys(): pulumi.Output<Readonly<Record<string, string>>> {
    return this.packed.privateKeys.apply((text) => {
      const keys = this.keysIn(text);
      return Object.fromEntries([...keys.ids()].map((id) => [id, keys.get(id) ?? ""]));
    });
  }

  device(id: string): SetDevice {
    const { certificates, privateKeys, keptCertificates, keptKeys, records } = this.packed;
    const certificate = (kept: "next" | "previous") =>
      keptCertificates.apply((text) => this.keptIn(text).get(keptUnder(id, kept)));
    const privateKey = (kept: "next" | "previous") =>
      keptKeys.apply((text) => this.keptKeysIn(text).get(keptUnder(id, kept)));
    return {
      generation: pulumi.all([records, this.lines]).apply(([text, lines = {}]) => {
        const parsed = parseRow(lines[id] ?? "");
        if (!Object.hasOwn(lines, id) || !parsed.ok) return undefined;
        const { row } = parsed;
        const declared = row.way === "preconnect" ? row.credential : row;
        // Before the first rotation there is no record of a generation, and nRF Cloud has the declared one.
        const rotation = "rotation" in declared ? declared.rotation : undefined;
        return this.recordsIn(text).get(id)?.rotation?.generation ?? rotation?.generation;
      }),
      nextCertificate: certificate("next"),
      nextPrivateKey: privateKey("next"),
      previousCertificate: certificate("previous"),
      previousPrivateKey: privateKey("previous"),
      certificate: certificates.apply((text) => this.certificatesIn(text).get(id)),
      privateKey: privateKeys.apply((text) => this.keysIn(text).get(id)),
      createdAt: records.apply((text) => this.recordsIn(text).get(id)?.createdAt),
      outcome: pulumi.all([records, this.failed]).apply(([text, failed]) => {
        const record = this.recordsIn(text).get(id);
        if (record === undefined) return undefined;
        if (failed !== undefined && Object.hasOwn(failed, id)) return "failed";
        return record.outcome?.kind ?? "done";
      }),
    };
  }
}

/** A packed output, whose declared type differs from the string in the state. */
function textOf(set: object, key: string): pulumi.Output<string> {
  const value: unknown = Reflect.get(set, key);
  const known: pulumi.Output<unknown> = pulumi.output(value);
  return known.apply((text) => (typeof text === "string" ? text : ""));
}
