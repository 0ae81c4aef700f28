import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeFromList, parseCodeList } from "../../provider/fleet/codeList.js";
import { maxOwnershipCodeLength, parseOwnershipCode } from "../../provider/fleet/ownershipCode.js";

describe("an ownership code", () => {
  it.each([
    ["314159", "314159"],
    ["  AbCd-12/3+= \r\n", "AbCd-12/3+="],
    ["x".repeat(maxOwnershipCodeLength), "x".repeat(maxOwnershipCodeLength)],
    [" two words ", "two words"],
  ])("%j is good, without the space around it", (text, value) => {
    expect(parseOwnershipCode(text)).toEqual({ ok: true, value });
  });

  it.each([
    ["", "the ownership code is empty"],
    [" \n", "the ownership code is empty"],
    ["geheim\ngeheim", "the ownership code has a line break or another control character"],
    ["geheim".repeat(22), "the ownership code has 132 characters, at most 128 are allowed"],
  ])("%j is refused and not repeated", (text, message) => {
    const read = parseOwnershipCode(text);
    expect(read).toMatchObject({ ok: false, message });
    expect(JSON.stringify(read)).not.toContain("geheim");
  });
});

describe("a list of codes", () => {
  it.each([
    ["commas", "a,1\nb,2\n"],
    ["semicolons", "a;1\nb;2\n"],
    ["a header", "id,code\na,1\nb,2\n"],
    ["another header", "Device ID,Code\na,1\nb,2\n"],
    ["spaces, blank lines, CRLF and a byte order mark", "\uFEFF\r\n a , 1 \r\n\r\n b,2"],
    ["quotes", '"a","1"\n"b","2"\n'],
  ])("may have %s", (_, text) => {
    expect(parseCodeList(text).problems).toEqual([]);
    expect(codeFromList(parseCodeList(text), "a")).toEqual({ ok: true, value: "1" });
    expect(codeFromList(parseCodeList(text), "b")).toEqual({ ok: true, value: "2" });
  });

  it("may name Nordic's own products by their IMEI or their id", () => {
    const text = "352656100123457,1\nnrf-352656100000002,2\n";
    expect(codeFromList(parseCodeList(text), "nrf-352656100123457")).toEqual({ ok: true, value: "1" });
    expect(codeFromList(parseCodeList(text), "nrf-352656100000002")).toEqual({ ok: true, value: "2" });
    // What is no product of Nordic's has no IMEI that could stand for it.
    expect(codeFromList(parseCodeList(text), "bench-352656100123457")).toMatchObject({ ok: false });
  });

  it("gives each device its own code, whatever characters it has", () => {
    const code = fc
      .string({ unit: "grapheme-ascii", minLength: 1, maxLength: 20 })
      .filter((text) => text.trim() !== "")
      // By these a spreadsheet keeps a number as text.
      .filter((text) => !/^'\d+$|^="[^"]*"$/.test(text.trim()));
    const codes = fc.dictionary(fc.stringMatching(/^[a-z]{2,6}$/), code, {
      minKeys: 1,
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(codes, (given) => {
        const lines = Object.entries(given).map(([id, text]) => `${id},"${text.replaceAll('"', '""')}"`);
        const text = lines.join("\n");
        for (const [id, value] of Object.entries(given)) {
          expect(codeFromList(parseCodeList(text), id)).toEqual({ ok: true, value: value.trim() });
        }
      }),
    );
  });

  it("has each wrong line reported by number, and never quoted", () => {
    const text =
      "id,code\ngood,geheim-1\ngeheim-2\nlong,geheim-3,geheim-4\n\nempty,\n,geheim-5\ngood,geheim-6\n";
    const form = "the line does not have the form id,code";
    const { problems } = parseCodeList(text);
    expect(problems.map(({ line, message }) => [line, message])).toEqual([
      [3, form],
      [4, form],
      [6, "the ownership code is empty"],
      [7, form],
      [8, "this device has a code in line 2 already"],
    ]);
    expect(JSON.stringify(problems)).not.toContain("geheim");
  });

  it.each([
    ["whose device has no line", "a,geheim", 'the list of codes has no line for "x"'],
    [
      "whose device has no line, but a line is broken",
      "a,geheim\nx geheim",
      'the list of codes has no line for "x"; its line 2 is wrong: the line does not have the form id,code',
    ],
    ["whose device has no code", "a,geheim\nx,", "line 2 of the list of codes: the ownership code is empty"],
    [
      "whose device has two lines",
      "x,geheim\nx,geheim",
      "line 2 of the list of codes: this device has a code in line 1 already",
    ],
    [
      "whose quotes are broken",
      'x,geheim\ny,"geheim\n',
      "line 2 of the list of codes: the double quote that opens here is never closed",
    ],
    ["that is empty", "", 'the list of codes has no line for "x"'],
  ])("%s yields the reason, and no code", (_, text, message) => {
    const read = codeFromList(parseCodeList(text), "x");
    expect(read).toMatchObject({ ok: false, message });
    expect(JSON.stringify(read)).not.toContain("geheim");
  });
});
