import { expect, it } from "vitest";
import { lineOf } from "../../provider/resources/rows.js";
import { rowsOf } from "../../provider/resources/fleetRows.js";
import { load, opening, problemsOf } from "./io.js";

const line = (text: string, id: string) => {
  const row = rowsOf(load(text))[id];
  return row === undefined ? undefined : lineOf(id, row as Parameters<typeof lineOf>[1]);
};

it("a device, a group and the defaults can retire devices, and the innermost level wins", () => {
  const text = `${opening}defaults: { state: retired, keepFor: 90d }
groups:
  used: { ids: used-1, state: active }
  old: { ids: old-1, keepFor: 1w, tags: [lab] }
  bench:
    devices:
      - bench-1
      - { id: bench-2, state: active }
`;
  expect(line(text, "used-1")).toBe("");
  expect(line(text, "old-1")).toBe("tags=lab,retired retired=1w");
  expect(line(text, "bench-1")).toBe("tags=retired retired=90d");
  expect(line(text, "bench-2")).toBe("");
});

it("a retired device is kept for 30 days by default", () => {
  expect(line(`${opening}groups: { old: { ids: a, state: retired } }\n`, "a")).toBe(
    "tags=retired retired=30d",
  );
});

it("an unknown state and an invalid duration are reported", () => {
  const text = `${opening}groups: { old: { ids: a, state: gone, keepFor: 30 } }\n`;
  expect(problemsOf(text)).toEqual([
    'fleet.yaml:4:33 groups.old.state: "gone" is none of active, retired → fix: write one of active, retired',
    "fleet.yaml:4:48 groups.old.keepFor: it must be a string, not 30 → fix: put the value in quotes",
  ]);
});
