import { describe, expect, it } from "vitest";
import {
  compareRecord,
  compareRows,
  NO_TABLE_CHANGE,
  type RowChange,
} from "../../provider/reconcile/plan/change.js";
import { devices, idRanges } from "../../provider/reconcile/plan/summary/ids.js";
import { summarize, summaryLines } from "../../provider/reconcile/plan/summary/summary.js";
import { row } from "./rows.js";

const FP = "0123456789abcdef0123456789abcdef";
const NEW_CA = { ca: true, validity: false };

/** The change of a row that stands as it was declared. */
function compared(before: string | undefined, after: string | undefined, table = NO_TABLE_CHANGE): RowChange {
  return before === undefined || after === undefined
    ? compareRows(
        before === undefined ? undefined : row(before),
        after === undefined ? undefined : row(after),
      )
    : compareRecord({ outcome: { kind: "done" } }, row(before), row(after), table, false);
}

/** The summary of these changes: `id: before → after`, either of them empty. */
function told(
  changes: Readonly<Record<string, readonly [string | undefined, string | undefined]>>,
  table = NO_TABLE_CHANGE,
): string[] {
  const all = Object.entries(changes).map(([id, [before, after]]): [string, RowChange] => [
    id,
    compared(before, after, table),
  ]);
  return summaryLines(summarize(new Map(all)));
}

describe("a summary", () => {
  it("is empty where nothing changes", () => {
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
        "lab-010": ["", "generation=2"],
        "lab-011": ["", undefined],
        "kit-2": ["via=jitp", undefined],
      }),
    ).toMatchInlineSnapshot(`
      [
        "- 1 device will be deleted: lab-011",
        "    nRF Cloud deletes its data and certificates. It can't connect any more.",
        "-/+ 1 device will be deleted and onboarded again, because subType changes: lab-009",
        "    Its history in nRF Cloud is lost. It can't connect before it has its new certificate.",
        "- 1 device will be released: kit-2",
        "    nRF Cloud keeps it. Anybody with its ownership code can claim it.",
        "~ 1 device will get a new key and certificate: lab-010",
        "    It can't connect before it has it.",
        "+ 1 device to claim by ownership code: kit-1",
        "+ 3 devices to onboard: lab-{500..502}",
        "~ 1 device will get another name: lab-008",
        "~ 2 devices will get other tags: lab-{007..008}",
      ]
    `);
  });

  it.each<[string, string | undefined, string | undefined, typeof NEW_CA, readonly string[]]>([
    ["another key", "", "generation=2", NO_TABLE_CHANGE, ["1 device will get a new key and certificate"]],
    [
      "another certificate that is brought",
      `certificate=${FP}`,
      `certificate=${FP.replace("0", "1")}`,
      NO_TABLE_CHANGE,
      ["1 device will get another certificate or key"],
    ],
    ["another CA", "", "", NEW_CA, ["1 device will get a certificate of the new CA, for the same key"]],
    ["another CA, for a device that it does not sign for", `publicKey=${FP}`, `publicKey=${FP}`, NEW_CA, []],
    [
      "another firmware type",
      "",
      "firmware=APP",
      NO_TABLE_CHANGE,
      ["1 device will be deleted and onboarded again, because firmwareTypes changes"],
    ],
    [
      "a key in place of a certificate",
      "",
      `publicKey=${FP}`,
      NO_TABLE_CHANGE,
      ["1 device will be deleted and onboarded again, because credential changes"],
    ],
    ["another way", "", "via=jitp", NO_TABLE_CHANGE, ["1 device will be claimed by ownership code instead"]],
    ["other tags", "tags=a", "", NO_TABLE_CHANGE, []],
    ["a claim that leaves", "via=attestation", undefined, NO_TABLE_CHANGE, []],
    [
      "a claim that is given up",
      "via=attestation unclaim",
      undefined,
      NO_TABLE_CHANGE,
      ["1 device will be unclaimed"],
    ],
    ["a device that is released", "via=jitp", undefined, NO_TABLE_CHANGE, ["1 device will be released"]],
    [
      "a device that gets another certificate where it is there already",
      undefined,
      "adopt=recertify",
      NO_TABLE_CHANGE,
      ["1 device will be onboarded, or adopted with a new certificate"],
    ],
  ])("knows the danger of %s", (_, before, after, table, dangers) => {
    const change = compared(before, after, table);
    const summary = summarize(new Map([["d-1", change]]));
    expect(summary.dangers.map(({ title }) => title)).toEqual(dangers);
    for (const { consequence } of summary.dangers) expect(consequence).toMatch(/\.$/);
  });

  it("reports a danger once, with the reason that changes most, and counts other changes beside it", () => {
    expect(told({ a: ["", "generation=2 tags=y"], b: ["", "tags=y"] }, NEW_CA)).toEqual([
      "~ 1 device will get a new key and certificate: a",
      "    It can't connect before it has it.",
      "~ 1 device will get a certificate of the new CA, for the same key: b",
      "    It can't connect before it has it.",
      "~ 2 devices will get other tags: a, b",
    ]);
  });

  it("has the same lines in any order of rows", () => {
    const rows = { a: ["", "name=x"], b: ["", "tags=y"], c: ["", undefined], d: [undefined, ""] } as const;
    const backwards = Object.fromEntries(Object.entries(rows).reverse());
    expect(told(backwards)).toEqual(told(rows));
  });

  it("counts a row for each thing that it gets", () => {
    expect(told({ a: ["", "name=x tags=y"], b: ["", "tags=y"] })).toEqual([
      "~ 1 device will get another name: a",
      "~ 2 devices will get other tags: a, b",
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
