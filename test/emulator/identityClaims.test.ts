import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../emulator/index.js";
import { parseAttestationToken } from "../../provider/pki/attestationToken.js";
import { publicKeyPem } from "./support/certificates.js";
import {
  admin,
  anyText,
  Client,
  emulate,
  ids,
  ourClient,
  ours,
  row,
  text,
  textLike,
  theirClient,
  theirs,
} from "./support/client.js";
import { listed, mint, mintOne, ourIdentity, theirIdentity, type Minted } from "./support/identity.js";

const claimed = (device: Minted, tags: readonly string[] = []) => ({ claimToken: device.token, tags });
const claims = async (client: Client) => ids((await client.get("/claimed-devices?pageLimit=100")).body);
const csv = (...rows: readonly (readonly string[])[]) =>
  rows.map((cells) => cells.map((cell) => `"${cell}"`).join(",")).join("\n");

describe("minted tokens", () => {
  it("are those of a modem: readable, of one device, and different each time", async () => {
    const emulator = await emulate();
    const deviceUuid = "50363154-3931-44f0-8022-121b6401627d";
    const tokens = await mint(emulator, { deviceUuid, deviceType: 4, count: 2 });
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(2);
    for (const { token, deviceId, imei } of tokens) {
      expect(deviceId).toBe(deviceUuid);
      expect(imei).toMatch(/^\d{15}$/);
      expect(parseAttestationToken(token)).toMatchObject({
        deviceUuid,
        deviceType: { number: 4, name: "nRF9161" },
      });
    }
  });

  it("are of new nRF9151 devices by default, also in the form of Nordic's tool", async () => {
    const emulator = await emulate();
    const tokens = await mint(emulator, { count: 3 });
    expect(new Set(tokens.map(({ deviceId }) => deviceId)).size).toBe(3);
    expect(parseAttestationToken(tokens[0]?.token ?? "").deviceType.name).toBe("nRF9151");
    const { text: file } = await admin(emulator).json("POST", "/identity/tokens?format=csv", { count: 2 });
    const rows = file.trimEnd().split("\n");
    expect(rows).toHaveLength(2);
    for (const line of rows) {
      const [imei, deviceId, token, time] = line.split(",");
      expect(parseAttestationToken(token ?? "").deviceUuid).toBe(deviceId);
      expect([imei?.length, Number.isNaN(Date.parse(time ?? ""))]).toEqual([15, false]);
    }
  });

  it.each([{ deviceUuid: "x" }, { deviceType: 24 }, { count: -1 }, { count: 0.5 }, { uuid: "x" }])(
    "are refused for %j",
    async (order) => {
      const reply = await admin(await emulate()).json("POST", "/identity/tokens", order);
      expect(reply).toMatchObject({ status: 422, body: { code: 42200 } });
    },
  );
});

describe("ClaimDeviceOwnership", () => {
  it.each(["/claimed-devices", "/identities/claimed-devices"])("claims one device at %s", async (path) => {
    const emulator = await emulate();
    const client = ourIdentity(emulator);
    const device = await mintOne(emulator, { deviceType: 3 });
    const reply = await client.json("POST", path, claimed(device, ["location=Trondheim"]));
    const expected = {
      id: device.deviceId,
      deviceType: "nrf9160_SICA",
      firmwareId: parseAttestationToken(device.token).firmwareUuid,
      imei: device.imei,
      ownerId: ours.tenantId,
      ownershipStatus: "IDENTIFIED",
      tags: ["location=Trondheim"],
      status: "READY",
      claimedAt: anyText,
    };
    expect(reply).toMatchObject({ status: 201 });
    expect(reply.body).toEqual(expected);
    expect((await client.get(`/claimed-devices/${device.deviceId}`)).body).toEqual(expected);
    expect((await client.get("/claimed-devices")).body).toEqual({ items: [expected], total: 1 });
  });

  it("only says whether it would, in a dry run", async () => {
    const emulator = await emulate();
    const client = ourIdentity(emulator);
    const device = await mintOne(emulator);
    const dryRun = () => client.json("POST", "/claimed-devices?dryrun=true", { claimToken: device.token });
    const reply = await dryRun();
    expect(reply).toMatchObject({ status: 202, text: "" });
    expect(reply.headers.get("content-length")).toBe("0");
    expect(await claims(client)).toEqual([]);
    await client.json("POST", "/claimed-devices", claimed(device));
    expect(await dryRun()).toMatchObject({
      status: 400,
      body: { code: 40000, message: textLike(/already claimed/) },
    });
  });

  it("is refused for a device that is ours already, or another team's, by whatever token", async () => {
    const emulator = await emulate();
    const device = await mintOne(emulator);
    const again = await mintOne(emulator, { deviceUuid: device.deviceId });
    await ourIdentity(emulator).json("POST", "/claimed-devices", claimed(device));
    for (const token of [device, again]) {
      expect(await ourIdentity(emulator).json("POST", "/claimed-devices", claimed(token))).toMatchObject({
        status: 400,
        body: { code: 40000, message: textLike(/your team/) },
      });
      expect(await theirIdentity(emulator).json("POST", "/claimed-devices", claimed(token))).toMatchObject({
        status: 401,
        body: { code: 40101, message: textLike(/another team/) },
      });
    }
  });

  it("is refused where a setting says so", async () => {
    const emulator = await emulate();
    const device = await mintOne(emulator);
    await admin(emulator).json("PUT", "/settings", {
      rejectRows: { [device.deviceId]: "Blocked by Nordic." },
    });
    expect(await ourIdentity(emulator).json("POST", "/claimed-devices", claimed(device))).toMatchObject({
      status: 400,
      body: { code: 40000, message: "Blocked by Nordic." },
    });
  });

  it.each([
    ["no token", {}],
    ["a token that is no text", { claimToken: 7 }],
    ["tags that are no list", { tags: "x" }],
    ["a tag with a space", { tags: ["no good"] }],
    ["a good tag and one with a slash", { tags: ["good", "a/b"] }],
  ])("is refused with %s", async (_what, change) => {
    const emulator = await emulate();
    const { token } = await mintOne(emulator);
    const body = Object.keys(change).length === 0 ? {} : { claimToken: token, ...change };
    expect(await ourIdentity(emulator).json("POST", "/claimed-devices", body)).toMatchObject({
      status: 422,
      body: { code: 42200 },
    });
    expect(await claims(ourIdentity(emulator))).toEqual([]);
  });

  it("takes comma-joined tags apart, as Nordic's client sends those of its command line", async () => {
    const emulator = await emulate();
    const device = await mintOne(emulator);
    const { body } = await ourIdentity(emulator).json(
      "POST",
      "/claimed-devices",
      claimed(device, ["a,b", "b"]),
    );
    expect(body).toMatchObject({ tags: ["a", "b"] });
  });

  it("needs a key, and one that may write", async () => {
    const emulator = await emulate();
    const device = await mintOne(emulator);
    for (const key of [undefined, "wrong", "our-viewer"]) {
      const client = new Client(emulator.identityUrl, key);
      expect(await client.json("POST", "/claimed-devices", claimed(device))).toMatchObject({
        status: 401,
        body: { code: 40100 },
      });
    }
    expect(await claims(ourIdentity(emulator))).toEqual([]);
  });
});

describe("a forged token", () => {
  const split = (token: string) => token.split(".").map((part) => Buffer.from(part, "base64url"));
  const joined = (...parts: readonly Uint8Array[]) =>
    parts.map((part) => Buffer.from(part).toString("base64url")).join(".");

  async function expectRefused(emulator: Awaited<ReturnType<typeof emulate>>, token: string) {
    const client = ourIdentity(emulator);
    for (const path of ["/claimed-devices", "/claimed-devices?dryrun=true"]) {
      const reply = await client.json("POST", path, { claimToken: token });
      expect(reply).toMatchObject({ status: 422, body: { code: 42200, message: anyText } });
      const [body = "", cose = ""] = token.split(".");
      if (body.length > 12) expect(reply.text).not.toContain(body.slice(0, 12));
      if (cose.length > 12) expect(reply.text).not.toContain(cose.slice(0, 12));
    }
    expect(await claims(client)).toEqual([]);
  }

  it("is refused, whichever byte was altered", async () => {
    const emulator = await emulate();
    const [body = Buffer.alloc(0), cose = Buffer.alloc(0)] = split((await mintOne(emulator)).token);
    const whole = Buffer.concat([body, cose]);
    for (let at = 0; at < whole.length; at += 3) {
      const altered = Buffer.from(whole);
      altered[at] = (whole[at] ?? 0) ^ 0x01;
      await expectRefused(emulator, joined(altered.subarray(0, body.length), altered.subarray(body.length)));
    }
  });

  it("is refused if signed by another key", async () => {
    const emulator = await emulate();
    const [body = Buffer.alloc(0)] = split((await mintOne(emulator)).token);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const content = Buffer.concat([Buffer.from("846a5369676e61747572653143a10126405839", "hex"), body]);
    const signature = sign("sha256", content, { key: privateKey, dsaEncoding: "ieee-p1363" });
    await expectRefused(
      emulator,
      joined(body, Buffer.concat([Buffer.from("d28443a10126a1044121f65840", "hex"), signature])),
    );
  });

  it("is refused if signed by another device, for another token of the device, or in another cloud", async () => {
    const emulator = await emulate();
    const device = await mintOne(emulator);
    const [body = Buffer.alloc(0)] = split(device.token);
    for (const order of [{}, { deviceUuid: device.deviceId }]) {
      const [, cose = Buffer.alloc(0)] = split((await mintOne(emulator, order)).token);
      await expectRefused(emulator, joined(body, cose));
    }
    await expectRefused(emulator, (await mintOne(await emulate(), { deviceUuid: device.deviceId })).token);
  });

  it.each([
    ["a text", "hello"],
    ["nothing but a dot", "."],
    ["three parts", "YQ.YQ.YQ"],
    [
      "a real one, of a device that is not simulated (github.com/nRFCloud/utils, tests)",
      "2dn3hQFQUDYxVDkxRPCAIhIbZAFifQNQGv86y_GmR2SiY0wmRsHGVFDT791_BPH8YOWFiyCHND1q" +
        ".0oRDoQEmoQRBIfZYQGuXwJliinHc6xDPruiyjsaXyXZbZVpUuOhHG9YS8L05VuglCcJhMN4EUhWVGpaHgNnHHno6ahi-d5tOeZmAcNY",
    ],
  ])("is refused if it is %s", async (_what, token) => {
    await expectRefused(await emulate(), token);
  });
});

describe("a bulk claim", () => {
  it.each([
    ["with text/csv", "text/csv"],
    ["without a content type, as Nordic's client sends it", undefined],
  ])("claims all rows, %s", async (_how, type) => {
    const emulator = await emulate();
    const client = ourIdentity(emulator);
    const devices = await mint(emulator, { count: 3 });
    const rows = csv(...devices.map(({ token }, index) => (index === 0 ? [token] : [token, "a,b=c"])));
    const response = await fetch(`${emulator.identityUrl}/claimed-devices`, {
      method: "POST",
      headers: {
        authorization: "Bearer our-owner",
        contentType: "text/csv",
        ...(type === undefined ? {} : { "content-type": type }),
      },
      // Bytes, because fetch labels a text by itself.
      body: Buffer.from(`${rows}\n`),
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ claimedIds: devices.map(({ deviceId }) => deviceId) });
    expect(listed((await client.get("/claimed-devices")).body, "items")).toMatchObject(
      devices.map(({ deviceId }, index) => ({ id: deviceId, tags: index === 0 ? [] : ["a", "b=c"] })),
    );
  });

  it("claims the good rows and lists the bad ones", async () => {
    const emulator = await emulate();
    const [first, second, taken, mine] = await mint(emulator, { count: 4 });
    if (!first || !second || !taken || !mine) throw new Error("too few tokens");
    await theirIdentity(emulator).json("POST", "/claimed-devices", claimed(taken));
    await ourIdentity(emulator).json("POST", "/claimed-devices", claimed(mine));
    const rows = csv(
      [first.token],
      ["rubbish"],
      [taken.token],
      [mine.token],
      [second.token, "not good"],
      [first.token],
      [second.token],
    );
    const failed = [
      { row: 1, code: 42200, message: anyText },
      { row: 2, code: 40101, message: anyText },
      { row: 3, code: 40000, message: anyText },
      { row: 4, code: 42200, message: anyText },
      { row: 5, message: anyText },
    ];
    const dry = await ourIdentity(emulator).csv("/claimed-devices?dryrun=true", rows);
    expect(dry).toMatchObject({ status: 400, body: { code: 40000, claimedIds: [], failed } });
    expect(await claims(ourIdentity(emulator))).toEqual([mine.deviceId]);

    const reply = await ourIdentity(emulator).csv("/claimed-devices", rows);
    expect(reply).toMatchObject({
      status: 400,
      body: {
        code: 40000,
        message: "5 of 7 rows failed.",
        claimedIds: [first.deviceId, second.deviceId],
        failed,
      },
    });
    expect(reply.text).not.toContain(first.token.slice(0, 20));
    expect(await claims(ourIdentity(emulator))).toEqual([mine.deviceId, first.deviceId, second.deviceId]);
  });

  it("answers a dry run of good rows with 202, and claims nothing", async () => {
    const emulator = await emulate();
    const devices = await mint(emulator, { count: 2 });
    const rows = csv(...devices.map(({ token }) => [token]));
    expect(await ourIdentity(emulator).csv("/claimed-devices?dryrun=true", rows)).toMatchObject({
      status: 202,
      text: "",
    });
    expect(await claims(ourIdentity(emulator))).toEqual([]);
  });

  it("takes a thousand rows, and not one more", async () => {
    const emulator = await emulate();
    const rows = csv(...(await mint(emulator, { count: 1000 })).map(({ token }) => [token, "all"]));
    const { token } = await mintOne(emulator);
    expect(await ourIdentity(emulator).csv("/claimed-devices", `${rows}\n${csv([token])}`)).toMatchObject({
      status: 422,
      body: { code: 42200, message: textLike(/1001 rows/) },
    });
    expect(await claims(ourIdentity(emulator))).toEqual([]);
    const { status, body } = await ourIdentity(emulator).csv("/claimed-devices", rows);
    expect([status, listed(body, "claimedIds").length]).toEqual([201, 1000]);
  });

  it.each([
    ["nothing", ""],
    ["blank lines", '"a"\n\n"b"'],
    ["columns that it does not have", '"355025930000000","uuid","token","2026-11-23"'],
    ["an open quote", '"abc'],
  ])("is refused as a whole for %s", async (_what, rows) => {
    expect(await ourIdentity(await emulate()).csv("/claimed-devices", rows)).toMatchObject({
      status: 422,
      body: { code: 42200 },
    });
  });
});

describe("claimed devices", () => {
  it("are listed in the order of their claims, by page and by filter, for their team alone", async () => {
    const emulator = await emulate();
    const client = ourIdentity(emulator);
    const devices = await mint(emulator, { count: 5 });
    for (const [index, device] of devices.entries()) {
      await client.json("POST", "/claimed-devices", claimed(device, [index % 2 === 0 ? "even" : "odd"]));
    }
    await theirIdentity(emulator).json("POST", "/claimed-devices", claimed(await mintOne(emulator)));
    const all = devices.map(({ deviceId }) => deviceId);
    const pages: unknown[][] = [];
    let query = "pageLimit=2";
    for (;;) {
      const { body } = await client.get(`/claimed-devices?${query}`);
      pages.push(ids(body));
      if (typeof body !== "object" || body === null || !("pageNextToken" in body)) break;
      query = `pageLimit=2&pageNextToken=${encodeURIComponent(text(body, "pageNextToken"))}`;
    }
    expect(pages).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4)]);
    expect(ids((await client.get("/claimed-devices?tags=odd")).body)).toEqual([all[1], all[3]]);
    const some = `${all[3] ?? ""},${all[0] ?? ""},nobody`;
    expect(ids((await client.get(`/claimed-devices?deviceIds=${some}`)).body)).toEqual([all[0], all[3]]);
  });

  it("that an owner claimed are hidden from editors and viewers", async () => {
    const emulator = await emulate();
    const editor = new Client(emulator.identityUrl, "our-editor-of-barn");
    const viewer = new Client(emulator.identityUrl, "our-viewer");
    const [owners, editors] = await mint(emulator, { count: 2 });
    if (!owners || !editors) throw new Error("too few tokens");
    await ourIdentity(emulator).json("POST", "/claimed-devices", claimed(owners));
    await editor.json("POST", "/claimed-devices", claimed(editors));
    expect(await claims(ourIdentity(emulator))).toEqual([owners.deviceId, editors.deviceId]);
    expect(await claims(editor)).toEqual([editors.deviceId]);
    expect(await claims(viewer)).toEqual([editors.deviceId]);
    expect((await editor.delete(`/claimed-devices/${owners.deviceId}`)).status).toBe(404);
  });

  it("get other tags", async () => {
    const emulator = await emulate();
    const client = ourIdentity(emulator);
    const device = await mintOne(emulator);
    await client.json("POST", "/claimed-devices", claimed(device, ["old"]));
    const path = `/claimed-devices/${device.deviceId}`;
    expect(await client.json("PUT", `${path}/tags`, ["new", "newer"])).toMatchObject({
      status: 202,
      text: "",
    });
    expect((await client.get(path)).body).toMatchObject({ tags: ["new", "newer"] });
    for (const wrong of [["no good"], "new", [7], null]) {
      expect(await client.json("PUT", `${path}/tags`, wrong)).toMatchObject({ status: 422 });
    }
    await client.json("PUT", `${path}/tags`, []);
    expect((await client.get(path)).body).toMatchObject({ tags: [] });
  });

  it("that are absent or another team's are not found", async () => {
    const emulator = await emulate();
    const device = await mintOne(emulator);
    await theirIdentity(emulator).json("POST", "/claimed-devices", claimed(device));
    const client = ourIdentity(emulator);
    const expected = { status: 404, body: { code: 40410, message: anyText } };
    for (const id of [device.deviceId, "nobody"]) {
      expect(await client.get(`/claimed-devices/${id}`)).toMatchObject(expected);
      expect(await client.json("PUT", `/claimed-devices/${id}/tags`, [])).toMatchObject(expected);
      expect(await client.delete(`/claimed-devices/${id}`)).toMatchObject(expected);
      expect(await client.get(`/claimed-devices/${id}/provisioning`)).toMatchObject(expected);
    }
    expect(await claims(theirIdentity(emulator))).toEqual([device.deviceId]);
  });
});

describe("UnclaimDevice", () => {
  it("gives the device up, so that any team can claim it, with the same token too", async () => {
    const emulator = await emulate();
    const device = await mintOne(emulator);
    await ourIdentity(emulator).json("POST", "/claimed-devices", claimed(device));
    expect(await ourIdentity(emulator).delete(`/claimed-devices/${device.deviceId}`)).toMatchObject({
      status: 204,
      text: "",
    });
    expect((await ourIdentity(emulator).get(`/claimed-devices/${device.deviceId}`)).status).toBe(404);
    expect((await theirIdentity(emulator).json("POST", "/claimed-devices", claimed(device))).status).toBe(
      201,
    );
  });

  it("deletes the onboarded device of that id, while deleting the device does not unclaim", async () => {
    const emulator = await emulate();
    const device = await mintOne(emulator);
    await ourIdentity(emulator).json("POST", "/claimed-devices", claimed(device));
    const client = ourClient(emulator);
    await client.bulk([row(device.deviceId, publicKeyPem())]);
    await client.delete(`/devices/${device.deviceId}`);
    expect(await claims(ourIdentity(emulator))).toEqual([device.deviceId]);
    await client.bulk([row(device.deviceId, publicKeyPem()), row("other", publicKeyPem())]);
    await ourIdentity(emulator).delete(`/claimed-devices/${device.deviceId}`);
    expect(ids((await client.get("/devices")).body)).toEqual(["other"]);
    expect(await client.bulk([row(device.deviceId, publicKeyPem())])).toMatchObject({ status: "SUCCEEDED" });
  });

  it("leaves another team's device of that id alone", async () => {
    const emulator = await emulate();
    const device = await mintOne(emulator);
    await theirClient(emulator).bulk([row(device.deviceId, publicKeyPem())]);
    await ourIdentity(emulator).json("POST", "/claimed-devices", claimed(device));
    await ourIdentity(emulator).delete(`/claimed-devices/${device.deviceId}`);
    expect(ids((await theirClient(emulator).get("/devices")).body)).toEqual([device.deviceId]);
  });
});

describe("over a restart", () => {
  const start = (dataDir: string) => startEmulator({ teams: [ours, theirs], dataDir });

  it("claims, their order and the worth of tokens are kept, but no token", async () => {
    const directory = await mkdtemp(join(tmpdir(), "nrfcloud-emulator-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const before = await start(directory);
    const [first, second, third] = await mint(before, { count: 3 });
    if (!first || !second || !third) throw new Error("too few tokens");
    for (const device of [first, second]) {
      await ourIdentity(before).json("POST", "/claimed-devices", claimed(device, ["kept"]));
    }
    const { body } = await ourIdentity(before).get("/claimed-devices");
    await before.close();

    expect((await stat(join(directory, "identity-root.key"))).mode & 0o777).toBe(0o600);
    const state = await readFile(join(directory, "state.ndjson"), "utf8");
    expect(state).not.toContain(first.token.slice(0, 40));

    const after = await start(directory);
    expect((await ourIdentity(after).get("/claimed-devices")).body).toEqual(body);
    await ourIdentity(after).json("POST", "/claimed-devices", claimed(third));
    expect(await claims(ourIdentity(after))).toEqual([first, second, third].map(({ deviceId }) => deviceId));
    await admin(after).send("/reset", { method: "POST" });
    expect(await claims(ourIdentity(after))).toEqual([]);
    expect((await ourIdentity(after).json("POST", "/claimed-devices", claimed(first))).status).toBe(201);
    await after.close();
  });
});
