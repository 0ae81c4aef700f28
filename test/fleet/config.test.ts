import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkConfig,
  configChange,
  configInAccount,
  configText,
  effectiveConfig,
  mergeConfig,
  parseConfig,
  type DeviceConfig,
} from "../../provider/fleet/config.js";
import { mergeState } from "../../emulator/devices/shadow.js";
import { load, opening, problemsOf } from "./io.js";
import { attestationToken } from "./tokens.js";

const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 4 }));
const key = fc.constantFrom("a", "b", "c", "d");
const { config: anyConfig } = fc.letrec<{ value: unknown; config: DeviceConfig }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, fc.array(scalar, { maxLength: 2 }), tie("config")),
  config: fc.dictionary(key, tie("value"), { maxKeys: 3 }) as fc.Arbitrary<DeviceConfig>,
}));
const someConfig = anyConfig.map((config) => effectiveConfig(config) ?? { a: 1 });

describe("levels of a configuration", () => {
  it("are merged by key: the inner level wins, and null removes", () => {
    const defaults = { interval: 600, gnss: { enabled: true, mode: "cold" }, list: [1, 2] };
    const group = { gnss: { mode: null, timeout: 30 }, list: [3] };
    const device = { interval: null, led: "off" };
    const merged = mergeConfig(mergeConfig(defaults, group), device);
    expect(effectiveConfig(merged)).toEqual({
      gnss: { enabled: true, timeout: 30 },
      list: [3],
      led: "off",
    });
    expect(effectiveConfig({ a: { b: { c: null } } })).toBeUndefined();
  });

  it("give the same string, whatever the order of their keys", () => {
    expect(configText({ b: { d: 1, c: [{ y: 1, x: 2 }] }, a: true })).toBe(
      '{"a":true,"b":{"c":[{"x":2,"y":1}],"d":1}}',
    );
    for (const text of ["[1]", "1", "null", "{", '"a"']) expect(parseConfig(text)).toBeUndefined();
  });
});

describe("the change that is sent", () => {
  const theirs = { pairing: { state: "paired" }, gnss: { mode: "theirs" } };

  it.each<[string, object, DeviceConfig | undefined, DeviceConfig | undefined, unknown]>([
    [
      "is what differs",
      { ...theirs, interval: 1 },
      undefined,
      { interval: 2, led: true },
      { interval: 2, led: true },
    ],
    ["is nothing where nothing differs", { ...theirs, interval: 2 }, undefined, { interval: 2 }, undefined],
    ["is deep", theirs, undefined, { gnss: { enabled: true } }, { gnss: { enabled: true } }],
    [
      "removes what was set before",
      { ...theirs, interval: 2 },
      { interval: 2 },
      undefined,
      { interval: null },
    ],
    ["removes nothing that is gone", theirs, { interval: 2 }, undefined, undefined],
    [
      "leaves what others have beside it",
      { gnss: { mode: "theirs", enabled: true } },
      { gnss: { enabled: true } },
      undefined,
      { gnss: { enabled: null } },
    ],
    [
      "takes the whole where nobody has more",
      { gnss: { enabled: true } },
      { gnss: { enabled: true } },
      undefined,
      { gnss: null },
    ],
    [
      "leaves what only others have",
      { gnss: { mode: "theirs" } },
      { gnss: { enabled: true } },
      undefined,
      undefined,
    ],
    ["takes lists as a whole", { list: [1, 2] }, undefined, { list: [1] }, { list: [1] }],
  ])("%s", (_, desired, former, config, change) => {
    expect(configChange({ ...desired }, former, config)).toEqual(change);
  });

  it("makes any shadow match the declaration, changes no other key, and is then empty", () => {
    fc.assert(
      fc.property(anyConfig, someConfig, someConfig, (desired, former, config) => {
        const before: Record<string, unknown> = { ...desired, theirs: 1 };
        const shadow = { desired: before, reported: {}, metadata: {}, version: 1 };
        const change = configChange(before, former, config);
        const after =
          change === undefined ? before : mergeState(shadow, { desired: { ...change } }, 0).desired;
        expect(configChange(after, former, config)).toBeUndefined();
        expect(configInAccount(after, config)).toEqual(config);
        const managed = { ...former, ...config };
        for (const key of Object.keys(before))
          if (!Object.hasOwn(managed, key)) expect(after[key]).toEqual(before[key]);
      }),
    );
  });
});

describe("a configuration that no device could take", () => {
  it.each<[DeviceConfig, RegExp]>([
    [{ pairing: {} }, /pairing, which nRF Cloud sets itself/],
    [{ nrfcloud_mqtt_topic_prefix: "x" }, /which nRF Cloud sets itself/],
    [{ text: "x".repeat(1750) }, /too large for a modem: .* bytes, and 1792 are allowed/],
    [{ list: [null] }, /a null in a list/],
    [{ id: 2 ** 60 }, /can't hold exactly/],
    [{ a: { b: { c: { d: { e: { f: { g: { h: { i: 1 } } } } } } } } }, /more than 8 levels/],
  ])("is refused: %j", (config, reason) => {
    expect(checkConfig(config)?.message).toMatch(reason);
  });

  it("does not include what fits", () => {
    expect(checkConfig({ text: "x".repeat(1650), inner: { pairing: true } })).toBeUndefined();
  });
});

const fleet = `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca: { subject: { commonName: Lab CA } }
defaults: { config: { interval: 600, gnss: { enabled: true } } }
groups:
  lab:
    config: { gnss: { timeout: 30 } }
    devices: [lab-1, { id: lab-2, config: { interval: null, gnss: { enabled: false } } }]
  bare:
    config: { interval: null, gnss: null }
    ids: bare-1
jitp:
  kits: { devices: [{ id: kit-1, code: { env: CODE } }], config: { led: on } }
`;

describe("config of a fleet file", () => {
  it("is merged from defaults, group and device", () => {
    const { devices, jitp } = load(fleet, {}, { CODE: "sesame" });
    expect(devices.map(({ deviceId, config }) => [deviceId, config])).toEqual([
      ["lab-1", { interval: 600, gnss: { enabled: true, timeout: 30 } }],
      ["lab-2", { gnss: { enabled: false, timeout: 30 } }],
      ["bare-1", undefined],
    ]);
    expect(jitp[0]?.config).toEqual({ interval: 600, gnss: { enabled: true }, led: "on" });
  });

  it("is refused where it is written", () => {
    const wrong = fleet.replace("timeout: 30", "timeout: .inf").replace("led: on", "pairing: {}");
    const problems = problemsOf(wrong, {}, { CODE: "sesame" });
    expect(problems.join("\n")).toMatch(/groups\.lab\.config: config has a value that JSON can't express/);
    expect(problems.join("\n")).toMatch(/jitp\.kits\.config: config has pairing/);
    expect(problems).toHaveLength(2);
  });
});

describe("the column config of a CSV file", () => {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const large = JSON.stringify({ note: "x".repeat(1_800) });

  it("is merged over the group's, as the config of a listed device is", () => {
    const text = `${opening}groups:
  lab: { csv: lab.csv, config: { interval: 600, gnss: { enabled: true, timeout: 30 } } }
claims:
  trackers: { csv: tokens.csv, config: { led: true } }
jitp:
  kits: { csv: kits.csv, config: { led: true } }
`;
    const { devices, claims, jitp } = load(text, {
      "lab.csv": [
        "id;config",
        `lab-1;${cell('{ "interval": 60, "gnss": { "enabled": false } }')}`,
        `lab-2;${cell('{"interval":null,"gnss":null}')}`,
        "lab-3;",
        `lab-4;${cell('{"list":[1,"a;b"]}')}`,
      ].join("\n"),
      "tokens.csv": `token,config\n${attestationToken("50363154-3931-44f0-8022-121b6401627d")},${cell('{"led":false}')}\n`,
      "kits.csv": `id,code,config\nkit-1,secret,${cell('{"led":null,"a":1}')}\n`,
    });
    const gnss = { enabled: true, timeout: 30 };
    expect(devices.map(({ deviceId, config }) => [deviceId, config])).toEqual([
      ["lab-1", { interval: 60, gnss: { enabled: false, timeout: 30 } }],
      ["lab-2", undefined],
      ["lab-3", { interval: 600, gnss }],
      ["lab-4", { interval: 600, gnss, list: [1, "a;b"] }],
    ]);
    expect(claims.map(({ config }) => config)).toEqual([{ led: false }]);
    expect(jitp.map(({ config }) => config)).toEqual([{ a: 1 }]);
  });

  const example =
    'write an object such as {"interval": 60}. Put the cell in double quotes, and double each quote in it';
  it.each([
    ["{interval: 60}", `config is not JSON → fix: ${example}`],
    ["60", `config is not a JSON object → fix: ${example}`],
    ["[1]", `config is not a JSON object → fix: ${example}`],
    ['{"pairing": {}}', "config has pairing, which nRF Cloud sets itself → fix: remove this key"],
    ['{"a": [null]}', "config has a null in a list, which a shadow can't hold → fix: leave the entry out"],
    [
      '{"a": 1e999}',
      "config has a value that JSON can't express → fix: use strings, numbers, true, false, lists and maps",
    ],
    ['{"constructor": 1}', 'the key "constructor" is not allowed → fix: rename or remove it'],
    [
      `{"a": ${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
      "config has more than 8 levels, which a shadow can't hold → fix: nest it less deeply",
    ],
    [
      large,
      expect.stringMatching(/^config is too large for a modem: .* 1792 are allowed → fix: shorten it$/),
    ],
  ])("is refused with its row, column, cause and fix: %.20s", (text, problem) => {
    const [first = "", ...others] = problemsOf(`${opening}groups: { lab: { csv: lab.csv } }\n`, {
      "lab.csv": `id,config\nlab-0,\nlab-1,${cell(text)}\n`,
    });
    const place = "lab.csv:3:7 groups.lab.csv: ";
    expect(first.slice(0, place.length)).toBe(place);
    expect(first.slice(place.length)).toEqual(problem);
    expect(others).toEqual([]);
  });

  it("repeats nothing of a file that may hold secrets", () => {
    const problems = problemsOf(`${opening}jitp: { kits: { csv: kits.csv } }\n`, {
      "kits.csv": "id,code,config\nkit-1,,hunter2\n",
    });
    expect(problems.join("\n")).toContain("kits.csv:2:8 jitp.kits.csv: config is not JSON");
    expect(problems.join("\n")).not.toContain("hunter2");
  });
});
