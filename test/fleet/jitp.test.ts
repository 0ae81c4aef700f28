import { describe, expect, it } from "vitest";
import type { FleetDefinition } from "../../provider/fleet/definition.js";
import { resolveFleet } from "../../provider/fleet/load.js";
import { load, memoryIo, opening, openingWithoutCa, problemsOf, problemsOfObject, type Texts } from "./io.js";

/** A fleet with one JITP group; its first key stands on line 5, column 5. */
const fleet = (...lines: string[]) =>
  `${openingWithoutCa}jitp:\n  kits:\n${lines.map((line) => `    ${line}\n`).join("")}`;
const listed = (device: string, ...more: string[]) => fleet(`devices: [${device}]`, ...more);
const fromCsv = fleet("csv: kits.csv");

const imei = "352656100123457";
const byLabel = "compare it with the label";
const secretInside =
  "the fleet itself contains a secret → fix: remove it, set it with `pulumi config set --secret <key>` and write { config: <key> }, or use { env: … } or { file: … }";
const noCode =
  "no ownership code → fix: give each device its code (in a CSV file, a column of this name), or the group a list of them: codes: { config: … }";
const notBoth = "keep one of the two, or move devices with their own codes to another group";

describe("JITP devices", () => {
  it("are claimed by IMEI or id, with references to their codes", () => {
    const text = fleet(
      "devices:",
      `  - { imei: "${imei}", code: { config: kitCode } }`,
      `  - { imei: 352656100000002, code: { file: codes/kit.txt } }`,
      "  - { id: bench-7, code: { env: BENCH7_CODE }, tags: [x, kits], name: Bench 7, subType: '', adopt: true }",
      "tags: [kits]",
      'name: "{group} {id}"',
      "subType: kit",
    );
    const { jitp, devices } = load(text, { "codes/kit.txt": "geheim\n" }, { BENCH7_CODE: "geheim" });
    const common = { group: "kits", certificate: false, waitSeconds: 120, pending: "fail" };
    const at = (line: number) => ({ file: "fleet.yaml", line, column: 9 });
    expect(devices).toEqual([]);
    expect(jitp).toEqual([
      {
        ...common,
        deviceId: `nrf-${imei}`,
        code: { kind: "config", key: "kitCode" },
        subType: "kit",
        tags: ["kits"],
        name: `kits nrf-${imei}`,
        adopt: "no",
        protect: false,
        source: { path: "jitp.kits.devices[0]", at: at(6) },
      },
      {
        ...common,
        deviceId: "nrf-352656100000002",
        code: { kind: "file", path: "codes/kit.txt" },
        subType: "kit",
        tags: ["kits"],
        name: "kits nrf-352656100000002",
        adopt: "no",
        protect: false,
        source: { path: "jitp.kits.devices[1]", at: at(7) },
      },
      {
        ...common,
        deviceId: "bench-7",
        code: { kind: "env", name: "BENCH7_CODE" },
        subType: "",
        tags: ["kits", "x"],
        name: "Bench 7",
        adopt: "keep",
        protect: false,
        source: { path: "jitp.kits.devices[2]", at: at(8) },
      },
    ]);
    expect(JSON.stringify(jitp)).not.toContain("geheim");
  });

  it("may get their certificates too, wait longer, and be pending", () => {
    const text = listed(
      `{ id: a, code: { config: c } }, { imei: "${imei}", code: { config: c } }`,
      "certificates: true",
      "wait: 0",
      "pending: allow",
    );
    const expected = { certificate: true, waitSeconds: 0, pending: "allow" };
    expect(load(text).jitp).toMatchObject([expected, expected]);
  });

  it("share the defaults with the other groups, except for firmware types", () => {
    const text = `${opening}defaults: { tags: [all], firmwareTypes: [APP], subType: s, name: "N {id}", adopt: true }
groups:
  lab: { ids: a }
jitp:
  lab: { devices: [{ id: b, code: { config: c } }], tags: [jit] }
`;
    const { devices, jitp } = load(text);
    expect(devices).toMatchObject([{ deviceId: "a", tags: ["all"], firmwareTypes: ["APP"], adopt: "keep" }]);
    expect(jitp).toMatchObject([
      { deviceId: "b", group: "lab", tags: ["all", "jit"], subType: "s", name: "N b", adopt: "keep" },
    ]);
    expect(jitp[0]).not.toHaveProperty("firmwareTypes");
  });

  it("come from a CSV file with their codes", () => {
    const csv = `Name;IMEI;id;Ownership Code;tags;sub_type\nOne;${imei};;" geheim-1 ";x|y;s\n;;b-2;geheim-2;;\n`;
    expect(load(fleet("csv: lots/kits.csv", "tags: [all]"), { "lots/kits.csv": csv }).jitp).toMatchObject([
      {
        deviceId: `nrf-${imei}`,
        name: "One",
        tags: ["all", "x", "y"],
        subType: "s",
        code: { kind: "csv", value: "geheim-1" },
        source: { path: "jitp.kits.csv", at: { file: "lots/kits.csv", line: 2, column: 1 } },
      },
      { deviceId: "b-2", code: { kind: "csv", value: "geheim-2" }, source: { at: { line: 3 } } },
    ]);
  });

  const list = `${imei},geheim-1\nb-2,geheim-2\nstranger,geheim-3\n`;
  it.each<[string, string, Texts, Texts, object]>([
    ["the configuration, unseen", "{ config: lot }", {}, {}, { kind: "config", key: "lot" }],
    ["the environment", "{ env: LOT }", {}, { LOT: list }, { kind: "env", name: "LOT" }],
    ["a file", "{ file: lot.txt }", { "lot.txt": list }, {}, { kind: "file", path: "lot.txt" }],
  ])("may have their codes in one list, kept in %s", (_, codes, files, env, from) => {
    const csv = { "kits.csv": `imei,id\n${imei},\n,b-2\n` };
    const devices = `devices: [{ imei: "${imei}" }, { id: b-2 }]`;
    for (const way of ["csv: kits.csv", devices]) {
      const { jitp } = load(fleet(way, `codes: ${codes}`), { ...csv, ...files }, env);
      expect(jitp.map(({ code }) => code)).toEqual([
        { kind: "list", from, deviceId: `nrf-${imei}` },
        { kind: "list", from, deviceId: "b-2" },
      ]);
      expect(JSON.stringify(jitp)).not.toContain("geheim");
    }
  });

  it("may be declared by a program", () => {
    const definition: FleetDefinition = {
      apiVersion: "nrfcloud.dev/v1",
      kind: "Fleet",
      jitp: {
        kits: {
          devices: [{ imei: Number(imei), code: { config: "c" }, name: "K" }],
          pending: "allow",
          wait: 5,
        },
        lot: { csv: "kits.csv", codes: { env: "LOT" }, adopt: true },
      },
    };
    const io = memoryIo({ "kits.csv": "id\nb-2\n" }, { LOT: list });
    expect(resolveFleet(definition, io).jitp.map(({ deviceId }) => deviceId)).toEqual([`nrf-${imei}`, "b-2"]);
    expect(
      problemsOfObject({ ...definition, jitp: { kits: { devices: [{ imei: 5, code: "x" }] } } }),
    ).toEqual([
      `jitp.kits.devices[0].imei: the IMEI has 1 digit, not 15 → fix: ${byLabel}`,
      `jitp.kits.devices[0].code: ${secretInside}`,
    ]);
  });
});

describe("a JITP group is refused with", () => {
  it.each<[string, string, string[]]>([
    [
      "devices named in no way, or in two",
      `${openingWithoutCa}jitp:\n  a: { tags: [x] }\n  b: { csv: kits.csv, devices: [{ id: x, code: { config: c } }] }\n`,
      [
        "fleet.yaml:4:6 jitp.a: the group names no devices → fix: add one of devices, csv",
        "fleet.yaml:5:6 jitp.b: a group has one of devices, csv, not devices and csv → fix: keep one, and move the rest to another group",
      ],
    ],
    [
      "nothing in it",
      `${openingWithoutCa}jitp: {}\n`,
      ["fleet.yaml:3:7 jitp: it is empty → fix: write at least one entry, or remove the key"],
    ],
    [
      "a name with a space",
      `${openingWithoutCa}jitp:\n  my kits: { devices: [{ id: x, code: { config: c } }] }\n`,
      [
        "fleet.yaml:4:3 jitp[\"my kits\"]: \"my kits\" is not a group name → fix: use letters, digits, '-' and '_', at most 64, beginning with a letter or digit",
      ],
    ],
    [
      "unknown keys",
      listed(
        "{ id: x, code: { config: c }, imee: 3, firmwareTypes: [APP] }",
        "firmwareTypes: [APP]",
        "ids: lab",
        "certificate: true",
      ),
      [
        'fleet.yaml:5:45 jitp.kits.devices[0].imee: unknown key "imee" → fix: did you mean "imei"?',
        'fleet.yaml:5:54 jitp.kits.devices[0].firmwareTypes: unknown key "firmwareTypes" → fix: remove it: nRF Cloud takes no firmware types with an ownership claim',
        'fleet.yaml:6:5 jitp.kits.firmwareTypes: unknown key "firmwareTypes" → fix: remove it: nRF Cloud takes no firmware types with an ownership claim',
        'fleet.yaml:7:5 jitp.kits.ids: unknown key "ids" → fix: use one of devices, csv, ignoreColumns, codes, certificates, wait, protect, rollout, pending, subType, tags, name, config, adopt, state, keepFor',
        'fleet.yaml:8:5 jitp.kits.certificate: unknown key "certificate" → fix: did you mean "certificates"?',
      ],
    ],
    [
      "values out of bounds",
      listed(
        "{ id: x, code: { config: c }, adopt: recertify }",
        "wait: 3601",
        "pending: maybe",
        "certificates: yes",
        "adopt: recertify",
      ),
      [
        "fleet.yaml:5:52 jitp.kits.devices[0].adopt: adopt: recertify is not for JITP devices, as their certificates do not come from the fleet's CA → fix: write adopt: true or adopt: false here",
        "fleet.yaml:6:11 jitp.kits.wait: 3601 is too large → fix: write 3600 or less",
        'fleet.yaml:7:14 jitp.kits.pending: "maybe" is none of allow, fail → fix: write one of allow, fail',
        'fleet.yaml:8:19 jitp.kits.certificates: it must be true or false, not "yes" → fix: write true or false',
        "fleet.yaml:9:12 jitp.kits.adopt: adopt: recertify is not for JITP devices, as their certificates do not come from the fleet's CA → fix: write adopt: true or adopt: false here",
      ],
    ],
    [
      "a part of a second, and less than none",
      `${openingWithoutCa}jitp:\n  a: { devices: [{ id: x, code: { config: c } }], wait: 1.5 }\n  b: { devices: [{ id: y, code: { config: c } }], wait: -1 }\n`,
      [
        "fleet.yaml:4:57 jitp.a.wait: it must be a whole number, not 1.5 → fix: write a whole number",
        "fleet.yaml:5:57 jitp.b.wait: -1 is too small → fix: write 0 or more",
      ],
    ],
    [
      "defaults that want new certificates, once, unless it says otherwise",
      `${opening}defaults: { adopt: recertify }\njitp:\n  a: { devices: [{ id: x, code: { config: c } }, { id: y, code: { config: c } }] }\n  b: { devices: [{ id: z, code: { config: c } }], adopt: false }\n`,
      [
        "fleet.yaml:6:3 jitp.a: adopt: recertify is not for JITP devices, as their certificates do not come from the fleet's CA → fix: write adopt: true or adopt: false here",
      ],
    ],
    [
      "both id and imei, or neither",
      fleet(
        "devices:",
        `  - { id: x, imei: "${imei}", code: { config: c } }`,
        "  - { code: { config: c } }",
        "  - bench-7,geheim",
      ),
      [
        "fleet.yaml:6:9 jitp.kits.devices[0]: a device has an id or an imei, not both → fix: keep imei for Nordic's own products, else id",
        "fleet.yaml:7:9 jitp.kits.devices[1]: it has neither id nor imei → fix: add id: …, or for one of Nordic's own products imei: …",
        "fleet.yaml:8:9 jitp.kits.devices[2]: it is not a map → fix: write { id: …, code: { config: … } }, or imei in place of id",
      ],
    ],
    [
      "IMEIs that are none",
      fleet(
        "devices:",
        '  - { imei: "352656100123456", code: { config: c } }',
        "  - { imei: 352656100123458, code: { config: c } }",
        "  - { imei: 012656100123459, code: { config: c } }",
        "  - { imei: 35-265610-012345-7, code: { config: c } }",
        "  - { imei: 35265610012345712, code: { config: c } }",
        "  - { imei: 3.5, code: { config: c } }",
        "  - { imei: , code: { config: c } }",
      ),
      [
        `fleet.yaml:6:17 jitp.kits.devices[0].imei: the check digit of the IMEI is wrong → fix: ${byLabel}`,
        `fleet.yaml:7:17 jitp.kits.devices[1].imei: the check digit of the IMEI is wrong → fix: ${byLabel}`,
        `fleet.yaml:8:17 jitp.kits.devices[2].imei: the IMEI has 14 digits, not 15 → fix: ${byLabel} (without quotes, a number loses its leading 0)`,
        "fleet.yaml:9:17 jitp.kits.devices[3].imei: the IMEI has characters other than digits → fix: write the fifteen digits of the label and nothing else",
        `fleet.yaml:10:17 jitp.kits.devices[4].imei: the IMEI has 17 digits, not 15 → fix: ${byLabel}`,
        "fleet.yaml:11:17 jitp.kits.devices[5].imei: the IMEI has characters other than digits → fix: write the fifteen digits of the label and nothing else",
        "fleet.yaml:12:11 jitp.kits.devices[6].imei: it has no value → fix: write a string or a whole number, or remove the key",
      ],
    ],
    [
      "ids that are none, or Nordic's",
      fleet(
        "devices:",
        "  - { id: a b, code: { config: c } }",
        "  - { id: nrf-bench, code: { config: c } }",
        "  - { id: nrf-352656100123456, code: { config: c } }",
        `  - { id: nrf-${imei}, code: { config: c } }`,
      ),
      [
        "fleet.yaml:6:15 jitp.kits.devices[0].id: \"a b\" is not a device id: a space is not allowed → fix: use only letters, digits, ':', '_' and '-'",
        "fleet.yaml:7:15 jitp.kits.devices[1].id: only Nordic's own products have ids that begin with nrf-, followed by their IMEI, but the IMEI has characters other than digits → fix: write the fifteen digits of the label and nothing else; for a device of another manufacturer, choose another id",
        "fleet.yaml:8:15 jitp.kits.devices[2].id: only Nordic's own products have ids that begin with nrf-, followed by their IMEI, but the check digit of the IMEI is wrong → fix: compare it with the label; for a device of another manufacturer, choose another id",
      ],
    ],
    [
      "no codes",
      `${openingWithoutCa}jitp:\n  a: { devices: [{ id: w }, { id: x }] }\n  b: { devices: [{ id: y }, { id: z, code: { config: c } }] }\n`,
      [
        `fleet.yaml:4:3 jitp.a: the 2 devices of this group have ${noCode}`,
        `fleet.yaml:5:18 jitp.b.devices[0]: "y" has ${noCode}`,
      ],
    ],
    [
      "two sources of a code",
      `${openingWithoutCa}jitp:\n  a: { devices: [{ id: w, code: { config: c } }, { id: x, code: { config: c } }], codes: { config: l } }\n  b: { devices: [{ id: y }, { id: z, code: { config: c } }], codes: { config: l } }\n`,
      [
        `fleet.yaml:4:83 jitp.a.codes: the 2 devices of this group have codes, and the group has a list of codes too → fix: ${notBoth}`,
        `fleet.yaml:5:29 jitp.b.devices[1]: "z" has a code, and the group has a list of codes too → fix: ${notBoth}`,
      ],
    ],
    [
      "codes that are not there, or are none",
      fleet(
        "devices:",
        "  - { id: a, code: { env: NOT_SET } }",
        "  - { id: b, code: { file: no.txt } }",
        "  - { id: c, code: { env: BLANK } }",
        "  - { id: d, code: { file: two.txt } }",
        "  - { id: e, code: { file: large.txt } }",
        "  - { id: f, code: }",
        "  - { id: g, code: { config: c, env: SET } }",
        "codes: { config: l }",
      ),
      [
        "fleet.yaml:6:24 jitp.kits.devices[0].code: the environment variable NOT_SET is not set → fix: set it, or correct the name",
        'fleet.yaml:7:24 jitp.kits.devices[1].code: the file "no.txt" does not exist → fix: correct the path (those in a file start at that file\'s folder)',
        "fleet.yaml:8:24 jitp.kits.devices[2].code: the ownership code is empty → fix: fill in the device's code",
        "fleet.yaml:9:24 jitp.kits.devices[3].code: the ownership code has a line break or another control character → fix: give one code on one line",
        'fleet.yaml:10:24 jitp.kits.devices[4].code: the file "large.txt" is larger than 4 kB → fix: check that it is the right file, or split it',
        "fleet.yaml:11:18 jitp.kits.devices[5].code: it has no value → fix: write a map, or remove the key",
        `fleet.yaml:12:9 jitp.kits.devices[6]: "g" has a code, and the group has a list of codes too → fix: ${notBoth}`,
        "fleet.yaml:12:24 jitp.kits.devices[6].code: it names more than one source → fix: keep one of config, env, file",
      ],
    ],
    [
      "a device that another group has, of whatever kind",
      `${opening}groups:\n  lab: { ids: [x, "nrf-${imei}"] }\njitp:\n  a: { devices: [{ id: x, code: { config: c } }, { imei: ${imei}, code: { config: c } }] }\n  b: { devices: [{ id: y, code: { config: c } }, { id: y, code: { config: c } }] }\n`,
      [
        'fleet.yaml:7:18 jitp.a.devices[0]: the device "x" is declared twice: first at fleet.yaml:5 (groups.lab.ids[0]) → fix: keep each device in one place',
        `fleet.yaml:7:50 jitp.a.devices[1]: the device "nrf-${imei}" is declared twice: first at fleet.yaml:5 (groups.lab.ids[1]) → fix: keep each device in one place`,
        'fleet.yaml:8:50 jitp.b.devices[1]: the device "y" is declared twice: first at fleet.yaml:8 (jitp.b.devices[0]) → fix: keep each device in one place',
      ],
    ],
    [
      "a CSV file that is not there",
      fleet("csv: no.csv"),
      [
        'fleet.yaml:5:10 jitp.kits.csv: the file "no.csv" does not exist → fix: correct the path (those in a file start at that file\'s folder)',
      ],
    ],
  ])("%s", (_, text, expected) => {
    const files = {
      "kits.csv": "id,code\nk,geheim\n",
      "two.txt": "geheim\ngeheim",
      "large.txt": "geheim".repeat(1000),
    };
    expect(problemsOf(text, files, { BLANK: "  \n", SET: "geheim" })).toEqual(expected);
  });
});

describe("a code written into the fleet file", () => {
  const secret = "geheim1234";
  it.each([
    ["as text", `{ id: x, code: ${secret} }`, ""],
    ["as block text", `{ id: x, code: "${secret}\\n" }`, ""],
    ["in a list", `{ id: x, code: [${secret}] }`, ""],
    ["in braces", `{ id: x, code: {${secret}} }`, ""],
    ["as a key of its own", `{ id: x, code: { ${secret}: code, config: c } }`, ""],
    ["where its variable belongs", `{ id: x, code: { env: "${secret}-" } }`, ""],
    ["where its key belongs", `{ id: x, code: { config: "${secret} !" } }`, ""],
    ["in the list of its group", "{ id: x }", `codes: "x,${secret}"`],
    ["in the list of its group, as a list", "{ id: x }", `codes: ["x,${secret}"]`],
    ["beside its device", `"x,${secret}"`, ""],
    ["for the IMEI", `{ imei: ${secret}, code: { config: c } }`, ""],
  ])("is refused and not repeated: %s", (_, device, more) => {
    const problems = problemsOf(listed(device, more));
    expect(problems).not.toEqual([]);
    expect(problems.join("\n")).toMatch(/^fleet\.yaml:[56]:\d+ jitp\.kits\./);
    expect(problems.join("\n")).not.toContain(secret);
  });

  it("is refused as a number too, with the fix", () => {
    expect(problemsOf(listed("{ id: x, code: 314159 }"))).toEqual([
      `fleet.yaml:5:30 jitp.kits.devices[0].code: ${secretInside}`,
    ]);
  });

  it("is refused with the right spelling of a mistyped kind of reference", () => {
    expect(problemsOf(listed("{ id: x, code: { confg: kitCode } }"))).toEqual([
      'fleet.yaml:5:32 jitp.kits.devices[0].code: unknown key → fix: did you mean "config"?',
    ]);
  });
});

describe("the CSV file of a JITP group", () => {
  it.each<[string, string, string[]]>([
    [
      "bad IMEIs and ids, each row of them",
      `imei,id,code\n35265610012345,,geheim\n35265610012345X,,geheim\n352656100123456,,geheim\n3.52656E+14,,geheim\n${imei},,geheim\n,a b,geheim\n,nrf-17,geheim\n`,
      [
        `kits.csv:2:1 jitp.kits.csv: the IMEI has 14 digits, not 15 → fix: ${byLabel} (without quotes, a number loses its leading 0)`,
        "kits.csv:3:1 jitp.kits.csv: the IMEI has characters other than digits → fix: write the fifteen digits of the label and nothing else",
        `kits.csv:4:1 jitp.kits.csv: the check digit of the IMEI is wrong → fix: ${byLabel}`,
        "kits.csv:5:1 jitp.kits.csv: the IMEI is shortened, as spreadsheets do with long numbers → fix: format the column as text, fill in the IMEIs again and save",
        "kits.csv:7:2 jitp.kits.csv: it is not a device id: a space is not allowed → fix: use only letters, digits, ':', '_' and '-'",
        `kits.csv:8:2 jitp.kits.csv: only Nordic's own products have ids that begin with nrf-, followed by their IMEI, but the IMEI has 2 digits, not 15 → fix: ${byLabel}; for a device of another manufacturer, choose another id`,
      ],
    ],
    [
      "rows with both id and imei, or neither, or twice the same device",
      `code,imei,id\ngeheim,${imei},x\ngeheim,,\ngeheim,${imei},\ngeheim,,nrf-${imei}\n`,
      [
        "kits.csv:2:8 jitp.kits.csv: the row has an id and an imei → fix: leave the imei empty, or for one of Nordic's own products the id",
        "kits.csv:3:1 jitp.kits.csv: the row has neither id nor imei → fix: fill in one of them, or remove the row",
        `kits.csv:5:1 jitp.kits.csv: the device "nrf-${imei}" is declared twice: first at kits.csv:4 (jitp.kits.csv) → fix: keep each device in one place`,
      ],
    ],
    [
      "codes that are none, or not there",
      `id,code\na,"  "\nb,"geheim\ngeheim"\nc,${"geheim".repeat(22)}\nd,\ne,geheim\n`,
      [
        "kits.csv:2:3 jitp.kits.csv: the ownership code is empty → fix: fill in the device's code",
        "kits.csv:3:3 jitp.kits.csv: the ownership code has a line break or another control character → fix: give one code on one line",
        "kits.csv:5:3 jitp.kits.csv: the ownership code has 132 characters, at most 128 are allowed → fix: check that it is the code and nothing else",
        `kits.csv:6:1 jitp.kits.csv: the device of kits.csv:6 has ${noCode}`,
      ],
    ],
    [
      "no codes at all",
      "id\na\nb\n",
      [`fleet.yaml:4:3 jitp.kits: the 2 devices of this group have ${noCode}`],
    ],
    [
      "a state and a time that are none",
      "state,keepFor,id,code\ngeheim,geheim,a,x\n",
      [
        "kits.csv:2:1 jitp.kits.csv: it is not a state → fix: use active or retired, or leave the cell empty",
        'kits.csv:2:8 jitp.kits.csv: it is not a duration → fix: write one such as "30d"',
      ],
    ],
    [
      "cells in the wrong column",
      "id,code,tags,subType,name\na,x,geheim geheim,geheim geheim,geheim\u0007\n",
      [
        "kits.csv:2:5 jitp.kits.csv: it is not a tag: a space is not allowed → fix: use only letters, digits and _ . @ : # -",
        "kits.csv:2:19 jitp.kits.csv: it is not a sub-type: a space is not allowed → fix: use only letters, digits and _ . , @ / : # -",
        "kits.csv:2:33 jitp.kits.csv: it is not a name: it has a control character → fix: write the name on one line",
      ],
    ],
    [
      "unknown columns",
      "id,code,tag,geheim,firmwareTypes\na,geheim,,,\n",
      [
        'kits.csv:1:9 jitp.kits.csv: unknown column → fix: did you mean "tags"?',
        "kits.csv:1:13 jitp.kits.csv: unknown column → fix: use id, imei, code, name, subType, tags, state, keepFor, config, or list it under ignoreColumns",
        "kits.csv:1:20 jitp.kits.csv: unknown column → fix: use id, imei, code, name, subType, tags, state, keepFor, config, or list it under ignoreColumns",
      ],
    ],
    [
      "a column too many, so that codes stand under id",
      "bay,id,imei\n,geheim,\n,geheim,\n",
      [
        "kits.csv:1:1 jitp.kits.csv: unknown column → fix: use id, imei, code, name, subType, tags, state, keepFor, config, or list it under ignoreColumns",
      ],
    ],
    [
      "no header",
      `${imei},geheim\n`,
      [
        'kits.csv:1:1 jitp.kits.csv: the first row is not a header with a column id or imei → fix: begin the file with a header such as "imei,code"; columns: id, imei, code, name, subType, tags, state, keepFor, config',
      ],
    ],
  ])("is refused with %s", (_, csv, expected) => {
    const problems = problemsOf(fromCsv, { "kits.csv": csv });
    expect(problems).toEqual(expected);
    expect(problems.join("\n")).not.toContain("geheim");
  });

  it("is refused with codes if the group has a list of them", () => {
    const text = fleet("csv: kits.csv", "codes: { config: l }");
    const two = "fleet.yaml:6:5 jitp.kits.codes: the 2 devices of this group have codes";
    expect(problemsOf(text, { "kits.csv": "id,code\na,geheim\nb,geheim\n" })).toEqual([
      `${two}, and the group has a list of codes too → fix: ${notBoth}`,
    ]);
    expect(problemsOf(text, { "kits.csv": "id,code\na,\nb,geheim\n" })).toEqual([
      `kits.csv:3:1 jitp.kits.csv: the device of kits.csv:3 has a code, and the group has a list of codes too → fix: ${notBoth}`,
    ]);
  });
});

describe("the list of codes of a JITP group", () => {
  const ids = Array.from({ length: 14 }, (_, index) => `{ id: d${index} }`).join(", ");
  const list = "d0,geheim\nd1\nd2,\nd0,geheim\n";
  const missing =
    'the list has no line for "d3", "d4", "d5", "d6", "d7", "d8", "d9", "d10", "d11", "d12" and 1 more → fix: add a line "id,code" for each';
  const form =
    'the line does not have the form id,code → fix: write "id,code", with a code that contains a comma in double quotes';
  const empty = "the ownership code is empty → fix: fill in the device's code";
  const again = "this device has a code in line 1 already → fix: keep one line for each device";

  it("in the environment has its lines checked, and missing ones reported", () => {
    const problems = problemsOf(listed(ids, "codes: { env: LOT }"), {}, { LOT: list });
    expect(problems).toEqual([
      `fleet.yaml:6:12 jitp.kits.codes: line 2: ${form}`,
      `fleet.yaml:6:12 jitp.kits.codes: line 3: ${empty}`,
      `fleet.yaml:6:12 jitp.kits.codes: line 4: ${again}`,
      `fleet.yaml:6:12 jitp.kits.codes: ${missing}`,
    ]);
  });

  it("in a file has its problems reported there", () => {
    const problems = problemsOf(listed(ids, "codes: { file: lot.txt }"), { "lot.txt": list });
    expect(problems).toEqual([
      `fleet.yaml:6:12 jitp.kits.codes: ${missing}`,
      `lot.txt:2:1 jitp.kits.codes: ${form}`,
      `lot.txt:3:1 jitp.kits.codes: ${empty}`,
      `lot.txt:4:1 jitp.kits.codes: ${again}`,
    ]);
    expect(problems.join("\n")).not.toContain("geheim");
  });

  it.each<[string, string, string]>([
    [
      "is not there",
      "{ file: no.txt }",
      'fleet.yaml:6:12 jitp.kits.codes: the file "no.txt" does not exist → fix: correct the path (those in a file start at that file\'s folder)',
    ],
    [
      "is not set",
      "{ env: NO }",
      "fleet.yaml:6:12 jitp.kits.codes: the environment variable NO is not set → fix: set it, or correct the name",
    ],
    [
      "can't be read to its end",
      "{ file: lot.txt }",
      'lot.txt:2:1 jitp.kits.codes: the double quote that opens here is never closed → fix: close the cell with a double quote (")',
    ],
  ])("that %s is the only problem", (_, codes, expected) => {
    expect(problemsOf(listed(ids, `codes: ${codes}`), { "lot.txt": 'd0,geheim\nd1,"geheim\n' })).toEqual([
      expected,
    ]);
  });
});
