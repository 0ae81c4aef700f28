import { describe, expect, it } from "vitest";
import { compareRows, NO_TABLE_CHANGE, type RowChange } from "../../provider/reconcile/plan/change.js";
import { devices, idRanges, summarize, summaryLines } from "../../provider/reconcile/plan/summary.js";
import { row } from "./rows.js";

const FP = "0123456789abcdef0123456789abcdef";
const NEW_CA = { ca: true, validity: false };

/** What is said where each of these rows becomes another: `id: before → after`, either of them empty. */
function told(
  changes: Readonly<Record<string, readonly [string | undefined, string | undefined]>>,
  table = NO_TABLE_CHANGE,
): string[] {
  const compared = Object.entries(changes).map(([id, [before, after]]): [string, RowChange] => [
    id,
    compareRows(
      before === undefined ? undefined : row(before),
      after === undefined ? undefined : row(after),
      table,
    ),
  ]);
  return summaryLines(summarize(new Map(compared)));
}

describe("a summary", () => {
  it("says nothing where nothing changes", () => {
    expect(told({ "lab-1": ["tags=a,b", "tags=b,a"] })).toEqual([]);
  });

  it("begins with what is dangerous, the worst first, then counts, with ids as ranges", () => {
    expect(
      told({
        "lab-500": [undefined, "subType=tracker"],
        "lab-501": [undefined, ""],
        "lab-502": [undefined, "tags=a"],
        "kit-1": [undefined, "via=jitp"],
        "lab-007": ["tags=lab", "tags=lab,loan"],
        "lab-008": ["", "name=x tags=loan"],
        "lab-009": ["subType=a", "subType=b"],
        "lab-010": ["", "rotation=2"],
        "lab-011": ["", undefined],
        "kit-2": ["via=jitp", undefined],
      }),
    ).toMatchInlineSnapshot(`
      [
        "! 1 device is deleted: lab-011",
        "  nRF Cloud deletes their data and certificates. They can't connect any more.",
        "! 1 device is deleted and onboarded again because of subType: lab-009",
        "  Their history in nRF Cloud is lost. They can't connect before they have their new certificates.",
        "! 1 device is released: kit-2",
        "  They stay on the platform. Whoever has their ownership codes can claim them.",
        "! 1 device will have a new key and certificate: lab-010",
        "  They can't connect before they have it.",
        "+ 3 devices to onboard: lab-{500..502}",
        "+ 1 device to claim by ownership code: kit-1",
        "~ 2 devices get other tags: lab-{007..008}",
        "~ 1 device gets another name: lab-008",
        "~ 1 device gets another credential: lab-010",
        "-/+ 1 device to replace because of subType: lab-009",
        "- 1 device to delete: lab-011",
        "- 1 device to release: kit-2",
      ]
    `);
  });

  it.each<[string, string | undefined, string | undefined, typeof NEW_CA, readonly string[]]>([
    ["another key", "", "rotation=2", NO_TABLE_CHANGE, ["1 device will have a new key and certificate"]],
    [
      "another certificate that is brought",
      `certificate=${FP}`,
      `certificate=${FP.replace("0", "1")}`,
      NO_TABLE_CHANGE,
      ["1 device will have another certificate or key"],
    ],
    ["another CA", "", "", NEW_CA, ["1 device will have a new certificate for the same key"]],
    ["another CA, for a device that it does not sign for", `publicKey=${FP}`, `publicKey=${FP}`, NEW_CA, []],
    [
      "another firmware type",
      "",
      "firmware=APP",
      NO_TABLE_CHANGE,
      ["1 device is deleted and onboarded again because of firmwareTypes"],
    ],
    [
      "a key in place of a certificate",
      "",
      `publicKey=${FP}`,
      NO_TABLE_CHANGE,
      ["1 device is deleted and onboarded again because of credential"],
    ],
    [
      "another way",
      "",
      "via=jitp",
      NO_TABLE_CHANGE,
      ["1 device will come into the account in another way (jitp)"],
    ],
    ["other tags", "tags=a", "", NO_TABLE_CHANGE, []],
    ["a claim that leaves", "via=attestation", undefined, NO_TABLE_CHANGE, []],
    [
      "a claim that is given up",
      "via=attestation unclaim",
      undefined,
      NO_TABLE_CHANGE,
      ["1 device is unclaimed"],
    ],
    ["a device that is released", "via=jitp", undefined, NO_TABLE_CHANGE, ["1 device is released"]],
    [
      "a device that gets another certificate where it is there already",
      undefined,
      "adopt=recertify",
      NO_TABLE_CHANGE,
      ["1 device that the account may have already would get a new certificate"],
    ],
  ])("knows the danger of %s", (_, before, after, table, dangers) => {
    const change = compareRows(
      before === undefined ? undefined : row(before),
      after === undefined ? undefined : row(after),
      table,
    );
    const summary = summarize(new Map([["d-1", change]]));
    expect(summary.dangers.map(({ title }) => title)).toEqual(dangers);
    for (const { consequence } of summary.dangers) expect(consequence).toMatch(/\.$/);
  });

  it("counts a row for each thing that it gets", () => {
    expect(told({ a: ["", "name=x tags=y"], b: ["", "tags=y"] })).toEqual([
      "~ 1 device gets another name: a",
      "~ 2 devices get other tags: a, b",
    ]);
  });
});

it("names ids as ranges, and not without end", () => {
  const scattered = Array.from({ length: 2000 }, (_, i) => `lab-${i * 2}`);
  expect(idRanges(["b-2", "a-9", "b-1", "a-10"])).toBe("a-{9..10}, b-{1..2}");
  expect(idRanges(scattered).length).toBeLessThan(1010);
  expect(idRanges(scattered)).toMatch(/lab-\d+ and more$/);
});

it("counts devices as people do", () => {
  expect([0, 1, 2, 10_000].map(devices)).toEqual(["0 devices", "1 device", "2 devices", "10,000 devices"]);
});
