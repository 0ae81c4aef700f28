import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxDevices } from "../../provider/fleet/resolve/declaredDevices.js";
import { unionOfTags } from "../../provider/fleet/resolve/settings.js";
import { load, opening, openingWithoutCa, pem, problemsOf } from "./io.js";

const noWay =
  'no credential: the fleet has no "ca", and the device no certificate, csr or publicKey → fix: add "ca: { subject: { commonName: … } }" to issue one, or adopt: true for a device that is in the account already';

describe("devices of a fleet", () => {
  it("need only ten lines", () => {
    const text = [
      "apiVersion: nrfcloud.dev/v1",
      "kind: Fleet",
      "ca:",
      "  subject: { commonName: Acme Lab CA }",
      "groups:",
      "  sensors:",
      "    ids: lab-{000..499}",
      "    subType: tracker",
      "    tags: [sensors]",
      '    name: "Sensor {id}"',
    ].join("\n");
    const { devices, certificates } = load(text);
    expect(certificates).toEqual({ validityDays: 3650, earlyRenewalHours: 0 });
    expect(devices).toHaveLength(500);
    expect(devices[499]).toEqual({
      deviceId: "lab-499",
      group: "sensors",
      subType: "tracker",
      tags: ["sensors"],
      firmwareTypes: [],
      name: "Sensor lab-499",
      adopt: "no",
      protect: false,
      credential: { kind: "issue" },
      source: { path: "groups.sensors.ids", at: { file: "fleet.yaml", line: 7, column: 10 } },
    });
  });

  it("take tags from all levels, each once, and all else from the innermost level", () => {
    const { devices } = load(`${opening}certificates: { validityDays: 90, earlyRenewalHours: 72 }
defaults: { subType: base, tags: [all, b], firmwareTypes: [APP], name: "{group}/{id}", adopt: recertify }
groups:
  plain: { devices: [p] }
  bench:
    subType: bench
    tags: [bench, all]
    adopt: true
    devices:
      - one
      - { id: two, subType: "", tags: [b, two, bench], firmwareTypes: [], name: Second, adopt: false }
`);
    expect(devices).toMatchObject([
      {
        deviceId: "p",
        subType: "base",
        tags: ["all", "b"],
        firmwareTypes: ["APP"],
        name: "plain/p",
        adopt: "recertify",
      },
      { deviceId: "one", subType: "bench", tags: ["all", "b", "bench"], name: "bench/one", adopt: "keep" },
      {
        deviceId: "two",
        subType: "",
        tags: ["all", "b", "bench", "two"],
        firmwareTypes: [],
        name: "Second",
        adopt: "no",
      },
    ]);
  });

  it("use the validity of the certificates section", () => {
    expect(
      load(`${opening}certificates: { validityDays: 90, earlyRenewalHours: 72 }\ngroups: { a: { ids: x } }\n`)
        .certificates,
    ).toEqual({
      validityDays: 90,
      earlyRenewalHours: 72,
    });
  });

  it("are in the order of groups, patterns and lists", () => {
    const { devices } = load(`${opening}groups:\n  z: { ids: ["z{1..2}", y] }\n  a: { devices: [c, b] }\n`);
    expect(devices.map(({ deviceId }) => deviceId)).toEqual(["z1", "z2", "y", "c", "b"]);
  });

  it("that differ only in case are different devices", () => {
    expect(problemsOf(`${opening}groups:\n  a: { ids: [Lab-1, lab-1, LAB-1] }\n`)).toEqual([]);
  });

  it("have the union of tags in the order of first occurrence", () => {
    const tags = fc.array(fc.stringMatching(/^[a-e]$/), { maxLength: 8 });
    fc.assert(
      fc.property(tags, tags, tags, (defaults, group, device) => {
        const union = unionOfTags(defaults, group, device);
        const mentioned = [...defaults, ...group, ...device];
        expect([...union].sort()).toEqual([...new Set(mentioned)].sort());
        const firsts = union.map((tag) => mentioned.indexOf(tag));
        expect(firsts).toEqual([...firsts].sort((one, other) => one - other));
      }),
    );
  });

  it.each<[string, string, string[]]>([
    [
      "a placeholder that is not a placeholder",
      `${opening}groups:\n  a: { ids: x, name: "S {serial}" }\n`,
      [
        "fleet.yaml:5:22 groups.a.name: {serial} is not a placeholder → fix: use {id} or {group}, or remove the braces",
      ],
    ],
    [
      "a template that grows too long, once for its group",
      `${opening}groups:\n  a: { ids: "lab-{1..9}", name: "${"{id}-".repeat(22)}" }\n`,
      [
        'fleet.yaml:5:33 groups.a.name: "lab-1-lab-1-lab-1-lab-1-lab-1-lab-1-lab-1-lab-1-lab-1-lab..." is not a name: it has 132 characters, at most 128 are allowed → fix: shorten it',
      ],
    ],
    [
      "an id twice in one list, and in another group",
      `${opening}groups:\n  a: { devices: [x, x] }\n  b: { ids: x }\n`,
      [
        'fleet.yaml:5:21 groups.a.devices[1]: the device "x" is declared twice: first at fleet.yaml:5 (groups.a.devices[0]) → fix: keep each device in one place',
        'fleet.yaml:6:13 groups.b.ids: the device "x" is declared twice: first at fleet.yaml:5 (groups.a.devices[0]) → fix: keep each device in one place',
      ],
    ],
    [
      "patterns that overlap, as one problem",
      `${opening}groups:\n  a:\n    ids:\n      - lab-{000..499}\n      - lab-{490..600}\n`,
      [
        'fleet.yaml:8:9 groups.a.ids[1]: 10 devices are declared twice ("lab-490", "lab-491", "lab-492", …): first at fleet.yaml:7 (groups.a.ids[0]) → fix: keep each device in one place',
      ],
    ],
    [
      "a pattern that overlaps with itself",
      `${opening}groups:\n  a:\n    ids: x{1..11}{1..11}\n`,
      [
        'fleet.yaml:6:10 groups.a.ids: the device "x111" is declared twice: by this pattern itself → fix: keep each device in one place',
      ],
    ],
    [
      "more devices than fit, without generating them",
      `${opening}groups:\n  a: { ids: "a{1..60000}" }\n  b: { ids: "b{1..60000}" }\n  c: { ids: "c{1..999999}{1..999999}" }\n`,
      [
        "fleet.yaml:6:13 groups.b.ids: with these 60,000 devices the fleet would exceed 100,000 → fix: narrow the ranges, or split the fleet over several stacks",
        "fleet.yaml:7:13 groups.c.ids: with these 999,998,000,001 devices the fleet would exceed 100,000 → fix: narrow the ranges, or split the fleet over several stacks",
      ],
    ],
    [
      "no way to a certificate, once for a pattern or a whole group",
      `${openingWithoutCa}groups:\n  a:\n    ids: a-{1..9}\n  b:\n    devices: [x, y]\n`,
      [
        `fleet.yaml:4:3 groups.a: the 9 devices of this group have ${noWay}`,
        `fleet.yaml:6:3 groups.b: the 2 devices of this group have ${noWay}`,
      ],
    ],
    [
      "no way to a certificate for some",
      `${openingWithoutCa}groups:\n  b:\n    devices:\n      - { id: x, adopt: true }\n      - { id: y, adopt: recertify }\n      - z\n`,
      [
        `fleet.yaml:7:9 groups.b.devices[1]: "y" has ${noWay}`,
        `fleet.yaml:8:9 groups.b.devices[2]: "z" has ${noWay}`,
      ],
    ],
  ])("are refused with %s", (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it("duplicates are found across the fleet and its CSV files", () => {
    const text = `${opening}groups:\n  a: { ids: "x-{1..3}" }\n  b: { csv: b.csv }\n`;
    expect(problemsOf(text, { "b.csv": "id\nx-2\ny\ny\n" })).toEqual([
      'b.csv:2:1 groups.b.csv: the device "x-2" is declared twice: first at fleet.yaml:5 (groups.a.ids) → fix: keep each device in one place',
      'b.csv:4:1 groups.b.csv: the device "y" is declared twice: first at b.csv:3 (groups.b.csv) → fix: keep each device in one place',
    ]);
  });

  it("may be as many as the limit", () => {
    expect(load(`${opening}groups:\n  a: { ids: "a{1..${maxDevices}}" }\n`).devices).toHaveLength(maxDevices);
  });
});

describe("the credential of a device", () => {
  const listed = (device: string, head = opening) =>
    `${head}groups:\n  a:\n    devices:\n      - ${device}\n`;
  const files = {
    "d.pem": `subject=CN=x\r\n${pem("CERTIFICATE").replaceAll("\n", "\r\n")}\r\n\r\n`,
    "d.csr": pem("NEW CERTIFICATE REQUEST"),
    "d.key": pem("PRIVATE KEY", "geheim"),
    "chain.pem": pem("CERTIFICATE", "1") + pem("CERTIFICATE", "2"),
  };

  it.each<[string, string, object]>([
    [
      "an own certificate, made tidy",
      "{ id: x, certificate: { file: d.pem } }",
      { kind: "certificate", certificate: pem("CERTIFICATE") },
    ],
    ["a CSR", "{ id: x, csr: { file: d.csr } }", { kind: "csr", csr: files["d.csr"] }],
    [
      "a public key from the environment",
      "{ id: x, publicKey: { env: PUB } }",
      { kind: "publicKey", publicKey: pem("PUBLIC KEY") },
    ],
    [
      "inline text",
      `{ id: x, certificate: ${JSON.stringify(pem("CERTIFICATE"))} }`,
      { kind: "certificate", certificate: pem("CERTIFICATE") },
    ],
    ["issued, also if the device is to be adopted", "{ id: x, adopt: true }", { kind: "issue" }],
    ["issued for a device that is to be certified anew", "{ id: x, adopt: recertify }", { kind: "issue" }],
  ])("is %s", (_, device, credential) => {
    expect(load(listed(device), files, { PUB: pem("PUBLIC KEY") }).devices[0]?.credential).toEqual(
      credential,
    );
  });

  it("is the existing one of an adopted device if the fleet has no ca", () => {
    expect(load(listed("{ id: x, adopt: true }", openingWithoutCa)).devices).toMatchObject([
      { adopt: "keep", credential: { kind: "existing" } },
    ]);
  });

  it.each<[string, string, string, string[]]>([
    [
      "two of them",
      "{ id: x, certificate: { file: d.pem }, csr: { file: d.csr } }",
      opening,
      [
        "fleet.yaml:7:9 groups.a.devices[0]: a device has one credential, not certificate and csr → fix: keep one of them",
      ],
    ],
    [
      "a CSR without a ca",
      "{ id: x, csr: { file: d.csr } }",
      openingWithoutCa,
      [
        'fleet.yaml:6:9 groups.a.devices[0]: "x" has a csr, but the fleet has no "ca" to sign it → fix: add a ca section, or give the signed certificate instead',
      ],
    ],
    [
      "a path where the text belongs",
      "{ id: x, certificate: d.pem }",
      opening,
      [
        'fleet.yaml:7:31 groups.a.devices[0].certificate: it is not a certificate in PEM → fix: give the text from "-----BEGIN CERTIFICATE-----" on, or { file: … } for a file',
      ],
    ],
    [
      "a private key's file",
      "{ id: x, certificate: { file: d.key } }",
      opening,
      [
        "fleet.yaml:7:31 groups.a.devices[0].certificate: a private key is given instead of a certificate → fix: remove the private key and give only the certificate",
      ],
    ],
    [
      "another kind of PEM",
      "{ id: x, certificate: { file: d.csr } }",
      opening,
      [
        "fleet.yaml:7:31 groups.a.devices[0].certificate: it holds a NEW CERTIFICATE REQUEST, not a certificate → fix: write it under csr, or give a certificate",
      ],
    ],
    [
      "a chain",
      "{ id: x, certificate: { file: chain.pem } }",
      opening,
      [
        "fleet.yaml:7:31 groups.a.devices[0].certificate: it holds 2 PEM blocks, and nRF Cloud takes exactly one → fix: keep only the device's own certificate, without its chain",
      ],
    ],
    [
      "a variable that is not set",
      "{ id: x, publicKey: { env: NOT_SET } }",
      opening,
      [
        "fleet.yaml:7:29 groups.a.devices[0].publicKey: the environment variable NOT_SET is not set → fix: set it, or correct the name",
      ],
    ],
  ])("is refused with %s", (_, device, head, expected) => {
    expect(problemsOf(listed(device, head), files)).toEqual(expected);
  });

  it("belongs to one device only", () => {
    const text = `${opening}groups:\n  a:\n    devices:\n      - { id: x, csr: { file: d.csr } }\n      - { id: y, csr: { file: d.csr } }\n`;
    expect(problemsOf(text, files)).toEqual([
      'fleet.yaml:8:9 groups.a.devices[1]: "y" has the same credential as "x" (fleet.yaml:7) → fix: give each device its own',
    ]);
  });
});
