import { rmSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { useAccount } from "../../support/account.js";
import { StackOfSet, type Rows } from "../../support/deviceSet.js";

const account = useAccount();

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  rmSync(account.journalFolder, { recursive: true, force: true });
  stack = new StackOfSet(account);
});

const rows = (count: number, row: Rows[string] = {}): Rows =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`lab-${i + 1}`, row]));
const size = async () => (await account.devices()).size;

describe("maxDeletes", () => {
  it("refuses a plan as a whole, in the preview and in the up, with what would leave", async () => {
    await stack.up(rows(10), { maxDeletes: "3" });
    const changed = { ...rows(7, { subType: "x" }), "lab-11": {} };
    const refusal =
      /would delete, replace or release 10 devices of 10, but maxDeletes \(3\) allows 3.*3 devices deleted or released: lab-\{8\.\.10\}.*7 devices replaced: lab-\{1\.\.7\}/s;
    await expect(stack.preview(changed, { maxDeletes: "3" })).rejects.toThrow(refusal);
    await expect(stack.up(changed, { maxDeletes: "3" })).rejects.toThrow(refusal);
    expect([...(await account.devices()).keys()]).not.toContain("lab-11");
    expect(await size()).toBe(10);
    stack.env = { NRF_CLOUD_ALLOW_DELETES: "10" };
    await stack.up(changed, { maxDeletes: "3" });
    expect(await size()).toBe(8);
  });

  it("refuses a destroy as a whole", async () => {
    await stack.up(rows(5), { maxDeletes: "40%" });
    await expect(stack.destroy()).rejects.toThrow("maxDeletes (40%) allows 2");
    expect(await size()).toBe(5);
    stack.env = { NRF_CLOUD_ALLOW_DELETES: "5" };
    await stack.destroy();
    expect(await size()).toBe(0);
  });

  it("is the one that is declared now: lowering it holds at once, as raising it does", async () => {
    await stack.up(rows(5));
    await expect(stack.up(rows(1), { maxDeletes: "1" })).rejects.toThrow("maxDeletes (1)");
    await stack.up(rows(1), { maxDeletes: "4" });
    expect(await size()).toBe(1);
  });
});

describe("protect", () => {
  it("keeps a device from being deleted, replaced, and from a destroy; the others wait with it", async () => {
    await stack.up({ ...rows(2), "lab-3": { protect: true } });
    const before = await account.devices();
    const refusal = /This operation would delete, replace or release protected devices: lab-3/;
    await expect(stack.preview(rows(1))).rejects.toThrow(refusal);
    await expect(stack.up(rows(1))).rejects.toThrow(refusal);
    await expect(stack.up({ ...rows(2), "lab-3": { protect: true, subType: "x" } })).rejects.toThrow(refusal);
    await expect(stack.destroy()).rejects.toThrow(refusal);
    expect(await account.devices()).toEqual(before);
  });

  it("can't be taken out and overridden in one run", async () => {
    await stack.up({ ...rows(2), "lab-3": { protect: true } });
    await expect(stack.up({ ...rows(2), "lab-3": { subType: "x" } })).rejects.toThrow("protected devices");
    await stack.up(rows(3));
    await stack.up(rows(2));
    expect(await size()).toBe(2);
  });

  it("allows everything else", async () => {
    await stack.up({ "lab-1": { protect: true } });
    await stack.up({ "lab-1": { protect: true, tags: ["a"], name: "n", rotation: { generation: 2 } } });
    expect((await account.devices()).get("lab-1")).toMatchObject({ tags: ["a"], name: "n" });
    await stack.requireKeys("lab-1");
  });
});

it("a preview says that an apply will fail where the team's plan is too small", async () => {
  await account.admin("PUT", "/settings", { deviceLimit: 3 });
  const { told } = await stack.preview(rows(5));
  expect(told).toMatch(
    /^ {2}This apply will fail: The team's plan allows 3 devices, .* would have 5\. Remove/m,
  );

  await stack.up(rows(3));
  const swapped = { ...rows(2), "lab-9": {} };
  expect((await stack.preview(swapped)).told).toMatch(
    /would have 4\. nRF Cloud deletes 1 device only afterwards/,
  );
  expect((await stack.preview(rows(2))).told).not.toContain("will fail");
});
