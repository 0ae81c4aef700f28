import { createHash } from "node:crypto";
import { decode, Tag } from "cbor2";
import { describe, expect, it } from "vitest";
import type { Emulator } from "../../emulator/index.js";
import { parseCsr } from "../../provider/pki/csr.js";
import { publicKeyPem } from "./support/certificates.js";
import {
  admin,
  anyText,
  emulate,
  field,
  ids,
  ourClient,
  ours,
  row,
  text,
  textLike,
  theirClient,
} from "./support/client.js";
import { listed, mint, mintOne, online, ourIdentity, theirIdentity } from "./support/identity.js";

const secTag = 16842753;

/** As Nordic's client makes it. */
const onboardingRule = {
  name: "nRF Cloud Onboarding",
  description: "Onboarding rule for nRF Cloud",
  active: true,
  commands: [
    { request: { clientPrivateKeyGeneration: { secTag } } },
    { request: { cloudAccessKeyGeneration: { secTag } } },
    { request: { serverCertificate: { secTag, content: "-----BEGIN CERTIFICATE-----\n" } } },
  ],
  tags: ["nrf-cloud-onboarding"],
};

/** The id of a device that was claimed for our team. */
async function claim(emulator: Emulator, tags: readonly string[] = []): Promise<string> {
  const { deviceId, token } = await mintOne(emulator);
  const reply = await ourIdentity(emulator).json("POST", "/claimed-devices", { claimToken: token, tags });
  expect(reply.status).toBe(201);
  return deviceId;
}

const newCommand = (emulator: Emulator, deviceId: string, request: object, description = "test") =>
  ourIdentity(emulator).json("POST", `/claimed-devices/${deviceId}/provisioning`, { description, request });

const commandsOf = async (emulator: Emulator, deviceId: string) =>
  listed(
    (await ourIdentity(emulator).get(`/claimed-devices/${deviceId}/provisioning?pageLimit=100`)).body,
    "items",
  );

describe("provisioning commands", () => {
  it.each([
    { clientPrivateKeyGeneration: { secTag } },
    { cloudAccessKeyGeneration: { secTag } },
    { certificateSigningRequest: { secTag, attributes: "O=Example,CN=dev-1", keyUsage: "101010000" } },
    { clientCertificate: { secTag, content: "PEM" } },
    { serverCertificate: { secTag, content: "PEM" } },
    { finished: {} },
  ])("wait for their device: %j", async (request) => {
    const emulator = await emulate();
    const deviceId = await claim(emulator);
    const reply = await newCommand(emulator, deviceId, request);
    const expected = { id: anyText, status: "PENDING", description: "test", request, createdAt: anyText };
    expect([reply.status, reply.body]).toEqual([201, expected]);
    const path = `/claimed-devices/${deviceId}/provisioning`;
    expect((await ourIdentity(emulator).get(`${path}/${text(reply.body, "id")}`)).body).toEqual(reply.body);
    expect((await ourIdentity(emulator).get(path)).body).toEqual({ items: [reply.body], total: 1 });
    expect(await ourIdentity(emulator).get(`${path}/nobody`)).toMatchObject({
      status: 404,
      body: { code: 40410 },
    });
  });

  it.each<object>([
    {},
    { unknown: {} },
    { constructor: {} },
    { finished: {}, serverCertificate: { secTag, content: "PEM" } },
    { serverCertificate: { secTag } },
    { serverCertificate: { secTag: "1", content: "PEM" } },
    { clientPrivateKeyGeneration: { secTag: -1 } },
    { certificateSigningRequest: { secTag, attributes: "", keyUsage: "102" } },
    { finished: { extra: 1 } },
    { finished: true },
  ])("are refused: %j", async (request) => {
    const emulator = await emulate();
    const deviceId = await claim(emulator);
    expect(await newCommand(emulator, deviceId, request)).toMatchObject({
      status: 422,
      body: { code: 42200 },
    });
    expect(await commandsOf(emulator, deviceId)).toEqual([]);
  });

  it("are twenty at most, until the device has done them", async () => {
    const emulator = await emulate();
    const deviceId = await claim(emulator);
    for (let index = 0; index < 20; index++) {
      expect((await newCommand(emulator, deviceId, { finished: {} })).status).toBe(201);
    }
    expect(await newCommand(emulator, deviceId, { finished: {} })).toMatchObject({
      status: 400,
      body: { code: 40000, message: textLike(/20/) },
    });
    await online(emulator, deviceId);
    expect((await newCommand(emulator, deviceId, { finished: {} })).status).toBe(201);
    expect(await commandsOf(emulator, deviceId)).toHaveLength(21);
  });

  it("are executed when the device connects", async () => {
    const emulator = await emulate();
    const deviceId = await claim(emulator);
    await newCommand(emulator, deviceId, { clientPrivateKeyGeneration: { secTag } });
    await newCommand(emulator, deviceId, { finished: {} });
    expect(await online(emulator, deviceId)).toMatchObject({ status: 200, body: { items: [{ deviceId }] } });
    expect(await commandsOf(emulator, deviceId)).toMatchObject([
      { status: "SUCCEEDED", response: { clientPrivateKeyGeneration: {} } },
      { status: "SUCCEEDED", response: { finished: {} } },
    ]);
  });
});

describe("a certificate signing request", () => {
  it("is made and attested by the device as a modem does", async () => {
    const emulator = await emulate();
    const deviceId = await claim(emulator);
    const order = { secTag, attributes: "O=Example,CN=dev-1", keyUsage: "101010000" };
    await newCommand(emulator, deviceId, { certificateSigningRequest: order });
    await newCommand(emulator, deviceId, { certificateSigningRequest: { ...order, attributes: "" } });
    await online(emulator, deviceId);
    const messages = (await commandsOf(emulator, deviceId)).map((command) =>
      text(field(field(command, "response"), "certificateSigningRequest"), "message"),
    );
    const requests = messages.map((message) => Buffer.from(message.split(".")[0] ?? "", "base64url"));
    const [first, second] = requests.map((der) =>
      parseCsr(
        `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`,
      ),
    );
    expect(first?.subject).toEqual({ organization: "Example", commonName: "dev-1" });
    expect(second?.subject).toEqual({ commonName: deviceId });
    expect(first?.publicKeyPem).not.toBe(second?.publicKeyPem);

    const cose = decode(Buffer.from(messages[0]?.split(".")[1] ?? "", "base64url"), {
      ignoreGlobalTags: true,
    });
    if (!(cose instanceof Tag) || !Array.isArray(cose.contents)) throw new Error("no COSE message");
    const statement: unknown = cose.contents[2];
    if (!(statement instanceof Uint8Array)) throw new Error("no statement");
    expect(decode(statement)).toMatchObject([
      9,
      Buffer.from(deviceId.replaceAll("-", ""), "hex"),
      Buffer.from("1a01010001", "hex"),
      createHash("sha256")
        .update(requests[0] ?? "")
        .digest(),
      expect.any(Uint8Array),
    ]);
  });
});

describe("provisioning rules", () => {
  it("are made, read, listed by name and deleted", async () => {
    const emulator = await emulate();
    const client = ourIdentity(emulator);
    const made = await client.json("POST", "/provisioning-rules", onboardingRule);
    expect([made.status, made.body]).toEqual([201, { ...onboardingRule, id: anyText, createdAt: anyText }]);
    await client.json("POST", "/provisioning-rules", { name: "A draft" });
    await theirIdentity(emulator).json("POST", "/provisioning-rules", onboardingRule);
    const { body } = await client.get("/provisioning-rules");
    expect(listed(body, "items")).toMatchObject([{ name: "A draft", active: false }, made.body]);
    const first = await client.get("/provisioning-rules?pageLimit=1");
    const token = encodeURIComponent(text(first.body, "pageNextToken"));
    expect((await client.get(`/provisioning-rules?pageLimit=1&pageNextToken=${token}`)).body).toEqual({
      items: [made.body],
      total: 1,
    });
    const path = `/provisioning-rules/${text(made.body, "id")}`;
    expect((await client.get(path)).body).toEqual(made.body);
    expect((await theirIdentity(emulator).delete(path)).status).toBe(404);
    expect((await client.delete(path)).status).toBe(204);
    expect(await client.delete(path)).toMatchObject({ status: 404, body: { code: 40410 } });
    expect((await client.get(path)).status).toBe(404);
  });

  it("have names that are unique in the team", async () => {
    const emulator = await emulate();
    await ourIdentity(emulator).json("POST", "/provisioning-rules", onboardingRule);
    expect(
      await ourIdentity(emulator).json("POST", "/provisioning-rules", { name: onboardingRule.name }),
    ).toMatchObject({ status: 400, body: { code: 40000 } });
  });

  it.each([
    {},
    { name: "" },
    { name: "x", active: "yes" },
    { name: "x", description: 1 },
    { name: "x", commands: {} },
    { name: "x", commands: [{ request: { unknown: {} } }] },
    { name: "x", commands: [null] },
    { name: "x", tags: ["no good"] },
  ])("are refused: %j", async (rule) => {
    const emulator = await emulate();
    expect(await ourIdentity(emulator).json("POST", "/provisioning-rules", rule)).toMatchObject({
      status: 422,
      body: { code: 42200 },
    });
  });

  it("give their commands once, to devices with one of their tags that come online while they are active", async () => {
    const emulator = await emulate();
    const rule = { ...onboardingRule, tags: ["a", "b"] };
    await ourIdentity(emulator).json("POST", "/provisioning-rules", rule);
    await ourIdentity(emulator).json("POST", "/provisioning-rules", {
      ...rule,
      name: "A draft",
      active: false,
    });
    await theirIdentity(emulator).json("POST", "/provisioning-rules", { ...rule, name: "Another team's" });
    const [tagged, other] = [await claim(emulator, ["b", "c"]), await claim(emulator, ["c"])];
    expect(await commandsOf(emulator, tagged)).toEqual([]);
    await online(emulator, tagged, other);
    await online(emulator, tagged);
    expect((await commandsOf(emulator, tagged)).map((command) => field(command, "request"))).toEqual(
      rule.commands.map(({ request }) => request),
    );
    expect(await commandsOf(emulator, other)).toEqual([]);
  });
});

describe("provisioning tags", () => {
  it("are made once, listed and deleted", async () => {
    const emulator = await emulate();
    const client = ourIdentity(emulator);
    const tag = { tag: "location=Oslo", description: "All in Oslo" };
    expect(await client.json("POST", "/provisioning/tags", tag)).toMatchObject({ status: 201, body: tag });
    expect(await client.json("POST", "/provisioning/tags", tag)).toMatchObject({
      status: 400,
      body: { code: 40000 },
    });
    await client.json("POST", "/provisioning/tags", { tag: "a" });
    await theirIdentity(emulator).json("POST", "/provisioning/tags", tag);
    expect((await client.get("/provisioning/tags")).body).toEqual({
      items: [{ tag: "a", description: "" }, tag],
      total: 2,
    });
    const path = `/provisioning/tags/${encodeURIComponent(tag.tag)}`;
    expect((await client.delete(path)).status).toBe(204);
    expect((await client.delete(path)).status).toBe(404);
    expect((await theirIdentity(emulator).get("/provisioning/tags")).body).toMatchObject({ total: 1 });
    for (const wrong of [{}, { tag: "no good" }, { tag: "a,b" }, { tag: "b", description: 1 }]) {
      expect(await client.json("POST", "/provisioning/tags", wrong)).toMatchObject({ status: 422 });
    }
  });
});

describe("auto-onboarding", () => {
  const tags = ["nrf-cloud-onboarding"];

  it("onboards a claimed device when it connects", async () => {
    const emulator = await emulate();
    await ourIdentity(emulator).json("POST", "/provisioning-rules", onboardingRule);
    const deviceId = await claim(emulator, tags);
    expect((await ourClient(emulator).get(`/devices/${deviceId}`)).status).toBe(404);
    const { body } = await online(emulator, deviceId);
    expect(body).toMatchObject({
      items: [
        { deviceId, clientCert: textLike(/BEGIN CERTIFICATE/), privateKey: textLike(/BEGIN PRIVATE KEY/) },
      ],
    });
    expect((await ourClient(emulator).get(`/devices/${deviceId}`)).body).toMatchObject({
      id: deviceId,
      tenantId: ours.tenantId,
      subType: "unknown",
    });
    expect((await admin(emulator).get("/devices")).body).toMatchObject({
      items: [{ id: deviceId, certificate: { commonNameIsDeviceId: true } }],
    });
    expect((await admin(emulator).get("/identity/claims")).body).toMatchObject({
      items: [{ id: deviceId, onboarded: true, commands: 3 }],
    });
    // Online again: nothing new.
    expect((await online(emulator, deviceId)).body).toEqual({ items: [{ deviceId }] });
    expect(ids((await ourClient(emulator).get("/devices")).body)).toEqual([deviceId]);
  });

  it("ends with the claim: the device is deleted, and gets no commands when it connects", async () => {
    const emulator = await emulate();
    await ourIdentity(emulator).json("POST", "/provisioning-rules", onboardingRule);
    const deviceId = await claim(emulator, tags);
    await online(emulator, deviceId);
    await ourIdentity(emulator).delete(`/claimed-devices/${deviceId}`);
    expect((await ourClient(emulator).get("/devices")).body).toEqual({ items: [], total: 0 });
    expect(await online(emulator, deviceId)).toMatchObject({ status: 404 });
  });

  it.each([
    ["without the rule", undefined, tags],
    ["while the rule is a draft", { ...onboardingRule, active: false }, tags],
    ["without the tag", onboardingRule, ["other"]],
    ["by a rule for another tag", { ...onboardingRule, tags: ["other"] }, ["other", ...tags]],
  ])("does not happen %s", async (_when, rule, claimTags) => {
    const emulator = await emulate();
    if (rule !== undefined) await ourIdentity(emulator).json("POST", "/provisioning-rules", rule);
    const deviceId = await claim(emulator, claimTags);
    expect((await online(emulator, deviceId)).body).toEqual({ items: [{ deviceId }] });
    expect((await ourClient(emulator).get("/devices")).body).toEqual({ items: [], total: 0 });
  });

  it("is refused if another team has the device, or the plan is exhausted", async () => {
    const emulator = await emulate({ deviceLimit: 1 });
    await ourIdentity(emulator).json("POST", "/provisioning-rules", onboardingRule);
    const [taken, one, more] = [
      await claim(emulator, tags),
      await claim(emulator, tags),
      await claim(emulator, tags),
    ];
    await theirClient(emulator).bulk([row(taken, publicKeyPem())]);
    expect(await online(emulator, taken)).toMatchObject({ status: 400, body: { code: 40000 } });
    expect(await online(emulator, one)).toMatchObject({ status: 200 });
    expect(await online(emulator, more)).toMatchObject({ status: 400, body: { code: 40005 } });
    expect(await commandsOf(emulator, more)).toEqual([]);
  });

  it("does many at once", async () => {
    const emulator = await emulate();
    await ourIdentity(emulator).json("POST", "/provisioning-rules", onboardingRule);
    const devices = await mint(emulator, { count: 30 });
    const rows = devices.map(({ token }) => `"${token}","${tags[0] ?? ""}"`).join("\n");
    expect((await ourIdentity(emulator).csv("/claimed-devices", rows)).status).toBe(201);
    await online(emulator, ...devices.map(({ deviceId }) => deviceId));
    expect(ids((await ourClient(emulator).get("/devices?pageLimit=100")).body)).toEqual(
      devices.map(({ deviceId }) => deviceId),
    );
  });
});
