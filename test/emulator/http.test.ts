import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { parseTeams } from "../../emulator/teams.js";
import { startEmulator } from "../../emulator/index.js";
import { certificateFor, publicKeyPem } from "./support/certificates.js";
import {
  anyText,
  textLike,
  admin,
  Client,
  emulate,
  field,
  ids,
  ourClient,
  ours,
  record,
  row,
} from "./support/client.js";

describe("authentication", () => {
  it.each([undefined, "wrong", "Our-Owner"])("refuses the key %s", async (key) => {
    const { url } = await emulate();
    const client = new Client(url, key);
    for (const path of ["/account", "/devices", "/devices/dev-1", "/bulk-ops-requests"]) {
      const reply = await client.get(path);
      expect(reply).toMatchObject({ status: 401, body: { code: 40100, message: anyText } });
      expect(Number(reply.headers.get("content-length"))).toBe(reply.text.length);
    }
    expect(await client.csv("/devices", row("dev-1", publicKeyPem()))).toMatchObject({ status: 401 });
  });

  it("refuses another scheme than Bearer", async () => {
    const { url } = await emulate();
    const reply = await new Client(url).send("/account", { headers: { authorization: "Basic our-owner" } });
    expect(reply.status).toBe(401);
  });

  it("lets a viewer read but not write", async () => {
    const emulator = await emulate();
    await ourClient(emulator).bulk([row("dev-1", publicKeyPem())]);
    const viewer = new Client(emulator.url, "our-viewer");
    expect((await viewer.get("/devices/dev-1")).status).toBe(200);
    const refused = { status: 401, body: { code: 40100 } };
    expect(await viewer.csv("/devices", row("dev-2", publicKeyPem()))).toMatchObject(refused);
    expect(await viewer.json("PUT", "/devices/dev-1/tags", [])).toMatchObject(refused);
    expect(await viewer.delete("/devices/dev-1")).toMatchObject(refused);
  });

  it("shows a key that is bound to device groups only those and untagged devices", async () => {
    const emulator = await emulate();
    await ourClient(emulator).bulk([
      row("in-barn", publicKeyPem(), "", "barn|east"),
      row("elsewhere", publicKeyPem(), "", "west"),
      row("untagged", publicKeyPem()),
    ]);
    const editor = new Client(emulator.url, "our-editor-of-barn");
    expect(ids((await editor.get("/devices")).body)).toEqual(["in-barn", "untagged"]);
    expect((await editor.get("/account/tags")).body).toMatchObject({ items: ["barn", "east"] });
    expect((await editor.get("/devices/elsewhere")).status).toBe(404);
    expect((await editor.delete("/devices/elsewhere")).status).toBe(404);
    await editor.json("PUT", "/devices/untagged/tags", ["west"]);
    expect((await editor.get("/devices/untagged")).status).toBe(404);
  });

  it("refuses teams with the same key or id, and no team at all", async () => {
    await expect(startEmulator({ teams: [ours, { ...ours, tenantId: "x" }] })).rejects.toThrow(/key/);
    await expect(startEmulator({ teams: [ours, { ...ours, apiKeys: [] }] })).rejects.toThrow(/tenantId/);
    await expect(startEmulator({ teams: [] })).rejects.toThrow(/at least one team/);
  });
});

describe("web pages", () => {
  /** As a browser sends it; fetch would not let a page choose these. */
  async function ask(
    url: string,
    headers: Record<string, string>,
    method = "POST",
  ): Promise<number | undefined> {
    const asked = request(url, { method, headers }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  }

  it.each([
    ["another origin", { origin: "https://evil.example" }],
    ["another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["a page without origin", { origin: "null" }],
    ["a host that leads here", { host: "evil.example" }],
    [
      "a host that leads here, by its own page",
      { host: "evil.example:80", origin: "http://evil.example:80" },
    ],
    ["a host that begins like ours", { host: "localhost.evil.example" }],
    ["no host that can be read", { host: "a b" }],
  ])("can't operate it: %s", async (_, headers) => {
    const emulator = await emulate();
    await ourClient(emulator).bulk([row("dev-1", publicKeyPem())]);
    expect(await ask(`${emulator.adminUrl}/reset`, headers)).toBe(403);
    expect(await ask(`${emulator.adminUrl}/devices`, headers, "GET")).toBe(403);
    expect(await ask(`${emulator.url}/status`, headers, "GET")).toBe(403);
    expect((await admin(emulator).get("/devices")).body).toMatchObject({ total: 1 });
  });

  it.each(["127.0.0.1", "localhost", "[::1]", "nrfcloud.localhost", "192.0.2.7", hostname()])(
    "of its own can, and so can tools: %s",
    async (name) => {
      const emulator = await emulate();
      const host = `${name}:${new URL(emulator.url).port}`;
      expect(await ask(`${emulator.adminUrl}/reset`, { host })).toBe(202);
      expect(await ask(`${emulator.adminUrl}/reset`, { host, origin: `http://${host}` })).toBe(202);
    },
  );
});

describe("account and status", () => {
  it("shows the team of the key", async () => {
    const client = ourClient(await emulate({ deviceLimit: 7 }));
    expect((await client.get("/account")).body).toMatchObject({
      mqttEndpoint: "mqtt.nrfcloud.com",
      mqttTopicPrefix: `prod/${ours.tenantId}/`,
      team: { tenantId: ours.tenantId, name: "Ours" },
      role: "owner",
      plan: { name: "ENTERPRISE", limits: { devices: 7 } },
    });
  });

  it("serves status and specification without a key, and the specification lists what is served", async () => {
    const { url } = await emulate();
    const client = new Client(url);
    expect(await client.get("/status")).toMatchObject({ status: 200, body: { status: "online" } });
    const paths = field((await client.get("/openapi.json")).body, "paths");
    expect(paths).toMatchObject({
      "/devices": { post: { operationId: "OnboardDevices" }, get: { operationId: "ListDevices" } },
      "/devices/{deviceId}": {
        get: { operationId: "FetchDevice", parameters: [{ name: "deviceId", in: "path", required: true }] },
        delete: { responses: { 202: {} } },
      },
    });
    for (const [path, item] of Object.entries(record(paths))) {
      for (const method of Object.keys(record(item))) {
        const { body } = await client.send(path.replace(/\{\w+\}/g, "x"), { method: method.toUpperCase() });
        expect(body, `${method} ${path}`).not.toMatchObject({ code: 40420 });
      }
    }
  });
});

describe("errors", () => {
  it("answers an unknown route with 40420", async () => {
    const client = ourClient(await emulate());
    for (const path of ["/nothing", "/devices/dev-1/nothing", "/certificates", "/firmwares"]) {
      const reply = await client.get(path);
      expect(reply).toMatchObject({
        status: 404,
        body: { code: 40420, message: textLike(/The emulator serves/) },
      });
      expect(reply.headers.get("transfer-encoding")).toBeNull();
      expect(Number(reply.headers.get("content-length"))).toBe(reply.text.length);
    }
    expect(await client.send("/account", { method: "PUT", body: "{}" })).toMatchObject({ status: 404 });
  });

  it("answers a malformed address with 40000", async () => {
    const client = ourClient(await emulate());
    expect(await client.get("/devices/%ff%")).toMatchObject({ status: 400, body: { code: 40000 } });
  });

  it("takes device ids of up to 128 characters", async () => {
    const client = ourClient(await emulate());
    const id = "d".repeat(128);
    expect(await client.json("POST", `/devices/${id}`, { certificate: publicKeyPem() })).toMatchObject({
      status: 202,
    });
    expect((await client.get(`/devices/${id}`)).status).toBe(200);
    expect(await client.json("POST", `/devices/${id}x`, { certificate: publicKeyPem() })).toMatchObject({
      status: 422,
    });
  });
});

describe("cloudMqttEnabled", () => {
  it("follows a certificate's registration after its own delay", async () => {
    const emulator = await emulate({ mqttEnableDelayMs: 600_000 });
    const client = ourClient(emulator);
    await client.bulk([row("dev-1", certificateFor("dev-1"))]);
    expect((await client.get("/devices/dev-1")).body).toMatchObject({ cloudMqttEnabled: false });
    await admin(emulator).json("PUT", "/settings", { mqttEnableDelayMs: 0 });
    expect((await client.get("/devices/dev-1")).body).toMatchObject({ cloudMqttEnabled: true });
  });
});

describe("the admin API", () => {
  it("shows, changes and deletes devices at once and without the team", async () => {
    const emulator = await emulate({ consistencyDelayMs: 60_000 });
    const client = ourClient(emulator);
    const door = admin(emulator);
    await client.bulk([row("dev-1", certificateFor("dev-1"), "sensor", "barn", "APP")]);
    expect((await door.get(`/devices?team=${ours.tenantId}`)).body).toMatchObject({
      total: 1,
      items: [
        {
          id: "dev-1",
          subType: "sensor",
          certificate: {
            commonName: "dev-1",
            commonNameIsDeviceId: true,
            fingerprint: textLike(/^[0-9a-f]{64}$/),
            issuer: "CN=Test CA",
          },
        },
      ],
    });
    expect((await door.get("/devices?team=other")).body).toMatchObject({ total: 0 });
    const change = { name: "Renamed", tags: ["x"], subType: "other", firmwareTypes: ["MODEM"] };
    expect(await door.json("PATCH", "/devices/dev-1", change)).toMatchObject({ status: 200, body: change });
    expect((await client.get("/devices/dev-1")).body).toMatchObject({ name: "Renamed", subType: "other" });
    expect((await door.json("PATCH", "/devices/dev-1", { id: "x" })).status).toBe(422);
    expect((await door.delete("/devices/dev-1")).status).toBe(202);
    expect((await client.get("/devices/dev-1")).status).toBe(404);
    expect((await door.delete("/devices/dev-1")).status).toBe(404);
  });

  it("counts requests by route, but not its own", async () => {
    const emulator = await emulate({ rejectRows: new Map([["dev-0", "no"]]) });
    const door = admin(emulator);
    await ourClient(emulator).bulk([row("dev-0", publicKeyPem())]);
    await ourClient(emulator).get("/devices/a");
    await ourClient(emulator).get("/devices/b");
    await ourClient(emulator).get("/nothing");
    const { body } = await door.get("/requests");
    expect(body).toMatchObject({
      routes: {
        "GET /v1/devices/:deviceId": { count: 2, withCredentials: 2, bytesIn: 0 },
        "POST /v1/devices": { count: 1, withCredentials: 1, bytesIn: row("dev-0", publicKeyPem()).length },
        "GET /bulk-ops-requests/:tenantId/:folder/:file": { count: 1, withCredentials: 0 },
        "GET (unknown route)": { count: 1 },
      },
    });
    expect(JSON.stringify(body)).not.toContain("_emulator");
    await door.delete("/requests");
    expect((await door.get("/requests")).body).toMatchObject({ total: 0, routes: {} });
  });

  it("makes chosen devices fail with a chosen reason, in bulk and alone", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    const door = admin(emulator);
    expect((await door.json("PUT", "/settings", { rejectRows: { "dev-1": "Chosen." } })).body).toMatchObject({
      rejectRows: { "dev-1": "Chosen." },
    });
    const rows = ["dev-0", "dev-1"].map((id) => row(id, publicKeyPem()));
    expect(await client.bulk(rows)).toMatchObject({ status: "FAILED", errors: ["[1]: Chosen."] });
    expect(await client.json("POST", "/devices/dev-1", { certificate: publicKeyPem() })).toMatchObject({
      status: 400,
      body: { code: 40000, message: "Chosen." },
    });
    await door.json("PUT", "/settings", { rejectRows: {} });
    expect(await client.bulk(rows.slice(1))).toMatchObject({ status: "SUCCEEDED" });
  });

  it("refuses settings it does not know, and then changes none", async () => {
    const emulator = await emulate();
    const door = admin(emulator);
    const { body: before } = await door.get("/settings");
    for (const wrong of [
      { bulkDelayMs: -1 },
      { strictCn: 1 },
      { bulkDelayMs: 1, speed: 2 },
      { rejectRows: [] },
    ]) {
      expect((await door.json("PUT", "/settings", wrong)).status).toBe(422);
    }
    expect((await door.get("/settings")).body).toEqual(before);
  });

  it("resets everything, running jobs and settings included", async () => {
    const emulator = await emulate({ deviceLimit: 5 });
    const client = ourClient(emulator);
    const door = admin(emulator);
    const pem = certificateFor("dev-0");
    await client.bulk([row("dev-0", pem)]);
    await door.json("PUT", "/settings", { deviceLimit: 1, bulkDelayMs: 600_000 });
    await door.json("PUT", "/settings", { deviceLimit: 2 });
    await client.csv("/devices", row("dev-1", publicKeyPem()));
    expect((await door.send("/reset", { method: "POST" })).status).toBe(202);
    expect((await door.get("/devices")).body).toEqual({ total: 0, items: [] });
    expect((await door.get("/settings")).body).toMatchObject({ deviceLimit: 5, bulkDelayMs: 0 });
    expect((await client.get("/bulk-ops-requests")).body).toEqual({ items: [], total: 0 });
    expect(await client.bulk([row("dev-0", pem, "different")])).toMatchObject({ status: "SUCCEEDED" });
  });
});

describe("a teams file", () => {
  it("gives every key the owner's role unless it says otherwise", () => {
    const keys = [{ key: "a" }, { key: "b", role: "viewer", groups: ["x"] }];
    expect(parseTeams([{ tenantId: "t", name: "n", apiKeys: keys }])).toEqual([
      { tenantId: "t", name: "n", apiKeys: [{ key: "a", role: "owner" }, keys[1]] },
    ]);
  });

  it.each([
    [{}, /array/],
    [[{ name: "n", apiKeys: [] }], /team 0: tenantId/],
    [[{ tenantId: "t", name: "n", apiKeys: [] }], /team 0: apiKeys/],
    [[{ tenantId: "t", name: "n", apiKeys: [{ key: "k", role: "king" }] }], /team 0: role/],
    [[{ tenantId: "t", name: "n", apiKeys: [{ key: "k", groups: "x" }] }], /team 0: groups/],
  ])("refuses %j", (value, message) => {
    expect(() => parseTeams(value)).toThrow(message);
  });
});
