import { expect, test } from "vitest";
import { rolloutsIn, withRollouts } from "../../../cli/report/rollouts.js";

const remarks = [
  "DeviceSet lab:",
  "  + 500 devices to onboard: lab-{000..499}",
  "  Roll-out of a:b-{1..3}: changes all 3 devices together; stops when any fails.",
  "  Roll-out: changes 10 devices first, then 50 at a time; stops when more than 2 % fail.",
  "DeviceSet field:",
  "  - 1 device will be deleted: Roll-out",
  "Roll-outs are no remark of a set.",
];

test("the roll-outs of each set stand with its guards, in the order of the preview", () => {
  expect(rolloutsIn(remarks).map(({ set, lines }) => [set, lines.length])).toEqual([["lab", 2]]);
  const guards = [
    { set: "field", texts: ["a guard"] },
    { set: "lab", texts: ["another"] },
  ];
  const all = withRollouts(guards, remarks);
  expect(all.map(({ set, texts }) => [set, texts.length])).toEqual([
    ["field", 1],
    ["lab", 3],
  ]);
  expect(all[1]?.texts.at(-1)).toContain("changes 10 devices first");
  expect(withRollouts([], remarks)).toHaveLength(1);
});
