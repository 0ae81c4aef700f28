import { describe, expect, it } from "vitest";
import type { Emulator } from "../../emulator/index.js";
import { certificateFor, publicKeyPem } from "./support/certificates.js";
import { mint, mintOne, online, ourIdentity } from "./support/identity.js";
import {
  admin,
  anyText,
  Client,
  emulate as emulateTeams,
  ids,
  ourClient,
  ours,
  text,
  textLike,
  theirClient,
  theirs,
  until,
  type Reply,
} from "./support/client.js";

const organization = { slug: "acme", project: "sinks", token: "oat_ours" };
const others = { slug: "others", project: "sinks", token: "oat_theirs" };

const emulate = (options = {}) =>
  emulateTeams({
    teams: [
      { ...ours, organization },
      { ...theirs, organization: others },
    ],
    ...options,
  });

const path = "/v1/organizations/acme/projects/sinks/long-range/devices/bulk";

const clientWith = ({ url }: Emulator, token: string) => new Client(new URL(url).origin, token);

const create = (emulator: Emulator, csv: string): Promise<Reply> =>
  clientWith(emulator, organization.token).csv(path, csv);

const certificates = (...rows: [deviceId: string, pem: string][]) =>
  ["deviceId,certificate", ...rows.map(([id, pem]) => `${id},"${pem}"`), ""].join("\n");

/** Asks for the status of a creation until that is final. */
async function outcome(emulator: Emulator, accepted: Reply): Promise<unknown> {
  expect(accepted).toMatchObject({ status: 202, body: { url: anyText } });
  const location = accepted.headers.get("location") ?? text(accepted.body, "url");
  return until(async () => {
    const { body } = await clientWith(emulator, organization.token).get(location);
    return text(body, "status") === "IN_PROGRESS" ? undefined : body;
  });
}

describe("an organization", () => {
  it("creates devices with certificates, which its team has like all others", async () => {
    const emulator = await emulate();
    const file = certificates(["dev-1", certificateFor("dev-1")], ["dev-2", certificateFor("dev-2")]);
    expect(await outcome(emulator, await create(emulator, file))).toEqual({ status: "SUCCEEDED" });
    expect((await ourClient(emulator).get("/devices")).body).toMatchObject({
      items: [
        { id: "dev-1", tags: [], subType: "unknown" },
        { id: "dev-2", tags: [], subType: "unknown" },
      ],
    });
    expect(await ourClient(emulator).delete("/devices/dev-1")).toMatchObject({ status: 202 });
    expect(ids((await ourClient(emulator).get("/devices")).body)).toEqual(["dev-2"]);
    expect((await ourClient(emulator).get("/bulk-ops-requests")).body).toMatchObject({ items: [] });
  });

  it("sees the device id of a failed row, and its number only if the id is not valid", async () => {
    const emulator = await emulate();
    await outcome(emulator, await create(emulator, certificates(["old", certificateFor("old")])));
    const file = certificates(
      ["new", certificateFor("new")],
      ["old", certificateFor("old")],
      ["no id", certificateFor("no id")],
      ["key", publicKeyPem()],
      ["other", certificateFor("another")],
    );
    expect(await outcome(emulator, await create(emulator, file))).toEqual({
      status: "FAILED",
      errorSummary: {
        errors: [
          { deviceId: "old", error: textLike(/already exists/) },
          { row: 2, error: textLike(/does not match/) },
          { deviceId: "key", error: textLike(/is not exactly one certificate/) },
          { deviceId: "other", error: textLike(/common name/) },
        ],
      },
    });
    expect(ids((await ourClient(emulator).get("/devices")).body)).toEqual(["old", "new"]);
  });

  it("claims and adds devices by their tokens; they get their credentials when they are online", async () => {
    const emulator = await emulate();
    const [device, other] = await mint(emulator, { count: 2 });
    if (!device || !other) throw new Error("too few tokens");
    const rows = [`${device.deviceId},${device.token}`, `made-up,${other.token}`];
    const file = ["deviceId,attestationToken", ...rows, ""].join("\n");
    expect(await outcome(emulator, await create(emulator, file))).toEqual({
      status: "FAILED",
      errorSummary: { errors: [{ deviceId: "made-up", error: textLike(/not that of the device/) }] },
    });
    const claims = (await ourIdentity(emulator).get("/claimed-devices")).body;
    expect(ids(claims)).toEqual([device.deviceId]);
    const read = async () => (await ourClient(emulator).get(`/devices/${device.deviceId}`)).body;
    expect(await read()).toMatchObject({ cloudMqttEnabled: false });
    await online(emulator, device.deviceId);
    expect(await read()).toMatchObject({ cloudMqttEnabled: true });
  });

  it("does not get a device that another team has claimed", async () => {
    const emulator = await emulate();
    const { deviceId, token } = await mintOne(emulator);
    const theirFile = `deviceId,attestationToken\n${deviceId},${token}\n`;
    const theirPath = path.replace("acme", "others");
    await until(async () => {
      const accepted = await clientWith(emulator, others.token).csv(theirPath, theirFile);
      return accepted.status === 202 ? accepted : undefined;
    });
    await until(
      async () => (await theirClient(emulator).get(`/devices/${deviceId}`)).status === 200 || undefined,
    );
    const fresh = await mintOne(emulator, { deviceUuid: deviceId });
    const file = `deviceId,attestationToken\n${deviceId},${fresh.token}\n`;
    expect(await outcome(emulator, await create(emulator, file))).toMatchObject({ status: "FAILED" });
    expect(ids((await ourIdentity(emulator).get("/claimed-devices")).body)).toEqual([]);
  });

  it("has access by its token only, to its own project only, by the one known path", async () => {
    const emulator = await emulate();
    const file = certificates(["dev-1", certificateFor("dev-1")]);
    const attempt = (token: string, to: string) => clientWith(emulator, token).csv(to, file);
    expect(await attempt("our-owner", path)).toMatchObject({ status: 401, body: { message: anyText } });
    expect(await attempt(others.token, path)).toMatchObject({ status: 404 });
    expect(await attempt(organization.token, path.replace("sinks", "other"))).toMatchObject({ status: 404 });
    expect(await clientWith(emulator, organization.token).get("/v1/devices")).toMatchObject({ status: 401 });
    await outcome(emulator, await create(emulator, file));
    for (const guess of ["", "/dev-1", "/dev-1/state"]) {
      const guessed = path.replace("/bulk", guess);
      expect(await clientWith(emulator, organization.token).get(guessed)).toMatchObject({ status: 404 });
    }
  });

  it.each([
    ["deviceId,certificate\n", /no devices/],
    ['dev-1,"x"\n', /header must be deviceId/],
    ["deviceId,onboardingToken\ndev-1,x\n", /not deviceId,onboardingToken/],
    ["deviceId,certificate,tags\ndev-1,x,y\n", /header must be/],
    ["deviceId,certificate\ndev-1\n", /row 0 has not 2 columns/],
    [`deviceId,certificate\n${"dev-1,x\n".repeat(1001)}`, /1001 devices/],
  ])("has a file refused as a whole: %j", async (csv, reason) => {
    const emulator = await emulate();
    const refused = await create(emulator, csv);
    expect(refused).toMatchObject({
      status: 422,
      body: { message: textLike(reason), cause: [textLike(reason)] },
    });
    expect(refused.body).not.toHaveProperty("code");
  });

  it("must send the content type of CSV", async () => {
    const emulator = await emulate();
    const client = clientWith(emulator, organization.token);
    expect(await client.csv(path, "deviceId,certificate\n", "text/plain")).toMatchObject({ status: 422 });
  });

  it("finds the status at the given URL, in each form that a client must support", async () => {
    const emulator = await emulate();
    const file = certificates(["dev-1", certificateFor("dev-1")]);
    const accepted = async (statusUrl: string) => {
      await admin(emulator).json("PUT", "/settings", { statusUrl });
      const { status, headers, body } = await create(emulator, file);
      return [status, headers.get("location"), body];
    };
    const relative = textLike(/^\/v1\/organizations\/acme\/projects\/sinks\//);
    const absolute = textLike(/^http:\/\/127\.0\.0\.1:\d+\/v1\/organizations\//);
    expect(await accepted("relative")).toEqual([202, relative, { url: relative }]);
    expect(await accepted("absolute")).toEqual([202, absolute, { url: absolute }]);
    expect(await accepted("body only")).toEqual([202, null, { url: relative }]);
    expect(await accepted("foreign host")).toEqual([202, textLike(/^https:\/\/foreign\.invalid\//), {}]);
    expect(await accepted("none")).toEqual([202, null, {}]);
    expect(await admin(emulator).json("PUT", "/settings", { statusUrl: "x" })).toMatchObject({ status: 422 });
  });

  it("never gets PENDING as the status of a creation, which its client would treat as final", async () => {
    const emulator = await emulate({ bulkDelayMs: 600_000 });
    const accepted = await create(emulator, certificates(["dev-1", certificateFor("dev-1")]));
    const { body } = await clientWith(emulator, organization.token).get(text(accepted.body, "url"));
    expect(body).toEqual({ status: "IN_PROGRESS" });
  });
});
