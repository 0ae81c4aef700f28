import { randomBytes, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { simulateDevice, type SimulatedDevice } from "../../emulator/simulator/device.js";
import { onboardDevices } from "../../provider/cloud/bulk.js";
import { Transport } from "../../provider/cloud/transport.js";
import type { LooseObject } from "../../provider/engine/outputs.js";
import { deviceSet } from "../../provider/lifecycle/deviceSet.js";
import { createCa, type CertificateAuthority } from "../../provider/pki/ca.js";
import { keyPem, unpackCertificates, unpackKeys } from "../../provider/pki/pack.js";
import { unpackRecords } from "../../provider/reconcile/table/packRecords.js";
import { lineOf, materialOf, type KnownRow } from "../../provider/resources/rows.js";
import type { Account } from "./account.js";
import { credentialsFor } from "./credentials.js";
import { Resource, type Step } from "./resource.js";

/** Rows as a program declares them, all of which is known. */
export type Rows = Readonly<Record<string, KnownRow>>;

/** A CA of a fleet. */
export function fleetCa(commonName = "Fleet CA", days = 4_000): CertificateAuthority {
  return createCa({ subject: { commonName }, validity: { notBefore: new Date(), days } });
}

export interface StackOfSetOptions {
  /** Default `dev`. */
  readonly stack?: string;
  /** Default `fleet`. */
  readonly name?: string;
  readonly ca?: CertificateAuthority;
  /** The key of its redo log; `null`: without a log. Default: one of its own. */
  readonly journalKey?: string | null;
  /** Environment of all its runs. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A stack with one DeviceSet, led as the engine leads it, without the engine. Each command is a run of its own. */
export class StackOfSet {
  ca: CertificateAuthority;
  env: Readonly<Record<string, string>>;
  journalKey: string | undefined;
  private readonly resource: Resource<never, never, never>;
  private readonly stack: string;
  private name: string;

  constructor(
    private readonly account: Account,
    options: StackOfSetOptions = {},
  ) {
    const { stack = "dev", name = "fleet", ca = fleetCa(), env = {}, journalKey } = options;
    this.stack = stack;
    this.name = name;
    this.ca = ca;
    this.env = env;
    this.journalKey = journalKey === null ? undefined : (journalKey ?? newJournalKey());
    this.resource = new Resource(deviceSet, account.hosted) as unknown as Resource<never, never, never>;
  }

  /** An `up` of these rows. @throws Refused, PartlyFailed */
  async up(rows: Rows, more: LooseObject = {}): Promise<Step> {
    this.newRun();
    return this.resource.up(this.inputs(rows, more));
  }

  /** What a preview says: what the engine would do with the set, and the text that people are told. @throws Refused */
  async preview(rows: Rows, more: LooseObject = {}): Promise<{ readonly step: Step; readonly told: string }> {
    this.newRun();
    const { step } = await this.resource.plan(this.inputs(rows, more));
    return { step, told: this.account.told.join("\n") };
  }

  async refresh(): Promise<void> {
    this.newRun();
    await this.resource.refresh();
  }

  async destroy(): Promise<void> {
    this.newRun();
    await this.resource.destroy();
  }

  /** An `up` whose state is lost, as when the engine is killed before it has saved: what it did is in the account and the log only. */
  async upAndLoseState(rows: Rows, more: LooseObject = {}): Promise<void> {
    const before = this.resource.backup;
    await this.up(rows, more).catch(() => undefined);
    this.resource.backup = before;
  }

  /** The state as a backup keeps it, to be restored later. */
  get backup() {
    return this.resource.backup;
  }
  set backup(kept) {
    this.resource.backup = kept;
  }

  /** As when the set gets another name in the program, without `aliases`. */
  renamed(name: string): void {
    this.name = name;
    this.resource.backup = undefined;
  }

  get exists(): boolean {
    return this.resource.exists;
  }
  get hasFailed(): boolean {
    return this.resource.hasFailed;
  }
  get outputs(): LooseObject {
    return this.resource.outputs;
  }
  /** Lines by id, as the state has them. */
  get lines(): Readonly<Record<string, string>> {
    return { ...(this.outputs.devices as Record<string, string> | undefined) };
  }
  get failed(): Readonly<Record<string, string>> {
    return { ...(this.outputs.failed as Record<string, string> | undefined) };
  }
  get waiting(): readonly string[] {
    return (this.outputs.waiting as readonly string[] | undefined) ?? [];
  }
  get certificates(): ReadonlyMap<string, string> {
    return unpackCertificates(this.text("certificates"));
  }
  /** Keys as PEM, by id. */
  get keys(): ReadonlyMap<string, string> {
    const keys = unpackKeys(this.text("privateKeys"));
    return new Map([...keys.ids()].map((id) => [id, keyPem(keys.raw(id) ?? "")]));
  }
  createdAt(id: string): string | undefined {
    return unpackRecords(this.text("records")).get(id)?.createdAt;
  }

  /** Throws unless the state has, of each of these devices, the certificate that the account has, and its key. */
  async requireKeys(...ids: readonly string[]): Promise<void> {
    const present = await this.account.devices();
    for (const id of ids) {
      const pem = this.certificates.get(id);
      const key = this.keys.get(id);
      if (pem === undefined || key === undefined) throw new Error(`the state lacks the key of ${id}`);
      const certificate = new X509Certificate(pem);
      if (fingerprint(certificate) !== present.get(id)?.certificate?.fingerprint)
        throw new Error(`the account has another certificate for ${id} than the state`);
      const { createPrivateKey } = await import("node:crypto");
      if (!certificate.checkPrivateKey(createPrivateKey(key)))
        throw new Error(`the key of ${id} is not its own`);
    }
  }

  private text(output: string): string {
    const value = this.outputs[output];
    return typeof value === "string" ? value : "";
  }

  private newRun(): void {
    this.account.newRun(this.env);
    this.resource.newRun();
  }

  private inputs(rows: Rows, more: LooseObject): LooseObject {
    const materials = Object.entries(rows).flatMap(([id, row]) => {
      const material = materialOf(row);
      return material === undefined ? [] : [[id, material]];
    });
    return {
      name: this.name,
      stack: this.stack,
      devices: Object.fromEntries(Object.entries(rows).map(([id, row]) => [id, lineOf(id, row)])),
      ...(materials.length === 0 ? {} : { materials: JSON.stringify(Object.fromEntries(materials.sort())) }),
      caCertificate: this.ca.certificatePem,
      caPrivateKey: this.ca.privateKeyPem,
      ...(this.journalKey === undefined ? {} : { journalKey: this.journalKey }),
      ...more,
    };
  }
}

/** Stacks of the tests of one file; the account is empty before each, and so is the folder of the logs. */
export function newJournalKey(): string {
  return randomBytes(32).toString("base64");
}

/** What the logs of an account's stacks hold. */
export function logsOf({
  journalFolder,
}: Account): readonly { readonly file: string; readonly text: string }[] {
  try {
    return readdirSync(journalFolder)
      .filter((name) => name.endsWith(".log"))
      .map((name) => path.join(journalFolder, name))
      .map((file) => ({ file, text: readFileSync(file, "utf8") }));
  } catch {
    return [];
  }
}

/** Has somebody onboard devices by hand, with certificates of their own. */
export async function onboardByHand(
  { emulator }: Account,
  ids: readonly string[],
  { apiKey = emulator.apiKey, tags = ["theirs"] } = {},
): Promise<void> {
  const transport = new Transport({ endpoint: emulator.url, apiKey });
  const outcomes = await onboardDevices(
    transport,
    ids.map((deviceId) => ({
      deviceId,
      tags,
      firmwareTypes: [],
      credentialPem: credentialsFor(deviceId).before,
    })),
    { requestMs: 10_000, readbackMs: 5_000, bulkMs: 10_000 },
  );
  for (const outcome of outcomes) if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
}

/** Connects a device of a stack over MQTT with what the state has of it. The caller closes it. */
export function connectDevice({ emulator }: Account, stack: StackOfSet, id: string): SimulatedDevice {
  const { mqtt } = emulator;
  if (mqtt === undefined) throw new Error("the emulator runs without a broker");
  return simulateDevice({
    host: mqtt.host,
    port: mqtt.port,
    ca: mqtt.caCert,
    clientId: id,
    cert: stack.certificates.get(id) ?? "",
    key: stack.keys.get(id) ?? "",
    retryAfterMs: 100,
    giveUpAfterMs: 5_000,
  });
}

/** Has the next call of an operation fail, however often the provider repeats it. */
export async function failNext(account: Account, operation: string): Promise<void> {
  const fault = { kind: "serverError", status: 500 };
  const rule = { operations: [operation], probability: 1, times: 6, fault };
  await account.admin("PUT", "/faults", { seed: 1, rules: [rule] });
}

function fingerprint(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}
