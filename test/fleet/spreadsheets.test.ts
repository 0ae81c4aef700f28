import { describe, expect, it } from "vitest";
import { codeFromList, parseCodeList } from "../../provider/fleet/codeList.js";
import { load, opening, openingWithoutCa, problemsOf } from "./io.js";

const fleet = `${opening}groups: { f: { csv: f.csv } }\n`;
const jitp = `${openingWithoutCa}jitp: { f: { csv: f.csv } }\n`;

function devicesOf(csv: string) {
  return load(fleet, { "f.csv": csv }).devices.map(({ deviceId, name }) => [deviceId, name]);
}

describe("a CSV file of a spreadsheet", () => {
  it.each([
    ["empty columns at the end", "id,name,,\nf-1,A,,\nf-2,B,,\n"],
    ["empty cells at the end of rows", "id,name\nf-1,A,\nf-2,B,,\n"],
    ["an empty column in front and within", ",id,,name\n,f-1,,A\n,f-2,,B\n"],
    ["a first line that declares the separator", "sep=;\nid;name\nf-1;A\nf-2;B\n"],
    ["the same in quotes, with the cells of a wider sheet", '"sep=,",,\nid,name\nf-1,A\nf-2,B\n'],
    ["a declared tab", "sep=\t\nid\tname\nf-1\tA\nf-2\tB\n"],
    ["tabs", "id\tname\t\nf-1\tA\t\nf-2\tB\t\n"],
    ["tabs, after blank lines", "\n \nid\tname\nf-1\tA\nf-2\tB\n"],
    ["formulas that keep text", 'id,name\n="f-1",A\n="f-2",="B"\n'],
    ["formulas that keep text, in quotes", 'id;name\n"=""f-1""";A\n"=""f-2""";"=""B"""\n'],
    ["invisible characters in the header", "\u200Bid\u00A0,na\u00ADme\nf-1,A\nf-2,B\n"],
  ])("may have %s", (_, csv) => {
    expect(devicesOf(csv)).toEqual([
      ["f-1", "A"],
      ["f-2", "B"],
    ]);
  });

  it("may have numbers after an apostrophe, and apostrophes in names", () => {
    expect(devicesOf("id,name\n'352656100000001,'t Hoff\n")).toEqual([["352656100000001", "'t Hoff"]]);
  });

  it("keeps lines and columns in what is reported", () => {
    expect(problemsOf(fleet, { "f.csv": 'sep=;\nid;name;tags\n="f-1";"="";A";b c\n' })).toEqual([
      'f.csv:3:16 groups.f.csv: "b c" is not a tag: a space is not allowed → fix: use only letters, digits and _ . @ : # -',
    ]);
  });

  it.each([
    [
      "a cell too many",
      "id;name;\nf-1;A;x\n",
      'f.csv:2:1 groups.f.csv: the row has 3 cells, not 2 → fix: put a cell that contains a semicolon in double quotes: "a;b"',
    ],
    [
      "a cell in a column without a name",
      "id,,name\nf-1,,A\nf-2,x,B\nf-3,y,C\n",
      "f.csv:3:5 groups.f.csv: the cell is in a column that has no name → fix: name the column in the first row, or empty its cells",
    ],
    [
      "a shortened id",
      "id,name\n3.52657E+14,A\n",
      'f.csv:2:1 groups.f.csv: "3.52657E+14" is not a device id: it is shortened, as spreadsheets do with long numbers → fix: format the column as text, fill in the device ids again and save',
    ],
    [
      "a shortened id of a country with commas",
      "id;name\n3,52657E+14;A\n",
      'f.csv:2:1 groups.f.csv: "3,52657E+14" is not a device id: it is shortened, as spreadsheets do with long numbers → fix: format the column as text, fill in the device ids again and save',
    ],
    [
      "an id that has become a fraction",
      "id,name\n352656100000001.0,A\n",
      'f.csv:2:1 groups.f.csv: "352656100000001.0" is not a device id: it has become a number with a decimal fraction → fix: format the column as text, fill in the device ids again and save',
    ],
    [
      "an id with a character that nobody sees",
      "id,name\nf-\u200B1,A\n",
      "f.csv:2:1 groups.f.csv: \"f-\\u200b1\" is not a device id: an invisible character is not allowed → fix: use only letters, digits, ':', '_' and '-'",
    ],
  ])("is refused with %s", (_, csv, expected) => {
    expect(problemsOf(fleet, { "f.csv": csv })).toEqual([expected]);
  });

  it("has shortened ids, IMEIs and codes reported, without quoting a code", () => {
    const csv = "id,imei,code\n3.5E+14,,1\n,3.52657E+14,2\na-1,,2.71828E+05\n";
    const problems = problemsOf(jitp, { "f.csv": csv });
    expect(problems).toHaveLength(3);
    for (const problem of problems) expect(problem).toContain("shortened, as spreadsheets do");
    expect(problems.join("\n")).not.toContain("2.71828");
  });

  it("may be a list of codes with the same marks", () => {
    const list = parseCodeList('sep=;\nid;code;;\n="352656100000001";\'271828;\n3.5E+14;7;\n');
    expect(codeFromList(list, "nrf-352656100000001")).toEqual({ ok: true, value: "271828" });
    expect(list.problems).toMatchObject([
      { line: 4, message: "the device id is shortened, as spreadsheets do with long numbers" },
    ]);
  });
});

describe("columns that only the factory needs", () => {
  const ignoring = `${opening}groups: { f: { csv: f.csv, ignoreColumns: [Lot No, station, name] } }\n`;

  it("are ignored if the group lists them, even if they have a known name", () => {
    const { devices } = load(ignoring, { "f.csv": "id,lot_no,Name,Station,tags\nf-1,7,PASS!,S 3,a\n" });
    expect(devices).toMatchObject([{ deviceId: "f-1", tags: ["a"] }]);
    expect(devices[0]).not.toHaveProperty("name");
  });

  it("are refused otherwise, with the fix", () => {
    expect(problemsOf(ignoring, { "f.csv": "id,result\nf-1,ok\n" })).toEqual([
      'f.csv:1:4 groups.f.csv: unknown column "result" → fix: use id, name, subType, tags, firmwareTypes, certificate, csr, publicKey, state, keepFor, config, or list it under ignoreColumns',
    ]);
  });

  it("can only be ignored in CSV files", () => {
    const text = `${opening}groups: { f: { ids: a, ignoreColumns: [lot] } }\n`;
    expect(problemsOf(text)).toEqual([
      "fleet.yaml:4:14 groups.f: ignoreColumns is only for groups with csv → fix: remove it",
    ]);
  });
});

describe("a fleet file that was copied from elsewhere", () => {
  it("has invisible characters in its indentation reported if they break the YAML", () => {
    const text = `${opening}groups:\n  lab:\n  \u00A0 ids: a\n\u3000\u3000tags: [b]\n  - c\n`;
    expect(problemsOf(text)).toEqual([
      "fleet.yaml:6:3: an invisible character (U+00A0) is used for indentation → fix: delete the white space before the text, and type spaces",
      "fleet.yaml:7:1: an invisible character (U+3000) is used for indentation → fix: delete the white space before the text, and type spaces",
    ]);
  });

  it.each([
    ["a key of the file", `${opening}\u00A0groups: { lab: { ids: a } }\n`, '"\\u00a0groups"', 4],
    ["a key of a group", `${opening}groups:\n  lab:\n    ids: a\n    \u200Btags: [b]\n`, '"\\u200btags"', 7],
    ["a group's name", `${opening}groups:\n  lab\u00A0:\n    ids: a\n`, '"lab\\u00a0"', 5],
  ])("has one in %s named, which looks like any other", (_, text, key, line) => {
    expect(problemsOf(text).join("\n")).toMatch(
      new RegExp(
        `^fleet\\.yaml:${line}:\\d+ .*the key ${key.replace("\\", "\\\\")} has an invisible character`,
        "m",
      ),
    );
  });

  it("has numbers shown as they are written", () => {
    const text = `${opening}groups:\n  lab:\n    ids: 0352656100000001\n    name: 89310800000123456789\n    subType: 0x1F\n    devices:\n      - { id: 3.52657E+14 }\ncertificates: { validityDays: 1e9 }\n`;
    expect(problemsOf(text)).toEqual(
      expect.arrayContaining([
        "fleet.yaml:6:10 groups.lab.ids: it must be a string or a list, not 0352656100000001 → fix: put the value in quotes",
        "fleet.yaml:7:11 groups.lab.name: it must be a string, not 89310800000123456789 → fix: put the value in quotes",
        "fleet.yaml:8:14 groups.lab.subType: it must be a string, not 0x1F → fix: put the value in quotes",
        "fleet.yaml:10:15 groups.lab.devices[0].id: 3.52657E+14 is shortened, as spreadsheets do with long numbers → fix: write all of its digits, in quotes",
        "fleet.yaml:11:31 certificates.validityDays: 1e9 is too large → fix: write 36500 or less",
      ]),
    );
  });
});
