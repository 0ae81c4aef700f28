import { StackState } from "../../cli/state/stackState.js";
import { declaredDigest } from "../../provider/lifecycle/tables/declaredDigest.js";
import { createCa } from "../../provider/pki/ca.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import type { RotationRecord, RowRecord, RowOutcome } from "../../provider/reconcile/table/record.js";
import { parseRow } from "../../provider/reconcile/table/parseRow.js";
import type { Row } from "../../provider/reconcile/table/row.js";
import { encodeSetState } from "../../provider/reconcile/table/state.js";
import { setInputsCodec, type SetInputs } from "../../provider/reconcile/table/table.js";
import { Fields } from "../../provider/engine/fields.js";

const PREFIX = "pulumi-nodejs:dynamic/nrfcloud:";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const SECRETS = ["materials", "privateKeys", "keptKeys", "caPrivateKey", "nextCaPrivateKey", "journalKey"];

/** A row as a test says it: its line, and what else the state has. */
export interface GivenRow {
  /** `undefined` where a refresh did not find the device. */
  readonly line?: string | undefined;
  readonly outcome?: RowOutcome;
  readonly key?: boolean;
  readonly certificate?: string;
  readonly createdAt?: string;
  readonly validUntil?: string;
  readonly jobId?: string;
  readonly retiredAt?: string;
  readonly deletedAt?: string;
  readonly material?: string;
  readonly rotation?: RotationRecord;
}

export interface GivenSet {
  readonly name?: string;
  readonly rows: Readonly<Record<string, string | GivenRow>>;
  readonly team?: string;
  readonly revision?: number;
  readonly protect?: boolean;
  /** More of its inputs. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly serverCa?: string;
  /** The rows that the last run did not attempt. */
  readonly notAttempted?: readonly string[];
}

export interface GivenStack {
  readonly name?: string;
  readonly sets: readonly GivenSet[];
  readonly others?: readonly object[];
  readonly pending?: readonly string[];
}

/** What `pulumi stack export --show-secrets` prints of a stack, as the provider would have written it. */
export function exported({ name = "dev", sets, others = [], pending = [] }: GivenStack): string {
  return JSON.stringify({
    version: 3,
    deployment: {
      manifest: { time: "2026-11-27T00:00:00Z" },
      resources: [
        {
          urn: urnOf(name, "pulumi:pulumi:Stack", `test-${name}`),
          type: "pulumi:pulumi:Stack",
          custom: false,
        },
        ...sets.map((set) => setResource(name, set)),
        ...others,
      ],
      pending_operations: pending.map((each) => ({
        resource: { urn: urnOf(name, `${PREFIX}DeviceSet`, each) },
        type: "updating",
      })),
    },
  });
}

/**
 * A stack's whole state.
 * @param cwd folder of its project
 */
export function stackState(stack: GivenStack, cwd = "/nowhere"): StackState {
  return StackState.read({ cwd, stack: stack.name ?? "dev" }, exported(stack));
}

/** A resource of this package in a state. */
export function resource(type: string, name: string, more: object = {}): object {
  return {
    urn: urnOf("dev", `${PREFIX}${type}`, name),
    type: `${PREFIX}${type}`,
    custom: true,
    id: name,
    ...more,
  };
}

function urnOf(stack: string, type: string, name: string): string {
  return `urn:pulumi:${stack}::test::${type}::${name}`;
}

function setResource(stack: string, set: GivenSet): object {
  const {
    name = "fleet",
    rows,
    team = "team-1",
    revision = 1,
    protect = false,
    inputs = {},
    serverCa,
    notAttempted = [],
  } = set;
  const given = Object.entries(rows).map(([id, row]) => ({
    id,
    ...(typeof row === "string" ? { line: row } : row),
  }));
  const materials = given.flatMap(({ id, material }) =>
    material === undefined ? [] : [[id, material] as const],
  );
  const bag = {
    name,
    stack,
    devices: Object.fromEntries(given.flatMap(({ id, line }) => (line === undefined ? [] : [[id, line]]))),
    ...(materials.length > 0 && { materials: JSON.stringify(Object.fromEntries(materials)) }),
    ...inputs,
  };
  const declared: SetInputs = setInputsCodec.decode(new Fields(bag));
  const outputs = encodeSetState({
    inputs: declared,
    declared: declaredDigest(declared),
    revision,
    team,
    records: new Map(given.map(({ id, ...row }) => [id, recordOf(row)])),
    notAttempted,
    serverCa,
  });
  return {
    urn: urnOf(stack, `${PREFIX}DeviceSet`, name),
    type: `${PREFIX}DeviceSet`,
    custom: true,
    id: name,
    ...(protect && { protect }),
    inputs: sealed({ ...bag, __provider: "the way to the code" }),
    outputs: sealed({ ...outputs, __provider: "the way to the code" }),
  };
}

/** Any certificate. */
export function certificate(commonName: string): string {
  const validity = { notBefore: new Date("2026-01-01T00:00:00Z"), days: 30 };
  return createCa({ subject: { commonName }, validity }).certificatePem;
}

function recordOf(given: GivenRow): RowRecord {
  const { line, outcome = { kind: "done" }, key = false } = given;
  const isThere =
    line !== undefined &&
    given.jobId === undefined &&
    given.deletedAt === undefined &&
    !(outcome.kind === "failed" && line === "");
  return {
    row: isThere ? rowOf(line) : undefined,
    createdAt: given.createdAt,
    certificate: given.certificate,
    privateKey: key ? generateKeyPair().privateKeyPem : undefined,
    validUntil: given.validUntil,
    jobId: given.jobId,
    keepsName: false,
    retiredAt: given.retiredAt,
    deletedAt: given.deletedAt,
    rotation: given.rotation,
    outcome,
  };
}

function rowOf(line: string): Row {
  const parsed = parseRow(line);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.row;
}

function sealed(bag: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(bag)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [
        key,
        SECRETS.includes(key) ? { ...SECRET, plaintext: JSON.stringify(value) } : value,
      ]),
  );
}
