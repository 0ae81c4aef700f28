import { describe, expect, it } from "vitest";
import { Fields } from "../../provider/engine/fields.js";
import type { LooseObject } from "../../provider/engine/outputs.js";
import { UNKNOWN } from "../../provider/engine/unknown.js";
import { setInputsCodec } from "../../provider/reconcile/table/table.js";
import { row } from "./rows.js";

/** What the engine sends in a preview in place of a text that it does not know yet. */
const LATER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UUID = "6e4a9363-8f70-4b2e-9a55-0d5c1c1f7f10";

function decode(bag: LooseObject) {
  const fields = new Fields({ name: "fleet", stack: "dev", ...bag });
  const inputs = setInputsCodec.decode(fields);
  return { inputs, failures: fields.failures.map(({ property, reason }) => `${property}: ${reason}`) };
}

/** What is left of a bag that was read and is written again. */
function again(bag: LooseObject): LooseObject {
  const { inputs, failures } = decode(bag);
  expect(failures).toEqual([]);
  const encoded = setInputsCodec.encode(inputs);
  return Object.fromEntries(Object.entries(encoded).filter(([, value]) => value !== undefined));
}

describe("the inputs of a table", () => {
  it("are read with their defaults", () => {
    const { inputs, failures } = decode({ devices: { "lab-1": "" } });
    expect(failures).toEqual([]);
    expect(inputs).toEqual({
      name: "fleet",
      stack: "dev",
      devices: new Map([["lab-1", row("")]]),
      unknown: new Set(),
      materials: new Map(),
      ca: undefined,
      journalKey: undefined,
      validityDays: 3650,
      earlyRenewalHours: 0,
      profile: "rfc5280",
      maxDeletes: undefined,
      keepOnDestroy: false,
      only: undefined,
      rollout: [],
    });
  });

  const all = {
    name: "fleet",
    stack: "dev",
    devices: {
      "lab-1": "subType=tracker tags=lab,oslo",
      "kit-1": "via=jitp",
      [UUID]: "via=attestation unclaim",
    },
    materials: JSON.stringify({ [UUID]: "TOKEN", "kit-1": "CODE" }),
    caCertificate: "CERT",
    caPrivateKey: "KEY",
    journalKey: "SEAL",
    validityDays: 365,
    earlyRenewalHours: 24,
    profile: "bare",
    maxDeletes: "5%",
    keepOnDestroy: true,
    only: "lab-*, kit-1",
  };

  it("are written as they were read", () => {
    expect(again(all)).toEqual(all);
    expect(again({ ...all, maxDeletes: "10" })).toEqual({ ...all, maxDeletes: "10" });
  });

  it("are written without defaults", () => {
    const bag = {
      devices: { "lab-1": "via=preconnect" },
      materials: "{}",
      validityDays: 3650,
      earlyRenewalHours: 0,
      profile: "rfc5280",
      keepOnDestroy: false,
    };
    expect(again(bag)).toEqual({ name: "fleet", stack: "dev", devices: { "lab-1": "" } });
  });

  it("keep ids that are names in JavaScript", () => {
    const devices = Object.fromEntries([
      ["__proto__", "tags=a"],
      ["constructor", ""],
    ]);
    const materials = `{"__proto__":"x"}`;
    const { inputs } = decode({ devices, materials });
    expect([...inputs.devices.keys()]).toEqual(["__proto__", "constructor"]);
    expect(inputs.materials).toEqual(new Map([["__proto__", "x"]]));
    expect(again({ devices, materials }).devices).toEqual(devices);
  });

  it("are unknown singly in a preview", () => {
    const { inputs, failures } = decode({
      devices: { "lab-1": LATER, "lab-2": "tags=a" },
      materials: LATER,
      caCertificate: "CERT",
      caPrivateKey: LATER,
      journalKey: LATER,
    });
    expect(failures).toEqual([]);
    expect(inputs.unknown).toEqual(new Set(["lab-1"]));
    expect([...inputs.devices.keys()]).toEqual(["lab-2"]);
    expect([inputs.materials, inputs.ca, inputs.journalKey]).toEqual([UNKNOWN, UNKNOWN, UNKNOWN]);
    expect(decode({ devices: {}, caCertificate: LATER, caPrivateKey: "KEY" }).inputs.ca).toBe(UNKNOWN);
  });

  it("report all problems at once, with the device", () => {
    const { failures } = decode({
      devices: {
        "a b": "",
        "lab-1": "tags=ü",
        "lab-2": "color=red",
        "nrf-123": "via=jitp",
        "no-uuid": "via=attestation",
        [UUID]: 'via=attestation tags="a b"',
        "lab-3": 5,
      },
      validityDays: 0,
      earlyRenewalHours: -1,
      maxDeletes: "some",
      keepOnDestroy: "yes",
    });
    const expected = [
      /^devices\.a b: "a b" is not a device id/,
      /^devices\.lab-1: "ü" is not a tag/,
      /^devices\.lab-2: has color, which a row with via=preconnect can't have/,
      /^devices\.nrf-123: only Nordic's own products .* IMEI/,
      /^devices\.no-uuid: it is not the UUID of a device/,
      new RegExp(`^devices\\.${UUID}: "a b" is not a provisioning tag`),
      /^devices\.lab-3: must be a string/,
      /^validityDays: must be a whole number of days/,
      /^earlyRenewalHours: must be 0 or more hours/,
      /^maxDeletes: must be a count such as 10, or a share such as "5%"/,
      /^keepOnDestroy: must be true or false/,
    ];
    for (const words of expected) expect(failures).toContainEqual(expect.stringMatching(words));
    expect(failures).toHaveLength(expected.length);
  });

  it("never renew every certificate in every run", () => {
    const { failures } = decode({ devices: {}, validityDays: 1, earlyRenewalHours: 24 });
    expect(failures).toEqual([expect.stringContaining("must be less than the whole validity (24 hours)")]);
  });

  it.each(["secret-code", '"secret-code"', '{"a": secret-code}'])(
    "never repeat what devices bring: %s",
    (materials) => {
      const { failures } = decode({ devices: {}, materials });
      expect(failures).toEqual(["materials: must be a JSON object"]);
    },
  );
});
