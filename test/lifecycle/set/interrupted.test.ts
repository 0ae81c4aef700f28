import { rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { Seal } from "../../../provider/journal/seal.js";
import * as finding from "../../../provider/reconcile/plan/finding.js";
import { useAccount } from "../../support/account.js";
import { credentialsFor } from "../../support/credentials.js";
import { logsOf, newJournalKey, onboardByHand, StackOfSet, type Rows } from "../../support/deviceSet.js";
import { PartlyFailed, Refused } from "../../support/resource.js";

/** Interrupted runs: the engine was killed (the state is lost), the connection broke, or the journal is lost. */

const account = useAccount();
/** Nobody waits for two minutes in a test. */
const IMPATIENT = { NRF_CLOUD_READBACK_TIMEOUT: "1", NRF_CLOUD_BULK_TIMEOUT: "2" };

let stack: StackOfSet;
let other: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  rmSync(account.journalFolder, { recursive: true, force: true });
  stack = new StackOfSet(account, { env: IMPATIENT });
  other = new StackOfSet(account, { env: IMPATIENT, stack: "other" });
});

const rows = (row: Rows[string] = {}): Rows => ({ "lab-1": row, "lab-2": row, "lab-3": row });
const ALL = ["lab-1", "lab-2", "lab-3"];
const faults = (...rules: object[]) =>
  account.admin("PUT", "/faults", { seed: 1, rules: rules.map((rule) => ({ probability: 1, ...rule })) });
const noFaults = () => account.admin("DELETE", "/faults");
const device = async (id: string) => (await account.devices()).get(id);
const told = () => account.told.join("\n");
const onboardings = async () => {
  const { routes } = (await account.admin("GET", "/requests")) as {
    routes: Record<string, { count: number }>;
  };
  return routes["POST /v1/devices"]?.count ?? 0;
};

/** An `up` that a fault keeps from bringing all rows. */
async function fails(up: Promise<unknown>): Promise<readonly string[]> {
  const thrown: unknown = await up.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof PartlyFailed) return thrown.reasons;
  if (thrown instanceof Error) return [thrown.message];
  throw new Error("it did not fail");
}

/** The ways in which a run ends before it could bring anything, each leaving the log as it was then. */
const broken: [string, () => Promise<unknown>][] = [
  [
    "whose requests did not arrive",
    async () => {
      await faults({ operations: ["OnboardDevices"], fault: { kind: "closeBefore" } });
      await fails(stack.up(rows()));
      await noFaults();
    },
  ],
  [
    "that was killed before its requests arrived",
    async () => {
      await faults({ operations: ["OnboardDevices"], fault: { kind: "closeBefore" } });
      await stack.upAndLoseState(rows());
      await noFaults();
    },
  ],
];

describe.each(broken)("the ids of a run %s", (_, breaks) => {
  it("belong to the stack that has onboarded them since, and are not changed when this stack removes them", async () => {
    await breaks();
    await other.up(rows({ tags: ["other"] }));
    const theirs = await account.devices();
    await stack.up({});
    expect(await account.devices()).toEqual(theirs);
    await stack.destroy();
    expect(await account.devices()).toEqual(theirs);
    await other.requireKeys(...ALL);
  });

  it("are refused where both stacks declare them, whatever happened before", async () => {
    await breaks();
    await other.up(rows({ tags: ["other"] }));
    const theirs = await account.devices();
    const preview = stack.preview(rows());
    await expect(preview).rejects.toThrow(finding.TAKEN.slice(0, 60));
    await fails(stack.up(rows()));
    expect(await account.devices()).toEqual(theirs);
    await other.requireKeys(...ALL);
  });

  it("are not touched where a colleague onboarded them by hand since", async () => {
    await breaks();
    await onboardByHand(account, ALL);
    const theirs = await account.devices();
    expect((await fails(stack.up(rows({ tags: ["ours"] })))).join()).toContain(finding.TAKEN.slice(0, 60));
    await stack.up({});
    expect(await account.devices()).toEqual(theirs);
  });

  it("are onboarded by the next run with the same keys", async () => {
    await breaks();
    await stack.up(rows());
    await stack.requireKeys(...ALL);
    expect((await stack.preview(rows())).step).toBe("same");
  });
});

describe("a run that was killed after its last step", () => {
  it("is resumed by the next with the same certificates, and nothing is onboarded twice", async () => {
    await stack.upAndLoseState(rows({ tags: ["a"] }));
    const made = await account.devices();
    await account.admin("DELETE", "/requests");
    const { told: preview } = await stack.preview(rows({ tags: ["a"] }));
    expect(preview).toContain(finding.RESUMED);
    await stack.up(rows({ tags: ["a"] }));
    expect(told()).toContain(finding.RESUMED);
    expect(await onboardings()).toBe(0);
    expect(await account.devices()).toEqual(made);
    await stack.requireKeys(...ALL);
    expect((await stack.preview(rows({ tags: ["a"] }))).step).toBe("same");
  });

  it("takes its devices out again where nothing declares them any more", async () => {
    await stack.upAndLoseState(rows());
    const { told: preview } = await stack.preview({});
    expect(preview).toContain(finding.ORPHANS);
    await stack.up({});
    expect((await account.devices()).size).toBe(0);
  });

  it("counts its devices for `maxDeletes`", async () => {
    await stack.upAndLoseState(rows());
    await expect(stack.preview({}, { maxDeletes: "2" })).rejects.toThrow("maxDeletes (2)");
    await fails(stack.up({}, { maxDeletes: "2" }));
    expect((await account.devices()).size).toBe(3);
    stack.env = { ...IMPATIENT, NRF_CLOUD_ALLOW_DELETES: "3" };
    await stack.up({}, { maxDeletes: "2" });
    expect((await account.devices()).size).toBe(0);
  });

  it("is not superseded by a run that leaves its devices out", async () => {
    await stack.upAndLoseState(rows());
    const some = { only: "lab-1" };
    await expect(stack.preview(rows(), some)).rejects.toThrow("that `--only` leaves out: lab-{2..3}");
    await expect(stack.up(rows(), some)).rejects.toThrow("that `--only` leaves out: lab-{2..3}");
    await stack.up(rows());
    await stack.requireKeys(...ALL);
  });

  it("is not lost where the next run can't delete its devices for a replacement", async () => {
    await stack.upAndLoseState(rows({ subType: "tracker" }));
    await faults({ operations: ["DeleteDevice"], fault: { kind: "closeBefore" } });
    await fails(stack.up(rows({ subType: "gateway" })));
    await noFaults();
    await stack.requireKeys(...ALL);
    await stack.up(rows({ subType: "gateway" }));
    expect(await device("lab-1")).toMatchObject({ subType: "gateway" });
    await stack.requireKeys(...ALL);
  });

  it("is not lost where the next run can't delete its devices", async () => {
    await stack.upAndLoseState(rows());
    await faults({ operations: ["DeleteDevice"], fault: { kind: "closeBefore" } });
    await fails(stack.up({}));
    await noFaults();
    await stack.up({});
    expect((await account.devices()).size).toBe(0);
  });

  it("is finished with the tags and names of today", async () => {
    await stack.upAndLoseState(rows({ tags: ["a"] }));
    await stack.up(rows({ tags: ["b"], name: "Kit" }));
    expect(await device("lab-1")).toMatchObject({ tags: ["b"], name: "Kit" });
    await stack.requireKeys(...ALL);
  });

  it("is resumed in part by a run that is killed too", async () => {
    await stack.upAndLoseState(rows());
    const made = await account.devices();
    await stack.upAndLoseState(rows({ tags: ["b"] }));
    await stack.up(rows({ tags: ["b"] }));
    for (const id of ALL) expect((await device(id))?.certificate).toEqual(made.get(id)?.certificate);
    await stack.requireKeys(...ALL);
    expect((await stack.preview(rows({ tags: ["b"] }))).step).toBe("same");
  });

  it("loses no key of a rotation, and registers no certificate again", async () => {
    await stack.up(rows());
    const before = stack.keys;
    await stack.upAndLoseState(rows({ rotation: { generation: 2 } }));
    const made = await account.devices();
    await stack.up(rows({ rotation: { generation: 2 } }));
    expect(await account.devices()).toEqual(made);
    expect(stack.keys).not.toEqual(before);
    await stack.requireKeys(...ALL);
  });

  it("whose rotation was reverted registers the former certificates again", async () => {
    await stack.up(rows());
    const made = await account.devices();
    await stack.upAndLoseState(rows({ rotation: { generation: 2 } }));
    expect((await stack.preview(rows())).told).toContain(finding.RESTORED);
    await stack.up(rows());
    for (const id of ALL) expect((await device(id))?.certificate).toEqual(made.get(id)?.certificate);
    await stack.requireKeys(...ALL);
    expect((await stack.preview(rows())).step).toBe("same");
  });

  it("whose tags and names were reverted sets the former ones again", async () => {
    await stack.up(rows({ tags: ["a"] }));
    await stack.upAndLoseState(rows({ tags: ["b"], name: "Kit" }));
    await stack.up(rows({ tags: ["a"] }));
    expect(await device("lab-1")).toMatchObject({ tags: ["a"], name: "lab-1" });
    expect((await stack.preview(rows({ tags: ["a"] }))).step).toBe("same");
  });

  it("had replaced its devices already: they are recorded, not replaced again", async () => {
    await stack.up(rows({ subType: "a" }));
    await stack.upAndLoseState(rows({ subType: "b" }));
    const made = await account.devices();
    await stack.up(rows({ subType: "b" }));
    expect(await account.devices()).toEqual(made);
    await stack.requireKeys(...ALL);
    expect((await stack.preview(rows({ subType: "b" }))).step).toBe("same");
  });

  it("had deleted its devices already: they are forgotten", async () => {
    await stack.up(rows());
    await stack.upAndLoseState({ "lab-1": {} });
    expect((await account.devices()).size).toBe(1);
    await stack.up({ "lab-1": {} });
    expect(Object.keys(stack.lines)).toEqual(["lab-1"]);
    expect((await stack.preview({ "lab-1": {} })).step).toBe("same");
  });

  it("deleted devices that are declared again: they are onboarded with their keys", async () => {
    await stack.up(rows());
    const keys = stack.keys;
    await stack.upAndLoseState({ "lab-1": {} });
    await stack.up(rows());
    expect(stack.keys).toEqual(keys);
    await stack.requireKeys(...ALL);
  });
});

describe("a run whose answers were lost", () => {
  it.each([
    ["of onboarding", "OnboardDevices", "closeAfter"],
    ["of onboarding, with a page in their place", "OnboardDevices", "notJson"],
    ["of onboarding, broken off", "OnboardDevices", "truncated"],
    ["of looking at the job", "FetchBulkOpsRequest", "closeAfter"],
    ["of looking for the devices", "ListDevices", "closeBefore"],
  ])("%s brings its devices once, or the next run does", async (_, operation, kind) => {
    await faults({ operations: [operation], times: 2, fault: { kind } });
    await stack.up(rows()).catch(() => undefined);
    await noFaults();
    await stack.up(rows());
    await stack.requireKeys(...ALL);
    expect((await stack.preview(rows())).step).toBe("same");
    expect((await account.devices()).size).toBe(3);
  });

  it("to deletions removes the rows", async () => {
    await stack.up(rows());
    await faults({ operations: ["DeleteDevice"], times: 3, fault: { kind: "closeAfter" } });
    await stack.up({});
    expect((await account.devices()).size).toBe(0);
  });
});

describe("a request that arrived twice, whose second job refuses the rows for an internal error", () => {
  const arrivesTwice = () =>
    faults(
      { operations: ["OnboardDevices"], times: 1, fault: { kind: "repeated" } },
      { operations: ["OnboardDevices"], times: 1, fault: { kind: "jobAppliesLate", ms: 0 } },
      { operations: ["OnboardDevices"], times: 1, fault: { kind: "jobAppliesInPart", share: 0 } },
    );

  it.each(["has its state", "lost its state"])(
    "has created our devices: the next run records them, where the stack %s",
    async (which) => {
      await arrivesTwice();
      if (which === "has its state") {
        const reasons = (await fails(stack.up(rows()))).join();
        expect(reasons).toContain("internal error. Run the same command again");
      } else await stack.upAndLoseState(rows());
      await noFaults();
      const made = await account.devices();
      expect(made.size).toBe(3);
      await stack.up(rows());
      expect(await account.devices()).toEqual(made);
      await stack.requireKeys(...ALL);
    },
  );

  it("has created our devices: they leave where nothing declares them any more", async () => {
    await arrivesTwice();
    await fails(stack.up(rows()));
    await noFaults();
    await stack.up({});
    expect((await account.devices()).size).toBe(0);
  });
});

describe("a job that was accepted and never ends", () => {
  it("is waited for, then fails; the next run onboards with the kept keys, without a refresh", async () => {
    await faults({ operations: ["OnboardDevices"], times: 1, fault: { kind: "jobStalls" } });
    const reasons = await fails(stack.up(rows()));
    expect(reasons.join()).toContain("3 devices");
    expect((await account.devices()).size).toBe(0);
    const keys = stack.keys;
    expect([...keys.keys()].sort()).toEqual(ALL);
    await noFaults();
    await stack.up(rows());
    expect(stack.keys).toEqual(keys);
    await stack.requireKeys(...ALL);
    expect((await stack.preview(rows())).step).toBe("same");
  });

  it("that creates devices after the run has ended: they are recorded as ours, with their keys", async () => {
    await faults({ operations: ["OnboardDevices"], times: 1, fault: { kind: "jobStalls", ms: 4_000 } });
    await fails(stack.up(rows()));
    const keys = stack.keys;
    while ((await account.devices()).size < 3) await sleep(100);
    const made = await account.devices();
    await stack.up(rows());
    expect(await account.devices()).toEqual(made);
    expect(stack.keys).toEqual(keys);
    await stack.requireKeys(...ALL);
  });

  it("that creates devices when nothing declares them any more: they are deleted", async () => {
    await faults({ operations: ["OnboardDevices"], times: 1, fault: { kind: "jobStalls", ms: 4_000 } });
    await fails(stack.up(rows()));
    while ((await account.devices()).size < 3) await sleep(100);
    await stack.up({});
    expect((await account.devices()).size).toBe(0);
  });

  it.each(["has its state", "lost its state"])(
    "is not what somebody else onboarded since by hand: the stack %s",
    async (which) => {
      await faults({ operations: ["OnboardDevices"], times: 1, fault: { kind: "jobStalls" } });
      if (which === "has its state") await fails(stack.up(rows()));
      else await stack.upAndLoseState(rows());
      await noFaults();
      await onboardByHand(account, ALL);
      const theirs = await account.devices();
      expect((await fails(stack.up(rows({ tags: ["ours"] })))).join()).toContain(finding.TAKEN.slice(0, 60));
      await stack.up({});
      expect(await account.devices()).toEqual(theirs);
    },
  );
});

describe("a device that somebody else onboarded while the list lagged behind", () => {
  const lag = () =>
    faults({
      operations: ["ListDevices", "FetchDevice"],
      times: 4,
      fault: { kind: "listLags", ms: 1_400 },
    });

  it("is refused by nRF Cloud, and not changed", async () => {
    await onboardByHand(account, ALL);
    const theirs = await account.devices();
    await lag();
    const reasons = await fails(stack.up(rows({ tags: ["ours"] })));
    expect(reasons.join()).toMatch(/3 devices/);
    expect(await account.devices()).toEqual(theirs);
    await noFaults();
    await fails(stack.up(rows({ tags: ["ours"] })));
    await stack.up({});
    expect(await account.devices()).toEqual(theirs);
  });

  it("is foreign even with the certificate that is declared here", async () => {
    const certificate = credentialsFor("lab-1").before;
    const declared: Rows = { "lab-1": { credential: { certificate }, tags: ["theirs"] } };
    await new StackOfSet(account, { stack: "theirs", env: IMPATIENT }).up(declared);
    const theirs = await account.devices();
    await sleep(1_200);
    await faults({
      operations: ["ListDevices", "FetchDevice"],
      times: 2,
      fault: { kind: "listLags", ms: 60_000 },
    });
    const reasons = await fails(stack.up(declared));
    expect(reasons.join()).toContain(finding.TAKEN.slice(0, 60));
    await noFaults();
    await stack.up({}).catch(() => undefined);
    expect(await account.devices()).toEqual(theirs);
  });
});

describe("a device that somebody else deleted and onboarded again", () => {
  const anew = async () => {
    await stack.up(rows({ tags: ["ours"] }));
    await account.admin("DELETE", "/devices/lab-2");
    await sleep(5);
    await onboardByHand(account, ["lab-2"]);
    return device("lab-2");
  };

  it("is reported by refresh, and no update and no destroy changes it", async () => {
    const theirs = await anew();
    await stack.refresh();
    expect(told()).toContain(`1 device (lab-2): ${finding.REPLACED}`);
    await stack.up(rows({ tags: ["new"] }));
    expect(told()).toContain(finding.REPLACED);
    expect(await device("lab-2")).toEqual(theirs);
    expect((await device("lab-1"))?.tags).toEqual(["new"]);
    await stack.up(rows({ rotation: { generation: 2 } }));
    await stack.up(rows({ subType: "x" }));
    expect(await device("lab-2")).toEqual(theirs);
    await stack.destroy();
    expect([...(await account.devices()).values()]).toEqual([theirs]);
  });

  it("is not changed without a refresh either", async () => {
    const theirs = await anew();
    expect((await stack.preview(rows({ tags: ["new"] }))).told).toContain(finding.REPLACED);
    await stack.up(rows({ tags: ["new"] }));
    expect(await device("lab-2")).toEqual(theirs);
    await stack.up({ "lab-1": { tags: ["new"] } });
    expect(await device("lab-2")).toEqual(theirs);
    await stack.destroy();
    expect([...(await account.devices()).values()]).toEqual([theirs]);
  });

  it("is adopted where that is declared", async () => {
    const theirs = await anew();
    await stack.up({ ...rows({ tags: ["ours"] }), "lab-2": { tags: ["ours"], adopt: true } });
    expect(await device("lab-2")).toMatchObject({ tags: ["ours"], certificate: theirs?.certificate });
  });
});

describe("a state that was restored from a backup", () => {
  it("is brought up to date by the log, where that still has the keys", async () => {
    await stack.up(rows());
    const backup = stack.backup;
    await stack.up(rows({ rotation: { generation: 2 } }));
    const made = await account.devices();
    stack.backup = backup;
    await stack.up(rows({ rotation: { generation: 2 } }));
    expect(await account.devices()).toEqual(made);
    await stack.requireKeys(...ALL);
  });

  it("has keys that do not fit the account any more, and is reported", async () => {
    await stack.up(rows());
    const backup = stack.backup;
    await stack.up({ ...rows(), "lab-2": { rotation: { generation: 2 } } });
    await stack.up({ ...rows({ tags: ["a"] }), "lab-2": { rotation: { generation: 2 }, tags: ["a"] } });
    await stack.up({ ...rows({ tags: ["b"] }), "lab-2": { rotation: { generation: 2 }, tags: ["b"] } });
    stack.backup = backup;
    const { told: preview } = await stack.preview(rows());
    expect(preview).toContain("the state is older");
    expect(preview).toContain("1 device (lab-2)");
    await stack.refresh();
    expect(told()).toContain("the state is older");
  });
});

describe("a log", () => {
  it("that was lost is reported in the preview, once for all devices, with likely causes and remedies", async () => {
    await stack.upAndLoseState(rows());
    const made = await account.devices();
    rmSync(account.journalFolder, { recursive: true });
    const refusal = await fails(stack.preview(rows()));
    expect(refusal).toEqual([`3 devices (lab-{1..3}): ${finding.TAKEN}`]);
    expect(await fails(stack.up(rows()))).toEqual(refusal);
    expect(await account.devices()).toEqual(made);
    for (const cause of [
      "aliases",
      "another machine",
      "journal folder or the state was lost",
      "adopt: true",
      "adopt: recertify",
    ])
      expect(refusal.join()).toContain(cause);
  });

  it("is not found by a set that was renamed without `aliases`: no device gets another certificate", async () => {
    await stack.up(rows());
    const made = await account.devices();
    stack.renamed("fleet-2");
    await expect(stack.up(rows())).rejects.toThrow("`aliases`");
    expect(await account.devices()).toEqual(made);
  });

  it.each<[string, () => string]>([
    ["nonsense", () => "0 AAAA"],
    ["a line that another key sealed", () => new Seal(newJournalKey(), "x").seal(1, forged)],
    [
      "a line that our key sealed for another log",
      () => new Seal(stack.journalKey ?? "", "project.other.fleet.00000000.log").seal(1, forged),
    ],
  ])("with a forged line has no effect: %s", async (_, line) => {
    await onboardByHand(account, ["lab-9"]);
    const theirs = await device("lab-9");
    await stack.up(rows());
    const [log] = logsOf(account);
    if (log === undefined) throw new Error("there is no log");
    writeFileSync(log.file, `${log.text}${line()}\n`);
    expect((await stack.preview({})).told).toContain("lines that this stack's key can't open");
    await stack.up({});
    expect([...(await account.devices()).values()]).toEqual([theirs]);
  });

  it("with a line of its own that was repeated has no effect", async () => {
    await stack.upAndLoseState(rows());
    const [log] = logsOf(account);
    if (log === undefined) throw new Error("there is no log");
    await stack.up({});
    await onboardByHand(account, ALL);
    const theirs = await account.devices();
    writeFileSync(log.file, `${log.text}${log.text}`);
    await stack.up({});
    expect(await account.devices()).toEqual(theirs);
  });

  it("that was torn within a line is read up to there", async () => {
    await stack.upAndLoseState(rows());
    const [log] = logsOf(account);
    if (log === undefined) throw new Error("there is no log");
    writeFileSync(log.file, log.text.slice(0, -10));
    await stack.up(rows());
    await stack.requireKeys(...ALL);
  });

  it("that lacks lines is reported", async () => {
    await stack.upAndLoseState(rows());
    const [log] = logsOf(account);
    if (log === undefined) throw new Error("there is no log");
    const lines = log.text.split("\n");
    writeFileSync(log.file, [lines[0], ...lines.slice(2)].join("\n"));
    const { told: preview } = await stack.preview(rows());
    expect(preview).toContain("lacks lines");
  });

  it("has no key or certificate in clear", async () => {
    await stack.up(rows());
    for (const { text } of logsOf(account)) {
      expect(text).not.toMatch(/BEGIN|lab-1|onboard/);
      for (const key of stack.keys.values()) expect(text).not.toContain(key.split("\n")[1]);
    }
    expect(logsOf(account)).toHaveLength(1);
  });

  it("in a folder that can't be written is one error, in the preview already, with what the folder is for", async () => {
    stack.env = { NRF_CLOUD_JOURNAL: "/dev/null/x" };
    const refusal = stack.preview(rows());
    await expect(refusal).rejects.toThrow(Refused);
    await expect(refusal).rejects.toThrow(
      /can't write the journal folder \/dev\/null\/x .*interruption loses no key.*NRF_CLOUD_JOURNAL/s,
    );
    // One for all devices.
    const reasons = await fails(stack.up(rows()));
    expect(reasons.join("\n").match(/the journal folder/g)).toHaveLength(1);
    expect(reasons.join("\n")).not.toMatch(/ENOTDIR.*ENOTDIR/s);
    expect((await account.devices()).size).toBe(0);
  });
});

describe("a set without a key for its log", () => {
  it("proves nothing without a key: devices of an interrupted run are reported", async () => {
    stack = new StackOfSet(account, { journalKey: null, env: IMPATIENT });
    await stack.upAndLoseState(rows());
    const made = await account.devices();
    await expect(stack.up(rows())).rejects.toThrow(finding.TAKEN.slice(0, 60));
    await stack.up({});
    expect(await account.devices()).toEqual(made);
    expect(logsOf(account)).toEqual([]);
  });
});

const forged = {
  kind: "started",
  seq: 99,
  revision: 99,
  at: "2020-01-01T00:00:00.000Z",
  step: "onboard",
  rows: [{ id: "lab-9", line: "" }],
};
