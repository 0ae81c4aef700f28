import * as pulumi from "@pulumi/pulumi";
import type { FirmwareType } from "../fleet/rules.js";
import { keyPem, unpackCertificates, unpackKeys } from "../pki/pack.js";
import { packedCreatedAt } from "../reconcile/packRecords.js";
import { requireApiKey } from "./apiKey.js";
import type { CaCertificate } from "./caCertificate.js";
import { guarded } from "./guarded.js";
import type { JournalKey } from "./journalKey.js";
import { caInputs } from "./signingCa.js";
import { NrfCloudResource } from "./resource.js";
import { readKnownRow, type ReadRow } from "./rows.js";

/** A device of a table: an object with plain values or outputs. `via` says how it comes into the account. */
export type DeviceRow = PreconnectDevice | JitpDevice | AttestedDevice;

interface CommonRow {
  /** nRF Cloud's device groups; of a device claimed by token its provisioning tags. */
  readonly tags?: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** Never to be deleted, replaced or released. Default `false`. */
  readonly protect?: boolean;
}

/** A device that is onboarded before it connects (OnboardDevices). */
export interface PreconnectDevice extends CommonRow {
  readonly via?: "preconnect";
  /** At most 799 letters, digits and `_ . , @ / : # -`; one that contains `gateway` makes a gateway. A change replaces the device. */
  readonly subType?: pulumi.Input<string>;
  /** What FOTA can update on the device when it is onboarded. A change replaces the device. */
  readonly firmwareTypes?: pulumi.Input<readonly pulumi.Input<FirmwareType>[]>;
  /** Display name, 1 to 128 characters. Default: the device id. */
  readonly name?: pulumi.Input<string>;
  /** How the device proves who it is. Default: a key and a certificate that are made here, signed by the set's CA. */
  readonly credential?: RowCredentialArgs;
  /** Take over a device that the account has already: as it is (`true`), or with a new certificate (`"recertify"`). Default `false`. */
  readonly adopt?: boolean | "recertify";
}

/** What a device of a table brings. */
export type RowCredentialArgs =
  /** Made here. Any other `rotation` orders a new key and certificate. */
  | { readonly rotation?: pulumi.Input<string> }
  /** The device's own certificate signing request (PEM), signed by the set's CA. */
  | { readonly csr: pulumi.Input<string>; readonly rotation?: pulumi.Input<string> }
  /** One ES256 certificate (PEM) whose common name is the device id. */
  | { readonly certificate: pulumi.Input<string> }
  /** One EC P-256 public key (PEM). Such a device has REST with its own tokens, but no MQTT. */
  | { readonly publicKey: pulumi.Input<string> }
  /** Of an adopted device: whatever it has. */
  | "existing";

/** A just-in-time device, claimed by its ownership code after its first connect (AssociateDevice). */
export interface JitpDevice extends CommonRow {
  readonly via: "jitp";
  /** Hardware id, PIN or ownership code. Kept as a secret. */
  readonly ownershipCode: pulumi.Input<string>;
  readonly subType?: pulumi.Input<string>;
  readonly name?: pulumi.Input<string>;
  /** Have nRF Cloud issue the certificate too (CreateDeviceCertificate). Default `false`. */
  readonly issueCertificate?: boolean;
  /** Seconds to wait for the first connect, 0 to 3,600. Default 120. */
  readonly wait?: pulumi.Input<number>;
  /** What becomes of a device that has not connected in time: an error (`"fail"`, default), or a row that waits (`"allow"`). */
  readonly pending?: "allow" | "fail";
  /** Take over a device that the team owns already. Default `false`. */
  readonly adopt?: boolean;
}

/** A device that is claimed by its attestation token (ClaimDeviceOwnership). Its id in the table is its UUID. */
export interface AttestedDevice extends CommonRow {
  readonly via: "attestation";
  /** Answer of the device to `AT%ATTESTTOKEN`. Kept as a secret. */
  readonly token: pulumi.Input<string>;
  /** Give the device up when its row leaves, which deletes what was onboarded under its UUID. Default `false`. */
  readonly unclaimOnDestroy?: boolean;
  /** Take over a device that the team has claimed already. Default `false`. */
  readonly adopt?: boolean;
}

export interface DeviceSetArgs {
  /** The table: a row for each device id. */
  readonly devices: Readonly<Record<string, pulumi.Input<DeviceRow>>>;
  /** The CA that signs the certificates that are made here. */
  readonly ca?: CaCertificate;
  /** Seals the redo log, by which an interrupted run is finished. Without it no log is kept, and what an interrupted run did is told, not finished. */
  readonly journal?: JournalKey;
  /** Whole days that certificates last, 1 to 36,500. Default 3,650. */
  readonly validityDays?: pulumi.Input<number>;
  /** Hours before their end at which certificates are issued again for the same key. Default 0: never. */
  readonly earlyRenewalHours?: pulumi.Input<number>;
  /** How many devices one operation may take out of the account: a count, or a share such as `"5%"`. Default: no limit. */
  readonly maxDeletes?: number | string;
  /** Leave the devices in the account when the set is destroyed. Default `false`. */
  readonly keepOnDestroy?: boolean;
}

/** What a set knows of one device. */
export interface SetDevice {
  /** The certificate that was issued (PEM); `undefined` for one that the device brings. */
  readonly certificate: string | undefined;
  /** The key that was made here (PKCS#8 PEM). */
  readonly privateKey: string | undefined;
  /** When the account got the device, ISO 8601. */
  readonly createdAt: string | undefined;
}

const ARGS: ReadonlySet<string> = new Set([
  "devices",
  "ca",
  "journal",
  "validityDays",
  "earlyRenewalHours",
  "maxDeletes",
  "keepOnDestroy",
]);

/** A table of devices: one resource for any number of them, whichever way they come into the account. */
export class DeviceSet extends NrfCloudResource {
  /** The devices as the account has them, one line each. */
  declare readonly devices: pulumi.Output<Readonly<Record<string, string>>>;
  /** Why which devices are not as declared, by id; `undefined` where all are. */
  declare readonly failed: pulumi.Output<Readonly<Record<string, string>> | undefined>;
  /** Ids of the devices that wait for their first connect; `undefined` where none does. */
  declare readonly waiting: pulumi.Output<readonly string[] | undefined>;
  /** Root of nRF Cloud's MQTT server (PEM), where nRF Cloud issued certificates. */
  declare readonly serverCa: pulumi.Output<string | undefined>;
  /** All certificates that were issued here or by nRF Cloud (PEM), by device id. */
  declare readonly certificates: pulumi.Output<Readonly<Record<string, string>>>;
  /** All keys that were made here or by nRF Cloud (PEM), by device id. Secret. */
  declare readonly privateKeys: pulumi.Output<Readonly<Record<string, string>>>;
  private readonly packed: PackedOutputs;

  /** @throws pulumi.RunError for an argument or a row that there is not */
  constructor(name: string, args: DeviceSetArgs, options: pulumi.CustomResourceOptions = {}) {
    for (const key of Object.keys(args)) {
      if (!ARGS.has(key))
        throw new pulumi.RunError(
          `DeviceSet ${name} has no argument ${key}. There are ${[...ARGS].join(", ")}.`,
        );
    }
    requireApiKey();
    const rows = Object.entries(args.devices).map(([id, row]) => [id, readRow(id, row)] as const);
    const guard = guarded(rows, args.maxDeletes, options);
    super(
      "DeviceSet",
      "device-set",
      name,
      {
        name,
        devices: Object.fromEntries(rows.map(([id, row]) => [id, lineOf(row)])),
        materials: materialsOf(rows),
        ...caInputs(args.ca),
        journalKey: args.journal?.key,
        validityDays: args.validityDays,
        earlyRenewalHours: args.earlyRenewalHours,
        maxDeletes: args.maxDeletes === undefined ? undefined : String(args.maxDeletes),
        keepOnDestroy: args.keepOnDestroy === true ? true : undefined,
        only: process.env.NRF_CLOUD_ONLY === "" ? undefined : process.env.NRF_CLOUD_ONLY,
        certificates: undefined,
        privateKeys: undefined,
        records: undefined,
        failed: undefined,
        waiting: undefined,
        serverCa: undefined,
      },
      pulumi.mergeOptions(guard, { additionalSecretOutputs: ["privateKeys"] }),
    );
    this.packed = packedOutputs(this);
    failAfterwards(name, this.failed);
    // Unpacked when they are asked for: ten thousand keys take a second.
    Object.defineProperties(this, {
      certificates: {
        get: () => this.packed.certificates.apply((text) => Object.fromEntries(unpackCertificates(text))),
      },
      privateKeys: { get: () => pulumi.secret(this.packed.privateKeys).apply(allKeys) },
    });
  }

  /** What is known of one device; its key is a secret. */
  device(id: string): pulumi.Output<SetDevice> {
    const { certificates, privateKeys, records } = this.packed;
    return pulumi
      .all([certificates, pulumi.secret(privateKeys), records])
      .apply(([packed, keys, others]) => ({
        certificate: unpackCertificates(packed).get(id),
        privateKey: unpackKeys(keys).get(id),
        createdAt: packedCreatedAt(others, id),
      }));
  }
}

/**
 * Ends the program with an error where devices failed. The engine does so itself, but for states of more than 10 MB, which it would lose
 * with the error.
 */
function failAfterwards(name: string, failed: DeviceSet["failed"]): void {
  failed.apply((reasons) => {
    const ids = Object.keys(reasons ?? {});
    if (ids.length === 0 || pulumi.runtime.isDryRun()) return;
    throw new pulumi.RunError(
      `DeviceSet ${name}: ${ids.length} devices are not as declared. Their errors are above; run \`pulumi up\` again to go on.`,
    );
  });
}

/** What the engine keeps of certificates, keys and dates: one packed text each. */
interface PackedOutputs {
  readonly certificates: pulumi.Output<string>;
  readonly privateKeys: pulumi.Output<string>;
  readonly records: pulumi.Output<string>;
}

function packedOutputs(set: object): PackedOutputs {
  const output = (key: string): pulumi.Output<string> => {
    const value: unknown = Object.entries(set).find(([name]) => name === key)?.[1];
    const known: pulumi.Output<unknown> = pulumi.output(value);
    return known.apply((text) => (typeof text === "string" ? text : ""));
  };
  return {
    certificates: output("certificates"),
    privateKeys: output("privateKeys"),
    records: output("records"),
  };
}

function allKeys(text: string): Readonly<Record<string, string>> {
  const keys = unpackKeys(text);
  return Object.fromEntries([...keys.ids()].map((id) => [id, keyPem(keys.raw(id) ?? "")]));
}

type DeclaredRow = ReadRow | pulumi.Output<ReadRow>;

/** A row of plain values is read at once; only one that holds an output waits for it. */
function readRow(id: string, row: pulumi.Input<DeviceRow>): DeclaredRow {
  return isPlain(row) ? readKnownRow(id, row) : pulumi.output(row).apply((known) => readKnownRow(id, known));
}

function isPlain(value: unknown): value is pulumi.Unwrap<DeviceRow> {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isPlain);
}

function lineOf(row: DeclaredRow): pulumi.Input<string> {
  // What a row brings may be secret; the line holds a fingerprint of it, or nothing.
  return pulumi.Output.isInstance(row) ? pulumi.unsecret(row.apply(({ line }) => line)) : row.line;
}

function materialsOf(rows: readonly (readonly [string, DeclaredRow])[]): pulumi.Output<string> | undefined {
  const waiting = rows.filter(([, row]) => pulumi.Output.isInstance(row));
  const all = pulumi.all(
    waiting.map(([id, row]) => pulumi.output(row).apply((known) => [id, known] as const)),
  );
  if (
    waiting.length === 0 &&
    !rows.some(([, row]) => !pulumi.Output.isInstance(row) && row.material !== undefined)
  )
    return undefined;
  return pulumi.secret(
    all.apply((known) => {
      const late = new Map(known);
      const materials = rows.flatMap(([id, row]) => {
        const { material } = pulumi.Output.isInstance(row) ? (late.get(id) ?? {}) : row;
        return material === undefined ? [] : [[id, material] as const];
      });
      return JSON.stringify(Object.fromEntries(materials.sort(([one], [other]) => (one < other ? -1 : 1))));
    }),
  );
}
