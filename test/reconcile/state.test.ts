import { describe, expect, it } from "vitest";
import { ExpectedError } from "../../provider/engine/errors.js";
import { Fields } from "../../provider/engine/fields.js";
import { cleanObject, type LooseObject } from "../../provider/engine/outputs.js";
import { createCa } from "../../provider/pki/ca.js";
import { createSigner } from "../support/deviceSigner.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { keyPem } from "../../provider/pki/pack.js";
import { packRecords, unpackRecords } from "../../provider/reconcile/table/packRecords.js";
import type { RowRecord } from "../../provider/reconcile/table/record.js";
import { decodeSetState, encodeSetState, type SetState } from "../../provider/reconcile/table/state.js";
import { setInputsCodec } from "../../provider/reconcile/table/table.js";
import { recorded, row } from "./rows.js";

const notBefore = new Date("2026-01-01T00:00:00Z");
const ca = createCa({ subject: { commonName: "State CA" }, validity: { notBefore, days: 7300 } });
const signer = createSigner(ca);

function issued(commonName: string): Pick<RowRecord, "certificate" | "privateKey"> {
  const { publicKeyPem, privateKeyPem } = generateKeyPair();
  const validity = { notBefore, days: 3650 };
  const { certificatePem } = signer.sign({ commonName, publicKeyPem, validity });
  return { certificate: certificatePem, privateKey: privateKeyPem };
}

const inputs = setInputsCodec.decode(
  new Fields({
    name: "fleet",
    stack: "dev",
    devices: {},
    caCertificate: ca.certificatePem,
    caPrivateKey: ca.privateKeyPem,
    maxDeletes: "5%",
  }),
);

function stateOf(records: ReadonlyMap<string, RowRecord>, more: Partial<SetState> = {}): SetState {
  return {
    inputs,
    declared: "d1",
    revision: 7,
    team: "team-1",
    records,
    notAttempted: [],
    serverCa: undefined,
    ...more,
  };
}

/** As the engine keeps it: JSON. */
function saved(state: SetState): LooseObject {
  const text: unknown = JSON.parse(JSON.stringify(cleanObject(encodeSetState(state))));
  return { ...(text as LooseObject) };
}

function restored(bag: LooseObject): SetState {
  const fields = new Fields(bag);
  const state = decodeSetState(fields);
  expect(fields.failures).toEqual([]);
  return state;
}

describe("the state of a table", () => {
  const records = new Map<string, RowRecord>([
    ["as-declared", recorded("tags=lab", { ...issued("as-declared"), validUntil: "2035-12-30T00:00:00Z" })],
    [
      "adopted",
      recorded("credential=existing adopt=keep", { keepsName: true, outcome: { kind: "adopted" } }),
    ],
    ["to-come", recorded(undefined, { ...issued("to-come"), jobId: "job-1" })],
    ["not-come", recorded(undefined, { outcome: { kind: "failed", reason: "id taken" } })],
    ["waits", recorded("via=jitp pending=allow", { createdAt: undefined, outcome: { kind: "waiting" } })],
    ["partly", recorded("tags=lab", { outcome: { kind: "failed", reason: "tags refused" } })],
    ["foreign", recorded("", { outcome: { kind: "replaced", createdAt: "2026-05-05T00:00:00Z" } })],
    ["unseen", recorded("", { outcome: { kind: "hidden" } })],
    ["__proto__", recorded("", issued("__proto__"))],
  ]);

  it("is read back unchanged", () => {
    const state = stateOf(records, { serverCa: "ROOT" });
    const back = restored(saved(state));
    const keys = new Map(
      [...back.records].map(([id, { privateKey }]) => [id, privateKey && keyPem(privateKey)]),
    );
    const withPem = new Map(
      [...back.records].map(([id, record]) => [id, { ...record, privateKey: keys.get(id) }]),
    );
    expect(withPem).toEqual(records);
    const devices = new Map(
      [...records].flatMap(([id, { row: each }]) => (each ? [[id, each] as const] : [])),
    );
    expect({ ...back, records }).toEqual({ ...state, inputs: { ...inputs, devices } });
    expect(saved(back)).toEqual(saved(state));
  });

  it("has the documented form: lines, packed texts, and in clear what needs attention", () => {
    const bag = saved(stateOf(records));
    expect(Object.keys(bag).sort()).toEqual(
      [
        ...["caCertificate", "caPrivateKey", "certificates", "declared", "devices", "failed", "maxDeletes"],
        ...["name", "privateKeys", "records", "revision", "stack", "team", "waiting"],
      ].sort(),
    );
    expect(bag.devices).toEqual(
      Object.fromEntries([
        ["as-declared", "tags=lab"],
        ["adopted", "credential=existing adopt=keep"],
        ["waits", "via=jitp pending=allow"],
        ["partly", "tags=lab"],
        ["foreign", ""],
        ["unseen", ""],
        ["__proto__", ""],
      ]),
    );
    expect(bag.failed).toEqual({ "not-come": "id taken", partly: "tags refused" });
    expect(bag.waiting).toEqual(["waits"]);
  });

  it("has the same texts whatever order the devices are in", () => {
    const reversed = new Map([...records].reverse());
    expect(JSON.stringify(saved(stateOf(reversed)))).toBe(JSON.stringify(saved(stateOf(records))));
  });

  it("has keys in one place only, the secret one", () => {
    const { privateKeys, ...others } = saved(stateOf(records));
    const [scalar = ""] = Object.values(
      JSON.parse(String(privateKeys)) as Readonly<globalThis.Record<string, string>>,
    );
    expect(scalar).toHaveLength(43);
    expect(JSON.stringify(others)).not.toContain(scalar);
  });

  it("can be of no device", () => {
    const back = restored(saved(stateOf(new Map())));
    expect(back.records).toEqual(new Map());
    expect(saved(back)).not.toHaveProperty("failed");
    expect(saved(back)).not.toHaveProperty("waiting");
  });

  it("can be read whatever others changed in the account", () => {
    const odd = { ...row(""), name: "x".repeat(500), tags: ["ü"] };
    const back = restored(saved(stateOf(new Map([["lab-1", { ...recorded(""), row: odd }]]))));
    expect(back.records.get("lab-1")?.row).toEqual(odd);
  });

  it("of something else is refused", () => {
    expect(() => decodeSetState(new Fields({ name: "fleet" }))).toThrow(ExpectedError);
  });

  it("of which a line can't be read is refused, so that no device is forgotten", () => {
    const fields = new Fields({ ...saved(stateOf(records)), devices: { "as-declared": "color=red" } });
    decodeSetState(fields);
    expect(fields.failures).toEqual([
      { property: "devices.as-declared", reason: expect.stringContaining("color") as string },
    ]);
  });
});

describe("packed records", () => {
  it("leave out defaults", () => {
    const records = new Map([["lab-1", { ...recorded(""), createdAt: undefined }]]);
    expect(unpackRecords(packRecords(records))).toEqual(new Map([["lab-1", {}]]));
  });

  it("are none where there are none", () => {
    expect(unpackRecords(packRecords(new Map()))).toEqual(new Map());
    expect(unpackRecords("")).toEqual(new Map());
  });

  it("take few characters for ten thousand devices that were onboarded together", () => {
    const all = Array.from({ length: 10_000 }, (_, i): [string, RowRecord] => {
      const createdAt = new Date(Date.UTC(2026, 0, 1) + i * 7).toISOString();
      return [
        `nrf-${350_000_000_000_000 + i}`,
        recorded("", { createdAt, validUntil: "2035-12-30T00:00:00Z" }),
      ];
    });
    expect(packRecords(new Map(all)).length / all.length).toBeLessThan(30);
  });

  it.each([
    ["cut short", packRecords(new Map([["lab-1", recorded("")]])).slice(0, -8)],
    ["a text", "hello"],
  ])("can't be read when they are %s", (_, text) => {
    expect(() => unpackRecords(text)).toThrow(ExpectedError);
    expect(() => unpackRecords(text)).toThrow("pulumi stack export --version");
  });
});
