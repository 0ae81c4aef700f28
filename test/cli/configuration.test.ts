import { expect, test } from "vitest";
import { configurationLines, configurationOf } from "../../cli/status/configuration.js";
import { rowFields } from "../../cli/report/rowFields.js";
import { compareRows } from "../../provider/reconcile/plan/change.js";
import { row } from "../reconcile/rows.js";

const config = { interval: 60, gnss: { enabled: false } };

test("what is desired is compared with what devices report, and those that are alike stand together", () => {
  const behind = { reported: { interval: 600, others: 1 } };
  const all = [
    configurationOf(
      { id: "lab-1", config },
      { reported: { gnss: { enabled: false }, interval: 60, more: 1 } },
    ),
    configurationOf({ id: "lab-2", config }, behind),
    configurationOf({ id: "lab-3", config }, behind),
    configurationOf({ id: "lab-4", config }, undefined),
  ];
  expect(configurationLines(all)).toEqual([
    "Configuration: of 4 devices 1 report what is desired.",
    "  2 devices (lab-{2..3}) not yet:",
    "    interval: 60 desired, 600 reported",
    "    gnss.enabled: false desired, nothing reported",
    "  1 device (lab-4): not in the account.",
  ]);
  expect(configurationLines([])).toEqual([]);
});

test("secrets are hidden, and what a terminal obeys is not printed", () => {
  const setting = configurationOf(
    { id: "lab-1", config: { modem: { pin: "1234" }, mode: "a" } },
    { reported: { modem: { pin: "9876" }, mode: `\u009b31m${"x".repeat(500)}` } },
  );
  const lines = configurationLines([setting]);
  expect(lines.slice(2)).toEqual([
    "    modem.pin: [secret] desired, [secret] reported",
    expect.stringMatching(/^ {4}mode: "a" desired, "�31mx+… reported$/),
  ]);
  expect(lines.join("").length).toBeLessThan(500);
});

test("a value where an object is reported is no missing one", () => {
  const [setting] = configurationOf(
    { id: "lab-1", config: { mode: 1 } },
    { reported: { mode: { deep: 1 } } },
  ).settings;
  expect(setting).toEqual({ key: "mode", desired: "1", reported: '{"deep":1}', isReported: false });
});

test("a report names each key that differs", () => {
  const line = (text: string) => row(`config=${JSON.stringify(text)}`);
  const change = compareRows(
    line('{"interval":60,"gnss":{"mode":"a","old":1}}'),
    line('{"interval":600,"gnss":{"mode":"a"},"led":true}'),
  );
  const terms = { ca: undefined, validityDays: "3650" };
  expect(rowFields(change, { before: terms, after: terms })).toEqual([
    { field: "config.interval", before: "60", after: "600" },
    { field: "config.gnss.old", before: "1" },
    { field: "config.led", after: "true" },
  ]);
});
