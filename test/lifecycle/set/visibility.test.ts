import { rmSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import * as finding from "../../../provider/reconcile/plan/finding.js";
import { useAccount } from "../../support/account.js";
import { onboardByHand, StackOfSet, type Rows } from "../../support/deviceSet.js";

/** *Not visible is not gone*: keys that see a part of the account, or another one. */

const account = useAccount({
  teams: [
    {
      tenantId: "5b7a2f5e-0c1d-4f6e-9a64-1f3d0c7a9e11",
      name: "Ours",
      apiKeys: [
        { key: "owner", role: "owner" },
        { key: "editor-of-north", role: "editor", groups: ["north"] },
        { key: "viewer", role: "viewer" },
      ],
    },
    {
      tenantId: "c0ffee00-7e57-4a11-8bad-57a9e12b0b02",
      name: "Theirs",
      apiKeys: [{ key: "theirs", role: "owner" }],
    },
  ],
});

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  rmSync(account.journalFolder, { recursive: true, force: true });
  stack = new StackOfSet(account);
});

const LIMITED = { NRF_CLOUD_API_KEY: "editor-of-north" };
const rows = (more: Rows[string] = {}): Rows => ({
  "s-1": { tags: ["south"], ...more },
  "s-2": { tags: ["south"], ...more },
  "s-3": { tags: ["south"], ...more },
  "n-1": { tags: ["north"], ...more },
  "n-2": { tags: ["north"], ...more },
});
const SOUTH = "3 devices (s-{1..3})";
const told = () => account.told.join("\n");

describe("a key whose groups hide devices", () => {
  it("never drops them or their keys from the state by a refresh, and says which it can't see", async () => {
    await stack.up(rows(), { maxDeletes: "0" });
    const keys = stack.keys;
    stack.env = LIMITED;
    await stack.refresh();
    expect(told()).toContain(`${SOUTH}: ${finding.HIDDEN}`);
    expect(stack.keys).toEqual(keys);
    expect(Object.keys(stack.lines).sort()).toEqual(Object.keys(rows()).sort());
    // A key that sees them finds all as it was.
    stack.env = {};
    await stack.refresh();
    await stack.up(rows(), { maxDeletes: "0" });
    await stack.requireKeys(...Object.keys(rows()));
    expect((await stack.preview(rows(), { maxDeletes: "0" })).step).toBe("same");
  });

  it("changes what it sees, and leaves the others as they are", async () => {
    await stack.up(rows());
    stack.env = LIMITED;
    const { told: preview } = await stack.preview(rows({ name: "Kit" }));
    expect(preview).toContain("~ 2 devices will get another name: n-{1..2}");
    expect(preview).toContain(`${SOUTH}: ${finding.HIDDEN}`);
    await stack.up(rows({ name: "Kit" }));
    const names = [...(await account.devices())].map(([id, { name }]) => `${id} ${name}`).sort();
    expect(names).toEqual(["n-1 Kit", "n-2 Kit", "s-1 s-1", "s-2 s-2", "s-3 s-3"]);
    stack.env = {};
    await stack.up(rows({ name: "Kit" }));
    expect([...(await account.devices()).values()].every(({ name }) => name === "Kit")).toBe(true);
    await stack.requireKeys(...Object.keys(rows()));
  });

  it("does not forget rows that leave, as it can't see them", async () => {
    await stack.up(rows());
    stack.env = LIMITED;
    await stack.up({ "n-1": { tags: ["north"] } });
    expect([...(await account.devices()).keys()].sort()).toEqual(["n-1", "s-1", "s-2", "s-3"]);
    expect([...stack.keys.keys()].sort()).toEqual(["n-1", "s-1", "s-2", "s-3"]);
    stack.env = {};
    await stack.up({ "n-1": { tags: ["north"] } });
    expect([...(await account.devices()).keys()]).toEqual(["n-1"]);
    expect([...stack.keys.keys()]).toEqual(["n-1"]);
  });

  it("does not destroy what it can't see: the state is kept, with the keys, and the message says why", async () => {
    await stack.up(rows());
    stack.env = LIMITED;
    await expect(stack.destroy()).rejects.toThrow(`${SOUTH}: ${finding.HIDDEN}`);
    expect(stack.exists).toBe(true);
    expect([...stack.keys.keys()]).toEqual(expect.arrayContaining(["s-1", "s-2", "s-3"]));
    stack.env = {};
    await stack.destroy();
    expect((await account.devices()).size).toBe(0);
  });
});

describe("a key of another team", () => {
  it.each(["preview", "up", "refresh", "destroy"] as const)(
    "can't %s: nothing is looked at or changed",
    async (command) => {
      await stack.up(rows());
      const before = await account.devices();
      const kept = stack.backup;
      stack.env = { NRF_CLOUD_API_KEY: "theirs" };
      const run = {
        preview: () => stack.preview(rows()),
        up: () => stack.up(rows()),
        refresh: () => stack.refresh(),
        destroy: () => stack.destroy(),
      }[command]();
      await expect(run).rejects.toThrow(
        /belongs to team 5b7a2f5e.* but the API key belongs to team c0ffee00/,
      );
      expect(await account.devices()).toEqual(before);
      expect(stack.backup).toEqual(kept);
    },
  );
});

describe("a key that may not write", () => {
  it("previews, and fails an up with one text for all devices", async () => {
    stack.env = { NRF_CLOUD_API_KEY: "viewer" };
    expect((await stack.preview(rows())).step).toBe("create");
    await expect(stack.up(rows())).rejects.toThrow(/5 devices .*API key/s);
    expect((await account.devices()).size).toBe(0);
    stack.env = {};
    await stack.up(rows());
    await stack.requireKeys(...Object.keys(rows()));
  });
});

describe("what drifted", () => {
  const change = (id: string, changes: object) => account.admin("PATCH", `/devices/${id}`, changes);

  it("is reported by refresh for each row, and corrected by the next up", async () => {
    await stack.up(rows());
    await change("s-1", { tags: ["moved"] });
    await change("s-2", { name: "By hand" });
    await account.admin("DELETE", "/devices/n-1");
    const keys = stack.keys;
    await stack.refresh();
    expect(stack.lines).toEqual({
      "s-1": "tags=moved",
      "s-2": 'tags=south name="By hand"',
      "s-3": "tags=south",
      "n-2": "tags=north",
    });
    expect(told()).toContain(`1 device (n-1): ${finding.MISSING_NOW}`);
    const { told: preview } = await stack.preview(rows());
    expect(preview).toContain("+ 1 device to onboard: n-1");
    expect(preview).toContain("~ 1 device will get other tags: s-1");
    expect(preview).toContain("~ 1 device will get another name: s-2");
    await stack.up(rows());
    const after = await account.devices();
    expect(after.get("s-1")?.tags).toEqual(["south"]);
    expect(after.get("s-2")?.name).toBe("s-2");
    // A device that is created again has the key that it was flashed with.
    expect(stack.keys).toEqual(keys);
    await stack.requireKeys(...Object.keys(rows()));
    expect((await stack.preview(rows())).step).toBe("same");
  });

  it("in its sub-type is a device to be replaced, and reported as one", async () => {
    await stack.up(rows({ subType: "tracker" }));
    await change("s-1", { subType: "lamp" });
    await stack.refresh();
    expect(stack.lines["s-1"]).toBe("subType=lamp tags=south");
    const { told: preview } = await stack.preview(rows({ subType: "tracker" }));
    expect(preview).toContain(
      "-/+ 1 device will be deleted and onboarded again, because subType changes: s-1",
    );
  });

  it("and was brought back by hand is nothing to do", async () => {
    await stack.up(rows());
    await change("s-1", { tags: ["moved"] });
    await stack.refresh();
    await change("s-1", { tags: ["south"] });
    await stack.up(rows());
    expect(stack.lines["s-1"]).toBe("tags=south");
    expect((await stack.preview(rows())).step).toBe("same");
  });

  it("of a removed row needs no request: the row leaves the state only", async () => {
    await stack.up(rows());
    await account.admin("DELETE", "/devices/n-1");
    await stack.refresh();
    const { "n-1": _, ...others } = rows();
    await stack.up(others, { maxDeletes: "0" });
    expect(Object.keys(stack.lines)).not.toContain("n-1");
    expect((await account.devices()).size).toBe(4);
  });

  it("since the last look is found by an up that changes the row", async () => {
    await stack.up(rows());
    await account.admin("DELETE", "/devices/n-1");
    await stack.up(rows({ name: "Kit" }));
    expect((await account.devices()).get("n-1")?.name).toBe("Kit");
    await stack.requireKeys(...Object.keys(rows()));
  });

  it("to another team's is theirs", async () => {
    await stack.up(rows());
    await account.admin("DELETE", "/devices/n-1");
    await onboardByHand(account, ["n-1"], { apiKey: "theirs" });
    const theirs = (await account.devices()).get("n-1");
    await stack.refresh();
    await expect(stack.up(rows())).rejects.toThrow("n-1");
    const { "n-1": _, ...others } = rows();
    await stack.up(others);
    await stack.destroy();
    expect([...(await account.devices()).values()]).toEqual([theirs]);
  });
});
