import { describe, expect, it } from "vitest";
import type { Emulator } from "../../emulator/index.js";
import { Query } from "../../emulator/http/query.js";
import { shownDevices } from "../../emulator/page/devices.js";
import { viewOf } from "../../emulator/page/view.js";
import { defaultSettings } from "../../emulator/settings.js";
import { CredentialRegister } from "../../emulator/store/credentialRegister.js";
import { StoreEvents } from "../../emulator/store/events.js";
import { noJournal } from "../../emulator/store/journal.js";
import { Registry } from "../../emulator/store/registry.js";
import { identityFor, publicKeyPem } from "./support/certificates.js";
import { listed, mint, mintOne, online, ourIdentity } from "./support/identity.js";
import {
  admin,
  anyNumber,
  anyText,
  Client,
  emulate,
  field,
  ids,
  objectWith,
  ourClient,
  ours,
  row,
  text,
  theirs,
  until,
} from "./support/client.js";
import {
  associate,
  code,
  connected,
  connectOnce,
  emulateBroker,
  issue,
  provisioned,
  refusals,
} from "./support/mqtt.js";

/** What the page asks for. */
async function overview(emulator: Emulator, query: Record<string, string> = {}): Promise<unknown> {
  const asked = new URLSearchParams({ pageLimit: "100", ...query }).toString();
  const { status, body } = await admin(emulator).get(`/page?${asked}`);
  expect(status).toBe(200);
  return body;
}

const devices = async (emulator: Emulator, query: Record<string, string> = {}) =>
  field(await overview(emulator, query), "devices");

describe("the page", () => {
  it("loads from the emulator only, runs nothing else, and no other page can frame it", async () => {
    const { pageUrl, adminUrl } = await emulate();
    const page = await new Client(pageUrl).get("");
    expect(page.status).toBe(200);
    const own = [...page.text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, address = ""]) => address);
    expect(own).toEqual(["/_emulator/page/style.css", "/_emulator/page/main.mjs"]);
    expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    for (const reply of [
      page,
      await new Client(adminUrl).get("/page"),
      await new Client(pageUrl).get(own[1]?.slice(1) ?? ""),
    ]) {
      expect(reply.headers.get("content-security-policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; " +
          "form-action 'none'; frame-ancestors 'none'",
      );
      expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
      expect(reply.headers.get("cross-origin-resource-policy")).toBe("same-origin");
    }
  });

  it("is shown to no page of another site", async () => {
    const { pageUrl, adminUrl } = await emulate();
    const headers = { origin: "https://evil.example" };
    expect((await new Client(pageUrl).send("", { headers })).status).toBe(403);
    expect((await new Client(adminUrl).send("/page", { headers })).status).toBe(403);
  });
});

describe("what the page shows", () => {
  it("is devices with their tags, and whether they are connected now", async () => {
    const emulator = await emulateBroker();
    const identity = { clientId: "dev-1", ...identityFor("dev-1") };
    await ourClient(emulator).bulk([
      row("dev-1", identity.cert, "tracker", "lab|oslo", "APP"),
      row("dev-2", publicKeyPem()),
    ]);
    const client = await connected(emulator, identity);
    const on = {
      id: "dev-1",
      name: "dev-1",
      subType: "tracker",
      tags: ["lab", "oslo"],
      firmwareTypes: ["APP"],
      certificateEnds: anyText,
      connection: { since: anyText, messages: 0 },
    };
    const off = { id: "dev-2", name: "dev-2", tags: [], firmwareTypes: [] };
    expect(await devices(emulator)).toEqual({ all: 2, connected: 1, total: 2, items: [on, off] });
    expect(await devices(emulator, { connected: "true" })).toMatchObject({ all: 2, items: [on] });
    await client.endAsync();
    await expect.poll(() => devices(emulator)).toMatchObject({ connected: 0 });
    expect(await devices(emulator, { connected: "true" })).toMatchObject({ items: [] });
  });

  it("is one page of 10,000 devices, found by id, name, sub-type or tag", () => {
    const events = new StoreEvents();
    const registry = new Registry(defaultSettings, noJournal, events, { ms: 0 });
    const cloud = { registry, credentials: new CredentialRegister(noJournal, events), broker: undefined };
    for (let index = 0; index < 10_000; index++) {
      const tags = index === 9_999 ? ["oslo"] : [];
      const id = `dev-${String(index).padStart(5, "0")}`;
      registry.create({ id, tenantId: ours.tenantId, subType: undefined, tags, firmwareTypes: [] });
    }
    const dock = registry.latest("dev-09998");
    if (dock !== undefined) registry.change(dock, { name: "The Dock", subType: "gateway" }, "immediate");

    let looks = 0;
    const page = (query: Record<string, string>) => {
      const view = viewOf(new Query({ pageLimit: "25", ...query }), [ours]);
      looks = 0;
      const matches: typeof view.matches = (texts) => {
        looks += 1;
        return view.matches(texts);
      };
      return shownDevices(cloud, { ...view, matches });
    };
    const first = page({});
    expect(first).toMatchObject({ all: 10_000, connected: 0, total: 25 });
    expect(looks).toBe(26);
    expect(ids(page({ pageNextToken: first.pageNextToken ?? "" })).at(0)).toBe("dev-00025");
    expect(looks).toBe(26);
    expect(ids(page({ filter: "DOCK 0999" }))).toEqual(["dev-09998"]);
    expect(ids(page({ filter: "gateway" }))).toEqual(["dev-09998"]);
    expect(ids(page({ filter: "Oslo" }))).toEqual(["dev-09999"]);
    expect(ids(page({ filter: "dev-0999", pageLimit: "3" }))).toHaveLength(3);
    expect(page({ filter: "nothing like it" })).toMatchObject({ all: 10_000, items: [] });
    expect(() => page({ pageLimit: "101" })).toThrow(/pageLimit/);
  });

  it("is that of one team", async () => {
    const emulator = await emulate();
    await ourClient(emulator).bulk([row("dev-1", publicKeyPem())]);
    expect(await overview(emulator)).toMatchObject({
      team: ours.tenantId,
      teams: [
        { tenantId: ours.tenantId, name: "Ours", devices: 1 },
        { tenantId: theirs.tenantId, name: "Theirs", devices: 0 },
      ],
      jobs: { all: 1 },
    });
    expect(await overview(emulator, { team: theirs.tenantId })).toMatchObject({
      devices: { all: 0, items: [] },
      jobs: { all: 0 },
    });
  });

  it("is claims by attestation token and ownership code, with their state", async () => {
    const emulator = await emulateBroker();
    const [kit, other] = await mint(emulator, { count: 2 });
    await ourIdentity(emulator).json("POST", "/provisioning-rules", {
      name: "onboard",
      active: true,
      commands: [{ request: { finished: {} } }],
      tags: ["nrf-cloud-onboarding"],
    });
    for (const [device, tags] of [
      [kit, ["nrf-cloud-onboarding"]],
      [other, []],
    ] as const)
      await ourIdentity(emulator).json("POST", "/claimed-devices", { claimToken: device?.token, tags });
    await online(emulator, kit?.deviceId ?? "");
    await issue(ourClient(emulator), "jit-1");
    await provisioned(emulator, "jit-2");
    await provisioned(emulator, "jit-3");
    await associate(ourClient(emulator), "jit-3");
    const byToken = { proof: "attestation token", isConnected: false };
    const byCode = { proof: "ownership code", isConnected: false, tags: [] };
    expect(field(await overview(emulator), "claims")).toEqual({
      all: 5,
      items: [
        { ...byToken, id: other?.deviceId, state: "claimed", tags: [] },
        { ...byToken, id: kit?.deviceId, state: "onboarded", tags: ["nrf-cloud-onboarding"] },
        { ...byCode, id: "jit-3", state: "associated" },
        { ...byCode, id: "jit-2", state: "not associated" },
        { ...byCode, id: "jit-1", state: "issued" },
      ],
    });
    expect(ids(field(await overview(emulator, { filter: "jit-2" }), "claims"))).toEqual(["jit-2"]);
  });

  it("is the latest bulk jobs, requests and refused connections, and the faults", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    const faults = [
      {
        operations: ["FetchDevice"],
        probability: 1,
        times: 2,
        fault: { kind: "tooManyRequests", retryAfterSeconds: 1 },
      },
    ];
    await admin(emulator).json("PUT", "/faults", { seed: 1, rules: faults });
    await client.bulk([row("dev-1", publicKeyPem())]);
    await client.bulk([row("dev-1", publicKeyPem()), row("dev-2", publicKeyPem())]);
    await client.get("/devices/dev-1?includeState=true");
    await new Client(emulator.url).get("/nowhere");
    await expect(connected(emulator, { clientId: "dev-3", ...identityFor("dev-3") })).rejects.toThrow(
      /refused/,
    );
    expect(await refusals(emulator)).toHaveLength(1);

    const shown = await overview(emulator);
    expect(shown).toMatchObject({
      jobs: {
        all: 2,
        items: [
          {
            endpoint: "ONBOARD_DEVICES",
            status: "FAILED",
            requestedAt: anyText,
            rows: 2,
            refused: 1,
            reasons: ["row 0: Thing dev-1 already exists in account with different attributes"],
          },
          { status: "SUCCEEDED", rows: 1, refused: 0, reasons: [] },
        ],
      },
      refusals: [{ at: anyText, commonName: "dev-3", reason: anyText }],
      faults: [
        {
          kind: "tooManyRequests",
          details: ["retryAfterSeconds 1"],
          operations: ["FetchDevice"],
          probability: 1,
          times: 2,
          considered: 1,
          fired: 1,
        },
      ],
    });
    const requests = listed(field(shown, "requests"), "items");
    expect(requests.slice(0, 2)).toEqual([
      { at: anyText, method: "GET", path: "(unknown route)", status: 404, milliseconds: anyNumber },
      {
        at: anyText,
        method: "GET",
        path: "/v1/devices/dev-1",
        operation: "FetchDevice",
        status: 429,
        milliseconds: anyNumber,
      },
    ]);
    expect(requests).toContainEqual(
      objectWith({ method: "POST", path: "/v1/devices", operation: "OnboardDevices", status: 202 }),
    );
  });

  it("leaves its own requests out, and forgets the latest with a reset", async () => {
    const emulator = await emulate();
    await new Client(emulator.pageUrl).get("");
    expect(await overview(emulator)).toMatchObject({ requests: { all: 0, items: [] } });
    const client = ourClient(emulator);
    for (let count = 0; count < 60; count++) await client.get("/account");
    const shown = field(await overview(emulator), "requests");
    expect(shown).toMatchObject({ all: 60 });
    expect(listed(shown, "items")).toHaveLength(25);
    await admin(emulator).send("/reset", { method: "POST" });
    expect(await overview(emulator)).toMatchObject({ requests: { all: 0, items: [] } });
  });

  it("is no key, token, code or address that opens anything", async () => {
    const organization = { slug: "acme", project: "sinks", token: "oat_canary-organization" };
    const emulator = await emulateBroker({ teams: [{ ...ours, organization }, theirs] });
    const client = ourClient(emulator);
    const pin = "canary-pin-31415926";
    const secret = "canary-secret-27182818";
    const token = await mintOne(emulator);

    // Where they belong,
    const jitp = await issue(client, "jit-1", pin);
    await connectOnce(emulator, jitp);
    expect(
      await until(async () => {
        const { status } = await associate(client, "jit-1", pin);
        return status === 202 ? status : undefined;
      }),
    ).toBe(202);
    await admin(emulator).json("PUT", "/settings", {
      nordicProducts: [{ deviceId: "nrf-351358811330130", ownershipCode: pin }],
    });
    await ourIdentity(emulator).json("POST", "/claimed-devices", { claimToken: token.token, tags: [] });
    const commands = `/claimed-devices/${token.deviceId}/provisioning`;
    const command = { description: secret, request: { serverCertificate: { secTag: 1, content: secret } } };
    expect((await ourIdentity(emulator).json("POST", commands, command)).status).toBe(201);
    await client.bulk([row("dev-1", publicKeyPem())]);
    await client.json("PATCH", "/devices/dev-1/state", { desired: { config: { password: secret } } });
    const { details } = await client.bulk([row("dev-1", publicKeyPem())]);
    const fileSecret = /-([0-9a-f]{32})\.csv$/.exec(text(details, "uploadedDataUrl"))?.[1] ?? "none";
    await fetch(text(details, "uploadedDataUrl"));
    // and where they came by mistake.
    const other = await mintOne(emulator);
    const creations = "/organizations/acme/projects/sinks/long-range/devices/bulk";
    await new Client(emulator.url, organization.token).csv(
      creations,
      `deviceId,attestationToken\n${other.token},dev-5\nour-owner,${other.token}\n`,
    );
    for (const path of [
      `/devices/${token.token}`,
      `/devices/our-owner`,
      `/${secret}`,
      `/devices/x/${secret}`,
    ])
      await client.get(`${path}?key=${secret}`);
    await new Client(emulator.url, secret).get(`/devices?apiKey=our-owner&${secret}=1`);
    await client.delete(`/association/${organization.token}`);

    const views = [{}, { filter: "a" }, { filter: secret }, { connected: "true" }, { team: theirs.tenantId }];
    const shown = await Promise.all(views.map((view) => overview(emulator, view)));
    const everything = JSON.stringify(shown);
    expect(field(shown[0], "requests")).toMatchObject({ all: anyNumber });
    expect(listed(field(shown[0], "requests"), "items").length).toBeGreaterThan(12);
    for (const hidden of [
      pin,
      secret,
      token.token,
      other.token,
      organization.token,
      fileSecret,
      jitp.key,
      "our-owner",
      "their-owner",
      code,
      "PRIVATE KEY",
    ])
      expect(everything).not.toContain(hidden);
    expect(everything).not.toMatch(/-----BEGIN|[0-9a-f]{64}/);
  });
});
