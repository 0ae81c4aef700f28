import { describe, expect, test } from "vitest";
import { planLines, type ShownPlan } from "../../cli/commands/showPlan.js";
import type { Change } from "../../cli/report/changes.js";
import { kindNamed } from "../../cli/report/things.js";
import { painted, relativePaths, wrapped } from "../../cli/terminal.js";
import { compareRows } from "../../provider/reconcile/plan/change.js";
import { summarize } from "../../provider/reconcile/plan/summary/summary.js";
import { row } from "../reconcile/rows.js";

const summary = summarize(
  new Map([
    ["lab-0", compareRows(row(""), undefined)],
    ["lab-1", compareRows(row(""), row("tags=a"))],
    ["lab-2", compareRows(undefined, row(""))],
  ]),
);

const plan: ShownPlan = {
  changes: 1,
  protections: [{ subject: "fleet", becomes: "set" }],
  notices: [],
  rows: {
    tables: [{ title: "DeviceSet fleet", summary }],
    forgotten: [],
    leftOut: [],
    totals: { "+": 1, "~": 1, "-/+": 0, "-": 1 },
    same: 1200,
    waiting: ["kit-1"],
  },
  report: {
    failures: [],
    refusals: [],
    changes: [],
    dangers: summary.dangers.map((danger) => ({ ...danger, changes: [] })),
  },
};

function createdCa(id: string): Change {
  return {
    urn: `urn:pulumi:lab::fleet::pulumi-nodejs:dynamic/nrfcloud:CaCertificate::${id}`,
    kind: kindNamed("CaCertificate"),
    id,
    action: "create",
    fields: [],
    replaceReasons: [],
    before: undefined,
    after: undefined,
    row: undefined,
    validUntil: undefined,
    config: undefined,
    inSet: false,
  };
}

const texts = (shown: ShownPlan) => planLines(shown).map(({ text }) => text);

describe("a plan in short", () => {
  test("has danger first, each change once, and one total at the end", () => {
    expect(texts(plan)).toEqual([
      "- 1 device will be deleted: lab-0",
      "    nRF Cloud deletes its data and certificates. It can't connect any more.",
      "+ 1 device to onboard: lab-2",
      "~ 1 device will get other tags: lab-1",
      "~ Pulumi's protection will be set: fleet",
      "1 device waits for its first connect: kit-1",
      "Total: 1 device to add, 1 to update, 1 to delete; 1,200 as declared.",
      "Details: `nrfcloud-fleet plan --html plan.html`, or `pulumi preview --diff`.",
    ]);
  });

  test("counts the changes of other resources apart from devices, whatever they are", () => {
    const ca = createdCa("factory");
    const lines = texts({ ...plan, changes: 2, report: { ...plan.report, changes: [ca] } });
    expect(lines).toContain("+ 1 CA will be created: factory");
    expect(lines).toContain(
      "Total: 1 device to add, 1 to update, 1 to delete; 1 change of other resources; 1,200 as declared.",
    );
  });

  test("begins with what the apply will fail with", () => {
    const refusals = [{ resource: "DeviceSet fleet", message: "The plan is too small." }];
    const notices = ["DeviceSet fleet:", "  This apply will fail: The plan is too small."];
    const [first, ...others] = texts({ ...plan, notices, report: { ...plan.report, refusals } });
    expect(first).toBe("This apply will fail: DeviceSet fleet: The plan is too small.");
    expect(others.join("\n")).not.toContain("too small");
  });

  test("has of a preview that failed the reasons and the remarks alone", () => {
    const failures = [{ resource: "fleet", message: "No." }];
    expect(texts({ ...plan, notices: ["a: x."], report: { ...plan.report, failures } })).toEqual([
      "This apply will fail: fleet: No.",
      "Note: a: x.",
    ]);
  });

  test("does not repeat what the provider says of the same rows, nor call a note a note twice", () => {
    const leftOut = ["lab-7", "lab-8"];
    const notices = [
      "DeviceSet fleet:",
      "  - 1 device will be deleted: lab-0",
      "      nRF Cloud deletes its data and certificates. It can't connect any more.",
      "  2 devices differ, and are not changed, because only others were chosen: lab-{7..8}",
      "  Note: 1 device (lab-3): The API key can't see it.",
    ];
    const all = texts({ ...plan, notices, rows: { ...plan.rows, leftOut } });
    expect(all.filter((text) => text.includes("only others were chosen"))).toHaveLength(1);
    expect(all.filter((text) => text.includes("will be deleted"))).toHaveLength(1);
    expect(all).toContain("Note: 1 device (lab-3): The API key can't see it.");
    expect(all).not.toContain("DeviceSet fleet:");
  });

  test("says of nothing to do how many devices are as declared", () => {
    const rows = { ...plan.rows, tables: [], totals: { "+": 0, "~": 0, "-/+": 0, "-": 0 }, waiting: [] };
    const calm = { ...plan, changes: 0, protections: [], rows, report: { ...plan.report, dangers: [] } };
    expect(texts(calm)).toEqual(["Nothing to do: 1,200 devices as declared."]);
  });
});

describe("lines", () => {
  const text = "+ 3 devices to onboard: lab-1, lab-2, lab-3, lab-4, lab-5, lab-6\n  second line";

  test("wrap at the width of a terminal, two columns further in", () => {
    expect(wrapped(text, 50)).toBe(
      "+ 3 devices to onboard: lab-1, lab-2, lab-3,\n  lab-4, lab-5, lab-6\n  second line",
    );
  });

  test("are not wrapped without a terminal, or in one that is too narrow to read", () => {
    expect(wrapped(text, undefined)).toBe(text);
    expect(wrapped(text, 20)).toBe(text);
  });
});

test("there is no color where there is no terminal", () => {
  for (const tone of ["+", "!", "failure"] as const) expect(painted("x", tone)).toBe("x");
});

test("paths below the user's folder are relative to it", () => {
  expect(relativePaths("/home/me/fleet/.nrfcloud/x.log is damaged; /etc/ssl is not", "/home/me/fleet")).toBe(
    "./.nrfcloud/x.log is damaged; /etc/ssl is not",
  );
  expect(relativePaths("/etc/ssl", "/")).toBe("/etc/ssl");
});
