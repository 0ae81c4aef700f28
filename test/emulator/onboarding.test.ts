import { describe, expect, it } from "vitest";
import { certificateFor, publicKeyPem } from "./support/certificates.js";
import {
  anyObject,
  anyText,
  objectWith,
  textLike,
  admin,
  emulate,
  ourClient,
  ours,
  row,
  text,
  theirClient,
} from "./support/client.js";

describe("OnboardDevices", () => {
  it("onboards every row and shows the devices in full", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    const job = await client.bulk([
      row("dev-1", certificateFor("dev-1"), "humidity-sensor", "barn|east", "APP|MODEM"),
      row("dev-2", certificateFor("dev-2"), "my-gateway"),
      row("dev-3", publicKeyPem()),
    ]);
    expect(job.status).toBe("SUCCEEDED");
    const prefix = `prod/${ours.tenantId}/`;
    const { status, body } = await client.get("/devices/dev-1");
    expect(status).toBe(200);
    expect(body).toEqual({
      id: "dev-1",
      name: "dev-1",
      type: "Generic",
      subType: "humidity-sensor",
      tags: ["barn", "east"],
      tenantId: ours.tenantId,
      firmware: { supports: ["APP", "MODEM"] },
      $meta: { createdAt: textLike(/^\d{4}-\d\d-\d\dT.*Z$/) },
      cloudMqttEnabled: true,
      state: {
        desired: {
          nrfcloud_mqtt_topic_prefix: prefix,
          pairing: {
            state: "paired",
            topics: { d2c: `${prefix}m/d/dev-1/d2c`, c2d: `${prefix}m/d/dev-1/+/r` },
          },
        },
        reported: {},
        delta: objectWith({ nrfcloud_mqtt_topic_prefix: prefix }),
        metadata: { desired: objectWith({ pairing: anyObject }) },
        version: 3,
      },
    });
    expect((await client.get("/devices/dev-2")).body).toMatchObject({ type: "Gateway" });
    const third = (await client.get("/devices/dev-3")).body;
    expect(third).toMatchObject({ subType: "unknown", cloudMqttEnabled: false });
    expect(third).not.toHaveProperty("firmware");
  });

  it.each(["text/plain", "text/plain;charset=UTF8", "text/plain; charset=ASCII", "application/octet-stream"])(
    "takes %s",
    async (type) => {
      const client = ourClient(await emulate());
      expect(await client.csv("/devices", row("dev-1", publicKeyPem()), type)).toMatchObject({ status: 202 });
    },
  );

  it("refuses another content type", async () => {
    const client = ourClient(await emulate());
    const reply = await client.csv("/devices", row("dev-1", publicKeyPem()), "application/json");
    expect(reply).toMatchObject({ status: 422, body: { code: 42200 } });
  });

  it("takes CRLF rows, a final line break and PEM with CRLF", async () => {
    const client = ourClient(await emulate());
    const pem = certificateFor("dev-1").replaceAll("\n", "\r\n");
    const accepted = await client.csv(
      "/devices",
      `${row("dev-1", pem)}\r\n${row("dev-2", publicKeyPem())}\r\n`,
    );
    expect(await client.finished(text(accepted.body, "bulkOpsRequestId"))).toMatchObject({
      status: "SUCCEEDED",
    });
  });

  it("names everything that is wrong in a file at once, by row and column, and starts nothing", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    const pem = publicKeyPem();
    const reply = await client.csv(
      "/devices",
      [
        row("good", pem),
        row("bad id", pem),
        row("dev-2", pem, "a b"),
        row("dev-3", pem, "", "ok|no good"),
        row("dev-4", pem, "", "", "APP|SMP"),
        row("dev-5", pem.trimEnd()),
        row("dev-6", pem + pem),
        `dev-7,,,"${pem}"`,
        "",
        row("dev-9", pem),
      ].join("\n"),
    );
    expect(reply).toMatchObject({ status: 422, body: { code: 42200 } });
    const message = text(reply.body, "message");
    expect(message).toContain('row [1], deviceId: "bad id"');
    expect(message).toContain("row [2], subType:");
    expect(message).toContain('row [3], tags: "no good"');
    expect(message).toContain('row [4], fwTypes: "SMP"');
    expect(message).toContain("row [5], certPem:");
    expect(message).toContain("row [6], certPem:");
    expect(message).toContain("row [7] has 4 columns");
    expect(message).toContain("row [8] is blank");
    expect(message).not.toMatch(/row \[[09]\]/);
    expect(message).not.toContain("BEGIN PUBLIC KEY");
    expect((await admin(emulator).get("/devices")).body).toMatchObject({ total: 0 });
    expect((await client.get("/bulk-ops-requests")).body).toMatchObject({ total: 0 });
  });

  it.each([
    ["no rows", ""],
    ["a header", `deviceId,subType,tags,fwTypes,certPem\n${row("dev-1", "x")}`],
    ["broken quotes", 'dev-1,,,,"never closed'],
  ])("refuses a file with %s", async (_what, csv) => {
    const client = ourClient(await emulate());
    expect(await client.csv("/devices", csv)).toMatchObject({ status: 422, body: { code: 42200 } });
  });

  it("takes 1000 rows but not 1001", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    const pem = publicKeyPem();
    const rows = Array.from({ length: 1001 }, (_, index) => row(`dev-${index}`, pem));
    const reply = await client.csv("/devices", rows.join("\n"));
    expect(reply).toMatchObject({ status: 422 });
    expect(text(reply.body, "message")).toContain("1001 rows");
    expect(await client.bulk(rows.slice(0, 1000))).toMatchObject({ status: "SUCCEEDED" });
    expect((await admin(emulator).get("/devices")).body).toMatchObject({ total: 1000 });
  });

  it("applies the good rows of a partly bad file and reports the reason for each bad one", async () => {
    const client = ourClient(await emulate());
    const job = await client.bulk([
      row("dev-0", certificateFor("dev-0")),
      row("dev-1", certificateFor("dev-1", { key: "RSA" })),
      row("dev-2", certificateFor("dev-2", { key: "P-384" })),
      row("dev-3", certificateFor("dev-3", { hash: "sha384" })),
      row("dev-4", certificateFor("dev-4", { caKey: "RSA" })),
      row("dev-5", certificateFor("somebody-else")),
      row("dev-6", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
      row("dev-7", publicKeyPem("P-384")),
      row("dev-8", certificateFor("dev-8", { expired: true })),
    ]);
    expect(job).toMatchObject({
      status: "FAILED",
      details: { completedAt: anyText, endpoint: "ONBOARD_DEVICES" },
      errors: [
        expect.stringMatching(/^\[1\]: .*ES256.*P-256/),
        expect.stringMatching(/^\[2\]: .*ES256.*P-256/),
        expect.stringMatching(/^\[3\]: .*not signed by ECDSA with SHA-256/),
        expect.stringMatching(/^\[4\]: .*not signed by ECDSA with SHA-256/),
        expect.stringMatching(/^\[5\]: .*"somebody-else".*"dev-5"/),
        expect.stringMatching(/^\[6\]: .*cannot be parsed/),
        expect.stringMatching(/^\[7\]: .*public key.*P-256/),
      ],
    });
    for (const [id, status] of [
      ["dev-0", 200],
      ["dev-1", 404],
      ["dev-5", 404],
      ["dev-8", 200],
    ]) {
      expect(await client.get(`/devices/${id}`)).toMatchObject({ status });
    }
  });

  it("accepts a foreign common name or an RSA signature if it is lenient, and the admin sees the mismatch", async () => {
    const emulator = await emulate({ strictCn: false, strictSignature: false });
    const client = ourClient(emulator);
    const rows = [
      row("dev-0", certificateFor("dev-0", { caKey: "RSA" })),
      row("dev-1", certificateFor("somebody-else")),
      row("dev-2", certificateFor("dev-2", { commonName: null })),
    ];
    expect(await client.bulk(rows)).toMatchObject({ status: "SUCCEEDED" });
    expect((await admin(emulator).get("/devices")).body).toMatchObject({
      items: [
        { id: "dev-0", certificate: { commonName: "dev-0", commonNameIsDeviceId: true } },
        { id: "dev-1", certificate: { commonName: "somebody-else", commonNameIsDeviceId: false } },
        { id: "dev-2", certificate: { commonNameIsDeviceId: false } },
      ],
    });
  });

  it("refuses the later of two rows with one id or one certificate", async () => {
    const client = ourClient(await emulate({ strictCn: false }));
    const pem = certificateFor("dev-0");
    const job = await client.bulk([
      row("dev-0", pem),
      row("dev-0", pem),
      row("dev-1", pem),
      row("dev-2", publicKeyPem()),
    ]);
    expect(job).toMatchObject({
      status: "FAILED",
      errors: [
        expect.stringMatching(/^\[1\]: Duplicate device id dev-0.*\[0\]/),
        "[2]: The device certificate is already registered and attached to a different device.",
      ],
    });
    expect((await client.get("/devices/dev-2")).status).toBe(200);
  });

  it("accepts an identical device once more and refuses one that differs", async () => {
    const client = ourClient(await emulate());
    const pem = certificateFor("dev-1");
    const identical = row("dev-1", pem, "sensor", "barn|east", "APP|MODEM");
    expect(await client.bulk([identical])).toMatchObject({ status: "SUCCEEDED" });
    const { body: before } = await client.get("/devices/dev-1");
    expect(await client.bulk([row("dev-1", pem, "sensor", "east|barn", "MODEM|APP")])).toMatchObject({
      status: "SUCCEEDED",
    });
    expect((await client.get("/devices/dev-1")).body).toEqual(before);
    for (const different of [
      row("dev-1", pem, "other", "barn|east", "APP|MODEM"),
      row("dev-1", pem, "sensor", "barn", "APP|MODEM"),
      row("dev-1", pem, "sensor", "barn|east", "APP"),
      row("dev-1", certificateFor("dev-1"), "sensor", "barn|east", "APP|MODEM"),
      row("dev-1", publicKeyPem(), "sensor", "barn|east", "APP|MODEM"),
    ]) {
      expect(await client.bulk([different])).toMatchObject({
        status: "FAILED",
        errors: ["[0]: Thing dev-1 already exists in account with different attributes"],
      });
    }
    expect((await client.get("/devices/dev-1")).body).toEqual(before);
  });

  it("keeps device ids unique across teams, and distinguishes upper and lower case", async () => {
    const emulator = await emulate();
    const pem = certificateFor("dev-1");
    expect(await theirClient(emulator).bulk([row("dev-1", pem)])).toMatchObject({ status: "SUCCEEDED" });
    const client = ourClient(emulator);
    const job = await client.bulk([row("dev-1", pem), row("DEV-1", certificateFor("DEV-1"))]);
    expect(job).toMatchObject({
      status: "FAILED",
      errors: ["[0]: Thing dev-1 already exists in account with different attributes"],
    });
    expect((await client.get("/devices/DEV-1")).status).toBe(200);
    expect(await client.get("/devices/dev-1")).toMatchObject({ status: 404, body: { code: 40410 } });
    expect(await client.delete("/devices/dev-1")).toMatchObject({ status: 404, body: { code: 40414 } });
    expect((await theirClient(emulator).get("/devices/dev-1")).status).toBe(200);
  });

  it("refuses rows beyond the plan's limit, and whole uploads at the limit", async () => {
    const client = ourClient(await emulate({ deviceLimit: 2 }));
    const rows = ["dev-0", "dev-1", "dev-2"].map((id) => row(id, publicKeyPem()));
    expect(await client.bulk(rows)).toMatchObject({
      status: "FAILED",
      errors: [expect.stringMatching(/^\[2\]: .*limit of 2 devices/)],
    });
    expect(await client.csv("/devices", row("dev-3", publicKeyPem()))).toMatchObject({
      status: 400,
      body: { code: 40005 },
    });
    expect(await client.json("POST", "/devices/dev-3", { certificate: publicKeyPem() })).toMatchObject({
      status: 400,
      body: { code: 40005 },
    });
    await client.delete("/devices/dev-0");
    expect(await client.bulk([row("dev-3", publicKeyPem())])).toMatchObject({ status: "SUCCEEDED" });
  });

  it("refuses a body of more than 10 MB", async () => {
    const client = ourClient(await emulate());
    const reply = await client.csv("/devices", "x".repeat(10 * 1024 * 1024 + 1));
    expect(reply).toMatchObject({ status: 413, body: { code: 41300 } });
  });
});

describe("OnboardDevice", () => {
  it("onboards one device at once, with an empty reply", async () => {
    const client = ourClient(await emulate());
    const reply = await client.json("POST", "/devices/dev-1", {
      certificate: certificateFor("dev-1"),
      subType: "sensor",
      tags: ["barn"],
      supportedFirmwareTypes: ["APP", "SMP", "CUSTOM"],
    });
    expect(reply).toMatchObject({ status: 202, text: "" });
    expect(reply.headers.get("content-length")).toBe("0");
    expect((await client.get("/devices/dev-1")).body).toMatchObject({
      subType: "sensor",
      tags: ["barn"],
      firmware: { supports: ["APP", "SMP", "CUSTOM"] },
    });
  });

  it("names every problem of a malformed body at once", async () => {
    const client = ourClient(await emulate());
    const reply = await client.json("POST", "/devices/bad%20id", {
      certificate: "not PEM",
      subType: 7,
      tags: ["no good"],
      supportedFirmwareTypes: ["NONE"],
      onboardingToken: "x",
    });
    expect(reply).toMatchObject({ status: 422, body: { code: 42200 } });
    for (const name of [
      "deviceId",
      "certificate",
      "subType",
      "tags",
      "supportedFirmwareTypes",
      "onboardingToken",
    ]) {
      expect(text(reply.body, "message")).toContain(name);
    }
  });

  it.each(["not JSON", '"a string"', ""])("refuses the body %j", async (body) => {
    const client = ourClient(await emulate());
    const reply = await client.send("/devices/dev-1", { method: "POST", body, type: "application/json" });
    expect(reply).toMatchObject({ status: 422, body: { code: 42200 } });
  });

  it("refuses a certificate that is not ES256 or not the device's as malformed", async () => {
    const client = ourClient(await emulate());
    for (const certificate of [
      certificateFor("dev-1", { key: "RSA" }),
      certificateFor("dev-1", { caKey: "RSA" }),
      certificateFor("dev-2"),
    ]) {
      expect(await client.json("POST", "/devices/dev-1", { certificate })).toMatchObject({
        status: 422,
        body: { code: 42200 },
      });
    }
  });

  it("answers conflicts with 40000 and the text of a row error, and an identical device with success", async () => {
    const emulator = await emulate({ strictCn: false });
    const client = ourClient(emulator);
    const certificate = certificateFor("dev-1");
    await client.json("POST", "/devices/dev-1", { certificate, tags: ["a"] });
    expect(await client.json("POST", "/devices/dev-1", { certificate, tags: ["a"] })).toMatchObject({
      status: 202,
    });
    expect(await client.json("POST", "/devices/dev-1", { certificate, tags: ["b"] })).toMatchObject({
      status: 400,
      body: { code: 40000, message: "Thing dev-1 already exists in account with different attributes" },
    });
    expect(await client.json("POST", "/devices/dev-2", { certificate })).toMatchObject({
      status: 400,
      body: {
        code: 40000,
        message: "The device certificate is already registered and attached to a different device.",
      },
    });
    expect(await theirClient(emulator).json("POST", "/devices/dev-1", { certificate })).toMatchObject({
      status: 400,
      body: { code: 40000 },
    });
  });
});

describe("RegisterCertificates", () => {
  it("replaces the certificate of an onboarded device and sets the old one free", async () => {
    const emulator = await emulate({ strictCn: false });
    const client = ourClient(emulator);
    const [first, second] = [certificateFor("dev-1"), certificateFor("dev-1")];
    await client.bulk([row("dev-1", first, "sensor")]);
    const job = await client.bulk([`dev-1,"${second}"`], "/devices/certificates");
    expect(job).toMatchObject({ status: "SUCCEEDED", details: { endpoint: "REGISTER_CERTIFICATES" } });
    expect(await client.bulk([row("dev-1", second, "sensor")])).toMatchObject({ status: "SUCCEEDED" });
    expect(await client.bulk([row("dev-2", second)])).toMatchObject({ status: "FAILED" });
    expect(await client.bulk([row("dev-2", first)])).toMatchObject({ status: "SUCCEEDED" });
  });

  it("keeps a certificate for a device that is onboarded later", async () => {
    const emulator = await emulate({ strictCn: false });
    const client = ourClient(emulator);
    const pem = certificateFor("dev-1");
    expect(await client.bulk([`dev-1,"${pem}"`], "/devices/certificates")).toMatchObject({
      status: "SUCCEEDED",
    });
    expect((await client.get("/devices/dev-1")).status).toBe(404);
    expect(await client.bulk([row("dev-2", pem)])).toMatchObject({ status: "FAILED" });
    expect(await theirClient(emulator).bulk([row("dev-1", publicKeyPem())])).toMatchObject({
      status: "FAILED",
    });
    expect(await client.bulk([row("dev-1", pem)])).toMatchObject({ status: "SUCCEEDED" });
  });

  it("checks certificates and owners row by row, and takes no public keys", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    await theirClient(emulator).bulk([row("dev-1", certificateFor("dev-1"))]);
    const job = await client.bulk(
      [
        `dev-0,"${certificateFor("dev-0", { key: "RSA" })}"`,
        `dev-1,"${certificateFor("dev-1")}"`,
        `dev-2,"${certificateFor("dev-2")}"`,
      ],
      "/devices/certificates",
    );
    expect(job).toMatchObject({
      status: "FAILED",
      errors: [expect.stringContaining("[0]: "), expect.stringContaining("[1]: Thing dev-1 already exists")],
    });
    expect(await client.csv("/devices/certificates", `dev-3,"${publicKeyPem()}"`)).toMatchObject({
      status: 422,
    });
  });
});

describe("RegisterPublicKeys", () => {
  it("registers keys for known and unknown ids and overwrites earlier ones", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    await client.bulk([row("dev-1", certificateFor("dev-1"))]);
    const { body: before } = await admin(emulator).get("/devices");
    const rows = ["dev-1", "not-onboarded"].map((id) => `${id},"${publicKeyPem()}"`);
    for (let round = 0; round < 2; round++) {
      expect(await client.bulk(rows, "/devices/public-keys")).toMatchObject({
        status: "SUCCEEDED",
        details: { endpoint: "REGISTER_PUBLIC_KEYS" },
      });
    }
    const { body: after } = await admin(emulator).get("/devices");
    expect(after).not.toEqual(before);
    expect(after).toMatchObject({ total: 1, items: [{ certificate: { commonName: "dev-1" } }] });
    expect(await client.csv("/devices/public-keys", `dev-1,"${certificateFor("dev-1")}"`)).toMatchObject({
      status: 422,
    });
  });
});
