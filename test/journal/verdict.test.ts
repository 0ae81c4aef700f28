import { describe, expect, it } from "vitest";
import { STEPS, type LogStep } from "../../provider/journal/entry.js";
import { verdictOf, type SeenJob, type Verdict } from "../../provider/journal/evidence.js";
import type { UnrecordedStep } from "../../provider/journal/unrecorded.js";
import { at } from "./support.js";

/** Whether a device that the account has is the one that an interrupted run was about to bring there. Times are in seconds. */

const OURS = "fingerprint-of-our-certificate";
const THEIRS = "fingerprint-of-another";

function step(name: LogStep, more: Partial<UnrecordedStep> = {}): UnrecordedStep {
  return {
    step: name,
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
const started = step("onboard");
const accepted = step("onboard", { jobIds: ["J1"] });
const ended = (outcome: "done" | "refused" | "unsettled") => ({ at: at(110), outcome });

/** A job that had our row and ended well; it ran from 101 to 105. */
function job(more: Partial<SeenJob> = {}): SeenJob {
  return {
    id: "J1",
    status: "SUCCEEDED",
    requestedAt: at(101),
    completedAt: at(105),
    rows: new Map([["lab-1", OURS]]),
    refused: new Set(),
    ...more,
  };
}
const running = { status: "IN_PROGRESS", completedAt: undefined };
const refused = { status: "FAILED", refused: new Set(["lab-1"]) };

function verdict(
  steps: readonly UnrecordedStep[],
  createdAt: string | undefined,
  jobs: readonly SeenJob[] = [],
) {
  return verdictOf({ steps }, { id: "lab-1", createdAt }, jobs);
}

type Case = [
  text: string,
  expected: Verdict,
  step: UnrecordedStep,
  createdAt: string | undefined,
  ...SeenJob[],
];

describe("a device that was to be onboarded", () => {
  it.each<Case>([
    // A run that was killed after, or before, it heard of its job.
    ["created while the job that the log names ran", "ours", accepted, at(103), job()],
    ["created while a job with our certificate ran", "ours", started, at(103), job({ id: "J9" })],
    ["created as the job was requested", "ours", started, at(101), job()],
    ["created as the job was completed", "ours", started, at(105), job()],
    ["created a second before, by a clock of seconds", "ours", started, at(100), job()],
    ["created a second after, by a clock of seconds", "ours", started, at(106), job()],
    ["created while our job still runs", "running", accepted, at(500), job(running)],
    ["created before our job, which still runs", "foreign", accepted, at(50), job(running)],
    ["the log knows that it ended well", "ours", { ...accepted, ended: ended("done") }, at(103), job()],
    [
      "the log knows that it is unsettled",
      "ours",
      { ...accepted, ended: ended("unsettled") },
      at(103),
      job(),
    ],
    [
      "only the job is known, and it has the row",
      "ours",
      { ...accepted, fingerprint: undefined },
      at(103),
      job(),
    ],
    [
      "only the job is known, and it lacks the row",
      "foreign",
      { ...accepted, fingerprint: undefined },
      at(103),
      job({ rows: new Map() }),
    ],
    [
      "the log names a job that had another certificate",
      "foreign",
      accepted,
      at(103),
      job({ rows: new Map([["lab-1", THEIRS]]) }),
    ],
    ["the job has failed for other rows", "ours", accepted, at(103), job({ status: "FAILED" })],
    [
      "one of two jobs had it",
      "ours",
      started,
      at(203),
      job(refused),
      job({ id: "J2", requestedAt: at(202), completedAt: at(204) }),
    ],

    // (a) Connection resets, and the id was moved to another stack.
    ["no job at all", "foreign", started, at(103)],
    [
      "another stack's job, with its certificate",
      "foreign",
      started,
      at(103),
      job({ rows: new Map([["lab-1", THEIRS]]) }),
    ],
    ["jobs of other devices only", "foreign", started, at(103), job({ rows: new Map([["lab-2", OURS]]) })],
    ["both stacks sent it: ours was refused", "foreign", accepted, at(103), job(refused)],
    [
      "both sent it, both jobs ran: ours was refused",
      "foreign",
      accepted,
      at(103),
      job(refused),
      job({ id: "J2", rows: new Map([["lab-1", THEIRS]]) }),
    ],
    ["the log knows that it was refused", "foreign", { ...started, ended: ended("refused") }, at(103), job()],

    // (b) A colleague onboards it by hand, after our run was killed, or before it.
    ["by hand, long after our job", "foreign", accepted, at(400), job({ rows: new Map([["lab-2", OURS]]) })],
    ["by hand, before our run", "foreign", accepted, at(50), job(refused)],
    [
      "before our job, which is not known to have refused it",
      "foreign",
      accepted,
      at(50),
      job({ refused: undefined }),
    ],
    ["two seconds before our job", "foreign", accepted, at(99), job()],

    // (d) Deleted, and onboarded anew by somebody else.
    ["two seconds after our job had ended", "foreign", accepted, at(107), job()],
    ["a day after our job had ended", "foreign", { ...accepted, ended: ended("done") }, at(86_400), job()],

    // What can't be told.
    ["its time is not known", "doubt", accepted, undefined, job()],
    ["its time is no time", "doubt", accepted, "soon", job()],
    [
      "the job's file can't be read, and the log does not name it",
      "doubt",
      started,
      at(103),
      job({ rows: undefined, refused: undefined }),
    ],
    [
      "the job's file can't be read, and the log names it",
      "doubt",
      accepted,
      at(103),
      job({ rows: undefined, refused: undefined }),
    ],
    [
      "which rows were refused can't be read",
      "doubt",
      accepted,
      at(103),
      job({ status: "FAILED", refused: undefined }),
    ],
    ["the job that the log names is not to be seen", "doubt", accepted, at(103)],
    [
      "the job does not say when it was requested",
      "doubt",
      accepted,
      at(103),
      job({ requestedAt: undefined }),
    ],
    ["the job has ended, and does not say when", "doubt", accepted, at(103), job({ completedAt: undefined })],
    // An unreadable file of another time proves nothing.
    [
      "the unreadable job ran at another time",
      "foreign",
      started,
      at(300),
      job({ rows: undefined, refused: undefined }),
    ],
    // Of two, the one that is readable decides.
    [
      "a readable job beside an unreadable one",
      "ours",
      started,
      at(103),
      job({ id: "J2", rows: undefined, refused: undefined }),
      job(),
    ],
    ["a log that names no certificate", "foreign", { ...started, fingerprint: undefined }, at(103), job()],
  ])("%s: %s", (_, expected, logged, createdAt, ...jobs) => {
    expect(verdict([logged], createdAt, jobs)).toBe(expected);
  });

  it("is never ours on the word of the log alone", () => {
    for (const jobIds of [[], ["J1"]])
      for (const outcome of [undefined, ended("done"), ended("unsettled")])
        expect(verdict([step("onboard", { jobIds, ended: outcome })], at(103))).not.toBe("ours");
  });

  it("is ours where any of several attempts has brought it", () => {
    const first = { ...accepted, ended: ended("unsettled") };
    const second = step("onboard", { at: at(200), jobIds: ["J2"], ended: ended("refused") });
    expect(verdict([first, second], at(103), [job(), job({ ...refused, id: "J2" })])).toBe("ours");
  });

  it("is another one where ours was deleted in the same run", () => {
    expect(verdict([accepted, step("delete", { ended: ended("done") })], at(400), [job()])).toBe("foreign");
  });
});

describe("a device that was to be onboarded by a job that only the log knows", () => {
  const ofLog = (more: Partial<SeenJob> = {}) =>
    job({ completedAt: undefined, rows: undefined, isOnlyLogged: true, ...more });
  const done = { ...accepted, ended: ended("done") };
  const unsettled = { ...accepted, ended: ended("unsettled") };

  it.each<Case>([
    ["created before the run saw its end", "ours", done, at(110), ofLog()],
    ["created after the run saw its end", "foreign", done, at(112), ofLog()],
    ["created before it was requested", "foreign", done, at(99), ofLog()],
    ["killed before its end, created within a minute", "ours", accepted, at(161), ofLog()],
    ["killed before its end, created later", "doubt", accepted, at(162), ofLog()],
    ["given up, created within a minute", "ours", unsettled, at(150), ofLog()],
    ["given up, created later", "doubt", unsettled, at(500), ofLog()],
    ["it has refused the device", "foreign", accepted, at(103), ofLog(refused)],
    ["which devices it has refused can't be read", "doubt", accepted, at(103), ofLog({ refused: undefined })],
    ["it still runs", "running", accepted, at(103), ofLog({ status: "IN_PROGRESS" })],
    ["it does not say when it was requested", "doubt", accepted, at(103), ofLog({ requestedAt: undefined })],
    ["it is that of another step", "foreign", started, at(103), ofLog()],
    ["it can't be seen any more", "doubt", accepted, at(103)],
  ])("%s: %s", (_, expected, logged, createdAt, ...jobs) => {
    expect(verdict([logged], createdAt, jobs)).toBe(expected);
  });

  it.each<[string, Verdict, UnrecordedStep, string]>([
    ["whose acceptance was not heard of", "doubt", started, at(103)],
    ["that can't have brought what was there before", "foreign", started, at(98)],
    ["that was refused", "foreign", { ...started, ended: ended("refused") }, at(103)],
  ])("and that none lists, %s: %s", (_, expected, logged, createdAt) => {
    expect(verdictOf({ steps: [logged] }, { id: "lab-1", createdAt }, [], false)).toBe(expected);
  });
});

describe("a device that was to be claimed by token", () => {
  it.each<Case>([
    ["the claim ended well", "ours", step("claim", { ended: ended("done") }), at(100)],
    ["claimed at once, unanswered", "ours", step("claim"), at(101)],
    ["claimed a second before, by a clock of seconds", "ours", step("claim"), at(99)],
    ["claimed within a minute", "ours", step("claim", { ended: ended("unsettled") }), at(160)],
    ["claimed before", "foreign", step("claim"), at(98)],
    ["claimed later", "foreign", step("claim"), at(161)],
    [
      "claimed by somebody else as ours was refused",
      "foreign",
      step("claim", { ended: ended("refused") }),
      at(101),
    ],
    ["not known when", "doubt", step("claim"), undefined],
  ])("%s: %s", (_, expected, logged, claimedAt) => {
    expect(verdict([logged], claimedAt)).toBe(expected);
  });
});

describe("a device that was to be claimed by code", () => {
  it.each<Case>([
    ["the claim ended well", "ours", step("associate", { ended: ended("done") }), at(1)],
    ["unanswered: the device may have been ours before", "doubt", step("associate"), at(101)],
    ["unsettled", "doubt", step("associate", { ended: ended("unsettled") }), at(101)],
    ["refused", "foreign", step("associate", { ended: ended("refused") }), at(101)],
  ])("%s: %s", (_, expected, logged, createdAt) => {
    expect(verdict([logged], createdAt)).toBe(expected);
  });
});

describe("steps that bring no device", () => {
  const others = STEPS.filter((each) => !["onboard", "claim", "associate"].includes(each));
  it.each(others)("prove nothing: %s", (name) => {
    expect(verdict([step(name, { ended: ended("done"), jobIds: ["J1"] })], at(103), [job()])).toBe("foreign");
  });
});
