import { describe, expect, it } from "vitest";
import { judge, type SeenJob, type Verdict } from "../../provider/journal/evidence.js";
import type { LogStep } from "../../provider/journal/entry.js";
import type { UnrecordedStep } from "../../provider/journal/log.js";

/** Seconds after a fixed time, as the service tells it. */
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

const ID = "lab-1";
const OURS = "f".repeat(64);

function begun(step: LogStep, more: Partial<UnrecordedStep> = {}): UnrecordedStep {
  return {
    step,
    at: at(100),
    revision: 2,
    line: "",
    fingerprint: OURS,
    certificate: "C",
    privateKey: "K",
    jobIds: [],
    ended: undefined,
    ...more,
  };
}

/** A job that ran from 101 to 105 and onboarded our row. */
function job(more: Partial<SeenJob> = {}): SeenJob {
  return {
    id: "J",
    status: "SUCCEEDED",
    requestedAt: at(101),
    completedAt: at(105),
    rows: new Map([[ID, OURS]]),
    refused: new Set(),
    ...more,
  };
}

interface Case {
  readonly steps?: readonly UnrecordedStep[];
  readonly createdAt?: string;
  readonly jobs?: readonly SeenJob[];
  readonly is: Verdict;
}

const cases: Readonly<Record<string, Case>> = {
  "came by the job that the log names": {
    steps: [begun("onboard", { jobIds: ["J"] })],
    jobs: [job({ rows: undefined })],
    is: "ours",
  },
  "came by a job with our row, though the run was killed before it had the answer": {
    jobs: [job()],
    is: "ours",
  },
  "came by our job that still runs": {
    jobs: [job({ status: "IN_PROGRESS", completedAt: undefined })],
    is: "running",
  },
  "was onboarded by another stack after our request was lost": {
    createdAt: at(110),
    jobs: [
      job({ id: "theirs", requestedAt: at(108), completedAt: at(112), rows: new Map([[ID, "theirs"]]) }),
    ],
    is: "foreign",
  },
  "was onboarded by another stack in the same second": {
    createdAt: at(101),
    jobs: [
      job({ id: "theirs", requestedAt: at(100), completedAt: at(102), rows: new Map([[ID, "theirs"]]) }),
    ],
    is: "foreign",
  },
  "was there before, while our list lagged": { createdAt: at(50), jobs: [job()], is: "foreign" },
  "was refused to us because a colleague was faster": {
    jobs: [job({ refused: new Set([ID]) })],
    is: "foreign",
  },
  "was created by hand after our job had ended": { createdAt: at(200), jobs: [job()], is: "foreign" },
  "came while a job ran whose file can't be read": {
    jobs: [job({ rows: undefined, refused: undefined })],
    is: "doubt",
  },
  "came while our job ran, which does not tell what it refused": {
    jobs: [job({ refused: undefined })],
    is: "doubt",
  },
  "has no creation time": { createdAt: "", jobs: [job()], is: "doubt" },
  "came without any job": { jobs: [], is: "foreign" },
  "was claimed by token, and the run had the answer": {
    steps: [begun("claim", { ended: { at: at(102), outcome: "done" } })],
    createdAt: at(101),
    is: "ours",
  },
  "was claimed by token within a minute of the killed run": {
    steps: [begun("claim")],
    createdAt: at(130),
    is: "ours",
  },
  "was claimed by token before the run": { steps: [begun("claim")], createdAt: at(10), is: "foreign" },
  "was claimed by token an hour after the run": {
    steps: [begun("claim")],
    createdAt: at(3700),
    is: "foreign",
  },
  "was claimed by code, and the run had the answer": {
    steps: [begun("associate", { ended: { at: at(102), outcome: "done" } })],
    is: "ours",
  },
  "may have been claimed by code": { steps: [begun("associate")], is: "doubt" },
  "was refused by code": {
    steps: [begun("associate", { ended: { at: at(102), outcome: "refused" } })],
    is: "foreign",
  },
  "was only to get other tags": { steps: [begun("retag")], is: "foreign" },
};

describe("a device that an interrupted run was to bring", () => {
  it.each(Object.entries(cases))(
    "%s",
    (_, { steps = [begun("onboard")], createdAt = at(103), jobs = [], is }) => {
      const seen = { id: ID, createdAt: createdAt === "" ? undefined : createdAt };
      expect(judge({ steps }, seen, jobs)).toBe(is);
    },
  );
});
