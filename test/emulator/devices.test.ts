import { beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../emulator/index.js";
import { publicKeyPem } from "./support/certificates.js";
import type { Client } from "./support/client.js";
import {
  anyNumber,
  anyText,
  admin,
  emulate,
  field,
  ids,
  ourClient,
  ours,
  row,
  text,
  theirClient,
} from "./support/client.js";

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `dev-${index}`);

/** Every page of a list, as lists of ids. */
async function pages(client: Client, query: string): Promise<unknown[][]> {
  const found: unknown[][] = [];
  for (let token: unknown = ""; typeof token === "string";) {
    const next = token === "" ? "" : `&pageNextToken=${encodeURIComponent(token)}`;
    const { status, body } = await client.get(`/devices?${query}${next}`);
    expect(status).toBe(200);
    expect(field(body, "total")).toBe(ids(body).length);
    found.push(ids(body));
    token = field(body, "pageNextToken");
  }
  return found;
}

describe("ListDevices", () => {
  it("shows ten devices a page by creation, and a token while more are left", async () => {
    const client = ourClient(await emulate());
    await client.bulk(numbered(20).map((id) => row(id, publicKeyPem())));
    expect(await pages(client, "")).toEqual([numbered(10), numbered(20).slice(10)]);
  });

  it("pages through hundreds of devices in both directions", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    await client.bulk(numbered(250).map((id) => row(id, publicKeyPem())));
    await theirClient(emulator).bulk([row("theirs", publicKeyPem())]);
    const upwards = await pages(client, "pageLimit=100");
    expect(upwards.map((page) => page.length)).toEqual([100, 100, 50]);
    expect(upwards.flat()).toEqual(numbered(250));
    expect((await pages(client, "pageLimit=100&pageSort=desc")).flat()).toEqual(numbered(250).reverse());
  });

  it("neither repeats nor skips devices when others come and go between pages", async () => {
    const client = ourClient(await emulate());
    await client.bulk(numbered(30).map((id) => row(id, publicKeyPem())));
    const { body: first } = await client.get("/devices?pageLimit=10");
    await client.delete("/devices/dev-3");
    await client.delete("/devices/dev-9");
    await client.delete("/devices/dev-12");
    await client.bulk([row("late", publicKeyPem())]);
    const token = encodeURIComponent(text(first, "pageNextToken"));
    const { body: rest } = await client.get(`/devices?pageLimit=100&pageNextToken=${token}`);
    expect(ids(rest)).toEqual([...numbered(30).slice(10, 12), ...numbered(30).slice(13), "late"]);
  });

  it("is right after hundreds of deletions and re-creations", async () => {
    const client = ourClient(await emulate());
    const rows = numbered(600).map((id) => row(id, publicKeyPem()));
    await client.bulk(rows);
    for (const id of numbered(600).slice(50)) await client.delete(`/devices/${id}`);
    expect((await pages(client, "pageLimit=100")).flat()).toEqual(numbered(50));
    await client.bulk(rows.slice(100, 110));
    expect((await pages(client, "pageLimit=100")).flat()).toEqual([
      ...numbered(50),
      ...numbered(110).slice(100),
    ]);
  });

  it("makes tokens that must be URL-encoded, and refuses those that were not", async () => {
    const client = ourClient(await emulate());
    await client.bulk(numbered(3).map((id) => row(id, publicKeyPem())));
    const { body } = await client.get("/devices?pageLimit=1");
    const token = text(body, "pageNextToken");
    expect(encodeURIComponent(token)).not.toBe(token);
    expect(await client.get(`/devices?pageNextToken=${token}`)).toMatchObject({ status: 422 });
    expect(await client.get("/devices?pageNextToken=nonsense")).toMatchObject({ status: 422 });
  });

  it.each(["0", "101", "ten", "-1", "1.5"])("refuses a page limit of %s", async (limit) => {
    const client = ourClient(await emulate());
    expect(await client.get(`/devices?pageLimit=${limit}`)).toMatchObject({
      status: 422,
      body: { code: 42200 },
    });
  });

  it("refuses filters it does not serve instead of ignoring them", async () => {
    const client = ourClient(await emulate());
    for (const name of ["transform", "deviceIdentifiers", "gatewayId", "bleFirmwareSupport"]) {
      expect(await client.get(`/devices?${name}=x`)).toMatchObject({ status: 422 });
    }
  });

  it("shows the state and its metadata only when asked", async () => {
    const client = ourClient(await emulate());
    await client.bulk([row("dev-1", publicKeyPem())]);
    expect((await client.get("/devices")).text).not.toContain('"state":{"desired"');
    const values = (await client.get("/devices?includeState=true")).text;
    expect(values).toContain('"state":{"desired"');
    expect(values).not.toContain('"metadata"');
    const all = (await client.get("/devices?includeState=true&includeStateMeta=true")).text;
    expect(all).toContain('"metadata"');
  });

  describe("filters", () => {
    let client: Client;

    beforeAll(async () => {
      const emulator = await startEmulator({ teams: [ours] });
      client = ourClient(emulator);
      await client.bulk([
        row("a", publicKeyPem(), "sensor", "barn|east", "APP|MODEM"),
        row("b", publicKeyPem(), "my-gateway", "barn", "APP"),
        row("c", publicKeyPem(), "sensor", "west", "MODEM"),
        row("d", publicKeyPem()),
      ]);
      await client.json("PUT", "/devices/d/name", "Cow Bell");
      return () => emulator.close();
    });

    it.each([
      ["tags=east", ["a"]],
      ["tags=east,west", ["a", "c"]],
      ["tags=east&tags=west", ["a", "c"]],
      ["deviceIds=d,a,nobody", ["a", "d"]],
      ["deviceIds=d&deviceIds=b&pageSort=desc", ["d", "b"]],
      ["subTypes=sensor", ["a", "c"]],
      ["subTypes=unknown", ["d"]],
      ["deviceTypes=Gateway", ["b"]],
      ["deviceTypes=Generic&deviceTypes=Gateway", ["a", "b", "c", "d"]],
      ["firmwareSupport=APP", ["a", "b"]],
      ["firmwareSupport=APP,MODEM", ["a"]],
      ["firmwareSupportExclude=MODEM", ["b", "d"]],
      ["deviceNameFuzzy=cow", ["d"]],
      ["tags=barn&subTypes=sensor", ["a"]],
      ["tags=nowhere", []],
    ])("%s", async (query, expected) => {
      expect((await pages(client, `${query}&pageLimit=1`)).flat()).toEqual(expected);
      expect((await pages(client, query)).flat()).toEqual(expected);
    });

    it("refuses a firmware type that does not exist", async () => {
      expect(await client.get("/devices?firmwareSupport=NONE")).toMatchObject({ status: 422 });
    });

    it("lists the tags in use, by page and as a whole", async () => {
      expect(await client.get("/devices/tags")).toMatchObject({ status: 422 });
      const first = await client.get("/devices/tags?pageLimit=2");
      expect(first.body).toMatchObject({ items: ["barn", "east"], total: 2 });
      const token = encodeURIComponent(text(first.body, "pageNextToken"));
      const second = await client.get(`/devices/tags?pageLimit=2&pageNextToken=${token}`);
      expect(second.body).toEqual({ items: ["west"], total: 1 });
      expect((await client.get("/account/tags")).body).toEqual({ items: ["barn", "east", "west"], total: 3 });
    });
  });
});

describe("changes", () => {
  it("renames by a string or an array of one", async () => {
    const client = ourClient(await emulate());
    await client.bulk([row("dev-1", publicKeyPem())]);
    const reply = await client.json("PUT", "/devices/dev-1/name", "First");
    expect(reply).toMatchObject({ status: 202, text: "" });
    expect(reply.headers.get("content-length")).toBe("0");
    expect((await client.get("/devices/dev-1")).body).toMatchObject({
      name: "First",
      $meta: { updatedAt: anyText },
    });
    await client.json("PUT", "/devices/dev-1/name", ["Second"]);
    expect((await client.get("/devices/dev-1")).body).toMatchObject({ name: "Second" });
    await client.json("PUT", "/devices/dev-1/name", "n".repeat(128));
    for (const wrong of ["", "n".repeat(129), ["a", "b"], {}, 7, null]) {
      expect(await client.json("PUT", "/devices/dev-1/name", wrong)).toMatchObject({ status: 422 });
    }
    expect((await client.get("/devices/dev-1")).body).toMatchObject({ name: "n".repeat(128) });
  });

  it("replaces all tags, and clears them with an empty array", async () => {
    const client = ourClient(await emulate());
    await client.bulk([row("dev-1", publicKeyPem(), "", "barn|east")]);
    expect(await client.json("PUT", "/devices/dev-1/tags", ["west"])).toMatchObject({
      status: 202,
      text: "",
    });
    expect((await client.get("/devices/dev-1")).body).toMatchObject({ tags: ["west"] });
    for (const wrong of [["no good"], [""], ["a,b"], "west", [7], null]) {
      expect(await client.json("PUT", "/devices/dev-1/tags", wrong)).toMatchObject({ status: 422 });
    }
    await client.json("PUT", "/devices/dev-1/tags", []);
    expect((await client.get("/devices/dev-1")).body).toMatchObject({ tags: [] });
  });

  it("merges the state, deletes by null, counts versions and honours If-Match", async () => {
    const client = ourClient(await emulate());
    await client.bulk([row("dev-1", publicKeyPem())]);
    const patch = (body: unknown, headers?: Record<string, string>) =>
      client.json("PATCH", "/devices/dev-1/state", body, headers);
    expect(await patch({ desired: { a: { b: 1, c: [1] } }, reported: { a: { b: 1 } } })).toMatchObject({
      status: 202,
      text: "",
    });
    const state = async () => field((await client.get("/devices/dev-1")).body, "state");
    expect(await state()).toMatchObject({
      version: 4,
      desired: { a: { b: 1, c: [1] }, pairing: { state: "paired" } },
      reported: { a: { b: 1 } },
      delta: { a: { c: [1] } },
      metadata: { desired: { a: { b: { timestamp: anyNumber } } } },
    });
    expect(await patch({ desired: { a: { c: null }, pairing: null } }, { "if-match": "3" })).toMatchObject({
      status: 412,
      body: { code: 41200 },
    });
    expect((await patch({ desired: { a: { c: null }, pairing: null } }, { "if-match": "4" })).status).toBe(
      202,
    );
    const after = await state();
    expect(after).toMatchObject({ version: 5, desired: { a: { b: 1 } } });
    expect(field(after, "desired")).not.toHaveProperty("pairing");
    for (const wrong of [{}, { desired: 1 }, { metadata: {} }, []]) {
      expect(await patch(wrong)).toMatchObject({ status: 422 });
    }
  });

  it("takes firmware types from what the device reports", async () => {
    const client = ourClient(await emulate());
    await client.bulk([row("dev-1", publicKeyPem(), "", "", "APP")]);
    const reported = { device: { serviceInfo: { fota_v2: ["MODEM", "BOOT"] } } };
    await client.json("PATCH", "/devices/dev-1/state", { reported });
    expect((await client.get("/devices/dev-1")).body).toMatchObject({
      firmware: { supports: ["MODEM", "BOOT"] },
    });
  });

  it("is not fooled by a state that names a prototype", async () => {
    const client = ourClient(await emulate());
    await client.bulk([row("dev-1", publicKeyPem())]);
    await client.send("/devices/dev-1/state", {
      method: "PATCH",
      type: "application/json",
      body: '{"desired":{"__proto__":{"polluted":true}}}',
    });
    expect({}).not.toHaveProperty("polluted");
    expect((await client.get("/devices/dev-1")).text).toContain('"__proto__":{"polluted":true}');
  });

  it("finds no device that is absent or another team's", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    await theirClient(emulator).bulk([row("theirs", publicKeyPem())]);
    for (const id of ["absent", "theirs", encodeURIComponent("not/an id")]) {
      const expected = { status: 404, body: { code: 40410, message: anyText } };
      expect(await client.get(`/devices/${id}`)).toMatchObject(expected);
      expect(await client.json("PUT", `/devices/${id}/name`, "x")).toMatchObject(expected);
      expect(await client.json("PUT", `/devices/${id}/tags`, [])).toMatchObject(expected);
      expect(await client.json("PATCH", `/devices/${id}/state`, { desired: {} })).toMatchObject(expected);
    }
  });
});

describe("DeleteDevice", () => {
  it("removes the device with its certificate, so that both can be used again", async () => {
    const client = ourClient(await emulate());
    const pem = publicKeyPem();
    await client.bulk([row("dev-1", pem, "sensor")]);
    const reply = await client.delete("/devices/dev-1");
    expect(reply).toMatchObject({ status: 202, text: "" });
    expect(reply.headers.get("content-length")).toBe("0");
    expect((await client.get("/devices/dev-1")).status).toBe(404);
    expect((await client.get("/devices")).body).toEqual({ items: [], total: 0 });
    expect(await client.delete("/devices/dev-1")).toMatchObject({ status: 404, body: { code: 40414 } });
    expect(await client.bulk([row("dev-1", pem, "other")])).toMatchObject({ status: "SUCCEEDED" });
  });

  it("takes a body, as for an ownership code", async () => {
    const client = ourClient(await emulate());
    await client.bulk([row("dev-1", publicKeyPem())]);
    const reply = await client.send("/devices/dev-1", {
      method: "DELETE",
      body: "123456",
      type: "text/plain",
    });
    expect(reply.status).toBe(202);
  });
});

describe("eventual consistency", () => {
  it("shows a new device only after the delay, while conflicts and deletion know it at once", async () => {
    const emulator = await emulate({ consistencyDelayMs: 60_000 });
    const client = ourClient(emulator);
    await client.bulk([row("dev-1", publicKeyPem()), row("dev-2", publicKeyPem())]);
    expect((await client.get("/devices/dev-1")).status).toBe(404);
    expect((await client.get("/devices")).body).toEqual({ items: [], total: 0 });
    expect((await client.get("/devices?deviceIds=dev-1")).body).toEqual({ items: [], total: 0 });
    expect((await client.json("PUT", "/devices/dev-1/name", "x")).status).toBe(404);
    expect(await client.bulk([row("dev-1", publicKeyPem())])).toMatchObject({ status: "FAILED" });
    expect((await client.delete("/devices/dev-1")).status).toBe(202);
    expect((await client.delete("/devices/dev-1")).status).toBe(404);
    expect(ids((await admin(emulator).get("/devices")).body)).toEqual(["dev-2"]);
  });

  it("lets a new device appear once the delay is over", async () => {
    const emulator = await emulate({ consistencyDelayMs: 150 });
    const client = ourClient(emulator);
    await client.bulk([row("dev-1", publicKeyPem())]);
    await expect
      .poll(async () => ids((await client.get("/devices")).body), { timeout: 20_000 })
      .toEqual(["dev-1"]);
  });

  it("still shows a deleted or changed device as it was until the delay is over", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    await client.bulk([row("dev-1", publicKeyPem()), row("dev-2", publicKeyPem(), "sensor")]);
    await admin(emulator).json("PUT", "/settings", { consistencyDelayMs: 60_000 });
    await client.json("PUT", "/devices/dev-1/tags", ["new"]);
    await client.delete("/devices/dev-2");
    expect((await client.get("/devices/dev-1")).body).toMatchObject({ tags: [] });
    expect((await client.get("/devices/dev-2")).status).toBe(200);
    expect(ids((await client.get("/devices")).body)).toEqual(["dev-1", "dev-2"]);
    expect((await client.json("PUT", "/devices/dev-2/name", "x")).status).toBe(404);
    await client.json("PUT", "/devices/dev-1/name", "both changes count");
    expect((await admin(emulator).get("/devices")).body).toMatchObject({
      items: [{ id: "dev-1", tags: ["new"], name: "both changes count" }],
    });
    await client.bulk([row("dev-2", publicKeyPem(), "other")]);
    expect((await client.get("/devices/dev-2")).body).toMatchObject({ subType: "sensor" });
    expect(ids((await client.get("/devices")).body)).toEqual(["dev-1", "dev-2"]);
  });
});
