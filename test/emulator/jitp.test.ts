import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { identityFor } from "./support/certificates.js";
import {
  admin,
  anyText,
  emulate,
  Client,
  ids,
  ourClient,
  ours,
  row,
  text,
  textLike,
  theirClient,
  theirs,
} from "./support/client.js";
import {
  associate,
  code,
  connected,
  connectOnce,
  dropped,
  emulateBroker,
  issue,
  onboarded,
  provisioned,
  refusals,
} from "./support/mqtt.js";

const jitp = async (...[emulator]: Parameters<typeof admin>) => (await admin(emulator).get("/jitp")).body;

const remove = (client: Client, deviceId: string, ownershipCode: string) =>
  client.send(`/devices/${deviceId}`, { method: "DELETE", body: ownershipCode, type: "text/plain" });

describe("CreateDeviceCertificate", () => {
  it("issues a certificate with its key, its issuer and the broker's root, and shows nothing of the device", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    const { status, body } = await client.send("/devices/dev-1/certificates", { method: "POST", body: code });
    expect(status).toBe(201);
    expect(body).toEqual({
      clientId: "dev-1",
      caCert: textLike(/^-----BEGIN CERTIFICATE-----\n/),
      clientCert: textLike(/^(-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n){2}$/),
      privateKey: textLike(/^-----BEGIN PRIVATE KEY-----\n/),
    });
    const [certificate = "", issuer = ""] = text(body, "clientCert").split(
      /(?<=-----END CERTIFICATE-----\n)/,
    );
    const [leaf, intermediate, root] = [certificate, issuer, text(body, "caCert")].map(
      (pem) => new X509Certificate(pem),
    );
    expect(leaf?.subject).toMatch(/^CN=dev-1$/m);
    expect(intermediate && leaf?.checkIssued(intermediate) && leaf.verify(intermediate.publicKey)).toBe(true);
    expect(root && root.ca && root.verify(root.publicKey)).toBe(true);
    expect((await client.get("/devices/dev-1")).status).toBe(404);
    expect(await jitp(emulator)).toMatchObject({ items: [{ deviceId: "dev-1", state: "issued" }] });
  });

  it("issues another one at each call until the device has connected", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    const [first, second] = [await issue(client, "dev-1"), await issue(client, "dev-1")];
    expect(second.cert).not.toBe(first.cert);
    await connectOnce(emulator, first);
    await connected(emulator, first);
    const refused = await client.send("/devices/dev-1/certificates", { method: "POST", body: code });
    expect(refused).toMatchObject({
      status: 400,
      body: { code: 40000, message: textLike(/exists already/) },
    });
  });

  it("refuses onboarded devices, ids that do not fit into a certificate, and bodies without a code", async () => {
    const client = ourClient(await emulate());
    await client.bulk([row("dev-1", identityFor("dev-1").cert)]);
    for (const [id, body, expected] of [
      ["dev-1", code, 40000],
      ["a".repeat(65), code, 42200],
      ["bad%20id", code, 42200],
      ["dev-2", " ", 42200],
      ["dev-2", '""', 42200],
      ["dev-2", "x".repeat(129), 42200],
    ] as const) {
      expect(await client.send(`/devices/${id}/certificates`, { method: "POST", body })).toMatchObject({
        body: { code: expected },
      });
    }
  });

  it("is not for viewers", async () => {
    const { url } = await emulate();
    const viewer = new Client(url, "our-viewer");
    expect(await viewer.send("/devices/dev-1/certificates", { method: "POST", body: code })).toMatchObject({
      body: { code: 40100 },
    });
  });

  it("issues for Nordic's own products only with the code that is printed on them", async () => {
    const emulator = await emulate({
      nordicProducts: [{ deviceId: "nrf-352656100000001", ownershipCode: "PIN1" }],
    });
    const client = ourClient(emulator);
    const unknown = { status: 404, body: { code: 40411 } };
    const ask = (id: string, body: string) =>
      client.send(`/devices/${id}/certificates`, { method: "POST", body });
    expect(await ask("nrf-352656100000001", "PIN2")).toMatchObject(unknown);
    expect(await ask("nrf-352656100000002", "PIN1")).toMatchObject(unknown);
    expect(await associate(client, "nrf-352656100000002", "PIN1")).toMatchObject(unknown);
    expect(await ask("nrf-352656100000001", "PIN1")).toMatchObject({ status: 201 });
    await admin(emulator).json("PUT", "/settings", {
      nordicProducts: [{ deviceId: "nrf-352656100000002", ownershipCode: "PIN1" }],
    });
    expect(await ask("nrf-352656100000002", '"PIN1"')).toMatchObject({ status: 201 });
  });
});

describe("AssociateDevice", () => {
  it("associates a connected device with the team, and pairs it", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    await provisioned(emulator, "dev-1");
    expect(await associate(client, "dev-1")).toMatchObject({ status: 202, text: "" });
    const prefix = `prod/${ours.tenantId}/`;
    expect((await client.get("/devices/dev-1")).body).toMatchObject({
      id: "dev-1",
      tenantId: ours.tenantId,
      subType: "jitp-generic",
      cloudMqttEnabled: true,
      state: {
        desired: {
          nrfcloud_mqtt_topic_prefix: prefix,
          pairing: {
            state: "paired",
            topics: { d2c: `${prefix}m/d/dev-1/d2c`, c2d: `${prefix}m/d/dev-1/+/r` },
          },
        },
      },
    });
    expect(ids((await client.get("/devices")).body)).toEqual(["dev-1"]);
    expect(await jitp(emulator)).toMatchObject({ items: [{ deviceId: "dev-1", state: "associated" }] });
  });

  it("knows only devices that have connected", async () => {
    const emulator = await emulateBroker({ jitpDelayMs: 600_000 });
    const client = ourClient(emulator);
    const notYet = {
      status: 404,
      body: {
        code: 40412,
        message: "No device found for this id. The device has not yet been provisioned.",
      },
    };
    expect(await associate(client, "dev-1")).toMatchObject(notYet);
    const identity = await issue(client, "dev-1");
    expect(await associate(client, "dev-1")).toMatchObject(notYet);
    await connectOnce(emulator, identity);
    expect(await jitp(emulator)).toMatchObject({ items: [{ state: "registering" }] });
    expect(await associate(client, "dev-1")).toMatchObject(notYet);
  });

  it("shows a device that is not associated to the admin API only", async () => {
    const emulator = await emulateBroker();
    await provisioned(emulator, "dev-1");
    for (const client of [ourClient(emulator), theirClient(emulator)]) {
      expect(await client.get("/devices/dev-1")).toMatchObject({ status: 404, body: { code: 40410 } });
      expect((await client.get("/devices")).body).toMatchObject({ items: [] });
    }
    expect((await admin(emulator).get("/devices")).body).toMatchObject({
      total: 1,
      items: [{ id: "dev-1" }],
    });
    expect(await jitp(emulator)).toMatchObject({ items: [{ state: "not associated" }] });
    expect(await ourClient(emulator).bulk([row("dev-1", identityFor("dev-1").cert)])).toMatchObject({
      status: "FAILED",
    });
  });

  it("takes the code with quotes and blanks around it, as JSON or text", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    await provisioned(emulator, "dev-1");
    expect(await client.json("PUT", "/association/dev-1", code)).toMatchObject({ status: 202 });
    expect(await associate(client, "dev-1", ` ${code}\n`)).toMatchObject({ status: 202 });
  });

  it("refuses a wrong code, another team's device and one without a just-in-time certificate", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    await provisioned(emulator, "dev-1");
    expect(await associate(client, "dev-1", "guess")).toMatchObject({ status: 401, body: { code: 40102 } });
    expect((await client.get("/devices/dev-1")).status).toBe(404);
    await associate(theirClient(emulator), "dev-1");
    expect(await associate(client, "dev-1")).toMatchObject({ status: 401, body: { code: 40101 } });
    await onboarded(emulator, "dev-2");
    expect(await associate(client, "dev-2")).toMatchObject({ status: 400, body: { code: 40001 } });
  });

  it("may be repeated, and then changes the sub-type if another is given", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    await provisioned(emulator, "dev-1");
    await associate(client, "dev-1", code, "?subType=sensor");
    const { body: before } = await client.get("/devices/dev-1");
    expect(before).toMatchObject({ subType: "sensor", type: "Generic" });
    expect(await associate(client, "dev-1")).toMatchObject({ status: 202 });
    expect((await client.get("/devices/dev-1")).body).toEqual(before);
    expect(await associate(client, "dev-1", code, "?subType=my-gateway")).toMatchObject({ status: 202 });
    expect((await client.get("/devices/dev-1")).body).toMatchObject({
      subType: "my-gateway",
      type: "Gateway",
    });
    expect(await associate(client, "dev-1", "guess")).toMatchObject({ body: { code: 40102 } });
    expect(await associate(client, "dev-1", code, "?subType=a%20b")).toMatchObject({ body: { code: 42200 } });
  });

  it("counts against the plan's limit", async () => {
    const emulator = await emulateBroker({ deviceLimit: 0 });
    await provisioned(emulator, "dev-1");
    expect(await associate(ourClient(emulator), "dev-1")).toMatchObject({ body: { code: 40005 } });
  });

  it("invalidates certificates that were issued and not used", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    const spare = await issue(client, "dev-1");
    const identity = await provisioned(emulator, "dev-1");
    await associate(client, "dev-1");
    await client.delete("/association/dev-1");
    expect(await connectOnce(emulator, spare)).toBeUndefined();
    expect(await refusals(emulator)).toContain("the certificate is not registered");
    await connected(emulator, identity);
  });

  it("is seen by readers after the consistency delay", async () => {
    const emulator = await emulateBroker({ consistencyDelayMs: 600_000 });
    const client = ourClient(emulator);
    await provisioned(emulator, "dev-1");
    await associate(client, "dev-1");
    expect((await client.get("/devices/dev-1")).status).toBe(404);
    expect(await associate(client, "dev-1")).toMatchObject({ status: 202 });
  });
});

describe("DissociateDevice", () => {
  it("removes the device from the team, and anybody with its code can associate it again", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    const identity = await provisioned(emulator, "dev-1");
    await associate(client, "dev-1", code, "?subType=sensor");
    await client.json("PUT", "/devices/dev-1/name", "Ours");
    await client.json("PUT", "/devices/dev-1/tags", ["barn"]);
    await client.json("PATCH", "/devices/dev-1/state", { desired: { interval: 60 } });
    const connection = await connected(emulator, identity);
    expect(await client.delete("/association/dev-1")).toMatchObject({ status: 202, text: "" });
    await dropped(connection);
    expect((await client.get("/devices/dev-1")).status).toBe(404);
    expect(await jitp(emulator)).toMatchObject({ items: [{ state: "not associated" }] });
    await connected(emulator, identity);

    expect(await associate(theirClient(emulator), "dev-1")).toMatchObject({ status: 202 });
    const { body } = await theirClient(emulator).get("/devices/dev-1");
    expect(body).toMatchObject({
      name: "dev-1",
      tags: [],
      subType: "jitp-generic",
      tenantId: theirs.tenantId,
      state: {
        desired: {
          interval: 60,
          nrfcloud_mqtt_topic_prefix: `prod/${theirs.tenantId}/`,
          pairing: { state: "paired" },
        },
      },
    });
    expect(JSON.stringify(body)).not.toContain(ours.tenantId);
  });

  it("refuses what the team does not have", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    expect(await client.delete("/association/dev-1")).toMatchObject({ status: 404, body: { code: 40413 } });
    await provisioned(emulator, "dev-1");
    const notOurs = { status: 401, body: { code: 40103 } };
    expect(await client.delete("/association/dev-1")).toMatchObject(notOurs);
    await associate(theirClient(emulator), "dev-1");
    expect(await client.delete("/association/dev-1")).toMatchObject(notOurs);
    await onboarded(emulator, "dev-2");
    expect(await client.delete("/association/dev-2")).toMatchObject({ body: { code: 40000 } });
  });
});

describe("DeleteDevice", () => {
  it("deletes an associated device with its just-in-time certificate, so that the id is free", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    const identity = await provisioned(emulator, "dev-1");
    await associate(client, "dev-1");
    expect((await client.delete("/devices/dev-1")).status).toBe(202);
    expect(await jitp(emulator)).toEqual({ items: [] });
    expect(await connectOnce(emulator, identity)).toBeUndefined();
    expect(await connectOnce(emulator, identity)).toBeUndefined();
    expect(await associate(client, "dev-1")).toMatchObject({ body: { code: 40412 } });
    await provisioned(emulator, "dev-1");
  });

  it("deletes a device that is not associated for anybody who has its code", async () => {
    const emulator = await emulateBroker();
    const client = theirClient(emulator);
    await issue(ourClient(emulator), "issued-only");
    expect(await remove(client, "issued-only", code)).toMatchObject({ body: { code: 40414 } });
    await provisioned(emulator, "dev-1");
    const wrong = { status: 401, body: { code: 40102 } };
    expect(await client.delete("/devices/dev-1")).toMatchObject(wrong);
    expect(await remove(client, "dev-1", "guess")).toMatchObject(wrong);
    expect(await remove(client, "dev-1", code)).toMatchObject({ status: 202 });
    expect(await remove(client, "dev-1", code)).toMatchObject({ body: { code: 40414 } });
  });
});

describe("the account", () => {
  it("has the address of the broker, if the emulator has one", async () => {
    const emulator = await emulateBroker();
    expect((await ourClient(emulator).get("/account")).body).toMatchObject({
      mqttEndpoint: "127.0.0.1",
      mqttPort: emulator.mqtt?.port,
    });
    expect((await admin(emulator).get("/mqtt")).body).toEqual({
      host: "127.0.0.1",
      port: emulator.mqtt?.port,
      caCert: anyText,
    });
    const without = await emulate();
    expect((await ourClient(without).get("/account")).body).not.toHaveProperty("mqttPort");
    expect((await admin(without).get("/mqtt")).status).toBe(404);
  });
});
