import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { useAccount } from "../../support/account.js";
import { fleetCa, StackOfSet, type Rows } from "../../support/deviceSet.js";
import { Refused } from "../../support/resource.js";

const account = useAccount();
const DAY_MS = 86_400_000;

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  stack = new StackOfSet(account);
});

const ids = (count: number) => Array.from({ length: count }, (_, i) => `lab-${i + 1}`);
const fleet = (count: number, row: Rows[string] = {}): Rows =>
  Object.fromEntries(ids(count).map((id) => [id, row]));
const requests = async () => {
  const { routes } = (await account.admin("GET", "/requests")) as {
    routes: Record<string, { count: number }>;
  };
  return Object.fromEntries(Object.entries(routes).map(([route, { count }]) => [route, count]));
};
const certificates = async () =>
  Object.fromEntries(
    [...(await account.devices())].map(([id, { certificate }]) => [id, certificate?.fingerprint]),
  );

/** A preview and a refresh find nothing to do, and change nothing. */
async function nothingToDo(rows: Rows, more: object = {}): Promise<void> {
  expect(await stack.preview(rows, { ...more })).toEqual({ step: "same", told: "" });
  const before = stack.backup;
  await stack.refresh();
  expect(stack.backup).toEqual(before);
  expect(await stack.preview(rows, { ...more })).toEqual({ step: "same", told: "" });
}

describe("a set", () => {
  it("onboards its devices, and then there is nothing to do", async () => {
    const rows = fleet(5, { subType: "tracker", tags: ["lab", "oslo"], firmwareTypes: ["APP", "MODEM"] });
    expect(await stack.preview(rows)).toEqual({
      step: "create",
      told: "DeviceSet fleet:\n  + 5 devices to onboard: lab-{1..5}",
    });
    expect([...(await account.devices()).keys()]).toEqual([]);
    expect(await stack.up(rows)).toBe("create");
    const present = await account.devices();
    for (const id of ids(5)) {
      expect(present.get(id)).toMatchObject({
        name: id,
        subType: "tracker",
        tags: ["lab", "oslo"],
        firmwareTypes: ["APP", "MODEM"],
      });
      expect(stack.createdAt(id)).toBe(present.get(id)?.createdAt);
    }
    await stack.requireKeys(...ids(5));
    expect(stack.lines).toEqual(
      Object.fromEntries(ids(5).map((id) => [id, "subType=tracker tags=lab,oslo firmware=APP,MODEM"])),
    );
    await nothingToDo(rows);
  });

  it("makes calls by the hundred, and none where nothing changes", async () => {
    const rows = fleet(150, { tags: ["lab"] });
    await account.admin("DELETE", "/requests");
    await stack.up(rows);
    const created = await requests();
    expect(created["POST /v1/devices"]).toBe(1);
    expect(created["GET /v1/devices/:deviceId"] ?? 0).toBe(0);
    await account.admin("DELETE", "/requests");
    await stack.preview(rows);
    expect(await requests()).toEqual({ "GET /v1/account": 1 });
    await account.admin("DELETE", "/requests");
    await stack.refresh();
    expect(await requests()).toEqual({ "GET /v1/account": 1, "GET /v1/devices": 2 });
    await account.admin("DELETE", "/requests");
    await stack.destroy();
    const destroyed = await requests();
    expect(destroyed["DELETE /v1/devices/:deviceId"]).toBe(150);
    expect(Object.values(destroyed).reduce((sum, count) => sum + count, 0)).toBeLessThan(165);
    expect((await account.devices()).size).toBe(0);
  });

  it("changes tags and names in place, of these devices only, and keeps their certificates", async () => {
    await stack.up(fleet(3, { tags: ["lab"] }));
    const before = await certificates();
    const rows: Rows = {
      ...fleet(3, { tags: ["lab"] }),
      "lab-2": { tags: ["lab", "loan"], name: "On loan" },
    };
    expect(await stack.preview(rows)).toEqual({
      step: "update",
      told: "DeviceSet fleet:\n  ~ 1 device will get another name: lab-2\n  ~ 1 device will get other tags: lab-2",
    });
    await account.admin("DELETE", "/requests");
    await stack.up(rows);
    const changes = Object.entries(await requests()).filter(([route]) => !route.startsWith("GET"));
    expect(Object.fromEntries(changes)).toEqual({
      "PUT /v1/devices/:deviceId/name": 1,
      "PUT /v1/devices/:deviceId/tags": 1,
    });
    expect((await account.devices()).get("lab-2")).toMatchObject({ name: "On loan", tags: ["lab", "loan"] });
    expect(await certificates()).toEqual(before);
    await nothingToDo(rows);

    // Without a name of its own a device is called by its id again, and without tags it has none.
    await stack.up(fleet(3));
    expect((await account.devices()).get("lab-2")).toMatchObject({ name: "lab-2", tags: [] });
    expect(await certificates()).toEqual(before);
    await nothingToDo(fleet(3));
  });

  it("takes the order of tags for nothing", async () => {
    await stack.up(fleet(1, { tags: ["a", "b"] }));
    await account.admin("DELETE", "/requests");
    await stack.up(fleet(1, { tags: ["b", "a"] }));
    expect(Object.keys(await requests()).filter((route) => !route.startsWith("GET"))).toEqual([]);
    await nothingToDo(fleet(1, { tags: ["b", "a"] }));
  });

  it("names new devices", async () => {
    const rows = fleet(2, { name: "Kit" });
    await stack.up(rows);
    expect([...(await account.devices()).values()].map(({ name }) => name)).toEqual(["Kit", "Kit"]);
    await nothingToDo(rows);
  });

  it("deletes and onboards again for another sub-type, and says what is lost", async () => {
    await stack.up(fleet(2, { subType: "tracker" }));
    const before = await account.devices();
    const rows: Rows = { ...fleet(2, { subType: "tracker" }), "lab-1": { subType: "lamp" } };
    const { step, told } = await stack.preview(rows);
    expect(step).toBe("update");
    expect(told).toContain(
      "-/+ 1 device will be deleted and onboarded again, because subType changes: lab-1",
    );
    await stack.up(rows);
    const after = await account.devices();
    expect(after.get("lab-1")?.subType).toBe("lamp");
    expect(after.get("lab-1")?.certificate).not.toEqual(before.get("lab-1")?.certificate);
    expect(after.get("lab-2")).toEqual(before.get("lab-2"));
    await stack.requireKeys("lab-1", "lab-2");
    await nothingToDo(rows);
  });

  it("gives a device another key when it is rotated, and no other device", async () => {
    await stack.up(fleet(2));
    const [before, keys] = [await certificates(), stack.keys];
    const rows: Rows = { "lab-1": { rotation: { generation: 2 } }, "lab-2": {} };
    expect((await stack.preview(rows)).told).toContain(
      "~ 1 device will get a new key and certificate: lab-1",
    );
    await stack.up(rows);
    const after = await certificates();
    expect(after["lab-1"]).not.toBe(before["lab-1"]);
    expect(after["lab-2"]).toBe(before["lab-2"]);
    expect(stack.keys.get("lab-1")).not.toBe(keys.get("lab-1"));
    await stack.requireKeys("lab-1", "lab-2");
    await nothingToDo(rows);
  });

  it.each(["a new CA", "another validity", "a renewal that is due"])(
    "gives all devices new certificates for the keys they have, by %s",
    async (reason) => {
      const more = reason === "a renewal that is due" ? { validityDays: 10, earlyRenewalHours: 48 } : {};
      await stack.up(fleet(3), more);
      const [before, keys] = [await certificates(), stack.keys];
      let changed: object = more;
      if (reason === "a new CA") stack.ca = fleetCa("Next CA");
      else if (reason === "another validity") changed = { validityDays: 10 };
      else {
        expect((await stack.preview(fleet(3), more)).step).toBe("same");
        account.later(9 * DAY_MS);
        onTestFinished(() => {
          account.later(-9 * DAY_MS);
        });
      }
      const { step, told } = await stack.preview(fleet(3), { ...changed });
      expect(step).toBe("update");
      expect(told).toMatch(/~ 3 devices will get a .*certificate.*, for the same key: lab-\{1\.\.3\}/);
      await stack.up(fleet(3), { ...changed });
      const after = await certificates();
      for (const id of ids(3)) expect(after[id]).not.toBe(before[id]);
      expect(stack.keys).toEqual(keys);
      await stack.requireKeys(...ids(3));
      await nothingToDo(fleet(3), changed);
    },
  );

  it("adds and removes rows, and does not change the others", async () => {
    await stack.up(fleet(3));
    const before = await account.devices();
    const rows: Rows = { "lab-1": {}, "lab-2": {}, "lab-4": {} };
    const { told } = await stack.preview(rows);
    expect(told.split("\n")).toEqual([
      "DeviceSet fleet:",
      "  - 1 device will be deleted: lab-3",
      "      nRF Cloud deletes its data and certificates. It can't connect any more.",
      "  + 1 device to onboard: lab-4",
    ]);
    await stack.up(rows);
    const after = await account.devices();
    expect([...after.keys()].sort()).toEqual(["lab-1", "lab-2", "lab-4"]);
    expect(after.get("lab-1")).toEqual(before.get("lab-1"));
    expect([...stack.keys.keys()].sort()).toEqual(["lab-1", "lab-2", "lab-4"]);
    await nothingToDo(rows);
  });

  it("of no rows is a set, too", async () => {
    await stack.up({});
    await nothingToDo({});
    await stack.up(fleet(1));
    await stack.up({});
    expect((await account.devices()).size).toBe(0);
    await stack.destroy();
  });

  it("is destroyed with all its devices, or leaves them where that is declared", async () => {
    await stack.up(fleet(3));
    await stack.destroy();
    expect(stack.exists).toBe(false);
    expect((await account.devices()).size).toBe(0);

    await stack.up(fleet(2), { keepOnDestroy: true });
    await stack.destroy();
    expect(stack.exists).toBe(false);
    expect((await account.devices()).size).toBe(2);
    expect(account.told.join("\n")).toContain("keeps its devices in the account");
  });

  it("works with lines that users write, whatever their ids", async () => {
    const odd = ["constructor", "toString", "0", "-1", "a:b_c", "x".repeat(64)];
    const rows = Object.fromEntries(odd.map((id) => [id, { tags: ["a"] }]));
    await stack.up(rows);
    expect(Object.keys(stack.lines).sort()).toEqual([...odd].sort());
    await stack.requireKeys(...odd);
    await nothingToDo(rows);
    await stack.destroy();
    expect((await account.devices()).size).toBe(0);
  });
});

describe("what nRF Cloud would not take", () => {
  it.each<[string, string, string]>([
    ["lab 1", "", "is not a device id"],
    ["lab-1", "tags=ü", "is not a tag"],
    ["lab-1", "color=red", "has color"],
    ["lab-1", "certificate=0123456789abcdef0123456789abcdef", "certificate is missing"],
  ])("is refused before anything is asked: %s %s", async (id, line, problem) => {
    await account.admin("DELETE", "/requests");
    const refusal = stack.up({}, { devices: { "lab-0": "", [id]: line } });
    await expect(refusal).rejects.toThrow(Refused);
    await expect(refusal).rejects.toThrow(problem);
    expect(await requests()).toEqual({});
  });
});

describe("a preview", () => {
  it("works without an API key, and says what it could not check", async () => {
    stack.env = { NRF_CLOUD_API_KEY: "" };
    const { step, told } = await stack.preview(fleet(2));
    expect(step).toBe("create");
    expect(told).toContain("+ 2 devices to onboard: lab-{1..2}");
    expect(told).toContain("this preview has no API key");
  });

  it("leaves no trace, in the account or on the disk", async () => {
    await stack.up(fleet(1));
    const before = await account.devices();
    const kept = stack.backup;
    await stack.preview({ "lab-1": { subType: "b", tags: ["x"] }, "lab-2": {} });
    expect(await account.devices()).toEqual(before);
    expect(stack.backup).toEqual(kept);
  });

  it("plans around rows with unknown inputs", async () => {
    await stack.up(fleet(2));
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const { step, told } = await stack.preview(
      {},
      { devices: { "lab-1": unknown, "lab-2": "", "lab-3": unknown } },
    );
    expect(step).toBe("update");
    expect(told).not.toContain("delete");
  });
});
