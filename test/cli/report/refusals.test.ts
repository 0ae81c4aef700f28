import { expect, it } from "vitest";
import { applyFails } from "../../../cli/report/report.js";
import { deviceSet, preview } from "../../../tools/picture/preview.mjs";
import { reportFrom } from "./reports.js";

const steps = [deviceSet({ "lab-1": { after: "tags=a" } }, { op: "create" })];

it("reports what nRF Cloud will refuse by resource, and not as a remark too", () => {
  const report = reportFrom(
    preview(steps, {
      diagnostics: [
        "DeviceSet fleet:",
        "  This apply will fail: The team's plan allows 1 device. Remove devices.",
        "  + 1 device to onboard: lab-1",
        "  Note: something else",
      ].map((line) => ({ severity: "info", message: `${line}\n` })),
    }),
  );
  expect(report.refusals).toEqual([
    { resource: "DeviceSet fleet", message: "The team's plan allows 1 device. Remove devices." },
  ]);
  expect(report.failures).toEqual([]);
  expect(applyFails(report)).toBe(true);
  expect(report.notices).toEqual(["DeviceSet fleet:\n  Note: something else"]);
  expect(applyFails(reportFrom(preview(steps)))).toBe(false);
});
