import { beforeEach, describe, expect, it } from "vitest";
import { useAccount } from "../../support/account.js";
import { failNext, StackOfSet, type Rows } from "../../support/deviceSet.js";
import { PartlyFailed, Refused } from "../../support/resource.js";

const account = useAccount();

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  stack = new StackOfSet(account);
});

const fleet = (size: number, row: Rows[string] = {}): Rows =>
  Object.fromEntries(Array.from({ length: size }, (_, i) => [`lab-${i + 1}`, row]));
const reject = (...ids: readonly string[]) =>
  account.admin("PUT", "/settings", {
    rejectRows: Object.fromEntries(ids.map((id) => [id, "no such luck"])),
  });
const rollout = (...texts: readonly string[]) => ({ rollout: texts });
const present = async () => [...(await account.devices()).keys()].sort();

/** An `up` that fails in part. @returns the reasons */
async function partly(rows: Rows, more: object): Promise<readonly string[]> {
  try {
    await stack.up(rows, { ...more });
  } catch (thrown) {
    if (thrown instanceof PartlyFailed) return thrown.reasons;
    throw thrown;
  }
  throw new Error("it did not fail");
}

describe("a roll-out", () => {
  const two = rollout("first=2,batch=3,stopAfter=0");

  it("changes all rows where none fails, and is in the preview", async () => {
    const { told } = await stack.preview(fleet(10), two);
    expect(told).toContain("Roll-out: changes 2 devices first, then 3 at a time; stops when any fails.");
    await stack.up(fleet(10), two);
    expect(await present()).toHaveLength(10);
    expect(stack.outputs.notAttempted).toBeUndefined();
    expect((await stack.preview(fleet(10), two)).step).toBe("same");
  });

  it("ends after the batch in which the user pressed Ctrl-C, and the next run changes the rest", async () => {
    account.isInterrupted = true;
    const reasons = await partly(fleet(10), two).finally(() => {
      account.isInterrupted = false;
    });
    expect(reasons).toEqual([
      "Roll-out: the run stopped between two batches, because it was interrupted. 8 devices were not attempted:\n" +
        "  + 8 devices to onboard: lab-{3..10}\nRun again: the next run changes the rest.",
    ]);
    expect(await present()).toEqual(["lab-1", "lab-2"]);
    expect(stack.failed).toEqual({});
    await stack.requireKeys("lab-1", "lab-2");
    await stack.up(fleet(10), two);
    expect(await present()).toHaveLength(10);
    expect((await stack.preview(fleet(10), two)).step).toBe("same");
  });

  it("is not stopped by Ctrl-C in its last batch", async () => {
    account.isInterrupted = true;
    await stack.up(fleet(2), two).finally(() => {
      account.isInterrupted = false;
    });
    expect(await present()).toHaveLength(2);
  });

  it("stops after the batch in which too many failed; the rest is not attempted, has not failed, and changes in the next run", async () => {
    await reject("lab-4");
    const reasons = await partly(fleet(10), two);
    expect(reasons.join("\n")).toContain(
      "1 device (lab-4): nRF Cloud did not onboard the device: no such luck",
    );
    expect(reasons.join("\n")).toContain(
      "Roll-out: the run stopped, because 1 of 5 devices failed. stopAfter (0) allows 0. 5 devices were not attempted:\n" +
        "  + 5 devices to onboard: lab-{6..10}",
    );
    expect(await present()).toEqual(["lab-1", "lab-2", "lab-3", "lab-5"]);
    expect(Object.keys(stack.failed)).toEqual(["lab-4"]);
    expect(stack.outputs.notAttempted).toEqual(["lab-{6..10}"]);
    await stack.requireKeys("lab-1", "lab-2", "lab-3", "lab-5");

    await stack.refresh();
    expect(stack.outputs.notAttempted).toEqual(["lab-{6..10}"]);
    await reject();
    const { step, told } = await stack.preview(fleet(10), two);
    expect(step).toBe("update");
    expect(told).toContain("+ 6 devices to onboard: lab-4, lab-{6..10}");
    await stack.up(fleet(10), two);
    expect(await present()).toHaveLength(10);
    expect(stack.outputs.notAttempted).toBeUndefined();
    expect((await stack.preview(fleet(10), two)).step).toBe("same");
  });

  it("keeps the records of rows that it did not attempt, whatever was planned", async () => {
    const before: Rows = { ...fleet(6, { tags: ["a"], subType: "x" }) };
    await stack.up(before);
    const keys = new Map(stack.keys);
    const after: Rows = {
      "lab-1": { tags: ["b"], subType: "x" },
      "lab-2": { tags: ["a"], subType: "y" },
      "lab-3": { tags: ["a"], subType: "x", rotation: { generation: 2 } },
      "lab-4": { tags: ["a"], subType: "x", name: "Four" },
      "lab-5": { tags: ["b"], subType: "x" },
      "new-1": {},
    };
    await failNext(account, "UpdateDeviceTags");
    const reasons = await partly(after, rollout("first=1,stopAfter=0"));
    await account.admin("DELETE", "/faults");
    expect(reasons.join("\n")).toContain("6 devices were not attempted");
    expect(reasons.join("\n")).toContain("- 1 device will be deleted: lab-6");
    expect(stack.outputs.notAttempted).toEqual(["lab-{2..6}", "new-1"]);
    for (const id of ["lab-2", "lab-3", "lab-4", "lab-5", "lab-6"]) {
      expect(stack.lines[id]).toBe("subType=x tags=a");
      expect(stack.keys.get(id)).toBe(keys.get(id));
    }
    expect(await present()).toEqual(["lab-1", "lab-2", "lab-3", "lab-4", "lab-5", "lab-6"]);
    await stack.requireKeys("lab-1", "lab-2", "lab-3", "lab-4", "lab-5", "lab-6");

    await stack.up(after, rollout("first=1,stopAfter=0"));
    expect(await present()).toEqual(["lab-1", "lab-2", "lab-3", "lab-4", "lab-5", "new-1"]);
    expect(stack.lines["lab-2"]).toBe("subType=y tags=a");
    expect((await stack.preview(after, rollout("first=1,stopAfter=0"))).step).toBe("same");
  });

  it("of removals stops too, and keeps the devices that were not attempted", async () => {
    await stack.up(fleet(5));
    await failNext(account, "DeleteDevice");
    const reasons = await partly({ "lab-5": {} }, rollout("first=1,batch=2"));
    await account.admin("DELETE", "/faults");
    expect(reasons.join("\n")).toContain("3 devices were not attempted");
    expect(await present()).toEqual(["lab-1", "lab-2", "lab-3", "lab-4", "lab-5"]);
    await stack.up({ "lab-5": {} }, rollout("first=1,batch=2"));
    expect(await present()).toEqual(["lab-5"]);
  });

  it("continues where no more have failed than are allowed", async () => {
    await reject("lab-1", "lab-9");
    expect((await partly(fleet(10), rollout("batch=5,stopAfter=20%"))).join("\n")).not.toContain("Roll-out");
    expect(await present()).toHaveLength(8);
    expect(stack.outputs.notAttempted).toBeUndefined();
  });

  it("of a group ends the run before the others", async () => {
    await reject("lab-1");
    await partly({ ...fleet(3), "field-1": {} }, rollout("first=1 for lab-{1..3}"));
    expect(await present()).toEqual([]);
    expect(stack.outputs.notAttempted).toEqual(["field-1", "lab-{2..3}"]);
  });

  it("is that of the run where the run has one", async () => {
    await reject("lab-1");
    stack.env = { NRF_CLOUD_ROLLOUT: "none" };
    await partly(fleet(4), two);
    expect(await present()).toHaveLength(3);
    await account.admin("POST", "/reset");
    stack = new StackOfSet(account, { env: { NRF_CLOUD_ROLLOUT: "first=1" } });
    await reject("lab-1");
    await partly(fleet(4), {});
    expect(await present()).toEqual([]);
    stack.env = { NRF_CLOUD_ROLLOUT: "first=none" };
    await expect(stack.preview(fleet(4))).rejects.toThrow("NRF_CLOUD_ROLLOUT (or nrfcloud:rollout)");
  });

  it("changes only chosen rows, and leaves it to the guards how many may leave", async () => {
    await reject("lab-3");
    await partly(fleet(6), { ...two, only: "lab-{3..6}" });
    expect(await present()).toEqual(["lab-4"]);
    expect(stack.outputs.notAttempted).toEqual(["lab-{5..6}"]);
    await reject();
    await stack.up(fleet(6), two);
    await expect(stack.preview({ "lab-1": {} }, { ...two, maxDeletes: "4" })).rejects.toThrow(
      "would delete, replace or release 5 devices of 6, but maxDeletes (4) allows 4",
    );
  });

  it("begins with what an interrupted run began, with the same keys", async () => {
    await stack.upAndLoseState(fleet(6), rollout("batch=4"));
    const made = await account.devices();
    await reject("lab-1x", "lab-2x");
    await partly({ ...fleet(6), "lab-1x": {}, "lab-2x": {} }, rollout("first=1"));
    await stack.requireKeys("lab-1", "lab-2", "lab-3", "lab-4", "lab-5", "lab-6");
    expect((await account.devices()).get("lab-6")).toEqual(made.get("lab-6"));
  });

  it("that is none is refused", async () => {
    await expect(stack.preview(fleet(1), rollout("first=x"))).rejects.toThrow(Refused);
  });
});
