import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { connect } from "mqtt";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator, type Emulator } from "../../emulator/index.js";
import { identityFor, publicKeyPem } from "./support/certificates.js";
import { admin, anyNumber, objectWith, ourClient, ours, row, theirs } from "./support/client.js";
import {
  associate,
  code,
  connected,
  connectedIds,
  connectOnce,
  dropped,
  emulateBroker,
  eventually,
  issue,
  nextMessage,
  onboarded,
  onlyConnected,
  provisioned,
  refusals,
  type Identity,
} from "./support/mqtt.js";

const refused = async (emulator: Emulator, identity: Identity, reason: RegExp) => {
  expect(await connectOnce(emulator, identity)).toBeUndefined();
  expect((await refusals(emulator)).at(-1)).toMatch(reason);
};

/** A text as MQTT writes it. */
const text = (characters: string) => [0, characters.length, ...Buffer.from(characters)];

const topics = (deviceId: string, tenantId = ours.tenantId) => `prod/${tenantId}/m/d/${deviceId}`;

describe("a device onboarded with a certificate of the customer's own", () => {
  it("connects at once", async () => {
    const emulator = await emulateBroker();
    await connected(emulator, await onboarded(emulator, "dev-1"));
    expect(await connectedIds(emulator)).toEqual(["dev-1"]);
    expect((await admin(emulator).get("/connections")).body).toMatchObject({
      items: [{ deviceId: "dev-1", tenantId: ours.tenantId, messages: 0 }],
      refused: [],
    });
  });

  it("is refused until it is onboarded, though its certificate is registered", async () => {
    const emulator = await emulateBroker();
    const identity = { clientId: "dev-1", ...identityFor("dev-1") };
    await refused(emulator, identity, /not registered/);
    await ourClient(emulator).bulk([`dev-1,"${identity.cert}"`], "/devices/certificates");
    await refused(emulator, identity, /not onboarded/);
    await ourClient(emulator).bulk([row("dev-1", identity.cert)]);
    await connected(emulator, identity);
  });

  it("is refused with another certificate of the same name", async () => {
    const emulator = await emulateBroker();
    await onboarded(emulator, "dev-1");
    await refused(emulator, { clientId: "dev-1", ...identityFor("dev-1") }, /not registered/);
  });

  it("is refused with an expired certificate", async () => {
    const emulator = await emulateBroker();
    const identity = { clientId: "dev-1", ...identityFor("dev-1", { expired: true }) };
    expect(await ourClient(emulator).bulk([row("dev-1", identity.cert)])).toMatchObject({
      status: "SUCCEEDED",
    });
    await refused(emulator, identity, /expired/);
  });

  it("is refused under another client id", async () => {
    const emulator = await emulateBroker();
    const identity = await onboarded(emulator, "dev-1");
    await onboarded(emulator, "dev-2");
    await refused(emulator, { ...identity, clientId: "dev-2" }, /client id "dev-2"/);
  });

  it("is refused if its certificate has another name, which onboarding may have let pass", async () => {
    const emulator = await emulateBroker({ strictCn: false });
    const identity = { clientId: "dev-1", ...identityFor("dev-1", { commonName: "other" }) };
    await ourClient(emulator).bulk([row("dev-1", identity.cert)]);
    await refused(emulator, identity, /common name/);
  });

  it("is refused if it only has a public key", async () => {
    const emulator = await emulateBroker();
    await ourClient(emulator).bulk([row("dev-1", publicKeyPem())]);
    await refused(emulator, { clientId: "dev-1", ...identityFor("dev-1") }, /not registered/);
  });

  it("is notified of its deletion, disconnected, and refused from then on", async () => {
    const emulator = await emulateBroker();
    const identity = await onboarded(emulator, "dev-1");
    const client = await connected(emulator, identity);
    await client.subscribeAsync(`${topics("dev-1")}/+/r`, { qos: 1 });
    const [{ topic, message }] = await Promise.all([
      nextMessage(client),
      dropped(client),
      ourClient(emulator).delete("/devices/dev-1"),
    ]);
    expect(topic).toBe(`${topics("dev-1")}/c2d/r`);
    expect(message).toEqual({ appId: "DEVICE", messageType: "DISCON" });
    await refused(emulator, identity, /not registered/);
  });

  it("is notified on the older topic too", async () => {
    const emulator = await emulateBroker();
    const client = await connected(emulator, await onboarded(emulator, "dev-1"));
    await client.subscribeAsync(`${topics("dev-1")}/c2d`);
    const [{ message }] = await Promise.all([nextMessage(client), admin(emulator).delete("/devices/dev-1")]);
    expect(message).toMatchObject({ messageType: "DISCON" });
  });

  it("is disconnected when its certificate is replaced, and connects with the new one", async () => {
    const emulator = await emulateBroker();
    const identity = await onboarded(emulator, "dev-1");
    const client = await connected(emulator, identity);
    const next = { clientId: "dev-1", ...identityFor("dev-1") };
    await Promise.all([
      dropped(client),
      ourClient(emulator).bulk([`dev-1,"${next.cert}"`], "/devices/certificates"),
    ]);
    await refused(emulator, identity, /not registered/);
    await connected(emulator, next);
  });

  it("is still connected after its name or another device changes", async () => {
    const emulator = await emulateBroker();
    await connected(emulator, await onboarded(emulator, "dev-1"));
    await onboarded(emulator, "dev-2");
    await ourClient(emulator).json("PUT", "/devices/dev-1/name", "Renamed");
    await ourClient(emulator).delete("/devices/dev-2");
    expect(await connectedIds(emulator)).toEqual(["dev-1"]);
    expect(await refusals(emulator)).toEqual([]);
  });

  it("is disconnected by a reset", async () => {
    const emulator = await emulateBroker();
    const client = await connected(emulator, await onboarded(emulator, "dev-1"));
    await Promise.all([dropped(client), admin(emulator).send("/reset", { method: "POST" })]);
    expect(await connectedIds(emulator)).toEqual([]);
  });

  it("replaces its own earlier connection", async () => {
    const emulator = await emulateBroker();
    const identity = await onboarded(emulator, "dev-1");
    const first = await connected(emulator, identity);
    await Promise.all([dropped(first), connected(emulator, identity)]);
    await onlyConnected(emulator, "dev-1");
  });
});

describe("a connection", () => {
  it("needs a certificate", async () => {
    const emulator = await emulateBroker();
    const { host, port, caCert } = emulator.mqtt ?? { host: "", port: 0, caCert: "" };
    const client = connect({ protocol: "mqtts", host, port, ca: caCert, clientId: "x", reconnectPeriod: 0 });
    client.on("error", () => undefined);
    await dropped(client);
    expect(await refusals(emulator)).toEqual(["no certificate that can be read"]);
  });

  it.each([
    { version: "3.1", protocol: "MQIsdp", level: 3, properties: [] },
    { version: "5", protocol: "MQTT", level: 5, properties: [0] },
  ])(
    "of MQTT $version is told that only 3.1.1 is served",
    async ({ version, protocol, level, properties }) => {
      const emulator = await emulateBroker();
      const { clientId, ...identity } = await onboarded(emulator, "dev-1");
      const { host, port, caCert } = emulator.mqtt ?? { host: "", port: 0, caCert: "" };
      const socket = connectTls({ host, port, ca: caCert, ...identity });
      onTestFinished(() => void socket.destroy());
      const [cleanSession, keepAlive] = [0b10, [0, 60]];
      const connectPacket = [
        ...text(protocol),
        level,
        cleanSession,
        ...keepAlive,
        ...properties,
        ...text(clientId),
      ];
      socket.write(Buffer.from([0x10, connectPacket.length, ...connectPacket]));
      const refusal = Buffer.from([0x20, 2, 0, 1]);
      expect(await buffer(socket)).toEqual(refusal);
      expect(await refusals(emulator)).toEqual([`it speaks MQTT ${version}, and only 3.1.1 is served`]);
      expect(await connectedIds(emulator)).toEqual([]);
    },
  );

  it("is refused with a will that its device must not publish", async () => {
    const emulator = await emulateBroker();
    const identity = await onboarded(emulator, "dev-1");
    const will = (topic: string, qos: 0 | 2 = 0) => ({ will: { topic, qos, payload: Buffer.from("gone") } });
    expect(await connectOnce(emulator, identity, will(`${topics("dev-2")}/d2c`))).toBeUndefined();
    expect(await connectOnce(emulator, identity, will(`${topics("dev-1")}/d2c`, 2))).toBeUndefined();
    expect(await refusals(emulator)).toEqual([
      `its will: it must not publish to ${topics("dev-2")}/d2c`,
      "its will: it must not publish with QoS 2",
    ]);
    const client = await connected(emulator, identity, will(`${topics("dev-1")}/d2c`));
    await client.endAsync(true);
    await eventually(() => connectedIds(emulator)).toEqual([]);
    expect(await refusals(emulator)).toHaveLength(2);
  });

  it("is known to be the emulator's by its root only", async () => {
    const emulator = await emulateBroker();
    const identity = await onboarded(emulator, "dev-1");
    const stranger = await emulateBroker();
    const { host, port } = emulator.mqtt ?? { host: "", port: 0 };
    const client = connect({
      ...identity,
      protocol: "mqtts",
      host,
      port,
      ca: stranger.mqtt?.caCert ?? "",
      reconnectPeriod: 0,
    });
    const error = await new Promise<Error>((resolve) => client.once("error", resolve));
    expect(error.message).toMatch(/certificate/);
    await client.endAsync(true);
  });
});

describe("a just-in-time device", () => {
  it("is registered by its first connection, which is closed, and admitted when the registration is complete", async () => {
    const emulator = await emulateBroker({ jitpDelayMs: 50 });
    const identity = await issue(ourClient(emulator), "dev-1");
    await refused(emulator, identity, /first connect/);
    const state = async () => (await admin(emulator).get("/jitp")).body;
    await eventually(state).toMatchObject({ items: [{ state: "not associated" }] });
    await connected(emulator, identity);
    expect((await admin(emulator).get("/connections")).body).toMatchObject({
      items: [{ deviceId: "dev-1" }],
    });
  });

  it("is refused while it is being registered", async () => {
    const emulator = await emulateBroker({ jitpDelayMs: 600_000 });
    const identity = await issue(ourClient(emulator), "dev-1");
    await refused(emulator, identity, /first connect/);
    await refused(emulator, identity, /being registered/);
  });

  it("is not registered if its id was onboarded in the meantime", async () => {
    const emulator = await emulateBroker();
    const identity = await issue(ourClient(emulator), "dev-1");
    await connected(emulator, await onboarded(emulator, "dev-1"));
    await refused(emulator, identity, /another certificate/);
  });

  it("reads in its shadow that it is not associated, and is notified when it is", async () => {
    const emulator = await emulateBroker();
    const client = await connected(emulator, await provisioned(emulator, "dev-1"));
    const root = "$aws/things/dev-1/shadow";
    await client.subscribeAsync([`${root}/get/accepted`, `${root}/update/delta`]);
    const [before] = await Promise.all([nextMessage(client), client.publishAsync(`${root}/get`, "")]);
    expect(before).toMatchObject({
      topic: `${root}/get/accepted`,
      message: { state: { desired: { pairing: { state: "not_associated" } } }, version: 1 },
    });
    const [after] = await Promise.all([nextMessage(client), associate(ourClient(emulator), "dev-1")]);
    expect(after).toMatchObject({
      topic: `${root}/update/delta`,
      message: {
        state: { pairing: { state: "paired", topics: { d2c: `${topics("dev-1")}/d2c` } } },
        version: 2,
      },
    });
    await client.publishAsync(`${topics("dev-1")}/d2c`, "{}", { qos: 1 });
    expect(await connectedIds(emulator)).toEqual(["dev-1"]);
  });

  it("may use only its shadow until it is associated", async () => {
    const emulator = await emulateBroker();
    const identity = await provisioned(emulator, "dev-1");
    const publisher = await connected(emulator, identity);
    await Promise.all([
      dropped(publisher),
      publisher.publishAsync(`${topics("dev-1")}/d2c`, "{}").catch(() => undefined),
    ]);
    expect((await refusals(emulator)).at(-1)).toMatch(/must not publish to prod/);
    const subscriber = await connected(emulator, identity);
    await Promise.all([
      dropped(subscriber),
      subscriber.subscribeAsync(`${topics("dev-1")}/+/r`).catch(() => undefined),
    ]);
    expect((await refusals(emulator)).at(-1)).toMatch(/must not subscribe to prod/);
  });
});

describe("topics", () => {
  it.each(["d2c", "d2c/bulk", "d2c/bin"])("of a device's own team take messages: %s", async (name) => {
    const emulator = await emulateBroker();
    const client = await connected(emulator, await onboarded(emulator, "dev-1"));
    await client.publishAsync(`${topics("dev-1")}/${name}`, "hello", { qos: 1 });
    expect((await admin(emulator).get("/connections")).body).toMatchObject({ items: [{ messages: 1 }] });
  });

  it.each([
    `${topics("dev-2")}/d2c`,
    `${topics("dev-1", theirs.tenantId)}/d2c`,
    `${topics("dev-1")}/c2d`,
    `${topics("dev-1")}/d2c/other`,
    "$aws/things/dev-2/shadow/update",
    "$aws/things/dev-1/shadow/get/accepted",
    "anything",
  ])("of others drop whoever publishes to them: %s", async (topic) => {
    const emulator = await emulateBroker();
    const client = await connected(emulator, await onboarded(emulator, "dev-1"));
    await Promise.all([dropped(client), client.publishAsync(topic, "{}")]);
    expect((await refusals(emulator)).at(-1)).toBe(`it must not publish to ${topic}`);
  });

  it.each([
    "#",
    "+/+/m/d/dev-1/c2d",
    `prod/${ours.tenantId}/#`,
    `${topics("dev-1")}/#`,
    `${topics("+")}/+/r`,
    `${topics("dev-2")}/+/r`,
    "$aws/things/+/shadow/get/accepted",
    "dev-2/shadow/get/accepted",
  ])("of others drop whoever subscribes to them: %s", async (filter) => {
    const emulator = await emulateBroker();
    const client = await connected(emulator, await onboarded(emulator, "dev-1"));
    await Promise.all([dropped(client), client.subscribeAsync(filter).catch(() => undefined)]);
    expect((await refusals(emulator)).at(-1)).toBe(`it must not subscribe to ${filter}`);
  });
});

describe("a message", () => {
  it("with QoS 2 is not acknowledged: its device is dropped, as one that subscribes so", async () => {
    const emulator = await emulateBroker();
    const identity = await onboarded(emulator, "dev-1");
    const publisher = await connected(emulator, identity);
    const acknowledged = publisher.publishAsync(`${topics("dev-1")}/d2c`, "{}", { qos: 2 }).then(
      () => true,
      () => false,
    );
    await dropped(publisher);
    await publisher.endAsync(true);
    expect(await acknowledged).toBe(false);
    const subscriber = await connected(emulator, identity);
    await Promise.all([
      dropped(subscriber),
      subscriber.subscribeAsync(`${topics("dev-1")}/+/r`, { qos: 2 }).catch(() => undefined),
    ]);
    expect(await refusals(emulator)).toEqual([
      "it must not publish with QoS 2",
      "it must not subscribe with QoS 2",
    ]);
  });

  it("has 128 KB at most", async () => {
    const emulator = await emulateBroker();
    const client = await connected(emulator, await onboarded(emulator, "dev-1"));
    const topic = `${topics("dev-1")}/d2c`;
    await client.publishAsync(topic, "x".repeat(131_072), { qos: 1 });
    await Promise.all([dropped(client), client.publishAsync(topic, "x".repeat(131_073))]);
    expect(await refusals(emulator)).toEqual(["its message has 131073 bytes, more than 131072"]);
  });
});

describe("the shadow", () => {
  const root = "$aws/things/dev-1/shadow";

  it("is updated by the device and shown by the API", async () => {
    const emulator = await emulateBroker();
    const client = await connected(emulator, await onboarded(emulator, "dev-1"));
    await client.subscribeAsync([`${root}/update/accepted`, `${root}/update/rejected`]);
    const update = async (payload: string) => {
      const [answer] = await Promise.all([
        nextMessage(client),
        client.publishAsync(`${root}/update`, payload),
      ]);
      return answer;
    };
    const reported = { device: { serviceInfo: { fota_v2: ["APP"] } } };
    expect(await update(JSON.stringify({ state: { reported }, clientToken: "t" }))).toMatchObject({
      topic: `${root}/update/accepted`,
      message: { state: { reported }, version: 4, timestamp: anyNumber, clientToken: "t" },
    });
    expect((await ourClient(emulator).get("/devices/dev-1")).body).toMatchObject({
      firmware: { supports: ["APP"] },
      state: { reported, version: 4 },
    });
    const rejected = { topic: `${root}/update/rejected` };
    expect(await update("{")).toMatchObject({ ...rejected, message: { code: 400 } });
    expect(await update('{"state":{"other":{}}}')).toMatchObject({ ...rejected, message: { code: 400 } });
    const long = JSON.stringify({ state: { reported: { long: "x".repeat(8192) } } });
    expect(await update(long)).toMatchObject({ ...rejected, message: { code: 413 } });
    expect(await update('{"state":{"reported":{"a":1}},"version":3}')).toMatchObject({
      ...rejected,
      message: { code: 409 },
    });
  });

  it("gets the desired state of the API, in full and trimmed, unless it does not fit into a modem", async () => {
    const emulator = await emulateBroker();
    const client = await connected(emulator, await onboarded(emulator, "dev-1"));
    await client.subscribeAsync(["trim", "full"].map((form) => `dev-1/shadow/update/delta/${form}`));
    await client.subscribeAsync("dev-1/shadow/update/delta/trim/err");
    const messages: [string, unknown][] = [];
    client.on("message", (topic, payload) => messages.push([topic, JSON.parse(payload.toString())]));
    const desire = (desired: object) =>
      ourClient(emulator).json("PATCH", "/devices/dev-1/state", { desired });
    await desire({ interval: 60 });
    await eventually(() => messages).toEqual([
      ["dev-1/shadow/update/delta/full", objectWith({ metadata: objectWith({}) })],
      [
        "dev-1/shadow/update/delta/trim",
        { state: objectWith({ interval: 60 }), version: 4, timestamp: anyNumber },
      ],
    ]);
    messages.length = 0;
    await desire({ long: "x".repeat(1792) });
    await eventually(() => messages.map(([topic]) => topic)).toEqual(["dev-1/shadow/update/delta/trim/err"]);
  });

  it("has no metadata in the form for modems", async () => {
    const emulator = await emulateBroker();
    const client = await connected(emulator, await onboarded(emulator, "dev-1"));
    await client.subscribeAsync("dev-1/shadow/get/accepted/tf");
    const [{ message }] = await Promise.all([nextMessage(client), client.publishAsync(`${root}/get`, "")]);
    expect(message).toEqual({
      desired: objectWith({ pairing: objectWith({ state: "paired" }) }),
      reported: {},
    });
  });
});

describe("a data directory", () => {
  it("keeps registrations, also pending ones, and the CAs, whose keys only the owner can read", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "nrfcloud-emulator-"));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const before = await startEmulator({ teams: [ours, theirs], dataDir, mqttPort: 0, jitpDelayMs: 0 });
    const registered = await provisioned(before, "registered");
    const associated = await provisioned(before, "associated");
    await associate(ourClient(before), "associated");
    const issued = await issue(ourClient(before), "issued");
    const underWay = await issue(ourClient(before), "under-way");
    await admin(before).json("PUT", "/settings", { jitpDelayMs: 100 });
    await connectOnce(before, underWay);
    const rootBefore = before.mqtt?.caCert;
    await before.close();

    const state = await readFile(join(dataDir, "state.ndjson"), "utf8");
    expect(state).toContain("under-way");
    expect(state).not.toContain(code);
    expect(state).not.toContain("PRIVATE KEY");
    expect((await stat(join(dataDir, "authority.json"))).mode & 0o777).toBe(0o600);

    const after = await startEmulator({ teams: [ours, theirs], dataDir, mqttPort: 0 });
    onTestFinished(() => after.close());
    expect(after.mqtt?.caCert).toBe(rootBefore);
    await connected(after, registered);
    await connected(after, associated);
    await refused(after, issued, /first connect/);
    await eventually(() => connectOnce(after, underWay)).toBeDefined();
    for (const deviceId of ["registered", "issued", "under-way"]) {
      expect(await associate(ourClient(after), deviceId)).toMatchObject({ status: 202 });
    }
  });
});
