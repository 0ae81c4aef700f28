import { describe, expect, it } from "vitest";
import type { FleetDefinition } from "../../provider/fleet/definition.js";
import { loadFleet, resolveFleet } from "../../provider/fleet/load.js";
import { load, memoryIo, opening, openingWithoutCa, problemsOf, problemsOfObject } from "./io.js";
import { attestationToken } from "./tokens.js";

/** A fleet with one claim group; its first key stands on line 5, column 5. */
const fleet = (...lines: string[]) =>
  `${openingWithoutCa}claims:\n  trackers:\n${lines.map((line) => `    ${line}\n`).join("")}`;
const listed = (device: string, ...more: string[]) => fleet(`devices: [${device}]`, ...more);
const fromCsv = fleet("csv: tokens.csv");

const [one, two, three] = [
  "50363154-3931-44f0-8022-121b6401627d",
  "50503354-3931-44f0-8022-121b6401627e",
  "50363154-3931-44f0-8022-000000000003",
] as const;
const [ofOne, ofTwo, ofThree] = [attestationToken(one), attestationToken(two), attestationToken(three)];
const time = "2026-11-02T09:14:27.532101+00:00";
const nordic = `350457791234567,${one},${ofOne},${time}\n350457791234575,${two},${ofTwo},${time}\n`;

const readAgain =
  "read it again with AT%ATTESTTOKEN, on an nRF91x1 with modem firmware 2.0.0 or newer. Give all that is between the quotes of the answer. The %CLAIMTOKEN of an nRF9160 is something else";
const noSignature = `the attestation token has no dot: its second part, the signature, is missing → fix: ${readAgain}`;
const noUuid =
  "it is not the UUID of a device → fix: write it with its hyphens: 8, 4, 4, 4 and 12 of the digits 0 to 9 and a to f";
const anotherDevice = (uuid: string) =>
  `the token belongs to another device, "${uuid}" → fix: give the token of this device, or correct the uuid`;
const unknownDevice =
  "the device has no uuid, and its token is in the stack's configuration, where the fleet can't read it → fix: add uuid: … (the second column of Nordic's attestation_tokens.csv), or use { env: … } or { file: … } for the token";
const tokenInside =
  "the fleet itself contains an attestation token → fix: remove it, set it with `pulumi config set --secret <key>` and write token: { config: <key> }, or use { env: … } or { file: … }";
const secretInside =
  "the fleet itself contains a secret → fix: remove it, set it with `pulumi config set --secret <key>` and write { config: <key> }, or use { env: … } or { file: … }";

/** Longest part of a token that may be found in a message. */
const shownOfToken = 6;
const expectNoToken = (text: string, ...tokens: string[]) => {
  for (const token of tokens) {
    for (let at = 0; at + shownOfToken < token.length; at++) {
      expect(text).not.toContain(token.slice(at, at + shownOfToken + 1));
    }
  }
};

describe("devices to claim", () => {
  it("come from an unchanged file of Nordic's gather_attestation_tokens", () => {
    const text = fleet("csv: lots/tokens.csv", 'tags: [nrf-cloud-onboarding, "location=Trondheim"]');
    const { claims, devices, jitp } = load(text, { "lots/tokens.csv": nordic });
    const common = {
      group: "trackers",
      tags: ["nrf-cloud-onboarding", "location=Trondheim"],
      adopt: "no",
      protect: false,
      unclaimOnDestroy: false,
    };
    const at = (line: number) => ({
      path: "claims.trackers.csv",
      at: { file: "lots/tokens.csv", line, column: 1 },
    });
    expect(claims).toEqual([
      { ...common, uuid: one, token: { kind: "csv", value: ofOne }, imei: "350457791234567", source: at(1) },
      { ...common, uuid: two, token: { kind: "csv", value: ofTwo }, imei: "350457791234575", source: at(2) },
    ]);
    expect([devices, jitp]).toEqual([[], []]);
  });

  it("come from a CSV file with a header, which needs only the tokens", () => {
    const csv = `tags;Attestation Token;IMEI;UUID\nx|y=1|x;${ofOne};;\n;${ofTwo};350457791234570;${two.toUpperCase()}\n`;
    const { claims } = load(fleet("csv: tokens.csv", "tags: [all, x]"), { "tokens.csv": csv });
    expect(claims).toMatchObject([
      { uuid: one, tags: ["all", "x", "y=1"], source: { at: { line: 2 } } },
      // The modem itself has said so, whatever the check digit.
      { uuid: two, tags: ["all", "x"], imei: "350457791234570", source: { at: { line: 3 } } },
    ]);
    expect(claims[0]).not.toHaveProperty("imei");
    expect(load(fromCsv, { "tokens.csv": `token\n${ofThree}\n` }).claims).toMatchObject([{ uuid: three }]);
  });

  it("may have Nordic's columns under a header, and no IMEI if the modem reported none", () => {
    const rows = `None,${one},${ofOne},${time}\n`;
    for (const csv of [rows, `imei,uuid,token,timestamp\n${rows}`]) {
      const { claims } = load(fromCsv, { "tokens.csv": csv });
      expect(claims).toMatchObject([{ uuid: one }]);
      expect(claims[0]).not.toHaveProperty("imei");
    }
  });

  it("may be listed, with references to their tokens", () => {
    const text = fleet(
      "devices:",
      `  - { uuid: ${one.toUpperCase()}, token: { config: trackerToken } }`,
      "  - { token: { env: TOKEN }, tags: [x, 'site=3'] }",
      `  - { token: { file: three.token }, uuid: ${three} }`,
      "tags: [all, x]",
      "adopt: true",
      "unclaimOnDestroy: true",
    );
    const { claims } = load(text, { "three.token": `"${ofThree}"\n` }, { TOKEN: ofTwo });
    const common = {
      group: "trackers",
      tags: ["all", "x"],
      adopt: "keep",
      protect: false,
      unclaimOnDestroy: true,
    };
    const source = (index: number) => ({
      path: `claims.trackers.devices[${index}]`,
      at: { file: "fleet.yaml", line: 6 + index, column: 9 },
    });
    expect(claims).toEqual([
      { ...common, uuid: one, token: { kind: "config", key: "trackerToken" }, source: source(0) },
      {
        ...common,
        uuid: two,
        token: { kind: "env", name: "TOKEN" },
        tags: ["all", "x", "site=3"],
        source: source(1),
      },
      { ...common, uuid: three, token: { kind: "file", path: "three.token" }, source: source(2) },
    ]);
    expectNoToken(JSON.stringify(claims), ofTwo, ofThree);
  });

  it("ignore the defaults, whose tags are of another kind", () => {
    const text = `${opening}defaults: { tags: [all], adopt: recertify, subType: s }\nclaims:\n  t: { csv: tokens.csv }\n`;
    expect(load(text, { "tokens.csv": nordic }).claims).toMatchObject([
      { tags: [], adopt: "no" },
      { tags: [], adopt: "no" },
    ]);
  });

  it("may be declared by a program", () => {
    const definition: FleetDefinition = {
      apiVersion: "nrfcloud.dev/v1",
      kind: "Fleet",
      claims: {
        trackers: { csv: "tokens.csv", tags: ["location=Trondheim"], unclaimOnDestroy: true },
        bench: { devices: [{ uuid: three, token: { config: "c" }, tags: ["x"] }], adopt: true },
      },
    };
    const io = memoryIo({ "tokens.csv": nordic });
    expect(resolveFleet(definition, io).claims.map(({ uuid }) => uuid)).toEqual([one, two, three]);
    expect(
      problemsOfObject({ ...definition, claims: { t: { devices: [{ token: ofOne, uuid: "x" }] } } }),
    ).toEqual([`claims.t.devices[0].token: ${tokenInside}`, `claims.t.devices[0].uuid: ${noUuid}`]);
  });

  it("are refused where nothing can read tokens", () => {
    const io = memoryIo({ "fleet.yaml": fromCsv, "tokens.csv": nordic });
    delete io.contents;
    expect(() => loadFleet("fleet.yaml", io)).toThrow(
      "tokens.csv:1:54 claims.trackers.csv: attestation tokens can't be read here",
    );
  });
});

describe("a claim group is refused with", () => {
  it.each<[string, string, string[]]>([
    [
      "devices named in no way, or in two",
      `${openingWithoutCa}claims:\n  a: { tags: [x] }\n  b: { csv: tokens.csv, devices: [{ token: { env: THREE } }] }\n`,
      [
        "fleet.yaml:4:6 claims.a: the group names no devices → fix: add one of devices, csv",
        "fleet.yaml:5:6 claims.b: a group has one of devices, csv, not devices and csv → fix: keep one, and move the rest to another group",
      ],
    ],
    [
      "nothing in it",
      `${openingWithoutCa}claims: {}\n`,
      ["fleet.yaml:3:9 claims: it is empty → fix: write at least one entry, or remove the key"],
    ],
    [
      "a name with a space",
      `${openingWithoutCa}claims:\n  my kits: { csv: tokens.csv }\n`,
      [
        "fleet.yaml:4:3 claims[\"my kits\"]: \"my kits\" is not a group name → fix: use letters, digits, '-' and '_', at most 64, beginning with a letter or digit",
      ],
    ],
    [
      "unknown keys, and values of other types",
      listed(
        "{ tokn: x, uuid: 17 }, two",
        "subType: x",
        "unclaimOnDestory: true",
        "unclaimOnDestroy: yes",
        "adopt: recertify",
      ),
      [
        'fleet.yaml:5:15 claims.trackers.devices[0]: "token" is missing → fix: add token: …',
        'fleet.yaml:5:17 claims.trackers.devices[0]: unknown key → fix: did you mean "token"?',
        "fleet.yaml:5:32 claims.trackers.devices[0].uuid: it must be a string, not 17 → fix: put the value in quotes",
        "fleet.yaml:5:38 claims.trackers.devices[1]: it is not a map → fix: write { uuid: …, token: { config: … } }",
        'fleet.yaml:6:5 claims.trackers.subType: unknown key "subType" → fix: use one of devices, csv, ignoreColumns, tags, config, adopt, protect, rollout, state, keepFor, unclaimOnDestroy, rotation',
        'fleet.yaml:7:5 claims.trackers.unclaimOnDestory: unknown key "unclaimOnDestory" → fix: did you mean "unclaimOnDestroy"?',
        'fleet.yaml:8:23 claims.trackers.unclaimOnDestroy: it must be true or false, not "yes" → fix: write true or false',
        'fleet.yaml:9:12 claims.trackers.adopt: it must be true or false, not "recertify" → fix: write true or false',
      ],
    ],
    [
      "tags that are none",
      listed("{ token: { env: TWO }, tags: ['a b', ''] }", `tags: ["x,y", 'say "x"', "x\\ny"]`),
      [
        'fleet.yaml:5:45 claims.trackers.devices[0].tags[0]: "a b" is not a provisioning tag: a space is not allowed → fix: leave it out, or write a hyphen instead',
        "fleet.yaml:5:52 claims.trackers.devices[0].tags[1]: a provisioning tag is empty → fix: remove it or write a tag",
        "fleet.yaml:6:12 claims.trackers.tags[0]: \"x,y\" is not a provisioning tag: ',' is not allowed → fix: write each tag separately: as a list, or in a CSV file with a vertical bar between",
        'fleet.yaml:6:19 claims.trackers.tags[1]: "say \\"x\\"" is not a provisioning tag: a space, \'"\' are not allowed → fix: leave it out, or write a hyphen instead',
        'fleet.yaml:6:30 claims.trackers.tags[2]: "x\\ny" is not a provisioning tag: a line break is not allowed → fix: leave it out, or write a hyphen instead',
      ],
    ],
    [
      "tokens that are not there, or are none",
      fleet(
        "devices:",
        "  - { token: { env: NOT_SET } }",
        "  - { token: { file: no.token } }",
        "  - { token: { env: HALF } }",
        "  - { token: { file: large.token } }",
        "  - { token: }",
        "  - { token: { env: TWO, config: c } }",
        "  - { token: { config: c } }",
        "  - { token: { config: c }, uuid: }",
        `  - { token: { config: c }, uuid: ${one.replaceAll("-", "")} }`,
      ),
      [
        "fleet.yaml:6:18 claims.trackers.devices[0].token: the environment variable NOT_SET is not set → fix: set it, or correct the name",
        'fleet.yaml:7:18 claims.trackers.devices[1].token: the file "no.token" does not exist → fix: correct the path (those in a file start at that file\'s folder)',
        `fleet.yaml:8:18 claims.trackers.devices[2].token: ${noSignature}`,
        'fleet.yaml:9:18 claims.trackers.devices[3].token: the file "large.token" is larger than 4 kB → fix: check that it is the right file, or split it',
        "fleet.yaml:10:11 claims.trackers.devices[4].token: it has no value → fix: write a map, or remove the key",
        `fleet.yaml:11:9 claims.trackers.devices[5]: ${unknownDevice}`,
        "fleet.yaml:11:18 claims.trackers.devices[5].token: it names more than one source → fix: keep one of config, env, file",
        `fleet.yaml:12:9 claims.trackers.devices[6]: ${unknownDevice}`,
        "fleet.yaml:13:33 claims.trackers.devices[7].uuid: it has no value → fix: write a string, or remove the key",
        `fleet.yaml:14:39 claims.trackers.devices[8].uuid: ${noUuid}`,
      ],
    ],
    [
      "the token of another device",
      listed(`{ uuid: ${one}, token: { env: TWO } }`),
      [`fleet.yaml:5:23 claims.trackers.devices[0].uuid: ${anotherDevice(two)}`],
    ],
    [
      "a device that another group has, of whatever kind",
      `${opening}groups:\n  lab: { ids: ["${one}"] }\njitp:\n  j: { devices: [{ id: ${three}, code: { config: c } }] }\nclaims:\n  a: { csv: tokens.csv }\n  b: { devices: [{ token: { env: TWO } }, { uuid: ${three.toUpperCase()}, token: { config: c } }] }\n`,
      [
        `fleet.yaml:10:18 claims.b.devices[0]: the device "${two}" is declared twice: first at tokens.csv:2 (claims.a.csv) → fix: keep each device in one place`,
        `fleet.yaml:10:43 claims.b.devices[1]: the device "${three}" is declared twice: first at fleet.yaml:7 (jitp.j.devices[0]) → fix: keep each device in one place`,
        `tokens.csv:1:1 claims.a.csv: the device "${one}" is declared twice: first at fleet.yaml:5 (groups.lab.ids[0]) → fix: keep each device in one place`,
      ],
    ],
    [
      "a CSV file that is not there",
      fleet("csv: no.csv"),
      [
        'fleet.yaml:5:10 claims.trackers.csv: the file "no.csv" does not exist → fix: correct the path (those in a file start at that file\'s folder)',
      ],
    ],
  ])("%s", (_, text, expected) => {
    const files = { "tokens.csv": nordic, "large.token": ofThree.repeat(30) };
    const problems = problemsOf(text, files, { TWO: ofTwo, THREE: ofThree, HALF: ofTwo.split(".")[0] ?? "" });
    expect(problems).toEqual(expected);
    expectNoToken(problems.join("\n"), ofOne, ofTwo, ofThree);
  });
});

describe("a token written into the fleet file", () => {
  const [body = "", signature = ""] = ofOne.split(".");
  it.each([
    ["as text", `{ token: ${ofOne} }`, ""],
    ["as block text", `{ token: "${ofOne}\\n" }`, ""],
    ["in a list", `{ token: [${ofOne}] }`, ""],
    ["in braces", `{ token: {${ofOne}} }`, ""],
    ["as a key of its own", `{ token: { ${ofOne}: x, config: c }, uuid: ${one} }`, ""],
    ["as a key of its device", `{ ${ofOne}: token }`, ""],
    ["without its beginning, as a key of its device", `{ ${body.slice(9)}: token }`, ""],
    ["where its variable belongs", `{ token: { env: ${ofOne} } }`, ""],
    ["where its key belongs", `{ token: { config: ${ofOne} }, uuid: ${one} }`, ""],
    ["where its path belongs", `{ token: { file: ${ofOne} } }`, ""],
    ["where the uuid belongs", `{ token: { env: ONE }, uuid: ${ofOne} }`, ""],
    ["for the device", ofOne, ""],
    ["without its beginning, for the device", body.slice(9), ""],
    ["among the tags", "{ token: { env: ONE } }", `tags: [${ofOne}]`],
    ["the second half alone, among the tags", "{ token: { env: ONE } }", `tags: [${signature}]`],
    ["where the switch belongs", "{ token: { env: ONE } }", `unclaimOnDestroy: ${ofOne}`],
    ["as a key of the group", "{ token: { env: ONE } }", `${ofOne}: x`],
  ])("is refused and not repeated: %s", (_, device, more) => {
    const problems = problemsOf(listed(device, more), {}, { ONE: ofOne });
    expect(problems).not.toEqual([]);
    expect(problems.join("\n")).toMatch(/^fleet\.yaml:[56]:\d+ claims\.trackers/);
    expectNoToken(problems.join("\n"), ofOne);
  });

  it.each([
    ["list", `devices: ${ofOne}`],
    ["file", `csv: ${ofOne}`],
  ])("is refused and not repeated in place of the %s", (_, line) => {
    const problems = problemsOf(fleet(line));
    expect(problems.join("\n")).toContain(tokenInside);
    expectNoToken(problems.join("\n"), ofOne);
  });

  it("is refused with the fix, even if it is incomplete", () => {
    expect(problemsOf(listed(`{ token: ${ofOne} }`))).toEqual([
      `fleet.yaml:5:24 claims.trackers.devices[0].token: ${tokenInside}`,
    ]);
    expect(problemsOf(listed(`{ token: ${body.slice(9)} }`))).toEqual([
      `fleet.yaml:5:24 claims.trackers.devices[0].token: ${secretInside}`,
    ]);
  });
});

describe("the CSV file of a claim group", () => {
  it("can retire devices", () => {
    const { claims } = load(fromCsv, {
      "tokens.csv": `token,state,keepFor\n${ofOne},retired,1w\n${ofTwo},,\n`,
    });
    expect(claims.map(({ retirement }) => retirement)).toEqual([
      { state: "retired", keepFor: "1w" },
      undefined,
    ]);
  });

  const [body = "", signature = ""] = ofTwo.split(".");
  it.each<[string, string, string[]]>([
    [
      "tokens that are none, each with its line",
      `350457791234567,${one},${ofOne},${time}\n350457791234575,${two},${body},${time}\n350457791234575,${two},${body}.${signature.slice(0, -3)},${time}\n350457791234575,${two},,${time}\n`,
      [
        `tokens.csv:2:54 claims.trackers.csv: ${noSignature}`,
        `tokens.csv:3:54 claims.trackers.csv: the attestation token has a second part of 75 bytes that is not CBOR: it was cut short or changed, or is something else → fix: ${readAgain}`,
        "tokens.csv:4:1 claims.trackers.csv: the row has no token → fix: fill in the token, or remove the row",
      ],
    ],
    [
      "a first token that is none",
      `350457791234567,${one},${body},${time}\n`,
      [`tokens.csv:1:54 claims.trackers.csv: ${noSignature}`],
    ],
    [
      "UUIDs that are none, or of another device",
      `350457791234567,5036,${ofOne},${time}\n350457791234575,${one},${ofTwo},${time}\n`,
      [
        `tokens.csv:1:17 claims.trackers.csv: ${noUuid}`,
        `tokens.csv:2:17 claims.trackers.csv: ${anotherDevice(two)}`,
      ],
    ],
    [
      "a device twice, with a fresh token",
      `token\n${ofOne}\n${ofTwo}\n${attestationToken(one)}\n`,
      [
        `tokens.csv:4:1 claims.trackers.csv: the device "${one}" is declared twice: first at tokens.csv:2 (claims.trackers.csv) → fix: keep each device in one place`,
      ],
    ],
    [
      "IMEIs that are none",
      `imei,token\n3.50457E+14,${ofOne}\n35045779123,${ofTwo}\n`,
      [
        "tokens.csv:2:1 claims.trackers.csv: the IMEI is shortened, as spreadsheets do with long numbers → fix: format the column as text, fill in the IMEIs again and save",
        "tokens.csv:3:1 claims.trackers.csv: the IMEI has 11 digits, not 15 → fix: compare it with the label",
      ],
    ],
    [
      "cells in the wrong column",
      `token,uuid,imei,tags\n${one},${ofOne},${ofTwo},${ofThree}\n`,
      [
        `tokens.csv:2:1 claims.trackers.csv: ${noSignature}`,
        `tokens.csv:2:38 claims.trackers.csv: ${noUuid}`,
        "tokens.csv:2:219 claims.trackers.csv: the IMEI has characters other than digits → fix: write the fifteen digits of the label and nothing else",
        "tokens.csv:2:400 claims.trackers.csv: a provisioning tag contains an attestation token → fix: remove it, and compare the columns with their header",
      ],
    ],
    [
      "tags that are none",
      `token,tags\n${ofOne},"a,b|c d"\n`,
      [
        "tokens.csv:2:182 claims.trackers.csv: it is not a provisioning tag: a space is not allowed → fix: leave it out, or write a hyphen instead",
      ],
    ],
    [
      "a state and a time that are none",
      `state,keepFor,token\nold,soon,${ofOne}\n`,
      [
        "tokens.csv:2:1 claims.trackers.csv: it is not a state → fix: use active or retired, or leave the cell empty",
        'tokens.csv:2:5 claims.trackers.csv: it is not a duration → fix: write one such as "30d"',
      ],
    ],
    [
      "unknown columns",
      `token,name,${ofTwo}\n${ofOne},,\n`,
      [
        "tokens.csv:1:7 claims.trackers.csv: unknown column → fix: use token, uuid, imei, tags, timestamp, state, keepFor, config, or list it under ignoreColumns",
        "tokens.csv:1:12 claims.trackers.csv: unknown column → fix: use token, uuid, imei, tags, timestamp, state, keepFor, config, or list it under ignoreColumns",
      ],
    ],
    [
      "neither a header nor Nordic's columns",
      `${one},${ofOne}\n${two},${ofTwo}\n`,
      [
        'tokens.csv:1:1 claims.trackers.csv: the first row is neither a header with a token column nor a row of Nordic\'s gather_attestation_tokens → fix: begin the file with a header such as "token,tags"; columns: token, uuid, imei, tags, timestamp, state, keepFor, config',
      ],
    ],
    [
      "rows that were cut off",
      `350457791234567,${one},${ofOne},${time}\n350457791234575,${two},${body}\n`,
      [
        "tokens.csv:2:1 claims.trackers.csv: the row has 3 cells, not 4 → fix: keep the delimiters of empty cells",
      ],
    ],
  ])("is refused with %s", (_, csv, expected) => {
    const problems = problemsOf(fromCsv, { "tokens.csv": csv });
    expect(problems).toEqual(expected);
    expectNoToken(problems.join("\n"), ofOne, ofTwo, ofThree);
  });
});
