import { describe, expect, it } from "vitest";
import {
  targetedRolloutText,
  parseTargetedRollout,
  parseRollout,
  readTargetedRollout,
  readRollout,
  rolloutText,
} from "../../provider/fleet/rollout.js";
import { load, opening, problemsOf } from "./io.js";

const count = (number: number) => ({ kind: "count", count: number }) as const;
const percent = (number: number) => ({ kind: "percent", percent: number }) as const;

describe("a roll-out as a string", () => {
  it.each([
    ["first=10,batch=10%,stopAfter=2%", { first: count(10), batch: percent(10), stopAfter: percent(2) }],
    ["first=10", { first: count(10), stopAfter: count(0) }],
    ["batch=25%, stopAfter=3", { first: percent(25), batch: percent(25), stopAfter: count(3) }],
  ])("%s is read, and is the same once it is written", (text, rollout) => {
    expect(parseRollout(text)).toEqual(rollout);
    expect(parseRollout(rolloutText(rollout))).toEqual(rollout);
  });

  it.each([
    ["", '"" is not a roll-out → fix: write first=10,batch=10%,stopAfter=2%'],
    ["10", '"10" is not a roll-out → fix: write first=10,batch=10%,stopAfter=2%'],
    ["last=10", '"last=10" is not a roll-out → fix: write first=10,batch=10%,stopAfter=2%'],
    ["first=1=2", '"first=1=2" is not a roll-out → fix: write first=10,batch=10%,stopAfter=2%'],
    ["first=1,first=2", '"first=1,first=2" has first twice → fix: keep one'],
    [
      "stopAfter=2%",
      "it has neither first nor batch → fix: write how many devices to change first: first=10,batch=10%,stopAfter=2%",
    ],
    ["first=0", 'first is "0" → fix: write a count from 1 such as 10, or a share such as 10%'],
    ["batch=0%,first=1", 'batch is "0%" → fix: write a count from 1 such as 10, or a share such as 10%'],
    ["first=1,stopAfter=two", 'stopAfter is "two" → fix: write a count such as 10, or a share such as 10%'],
  ])("%j is none", (text, problem) => {
    expect(() => parseRollout(text)).toThrow(problem);
  });

  it.each([
    { last: 1 },
    [],
    "first=10",
    undefined,
    { first: 1.5 },
    { first: -1 },
    { first: 1, stopAfter: "101%" },
  ])("%j is none of a program", (value) => {
    expect(() => readRollout(value)).toThrow("→ fix: ");
  });

  it("can name its devices", () => {
    const lane = readTargetedRollout({ first: 1, ids: "lab-{000..499}, spare-*" });
    expect(targetedRolloutText(lane)).toBe("first=1,stopAfter=0 for lab-{000..499}, spare-*");
    expect(parseTargetedRollout(targetedRolloutText(lane))).toEqual(lane);
    expect(parseTargetedRollout("first=1,stopAfter=0")).toEqual({ rollout: readRollout({ first: 1 }) });
    expect(() => readTargetedRollout({ first: 1, ids: "lab-{1..}" })).toThrow("is not a range");
    expect(() => parseTargetedRollout("first=1,stopAfter=0 for lab-{1..}")).toThrow("is not a range");
    expect(() => readTargetedRollout({ first: 1, ids: 3 })).toThrow("ids must be a string");
  });
});

describe("the roll-outs of a fleet", () => {
  const rollout = "rollout: { first: 2, batch: 50%, stopAfter: 1 }";
  const groups = `groups:
  lab: { ids: "lab-{1..9}" }
  field: { ids: "field-{01..20}", ${rollout} }
`;

  it("are those of groups in the order of the file, then its own", () => {
    const { rollouts } = load(`${opening}rollout: { batch: 10% }\n${groups}`);
    expect(rollouts.map(targetedRolloutText)).toEqual([
      "first=2,batch=50%,stopAfter=1 for field-{01..20}",
      "first=10%,batch=10%,stopAfter=0",
    ]);
  });

  it("are empty if none is declared", () => {
    expect(load(`${opening}groups: { lab: { ids: a } }\n`).rollouts).toEqual([]);
  });

  it.each<[string, string, string[]]>([
    [
      "neither first nor batch",
      "rollout: { stopAfter: 1 }",
      [
        "fleet.yaml:4:10 rollout: the roll-out has neither first nor batch → fix: add first: 10, or batch: 10%",
      ],
    ],
    [
      "no share",
      "rollout: { first: ten }",
      [
        'fleet.yaml:4:19 rollout.first: it is not a number of devices → fix: write a count such as 10, or a share in quotes, such as "10%"',
      ],
    ],
    [
      "no devices at all",
      "rollout: { first: 0 }",
      ["fleet.yaml:4:19 rollout.first: 0 is too small → fix: write 1 or more"],
    ],
    [
      "an unknown key",
      "rollout: { first: 1, stop: 2 }",
      ['fleet.yaml:4:22 rollout.stop: unknown key "stop" → fix: use one of first, batch, stopAfter'],
    ],
  ])("with %s are reported", (_, line, problems) => {
    expect(problemsOf(`${opening}${line}\ngroups: { lab: { ids: a } }\n`)).toEqual(problems);
  });
});
