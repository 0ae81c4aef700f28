import { describe, expect, it } from "vitest";
import { opening, openingWithoutCa, problemsOf } from "./io.js";

const lab = "groups:\n  lab:\n    ids: a\n";

describe("a fleet file of the wrong shape", () => {
  it.each<[string, string, string[]]>([
    [
      "no heading",
      `ca: { subject: { commonName: x } }\n${lab}`,
      [
        'fleet.yaml:1:1: apiVersion and kind are missing → fix: begin with the two lines "apiVersion: nrfcloud.dev/v1" and "kind: Fleet"',
      ],
    ],
    [
      "half a heading",
      `kind: Fleet\nca: { subject: { commonName: x } }\n${lab}`,
      [
        'fleet.yaml:1:1: apiVersion is missing → fix: begin with the two lines "apiVersion: nrfcloud.dev/v1" and "kind: Fleet"',
      ],
    ],
    [
      "another version and kind",
      `apiVersion: nrfcloud.dev/v2\nkind: Flet\nca: { subject: { commonName: x } }\n${lab}`,
      [
        'fleet.yaml:1:13 apiVersion: "nrfcloud.dev/v2" is not nrfcloud.dev/v1 → fix: write nrfcloud.dev/v1, the one this version of pulumi-nrfcloud understands',
        'fleet.yaml:2:7 kind: "Flet" is not Fleet → fix: write Fleet, the one this version of pulumi-nrfcloud understands',
      ],
    ],
    [
      "no groups of either kind",
      opening,
      ["fleet.yaml:1:1: the fleet names no devices → fix: add groups: …, jitp: … or claims: …"],
    ],
    [
      "groups without any",
      `${opening}groups: {}\n`,
      ["fleet.yaml:4:9 groups: it is empty → fix: write at least one entry, or remove the key"],
    ],
    [
      "unknown keys",
      `${opening}${lab}    subtype: x\n    zzz: 1\n    <<: 3\n    privateKey: a\ndefualts: {}\n`,
      [
        'fleet.yaml:7:5 groups.lab.subtype: unknown key "subtype" → fix: did you mean "subType"?',
        'fleet.yaml:8:5 groups.lab.zzz: unknown key "zzz" → fix: use one of ids, devices, csv, ignoreColumns, subType, tags, firmwareTypes, name, config, adopt, state, keepFor, rotation, protect, rollout',
        'fleet.yaml:9:5 groups.lab.<<: unknown key "<<" → fix: merge keys are not supported: use defaults or the group\'s settings',
        'fleet.yaml:10:5 groups.lab.privateKey: unknown key "privateKey" → fix: remove it: a fleet must not contain a device\'s private key; give its certificate or csr',
        'fleet.yaml:11:1 defualts: unknown key "defualts" → fix: did you mean "defaults"?',
      ],
    ],
    [
      "values of other types",
      `${opening}groups:\n  lab:\n    ids: 123\n    tags: lab\n    firmwareTypes: [app, XX, 3]\n    adopt: yes\n    name:\n    subType: a b\n`,
      [
        "fleet.yaml:6:10 groups.lab.ids: it must be a string or a list, not 123 → fix: put the value in quotes",
        'fleet.yaml:7:11 groups.lab.tags: it must be a list, not "lab" → fix: write it as a list: [one, two]',
        'fleet.yaml:8:21 groups.lab.firmwareTypes[0]: "app" is not a firmware type → fix: write APP',
        'fleet.yaml:8:26 groups.lab.firmwareTypes[1]: "XX" is not a firmware type → fix: use one of APP, MODEM, BOOT, SOFTDEVICE, BOOTLOADER, MDM_FULL',
        "fleet.yaml:8:30 groups.lab.firmwareTypes[2]: it must be a string, not 3 → fix: put the value in quotes",
        "fleet.yaml:8:30 groups.lab.firmwareTypes[2]: 3 is none of APP, MODEM, BOOT, SOFTDEVICE, BOOTLOADER, MDM_FULL → fix: write one of APP, MODEM, BOOT, SOFTDEVICE, BOOTLOADER, MDM_FULL",
        'fleet.yaml:9:12 groups.lab.adopt: "yes" is none of true, false, recertify → fix: write one of true, false, recertify',
        "fleet.yaml:10:5 groups.lab.name: it has no value → fix: write a string, or remove the key",
        'fleet.yaml:11:14 groups.lab.subType: "a b" is not a sub-type: a space is not allowed → fix: use only letters, digits and _ . , @ / : # -',
      ],
    ],
    [
      "a pattern that YAML takes for a map",
      `${opening}groups:\n  lab:\n    ids: {000..499}\n`,
      [
        'fleet.yaml:6:10 groups.lab.ids: the id pattern is read as a YAML map → fix: put it in quotes: "{000..499}"',
      ],
    ],
    [
      "groups that name devices in no way, or in two",
      `${opening}groups:\n  a:\n    ids: x\n    devices: [y]\n  b:\n    tags: [a]\n  c:\n  d: { ids: [] }\n`,
      [
        "fleet.yaml:6:5 groups.a: a group has one of ids, devices, csv, not ids and devices → fix: keep one, and move the rest to another group",
        "fleet.yaml:9:5 groups.b: the group names no devices → fix: add one of ids, devices, csv",
        "fleet.yaml:10:3 groups.c: it has no value → fix: write a map, or remove the key",
        "fleet.yaml:11:13 groups.d.ids: it is empty → fix: write at least one entry, or remove the key",
      ],
    ],
    [
      "a group name with a space",
      `${opening}groups:\n  my lab: { ids: a }\n`,
      [
        "fleet.yaml:5:3 groups[\"my lab\"]: \"my lab\" is not a group name → fix: use letters, digits, '-' and '_', at most 64, beginning with a letter or digit",
      ],
    ],
    [
      "keys that reach into JavaScript",
      `${openingWithoutCa}__proto__: { ca: x }\ngroups:\n  constructor: { ids: a }\n  prototype: { ids: b }\n  __proto__: { ids: c }\n`,
      [
        'fleet.yaml:3:1 __proto__: the key "__proto__" is not allowed → fix: rename or remove it',
        'fleet.yaml:5:3 groups.constructor: the key "constructor" is not allowed → fix: rename or remove it',
        'fleet.yaml:6:3 groups.prototype: the key "prototype" is not allowed → fix: rename or remove it',
        'fleet.yaml:7:3 groups.__proto__: the key "__proto__" is not allowed → fix: rename or remove it',
      ],
    ],
    [
      "devices with bad ids and settings",
      `${opening}groups:\n  bench:\n    devices:\n      - a b\n      - 17\n      - { name: No Id }\n      - { id: "", tags: [""] }\n      - { id: ok, certificate: { file: x, env: y } }\n      - { id: ok2, name: "${"n".repeat(129)}" }\n`,
      [
        "fleet.yaml:7:9 groups.bench.devices[0]: \"a b\" is not a device id: a space is not allowed → fix: use only letters, digits, ':', '_' and '-'",
        "fleet.yaml:8:9 groups.bench.devices[1]: it must be a string or a map, not 17 → fix: put the value in quotes",
        'fleet.yaml:9:9 groups.bench.devices[2]: "id" is missing → fix: add id: …',
        "fleet.yaml:10:15 groups.bench.devices[3].id: the device id is empty → fix: give the device an id",
        "fleet.yaml:10:26 groups.bench.devices[3].tags[0]: a tag is empty → fix: remove it or write a tag",
        "fleet.yaml:11:32 groups.bench.devices[4].certificate: it names more than one source → fix: keep one of file, env",
        'fleet.yaml:11:32 groups.bench.devices[4].certificate: the file "x" does not exist → fix: correct the path (those in a file start at that file\'s folder)',
        `fleet.yaml:12:26 groups.bench.devices[5].name: "${"n".repeat(57)}..." is not a name: it has 129 characters, at most 128 are allowed → fix: shorten it`,
      ],
    ],
  ])("%s", (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it("has all problems reported at once, those of the fleet file first, each file by line", () => {
    const text = `${opening}groups:\n  one:\n    csv: b.csv\n    tag: x\n  two:\n    csv: a.csv\n    tags: [x y]\n`;
    const files = { "a.csv": "id,name\na,1,2\n", "b.csv": "id\nb c\nb\nb\n" };
    expect(problemsOf(text, files).map((line) => line.split(" ")[0])).toEqual([
      "fleet.yaml:7:5",
      "fleet.yaml:10:12",
      "a.csv:2:1",
      "b.csv:2:1",
      "b.csv:4:1",
    ]);
  });

  it("has five hundred problems printed and the others counted", () => {
    const tags = Array.from({ length: 525 }, (_, index) => `"bad ${index}"`).join(", ");
    const lines = problemsOf(`${opening}${lab}    tags: [${tags}]\n`);
    expect(lines).toHaveLength(501);
    // One more is that there are so many.
    expect(lines.at(-1)).toBe("… and 26 more");
  });
});
