import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRecords } from "../../provider/fleet/csv/records.js";
import { checkName, checkSubType, checkTag } from "../../provider/fleet/rules.js";
import { load, opening, problemsOf } from "../fleet/io.js";
import { firmwareTypes, subType, tags, trickyName } from "./arbitraries.js";

const fleet = `${opening}groups:\n  factory:\n    csv: f.csv\n`;

/** Cells that are trouble to readers of CSV, and any text besides. */
const cell = fc.oneof(
  trickyName,
  fc.string({ unit: fc.constantFrom(...Array.from('"",;|=\n\r\t +-@\uFEFFa1')), maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 8 }),
);

/** How a spreadsheet or script may write the file. */
const dialect = fc.record({
  delimiter: fc.constantFrom(",", ";"),
  record_delimiter: fc.constantFrom("\n", "\r\n"),
  bom: fc.boolean(),
  quoted: fc.boolean(),
});

/** Unquoted, the spaces around a cell are no part of it; all line breaks are read as one kind; `="a"` is a. */
const asRead = (text: string, quoted: boolean) => {
  const plain = text.replace(/\r\n?/g, "\n");
  const cell = quoted || /[",;\n\r]/.test(text) ? plain : plain.trim();
  return /^="([^"]*)"$/.exec(cell)?.[1]?.trim() ?? cell;
};

describe("a CSV file", () => {
  it("gives back every legal cell as it was written, in all dialects", () => {
    const device = fc.record({ name: trickyName, subType, tags, firmwareTypes });
    fc.assert(
      fc.property(fc.array(device, { minLength: 1, maxLength: 6 }), dialect, (devices, options) => {
        const rows = devices.map(({ name, subType = "", tags, firmwareTypes }, i) => [
          `d-${i}`,
          name,
          subType,
          tags.join("|"),
          firmwareTypes.join("|"),
        ]);
        const text = stringify([["id", "name", "sub type", "tags", "fw_types"], ...rows], {
          ...options,
          quoted: true,
        });
        expect(
          load(fleet, { "f.csv": text }).devices.map(({ deviceId, name, subType, tags, firmwareTypes }) => ({
            deviceId,
            name,
            subType,
            tags,
            firmwareTypes,
          })),
        ).toEqual(
          devices.map((each, i) => ({
            deviceId: `d-${i}`,
            ...each,
            tags: [...new Set(each.tags)],
            firmwareTypes: [...new Set(each.firmwareTypes)],
          })),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("gives back any cell, or refuses it on its line", () => {
    fc.assert(
      fc.property(cell, cell, cell, dialect, (name, subType, tag, options) => {
        // A writer that leaves a cell with a bare CR unquoted has ended the line there.
        fc.pre(options.quoted || ![name, subType, tag].some((each) => each.includes("\r")));
        // Blanks around a cell mean nothing, within quotes or without.
        fc.pre([name, subType, tag].every((each) => each === each.trim()));
        const rows = [
          ["id", "name", "subType", "tags"],
          ["d-1", name, subType, tag],
        ];
        const text = stringify(rows, options);
        const read = [name, subType, tag].map((each) => asRead(each, options.quoted));
        const [readName = "", readSubType = "", readTags = ""] = read;
        const parts = readTags
          .split("|")
          .map((part) => part.trim())
          .filter((part) => part !== "");
        const isGood =
          (readName === "" || !checkName(readName)) &&
          (readSubType === "" || !checkSubType(readSubType)) &&
          parts.every((part) => !checkTag(part));
        const problems = problemsOf(fleet, { "f.csv": text });
        if (!isGood) {
          expect(problems.length).toBeGreaterThan(0);
          for (const problem of problems) expect(problem).toMatch(/^f\.csv:[2-9]:\d+ |^f\.csv:\d\d:\d+ /);
          return;
        }
        const [device] = load(fleet, { "f.csv": text }).devices;
        expect(device?.name ?? "").toBe(readName);
        expect(device?.subType ?? "").toBe(readSubType);
        expect(device?.tags).toEqual([...new Set(parts)]);
      }),
      { numRuns: 600 },
    );
  });

  it("of any text has records that begin on the lines they begin on, or one place where it is broken", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('"",;|\n\n \tab')), maxLength: 60 }),
        (text) => {
          const lines = text.split("\n");
          const parsed = readRecords(text, ",");
          const records = parsed.ok ? parsed.records : [parsed.broken];
          for (const { line, raw } of records) {
            expect(line).toBeGreaterThanOrEqual(1);
            expect(line).toBeLessThanOrEqual(lines.length);
            if (parsed.ok) expect(lines[line - 1]).toBe(raw.split("\n")[0]);
          }
        },
      ),
      { numRuns: 600 },
    );
  });
});
