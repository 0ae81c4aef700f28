import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { unpackRecords } from "../../../provider/reconcile/table/packRecords.js";
import { useAccount } from "../../support/account.js";
import { failNext, StackOfSet, type Rows } from "../../support/deviceSet.js";

const account = useAccount();
const DAY_MS = 24 * 3_600_000;

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  stack = new StackOfSet(account);
});

function days(count: number): void {
  account.later(count * DAY_MS);
  onTestFinished(() => {
    account.later(-count * DAY_MS);
  });
}
const rows = (row: Rows[string] = {}): Rows => ({
  "lab-1": { tags: ["a"] },
  "lab-2": { tags: ["a"], ...row },
});
const retired = rows({ state: "retired" });
const record = (id: string) => unpackRecords(stack.outputs.records as string).get(id);
const present = async () => [...(await account.devices()).keys()].sort();
const isSettled = async (declared: Rows) => (await stack.preview(declared)).step === "same";

describe("a retired device", () => {
  it("gets a tag, is kept for its time, is deleted then, and is not onboarded again", async () => {
    await stack.up(rows());
    const { told } = await stack.preview(retired);
    expect(told).toContain("~ 1 device will be retired, and deleted or released after 30d: lab-2");
    await stack.up(retired);
    expect((await account.devices()).get("lab-2")?.tags).toEqual(["a", "retired"]);
    expect(record("lab-2")?.retiredAt).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(await isSettled(retired)).toBe(true);
    await stack.refresh();
    expect(await isSettled(retired)).toBe(true);

    days(29);
    expect(await isSettled(retired)).toBe(true);
    days(2);
    const { step, told: over } = await stack.preview(retired);
    expect(step).toBe("update");
    expect(over).toContain("- 1 device will be deleted: lab-2");
    expect(over).toContain("the time for which they are kept is over");
    await stack.up(retired);
    expect(await present()).toEqual(["lab-1"]);
    expect(record("lab-2")).toMatchObject({
      retiredAt: expect.any(String) as string,
      deletedAt: expect.any(String) as string,
    });
    expect(stack.keys.has("lab-2")).toBe(false);
    expect(await isSettled(retired)).toBe(true);
    await stack.refresh();
    expect(await isSettled(retired)).toBe(true);

    await stack.up({ "lab-1": { tags: ["a"] } });
    expect(record("lab-2")).toBeUndefined();
    expect(await present()).toEqual(["lab-1"]);
  });

  it("can't be removed or replaced before its time, but where that is allowed", async () => {
    await stack.up(rows());
    await stack.up(retired);
    const without: Rows = { "lab-1": { tags: ["a"] } };
    await expect(stack.preview(without)).rejects.toThrow(/kept until \d{4}-\d\d-\d\d: lab-2/);
    await expect(stack.up(without)).rejects.toThrow("kept until");
    expect(await present()).toEqual(["lab-1", "lab-2"]);
    stack.env = { NRF_CLOUD_ALLOW_DELETES: "1" };
    await stack.up(without);
    expect(await present()).toEqual(["lab-1"]);
  });

  it("can be removed when its time is over", async () => {
    await stack.up(rows());
    await stack.up(rows({ state: "retired", keepFor: "1d" }));
    days(2);
    await stack.up({ "lab-1": { tags: ["a"] } });
    expect(await present()).toEqual(["lab-1"]);
    expect(record("lab-2")).toBeUndefined();
  });

  it("is in use again without the state, with its key, and loses the tag", async () => {
    await stack.up(rows());
    const key = stack.keys.get("lab-2");
    await stack.up(retired);
    await stack.up(rows());
    expect((await account.devices()).get("lab-2")?.tags).toEqual(["a"]);
    expect(record("lab-2")?.retiredAt).toBeUndefined();
    expect(stack.keys.get("lab-2")).toBe(key);
    days(60);
    expect(await isSettled(rows())).toBe(true);
  });

  it("is onboarded again where it is in use again after it was deleted", async () => {
    await stack.up(rows());
    await stack.up(retired);
    days(31);
    await stack.up(retired);
    await stack.up(rows());
    expect(await present()).toEqual(["lab-1", "lab-2"]);
    expect(record("lab-2")?.deletedAt).toBeUndefined();
    await stack.requireKeys("lab-1", "lab-2");
  });

  it("needs nothing but its id: how it was onboarded is kept", async () => {
    const before = rows({ subType: "x", name: "Two" });
    await stack.up(before);
    await stack.up({ "lab-1": { tags: ["a"] }, "lab-2": { state: "retired" } });
    expect(stack.lines["lab-2"]).toBe("subType=x tags=retired name=Two retired=30d");
    await stack.up(before);
    expect((await account.devices()).get("lab-2")).toMatchObject({ subType: "x", tags: ["a"], name: "Two" });
    await stack.requireKeys("lab-2");
  });

  it("is not deleted against the guards", async () => {
    await stack.up(rows());
    await stack.up(retired);
    days(31);
    await expect(stack.preview(retired, { maxDeletes: "0" })).rejects.toThrow("maxDeletes (0) allows 0");
    expect(await present()).toEqual(["lab-1", "lab-2"]);
  });

  it("that was never onboarded is not onboarded", async () => {
    await stack.up({ "lab-1": {}, "lab-9": { state: "retired" } });
    expect(await present()).toEqual(["lab-1"]);
    expect(record("lab-9")).toBeUndefined();
  });

  it("whose deletion fails is tried again", async () => {
    await stack.up(rows());
    await stack.up(retired);
    days(31);
    await failNext(account, "DeleteDevice");
    await expect(stack.up(retired)).rejects.toThrow("DeleteDevice");
    await account.admin("DELETE", "/faults");
    expect(stack.keys.has("lab-2")).toBe(true);
    await stack.up(retired);
    expect(await present()).toEqual(["lab-1"]);
    expect(stack.failed).toEqual({});
  });

  it("is deleted with all others by a destroy", async () => {
    await stack.up(rows());
    await stack.up(retired);
    await stack.destroy();
    expect(await present()).toEqual([]);
  });
});
