import { describe, expect, it } from "vitest";
import type { CloudDevice } from "../../../provider/cloud/answers.js";
import type { AccountView } from "../../../cli/export/account.js";
import { updateFleetFile } from "../../../cli/export/update.js";
import { load, memoryIo, type Texts } from "../../fleet/io.js";
import { attestationToken } from "../../fleet/tokens.js";
import { device, view } from "./accounts.js";

const heading = "apiVersion: nrfcloud.dev/v1\nkind: Fleet\n";

function update(
  text: string,
  devices: readonly CloudDevice[],
  more: Partial<AccountView> = {},
  files: Texts = {},
  env: Texts = {},
) {
  return updateFleetFile(
    "fleet.yaml",
    text,
    memoryIo({ ...files, "fleet.yaml": text }, env),
    view(devices, more),
  );
}

/** The lines that went (`-`), and then those that came (`+`). */
function diff(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return [...lacking(now, old).map((line) => `-${line}`), ...lacking(old, now).map((line) => `+${line}`)];
}

/** Lines that are not, or not so often, in the text. */
function lacking(text: readonly string[], lines: readonly string[]): string[] {
  const left = [...text];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function open({ remarks }: ReturnType<typeof update>): string[] {
  return remarks.filter(({ kind }) => kind === "open").map(({ text }) => text);
}

const styled = `# Our fleet.   Mind the gaps!
${heading}
ca: {subject: {commonName: "Acme CA"}}   # generated

groups:

    # The bench.
    bench:
        tags: [ bench ,oslo ]      # oslo since May
        adopt: true
        devices:
            - bench-1   # Kari's
            - {id: 'bench-2', name: "Bench 2"}
            - id: bench-3
              name: >-
                Bench
                Three
              tags:
                - one   # first
                - two   # second
            # - bench-4 is broken

    racks:   {ids: ["rack-{1..2}"], subType: tracker, adopt: true}
# The end.
`;

const asStyled = [
  device("bench-1", { tags: ["bench", "oslo"] }),
  device("bench-2", { tags: ["oslo", "bench"], name: "Bench 2" }),
  device("bench-3", { tags: ["bench", "oslo", "two", "one"], name: "Bench Three" }),
  device("rack-1", { subType: "tracker" }),
  device("rack-2", { subType: "tracker" }),
];

function changed(id: string, more: Partial<CloudDevice>): CloudDevice[] {
  return asStyled.map((each) => (each.id === id ? { ...each, ...more } : each));
}

describe("a file that agrees with the account", () => {
  it.each([
    ["as it is", styled],
    ["with the line ends of Windows", styled.replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\uFEFF${styled}`],
    ["without a last line break", styled.trimEnd()],
  ])("is left alone, %s", (_, text) => {
    expect(update(text, asStyled)).toEqual({ text, changes: [], remarks: [] });
  });

  it("may say less than the account: undeclared sub-types, firmware types, and names of adopted devices are no differences", () => {
    const text = `${heading}groups:\n  lab: { ids: a, adopt: true, firmwareTypes: [BOOT] }\n`;
    const devices = [device("a", { name: "Other", subType: "tracker", firmware: { supports: ["APP"] } })];
    expect(update(text, devices)).toEqual({ text, changes: [], remarks: [] });
  });
});

describe("a listed device that changed", () => {
  it("that was only an id becomes a map", () => {
    const result = update(
      styled,
      changed("bench-1", { name: "Kari: her own", tags: ["bench", "oslo", "x"] }),
    );
    expect(diff(styled, result.text)).toEqual([
      "-            - bench-1   # Kari's",
      "+            - { id: bench-1, tags: [x] }   # Kari's",
    ]);
    expect(result.changes).toEqual(['fleet.yaml:14 bench-1: tags +"x"']);
  });

  it("in braces gets its name and tags there", () => {
    const result = update(
      styled,
      changed("bench-2", { name: "Bench {2", tags: ["bench", "oslo", "x", "y"] }),
    );
    expect(diff(styled, result.text)).toEqual([
      "-            - {id: 'bench-2', name: \"Bench 2\"}",
      "+            - {id: 'bench-2', name: \"Bench 2\", tags: [x, y]}",
    ]);
    expect(open(result)).toEqual([
      expect.stringMatching(
        /^fleet\.yaml:15 bench-2: name "Bench 2" → "Bench \{2" in the account\. The command can't write this: /,
      ),
    ]);
    const renamed = update(styled, changed("bench-2", { name: "No. 2" }));
    expect(diff(styled, renamed.text).at(-1)).toBe("+            - {id: 'bench-2', name: No. 2}");
    const unnamed = update(styled, changed("bench-2", { name: "bench-2" }));
    expect(diff(styled, unnamed.text).at(-1)).toBe("+            - {id: 'bench-2', name: \"{id}\"}");
  });

  it("on several lines is changed line by line, and keeps the comments of its other tags", () => {
    const swapped = update(
      styled,
      changed("bench-3", { name: "Three", tags: ["bench", "oslo", "two", "drei"] }),
    );
    expect(diff(styled, swapped.text)).toEqual([
      "-              name: >-",
      "-                Bench",
      "-                Three",
      "-                - one   # first",
      "+              name: Three",
      "+                - drei   # first",
    ]);
    const fewer = update(styled, changed("bench-3", { tags: ["bench", "oslo", "two"] }));
    expect(diff(styled, fewer.text)).toEqual(["-                - one   # first"]);
    const more = update(styled, changed("bench-3", { tags: ["bench", "oslo", "two", "one", "three"] }));
    expect(diff(styled, more.text)).toEqual(["+                - three"]);
    const none = update(styled, changed("bench-3", { tags: ["bench", "oslo"] }));
    expect(diff(styled, none.text).at(-1)).toBe("+              tags: []");
  });

  it("loses the last line of the groups, and a new group follows it", () => {
    const text = `${heading}groups:\n  one:\n    adopt: true\n    devices:\n      - id: a\n        tags:\n          - x\n          - y\ncertificates: {}\n`;
    const devices = [device("a"), device("b", { tags: ["z"] })];
    expect(update(text, devices).text).toBe(
      text.replace(
        "tags:\n          - x\n          - y\n",
        "tags: []\n  z:\n    ids: b\n    tags: [z]\n    adopt: true\n",
      ),
    );
  });

  it("gets a changed sub-type, with the advice to refresh first", () => {
    const text = `${heading}groups:\n  lab:\n    adopt: true\n    devices:\n      - id: a\n        subType: kit   # ours\n      - b\n`;
    const result = update(text, [device("a", { subType: "kit-2" }), device("b")]);
    expect(diff(text, result.text)).toEqual([
      "-        subType: kit   # ours",
      "+        subType: kit-2   # ours",
    ]);
    expect(result.remarks).toEqual([
      {
        kind: "note",
        text: expect.stringMatching(/sub-type of a changed\. Run `pulumi refresh` before/) as unknown,
      },
    ]);
  });

  it("that lost a tag of its group is reported with the remedy, because the file can't declare it", () => {
    const result = update(styled, changed("bench-1", { tags: ["oslo"] }));
    expect(result.text).toBe(styled);
    expect(open(result)).toEqual([
      'fleet.yaml:14 bench-1: tags −"bench" in the account. The command can\'t write this: its group or the defaults declare the tags bench. Move it to another group.',
    ]);
  });

  it("is not changed where an alias repeats it elsewhere", () => {
    const text = `${heading}groups:\n  one:\n    adopt: true\n    devices:\n      - { id: a, tags: &t [x] }\n      - { id: b, tags: *t }\n`;
    const both = [device("a", { tags: ["x"] }), device("b", { tags: ["x", "y"] })];
    expect(diff(text, update(text, both).text).at(-1)).toBe("+      - { id: b, tags: [x, y] }");
    const anchored = update(text, [device("a", { tags: ["x", "y"] }), device("b", { tags: ["x"] })]);
    expect(anchored.text).toBe(text);
    expect(open(anchored)).toEqual([expect.stringContaining("a YAML alias repeats its entry")]);
  });
});

describe("a group whose devices all changed in the same way", () => {
  it("gets the change once: sub-type, name, and tags", () => {
    const result = update(styled, [
      ...asStyled.slice(0, 3),
      device("rack-1", { subType: "tracker-2", tags: ["new"] }),
      device("rack-2", { subType: "tracker-2", tags: ["new"] }),
    ]);
    expect(diff(styled, result.text)).toEqual([
      '-    racks:   {ids: ["rack-{1..2}"], subType: tracker, adopt: true}',
      '+    racks:   {ids: ["rack-{1..2}"], subType: tracker-2, adopt: true, tags: [new]}',
    ]);
    const named = `${heading}ca: { subject: { commonName: CA } }\ngroups:\n  lab:\n    name: "Unit {id}"\n    ids: lab-{1..3}\n`;
    const units = [1, 2, 3].map((n) => device(`lab-${n}`, { name: `Sensor lab-${n}` }));
    expect(diff(named, update(named, units).text).at(-1)).toBe("+    name: Sensor {id}");
    const plain = [1, 2, 3].map((n) => device(`lab-${n}`));
    expect(diff(named, update(named, plain).text).at(-1)).toBe('+    name: "{id}"');
  });

  it("in the group's own list, and the devices get the remaining changes", () => {
    const result = update(styled, [
      device("bench-1", { tags: ["bench", "ship"] }),
      device("bench-2", { tags: ["bench", "ship", "more"], name: "Bench 2" }),
      device("bench-3", { tags: ["bench", "ship", "two", "one"], name: "Bench Three" }),
      ...asStyled.slice(3),
    ]);
    expect(diff(styled, result.text)).toEqual([
      "-        tags: [ bench ,oslo ]      # oslo since May",
      "-            - {id: 'bench-2', name: \"Bench 2\"}",
      "+        tags: [bench, ship]      # oslo since May",
      "+            - {id: 'bench-2', name: \"Bench 2\", tags: [more]}",
    ]);
  });

  it("is not changed for the sake of some of its devices", () => {
    const result = update(styled, changed("rack-2", { subType: "tracker-2" }));
    expect(result.text).toBe(styled);
    expect(open(result)).toEqual([
      'fleet.yaml:25 rack-2: sub-type "tracker" → "tracker-2" in the account. The command can\'t write this: a pattern declares it, with the same settings for all its devices. Remove it from the pattern, and list it under devices in another group.',
    ]);
    // Nor while some of them are not in the account.
    const alone = update(
      styled,
      changed("rack-2", { subType: "tracker-2" }).filter(({ id }) => id !== "rack-1"),
    );
    expect(alone.text).toBe(styled);
  });

  it("covers the rows of a CSV file, but none of them alone", () => {
    const text = `${heading}groups:\n  f: { csv: f.csv, tags: [x], adopt: true }\n`;
    const files = { "f.csv": "id,tags\na,one\nb,\n" };
    const all = [device("a", { tags: ["one", "y"] }), device("b", { tags: ["y"] })];
    expect(diff(text, update(text, all, {}, files).text).at(-1)).toBe(
      "+  f: { csv: f.csv, tags: [y], adopt: true }",
    );
    const one = update(text, [device("a", { tags: ["x"] }), device("b", { tags: ["x"] })], {}, files);
    expect(open(one)).toEqual([
      expect.stringMatching(/^f\.csv:2 a: tags −"one" .*: change its row in the CSV file\.$/),
    ]);
  });
});

describe("a device that the file does not have", () => {
  it("joins a group with the same settings as in the account", () => {
    const result = update(styled, [
      ...asStyled,
      device("rack-3", { subType: "tracker" }),
      device("bench-9", { tags: ["oslo", "bench"], name: "Nine" }),
      device("bench-8", { tags: ["oslo", "bench"] }),
    ]);
    expect(diff(styled, result.text)).toEqual([
      '-    racks:   {ids: ["rack-{1..2}"], subType: tracker, adopt: true}',
      "+            - { id: bench-9, name: Nine }",
      "+            - bench-8",
      '+    racks:   {ids: ["rack-{1..2}", rack-3], subType: tracker, adopt: true}',
    ]);
    expect(result.text).toMatch(/# - bench-4 is broken\n {12}- \{ id: bench-9/);
  });

  it("is adopted in its own entry, if its group does not adopt", () => {
    const text = `${heading}ca: { subject: { commonName: CA } }\ngroups:\n  lab:\n    devices: [a, b]\n    tags: [x]\n  more:\n    ids: c\n    tags: [y]\n`;
    const own = [device("a", { tags: ["x"] }), device("b", { tags: ["x"] }), device("c", { tags: ["y"] })];
    const result = update(text, [...own, device("z", { tags: ["x"] }), device("d", { tags: ["y"] })]);
    expect(diff(text, result.text)).toEqual([
      "-    devices: [a, b]",
      "+    devices: [a, b, { id: z, adopt: true }]",
      "+  y:",
      "+    ids: d",
      "+    tags: [y]",
      "+    adopt: true",
    ]);
  });

  it("makes a pattern a list", () => {
    const text = `${heading}groups:\n  lab:\n    ids: lab-{00..09}   # the shelf\n    adopt: true\n    tags: [x]\n`;
    const devices = Array.from({ length: 13 }, (_, n) =>
      device(`lab-${String(n).padStart(2, "0")}`, { tags: ["x"] }),
    );
    expect(diff(text, update(text, devices).text).at(-1)).toBe(
      '+    ids: ["lab-{00..09}", "lab-{10..12}"]   # the shelf',
    );
  });

  it("is added in a new group after the others, in their style, before the next section", () => {
    const devices = [...asStyled, ...[1, 2, 3].map((n) => device(`x-${n}`, { tags: ["new"] }))];
    const result = update(styled, devices);
    expect(result.text).toContain(
      "adopt: true}\n\n    new:\n        ids: x-{1..3}\n        tags: [new]\n        adopt: true\n# The end.\n",
    );
    expect(result.changes).toEqual(["groups.new: new, with x-{1..3}"]);
    const windows = update(styled.replaceAll("\n", "\r\n"), devices);
    expect(windows.text).toBe(result.text.replaceAll("\n", "\r\n"));
    const marked = update(`\uFEFF${styled.trimEnd().replace("\n# The end.", "")}`, devices);
    expect(marked.text).toMatch(/^\uFEFF# Our fleet/);
    expect(marked.text).toMatch(/\n {8}adopt: true$/);
  });

  it("is added with a new section if the file has none, and in braces if the file uses braces", () => {
    const uuid = "50363154-3931-44f0-8022-121b6401627d";
    const text = `${heading}\nclaims:\n  t:\n    devices:\n      - token: { env: TOKEN }\n`;
    const env = { TOKEN: attestationToken(uuid) };
    const result = update(text, [device(uuid), device("a", { tags: ["x"] })], {}, {}, env);
    expect(result.text).toBe(
      `${text.trimEnd()}\n\ngroups:\n  x:\n    ids: a\n    tags: [x]\n    adopt: true\n`.replace(
        "\n\ngroups",
        "\ngroups",
      ),
    );
    expect(result.remarks).toEqual([]);
    const json = `{"apiVersion": "nrfcloud.dev/v1", "kind": "Fleet",\n  "groups": {"lab": {"ids": "a", "adopt": true}}}\n`;
    const grown = update(json, [device("a"), device("b", { tags: ["x"], name: "B" })]).text;
    expect(grown).toBe(
      json.replace("}}}", "}, x: { devices: [{ id: b, name: B }], tags: [x], adopt: true }}}"),
    );
    expect(load(grown).devices).toHaveLength(2);
  });

  it("overrides defaults, or is reported as impossible because of them", () => {
    const text = `${heading}defaults: { subType: kit, name: "Our {id}", firmwareTypes: [APP], adopt: recertify, tags: [acme] }\nca: { subject: { commonName: CA } }\ngroups:\n  lab: { ids: a, adopt: true }\n`;
    const a = device("a", { subType: "kit", name: "Our a", tags: ["acme"] });
    const result = update(text, [
      a,
      device("b", { tags: ["acme", "x"] }),
      device("c", { tags: ["x"] }),
      device("d", { tags: ["acme"], name: "{" }),
    ]);
    const b = load(result.text).devices.find(({ deviceId }) => deviceId === "b");
    expect(b).toMatchObject({
      subType: "unknown",
      name: "b",
      firmwareTypes: [],
      adopt: "keep",
      tags: ["acme", "x"],
    });
    expect(open(result)).toEqual([
      expect.stringMatching(
        /The command can't add 1 device, because the defaults of the file give every device the tags acme, which it does not have: c\./,
      ),
      expect.stringMatching(/because the defaults of the file would give it another name or sub-type: d\./),
    ]);
    expect(update(result.text, [a, device("b", { tags: ["acme", "x"] })])).toMatchObject({
      text: result.text,
      changes: [],
    });
  });

  it("is only reported if it needs a secret", () => {
    const uuid = "50363154-3931-44f0-8022-121b6401627d";
    const claims = { known: true, byUuid: new Map([[uuid, { id: uuid }]]) } as const;
    const result = update(styled, [...asStyled, device("j", { subType: "jitp-generic" }), device(uuid)], {
      claims,
    });
    expect(result.text).toBe(styled);
    expect(result.remarks.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      expect.stringMatching(/^note: nRF Cloud provisioned 1 device just in time .*: j\.$/),
      expect.stringMatching(/^note: The team claimed 1 device by attestation token\. .*\.$/),
    ]);
  });
});

describe("just-in-time devices", () => {
  const text = `${heading}jitp:\n  kits:\n    codes: { env: CODES }\n    devices:\n      - imei: 352656100123457   # Kari's\n      - { id: own-1, tags: [x] }\n`;
  const env = { CODES: "352656100123457,1\nown-1,2\n" };

  it("are known, and changed like others", () => {
    const result = update(
      text,
      [
        device("nrf-352656100123457", { subType: "jitp-nordic-hardware", name: "Kit" }),
        device("own-1", { subType: "jitp-generic" }),
      ],
      {},
      {},
      env,
    );
    expect(diff(text, result.text)).toEqual([
      "-      - { id: own-1, tags: [x] }",
      "+        name: Kit",
      "+      - { id: own-1, tags: [] }",
    ]);
    expect(result.remarks).toEqual([]);
  });
});

describe("a device that the account does not have", () => {
  it("is kept, with a remark", () => {
    const result = update(styled, asStyled.slice(1));
    expect(result).toMatchObject({ text: styled, changes: [] });
    expect(result.remarks).toEqual([
      {
        kind: "note",
        text: expect.stringMatching(
          /^The account does not show 1 device of the file .*: bench-1\.$/,
        ) as unknown,
      },
    ]);
  });

  it("has no remark if the selection does not include it", () => {
    expect(update(styled, asStyled.slice(1), { unselected: new Set(["bench-1"]) }).remarks).toEqual([]);
  });
});

describe("retired devices of a file", () => {
  const text = `${heading}groups:
  old:
    ids: old-{1..3}
    tags: [lab]
    name: "Old {id}"
    state: retired
    adopt: true
`;
  const old = (id: string, more: Partial<CloudDevice> = {}) =>
    device(id, { tags: ["lab", "retired"], name: "As it was", ...more });

  it("differ in nothing by their tag, their former names, or because they were deleted", () => {
    const result = update(text, [old("old-1"), old("old-2")]);
    expect(result).toEqual({ text, changes: [], remarks: [] });
  });

  it("differ in other tags", () => {
    expect(open(update(text, [old("old-1", { tags: ["lab"] }), old("old-2"), old("old-3")]))).toEqual([
      expect.stringContaining('old-1: tags −"retired" in the account'),
    ]);
  });
});
