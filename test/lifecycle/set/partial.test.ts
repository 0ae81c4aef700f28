import { beforeEach, describe, expect, it } from "vitest";
import { useAccount } from "../../support/account.js";
import { fleetCa, onboardByHand, StackOfSet, type Rows } from "../../support/deviceSet.js";
import { PartlyFailed } from "../../support/resource.js";

const account = useAccount();

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  stack = new StackOfSet(account);
});

const rows = (row: Rows[string] = {}): Rows => ({ "lab-1": row, "lab-2": row, "lab-3": row });
const reject = (ids: readonly string[], reason = "no such luck") =>
  account.admin("PUT", "/settings", { rejectRows: Object.fromEntries(ids.map((id) => [id, reason])) });
const faults = (...rules: object[]) => account.admin("PUT", "/faults", { seed: 1, rules });
const certificate = async (id: string) => (await account.devices()).get(id)?.certificate?.fingerprint;

/** An `up` that brings some rows only. @returns the reasons */
async function partly(declared: Rows, more: object = {}): Promise<readonly string[]> {
  try {
    await stack.up(declared, { ...more });
  } catch (thrown) {
    if (thrown instanceof PartlyFailed) return thrown.reasons;
    throw thrown;
  }
  throw new Error("it did not fail");
}

/** The next `up` succeeds, and the one after it changes nothing. */
async function goesOn(declared: Rows, more: object = {}): Promise<void> {
  expect((await stack.preview(declared, { ...more })).step).toBe("update");
  await stack.up(declared, { ...more });
  expect(stack.failed).toEqual({});
  expect(stack.hasFailed).toBe(false);
  expect((await stack.preview(declared, { ...more })).step).toBe("same");
}

describe("a row that fails", () => {
  it("does not stop the others; the state says which failed and why, and the next run continues", async () => {
    await reject(["lab-2"]);
    const reasons = await partly(rows());
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain("1 device (lab-2): nRF Cloud did not onboard the device: no such luck");
    expect(stack.failed).toEqual({ "lab-2": expect.stringContaining("no such luck") as string });
    expect(Object.keys(stack.lines)).toEqual(["lab-1", "lab-3"]);
    await stack.requireKeys("lab-1", "lab-3");
    expect(stack.keys.has("lab-2")).toBe(false);

    const before = await account.devices();
    await reject([]);
    await goesOn(rows());
    await stack.requireKeys("lab-1", "lab-2", "lab-3");
    expect((await account.devices()).get("lab-1")).toEqual(before.get("lab-1"));
  });

  it("is reported once with all that failed for the same reason", async () => {
    await reject(["lab-1", "lab-2"]);
    expect(await partly(rows())).toEqual([expect.stringContaining("2 devices (lab-{1..2}): ")]);
  });

  it("because another team has its id is not theirs to be taken, now or in the next run", async () => {
    await onboardByHand(account, ["lab-2"], { apiKey: account.emulator.teams[1]?.apiKeys[0]?.key ?? "" });
    const theirs = (await account.devices()).get("lab-2");
    const [reason] = await partly(rows());
    expect(reason).toContain("Another team");
    expect(await partly(rows())).toHaveLength(1);
    await stack.up({ "lab-1": {}, "lab-3": {} });
    expect(stack.failed).toEqual({});
    await stack.destroy();
    const left = await account.devices();
    expect([...left.keys()]).toEqual(["lab-2"]);
    expect(left.get("lab-2")).toEqual(theirs);
  });

  it("because another team was faster is theirs, and the others are done", async () => {
    await faults({
      operations: ["OnboardDevices"],
      probability: 1,
      times: 1,
      fault: { kind: "claimedByAnother" },
    });
    expect(await partly(rows())).toEqual([expect.stringMatching(/^1 device .*Another team/)]);
    const [lost] = Object.keys(stack.failed);
    const all = await account.devices();
    const ours = [...all.values()].filter(({ tenantId }) => tenantId === account.emulator.teams[0]?.tenantId);
    expect(ours.map(({ id }) => id).sort()).toEqual(Object.keys(stack.lines).sort());
    expect(ours).toHaveLength(2);
    await stack.destroy();
    expect([...(await account.devices()).keys()]).toEqual([lost]);
  });

  it("survives a refresh in between", async () => {
    await reject(["lab-2"]);
    await partly(rows());
    await reject([]);
    await stack.refresh();
    expect(stack.failed).toEqual({ "lab-2": expect.stringContaining("no such luck") as string });
    await goesOn(rows());
    await stack.requireKeys("lab-1", "lab-2", "lab-3");
  });

  it("leaves the table like any other", async () => {
    await reject(["lab-2"]);
    await partly(rows());
    await stack.up({ "lab-1": {}, "lab-3": {} });
    expect(stack.failed).toEqual({});
    expect(Object.keys(stack.lines)).toEqual(["lab-1", "lab-3"]);
    await stack.destroy();
    expect((await account.devices()).size).toBe(0);
  });

  it("when it is renamed or retagged is as it was, and is tried again", async () => {
    await stack.up(rows({ tags: ["a"] }));
    await faults({
      operations: ["UpdateDeviceTags"],
      probability: 1,
      times: 6,
      fault: { kind: "serverError", status: 500 },
    });
    const changed: Rows = { ...rows({ tags: ["a"] }), "lab-2": { tags: ["b"], name: "Two" } };
    expect(await partly(changed)).toEqual([expect.stringContaining("UpdateDeviceTags")]);
    expect(stack.lines["lab-2"]).toBe("tags=a name=Two");
    expect(await account.admin("DELETE", "/faults")).toBeUndefined();
    await goesOn(changed);
    expect((await account.devices()).get("lab-2")).toMatchObject({ tags: ["b"], name: "Two" });
  });

  it("when it is deleted is kept in the state with its key, and deleted by the next run", async () => {
    await stack.up(rows());
    await faults({
      operations: ["DeleteDevice"],
      probability: 1,
      times: 6,
      fault: { kind: "serverError", status: 500 },
    });
    const without: Rows = { "lab-1": {}, "lab-2": {} };
    expect(await partly(without)).toEqual([expect.stringContaining("DeleteDevice")]);
    expect(stack.keys.has("lab-3")).toBe(true);
    await account.admin("DELETE", "/faults");
    await goesOn(without);
    expect([...(await account.devices()).keys()].sort()).toEqual(["lab-1", "lab-2"]);
    expect(stack.keys.has("lab-3")).toBe(false);
  });

  it("when all are destroyed leaves a state with its key, and the next destroy ends it", async () => {
    await stack.up(rows());
    await faults({
      operations: ["DeleteDevice"],
      probability: 1,
      times: 18,
      fault: { kind: "serverError", status: 500 },
    });
    await expect(stack.destroy()).rejects.toThrow("DeleteDevice");
    expect(stack.exists).toBe(true);
    await account.admin("DELETE", "/faults");
    await stack.destroy();
    expect((await account.devices()).size).toBe(0);
  });

  it("when it is replaced was deleted, and is onboarded in the next run", async () => {
    await stack.up(rows({ subType: "a" }));
    await reject(["lab-2"]);
    expect(await partly(rows({ subType: "b" }))).toEqual([expect.stringContaining("lab-2")]);
    expect(Object.keys(stack.lines)).toEqual(["lab-1", "lab-3"]);
    await reject([]);
    await goesOn(rows({ subType: "b" }));
    await stack.requireKeys("lab-1", "lab-2", "lab-3");
    for (const { subType } of (await account.devices()).values()) expect(subType).toBe("b");
  });
});

describe("a certificate that was not registered", () => {
  it.each<[string, Rows[string], () => object]>([
    ["of another key", { rotation: { generation: 2 } }, () => ({})],
    [
      "of a new CA",
      {},
      () => {
        stack.ca = fleetCa("Next CA");
        return {};
      },
    ],
    ["of another validity", {}, () => ({ validityDays: 100 })],
  ])(
    "%s is registered by the next run, and until then the old one is in the state",
    async (_, row, change) => {
      await stack.up(rows());
      const before = await certificate("lab-2");
      await reject(["lab-2"]);
      const more = change();
      expect(await partly(rows(row), more)).toEqual([expect.stringContaining("lab-2")]);
      expect(await certificate("lab-2")).toBe(before);
      await stack.requireKeys("lab-1", "lab-2", "lab-3");
      await reject([]);
      await goesOn(rows(row), more);
      expect(await certificate("lab-2")).not.toBe(before);
      await stack.requireKeys("lab-1", "lab-2", "lab-3");
    },
  );

  it("because its row was not chosen is registered once all are", async () => {
    await stack.up(rows());
    const before = await certificate("lab-2");
    stack.ca = fleetCa("Next CA");
    await stack.up(rows(), { only: "lab-1" });
    expect(await certificate("lab-2")).toBe(before);
    expect((await stack.preview(rows())).step).toBe("update");
    await stack.up(rows());
    expect(await certificate("lab-2")).not.toBe(before);
    await stack.requireKeys("lab-1", "lab-2", "lab-3");
  });
});

describe("rows that were not chosen", () => {
  it("are left as they are, and the next run that chooses all changes them", async () => {
    await stack.up(rows({ tags: ["a"] }));
    const { told } = await stack.preview(rows({ tags: ["b"] }), { only: "lab-1, lab-3" });
    expect(told).toContain("1 device differs, and is not changed, because only others were chosen: lab-2");
    await stack.up(rows({ tags: ["b"] }), { only: "lab-1, lab-3" });
    const tags = async () => [...(await account.devices()).values()].map((device) => device.tags.join());
    expect(await tags()).toEqual(["b", "a", "b"]);
    expect((await stack.preview(rows({ tags: ["b"] }))).step).toBe("update");
    await stack.up(rows({ tags: ["b"] }));
    expect(await tags()).toEqual(["b", "b", "b"]);
  });

  it("neither come nor go", async () => {
    await stack.up(rows());
    await stack.up({ "lab-1": {}, "lab-4": {} }, { only: "lab-1" });
    expect([...(await account.devices()).keys()].sort()).toEqual(["lab-1", "lab-2", "lab-3"]);
    expect([...stack.keys.keys()].sort()).toEqual(["lab-1", "lab-2", "lab-3"]);
    await stack.up({ "lab-1": {}, "lab-4": {} });
    expect([...(await account.devices()).keys()].sort()).toEqual(["lab-1", "lab-4"]);
  });

  it("are destroyed with the others: who was chosen for an `up` is no choice for a destroy", async () => {
    await stack.up(rows(), { only: "lab-1" });
    await stack.up(rows());
    await stack.up(rows({ tags: ["a"] }), { only: "lab-1" });
    await stack.destroy();
    expect((await account.devices()).size).toBe(0);
  });
});
