import { describe, expect, it } from "vitest";
import { load, opening, openingWithoutCa, pem, problemsOf } from "./io.js";

const fromCsv = `${opening}groups:\n  factory:\n    csv: factory.csv\n`;
const fromCsvWithoutCa = `${openingWithoutCa}groups:\n  factory:\n    csv: factory.csv\n`;

describe("a CSV file", () => {
  it("with a header may have all columns in any order", () => {
    const csv = `name,id,firmwareTypes,tags,subType,certificate\nOne,a-1,APP|MODEM,x|y,tracker,"${pem("CERTIFICATE")}"\n,a-2,,,,\n`;
    const { devices } = load(fromCsv, { "factory.csv": csv });
    expect(devices).toEqual([
      {
        deviceId: "a-1",
        group: "factory",
        name: "One",
        subType: "tracker",
        tags: ["x", "y"],
        firmwareTypes: ["APP", "MODEM"],
        adopt: "no",
        protect: false,
        credential: { kind: "certificate", certificate: pem("CERTIFICATE") },
        source: { path: "groups.factory.csv", at: { file: "factory.csv", line: 2, column: 1 } },
      },
      {
        deviceId: "a-2",
        group: "factory",
        tags: [],
        firmwareTypes: [],
        adopt: "no",
        protect: false,
        credential: { kind: "issue" },
        source: { path: "groups.factory.csv", at: { file: "factory.csv", line: 6, column: 1 } },
      },
    ]);
  });

  it("can retire devices, and overrides their group", () => {
    const csv = "id,state,keep_for\na,retired,1w\nb,retired,\nc,active,\nd,,\n";
    const { devices } = load(`${fromCsv}    keepFor: 90d\n`, { "factory.csv": csv });
    expect(devices.map(({ deviceId, retirement }) => [deviceId, retirement])).toEqual([
      ["a", { state: "retired", keepFor: "1w" }],
      ["b", { state: "retired", keepFor: "90d" }],
      ["c", { state: "active", keepFor: "90d" }],
      ["d", { keepFor: "90d" }],
    ]);
    expect(problemsOf(fromCsv, { "factory.csv": "id,state,keepFor\na,old,soon\n" })).toEqual([
      'factory.csv:2:3 groups.factory.csv: "old" is not a state → fix: use active or retired, or leave the cell empty',
      'factory.csv:2:7 groups.factory.csv: "soon" is not a duration → fix: write one such as "30d"',
    ]);
  });

  it.each([
    ["other spellings of the header", "Device_ID,Sub Type,fwTypes\na,s,APP\n"],
    ["semicolons", "id;subType;firmwareTypes\na;s;APP\n"],
    ["a byte order mark and CRLF", "\uFEFFid,subType,firmwareTypes\r\na,s,APP\r\n"],
    [
      "spaces around cells, blank and empty lines",
      'id , subType, firmwareTypes\n\n  \n a , s ,"APP" \n,,\n\n',
    ],
    ["no line break at the end", "id,subType,firmwareTypes\na,s,APP"],
  ])("may have %s", (_, csv) => {
    expect(load(fromCsv, { "factory.csv": csv }).devices).toMatchObject([
      { deviceId: "a", subType: "s", firmwareTypes: ["APP"] },
    ]);
  });

  it("may be Nordic's onboard.csv, which has no header, with certificates and public keys", () => {
    const csv = `a,sub,t1|t2,APP|MODEM,"${pem("CERTIFICATE")}"\nb,,,,"${pem("PUBLIC KEY")}"\n`;
    expect(load(fromCsvWithoutCa, { "factory.csv": csv }).devices).toMatchObject([
      {
        deviceId: "a",
        subType: "sub",
        tags: ["t1", "t2"],
        firmwareTypes: ["APP", "MODEM"],
        credential: { kind: "certificate", certificate: pem("CERTIFICATE") },
      },
      {
        deviceId: "b",
        credential: { kind: "publicKey", publicKey: pem("PUBLIC KEY") },
        source: { at: { line: 5 } },
      },
    ]);
  });

  it("refers to files relative to its own folder", () => {
    const text = `${opening}groups:\n  factory:\n    csv: batch/7/factory.csv\n`;
    const files = {
      "batch/7/factory.csv": "id,csr\na,pem/a.csr\n",
      "batch/7/pem/a.csr": pem("CERTIFICATE REQUEST"),
    };
    expect(load(text, files).devices).toMatchObject([
      { credential: { kind: "csr", csr: pem("CERTIFICATE REQUEST") } },
    ]);
  });

  it.each<[string, string, string[]]>([
    [
      "cells that break the rules",
      'id;name;tags;subType;firmwareTypes\na;"x\ny";a|b c;;APP\n\nb c;n;;s p;APP|app\n;n;t;;\n',
      [
        'factory.csv:2:3 groups.factory.csv: "x\\ny" is not a name: it has a control character → fix: write the name on one line',
        'factory.csv:3:4 groups.factory.csv: "b c" is not a tag: a space is not allowed → fix: use only letters, digits and _ . @ : # -',
        "factory.csv:5:1 groups.factory.csv: \"b c\" is not a device id: a space is not allowed → fix: use only letters, digits, ':', '_' and '-'",
        'factory.csv:5:8 groups.factory.csv: "s p" is not a sub-type: a space is not allowed → fix: use only letters, digits and _ . , @ / : # -',
        'factory.csv:5:12 groups.factory.csv: "app" is not a firmware type → fix: write APP',
        "factory.csv:6:1 groups.factory.csv: the row has no device id → fix: fill in the id, or remove the row",
      ],
    ],
    [
      "rows of other widths",
      "id,name\na\nb,c,d\n",
      [
        "factory.csv:2:1 groups.factory.csv: the row has 1 cell, not 2 → fix: keep the delimiters of empty cells",
        'factory.csv:3:1 groups.factory.csv: the row has 3 cells, not 2 → fix: put a cell that contains a comma in double quotes: "a,b"',
      ],
    ],
    [
      "unknown and repeated columns",
      "id,foo,tag,id\na,b,c,d\n",
      [
        'factory.csv:1:4 groups.factory.csv: unknown column "foo" → fix: use id, name, subType, tags, firmwareTypes, certificate, csr, publicKey, state, keepFor, config, or list it under ignoreColumns',
        'factory.csv:1:8 groups.factory.csv: unknown column "tag" → fix: did you mean "tags"?',
        'factory.csv:1:12 groups.factory.csv: the header has the column "id" twice → fix: remove one of the two',
      ],
    ],
    [
      "a header without id",
      "name,tags\na,b\n",
      [
        'factory.csv:1:1 groups.factory.csv: the first row is neither a header with an id column nor a row of Nordic\'s onboard.csv → fix: begin the file with a header such as "id,name,tags"; columns: id, name, subType, tags, firmwareTypes, certificate, csr, publicKey, state, keepFor, config',
      ],
    ],
    [
      "no header at all",
      "a-1\na-2\n",
      [
        'factory.csv:1:1 groups.factory.csv: the first row is neither a header with an id column nor a row of Nordic\'s onboard.csv → fix: begin the file with a header such as "id,name,tags"; columns: id, name, subType, tags, firmwareTypes, certificate, csr, publicKey, state, keepFor, config',
      ],
    ],
    [
      "nothing",
      "\n",
      ["factory.csv:1:1 groups.factory.csv: the CSV file is empty → fix: add a header row and devices"],
    ],
    [
      "a header only",
      "id,name\n",
      [
        "factory.csv:1:1 groups.factory.csv: the CSV file has a header but no devices → fix: add a row for each device",
      ],
    ],
    [
      "an open quote",
      'id,name\n\na,"b\nc,d\n\n',
      [
        'factory.csv:3:3 groups.factory.csv: the double quote that opens here is never closed → fix: close the cell with a double quote (")',
      ],
    ],
    [
      "a quote inside a cell",
      'id,name\na,"x\ny"\nb,5" wheel\n',
      [
        'factory.csv:4:3 groups.factory.csv: a cell has a double quote inside → fix: put the whole cell in double quotes, and write a double quote in it twice: "say ""hi"""',
      ],
    ],
    [
      "text after a quoted cell",
      'id,name\na,"b"c\n',
      [
        'factory.csv:2:3 groups.factory.csv: a cell has a double quote inside → fix: put the whole cell in double quotes, and write a double quote in it twice: "say ""hi"""',
      ],
    ],
    [
      "two credentials, a missing file, a broken one",
      `id,certificate,csr\na,"${pem("CERTIFICATE")}","${pem("CERTIFICATE REQUEST")}"\nb,no.pem,\nc,,"-----BEGIN CERTIFICATE REQUEST-----"\n`,
      [
        "factory.csv:5:3 groups.factory.csv: a device has one credential, not certificate and csr → fix: leave all but one of these cells empty",
        'factory.csv:9:3 groups.factory.csv: the file "no.pem" does not exist → fix: correct the path (those in a file start at that file\'s folder)',
        "factory.csv:10:4 groups.factory.csv: the PEM block of the certificate signing request is damaged → fix: copy it again, whole and with its line breaks",
      ],
    ],
  ])("is refused with %s", (_, csv, expected) => {
    expect(problemsOf(fromCsv, { "factory.csv": csv })).toEqual(expected);
  });

  it("that is missing is reported where the fleet names it", () => {
    expect(problemsOf(fromCsv)).toEqual([
      'fleet.yaml:6:10 groups.factory.csv: the file "factory.csv" does not exist → fix: correct the path (those in a file start at that file\'s folder)',
    ]);
  });

  it("never has a private key in its cells quoted", () => {
    const key = pem("EC PRIVATE KEY", "geheim");
    const body = key.split("\n")[1] ?? "";
    for (const column of ["certificate", "csr", "publicKey", "name", "tags", "subType", "firmwareTypes"]) {
      const problems = problemsOf(fromCsv, { "factory.csv": `id,${column}\na,"${key}"\n` }).join("\n");
      expect(problems).toMatch(/^factory\.csv:2:3 /);
      expect(problems).not.toContain(body);
    }
  });
});
