import path from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../provider/engine/clock.js";
import { Notices } from "../../provider/engine/notices.js";
import { Progress } from "../../provider/engine/progress.js";
import { openSession } from "../../provider/lifecycle/session/session.js";
import { settings, type SettingSources } from "../../provider/lifecycle/session/settings.js";
import { useServer } from "../cloud/server.js";
import { visibilityOf } from "../../provider/cloud/visibility.js";

function opened(env: SettingSources["env"], config: Readonly<Record<string, string>> = {}) {
  const told: string[] = [];
  const print = (text: string) => told.push(text);
  const session = openSession({
    env,
    config: (key) => config[key],
    clock: systemClock,
    notices: new Notices(print),
    isStopped: () => false,
    progress: new Progress(systemClock, { print }),
    projectFolder: path.resolve("/project"),
    project: "project",
    pkcs11Program: "dist/provider/signers/pkcs11/main.js",
  });
  return { session, told };
}

const from = (env: SettingSources["env"], config: Readonly<Record<string, string>> = {}): SettingSources => ({
  env,
  config: (key) => config[key],
});

describe("the folder of the redo logs", () => {
  it.each([
    [undefined, "/project/.nrfcloud/journal"],
    ["logs/redo", "/project/logs/redo"],
    ["/elsewhere", "/elsewhere"],
  ])("with NRF_CLOUD_JOURNAL %j is %s", (given, folder) => {
    expect(opened({ NRF_CLOUD_JOURNAL: given }).session.journalFolder).toBe(path.resolve(folder));
  });
});

describe("the number of devices that may leave", () => {
  it.each([
    [{}, {}, undefined],
    [{ NRF_CLOUD_ALLOW_DELETES: "40" }, {}, 40],
    [{}, { "nrfcloud:allowDeletes": "0" }, 0],
    [{ NRF_CLOUD_ALLOW_DELETES: "1" }, { "nrfcloud:allowDeletes": "40" }, 1],
  ])("of %j and %j is %j", (env, config, expected) => {
    expect(opened(env, config).session.allowedDeletes).toBe(expected);
  });

  it.each(["all", "-1", "5%", "1e3"])("can't be %s", (text) => {
    expect(() => opened({ NRF_CLOUD_ALLOW_DELETES: text })).toThrow(
      `${JSON.stringify(text)}, which is not a count`,
    );
  });
});

describe("without an API key", () => {
  it("a preview works, and says once what it could not check", async () => {
    const { session, told } = opened({});
    expect(await session.cloudIfConfigured()).toBeUndefined();
    expect(await session.cloudIfConfigured()).toBeUndefined();
    session.notices.flush();
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("this preview has no API key");
  });

  it("nothing else does", async () => {
    await expect(opened({}).session.cloud()).rejects.toThrow("No nRF Cloud API key.");
  });
});

describe("settings", () => {
  it("come from the environment before the configuration, and have defaults", () => {
    const sources = from(
      { NRF_CLOUD_API_KEY: " key " },
      { "nrfcloud:apiKey": "old", "nrfcloud:bulkTimeout": "7" },
    );
    expect(settings(sources)).toEqual({
      apiKey: "key",
      endpoint: "https://api.nrfcloud.com/v1",
      identityEndpoint: "https://api.provisioning.nrfcloud.com/v1",
      caFile: undefined,
      requestsPerSecond: expect.any(Number) as number,
      deadlines: { requestMs: 60_000, readbackMs: 120_000, bulkMs: 7_000 },
    });
  });

  it("leave the second service unknown where only the first has another endpoint", () => {
    const sources = from({ NRF_CLOUD_API_KEY: "key", NRF_CLOUD_ENDPOINT: "http://localhost:8080/v1/" });
    expect(settings(sources)).toMatchObject({
      endpoint: "http://localhost:8080/v1",
      identityEndpoint: undefined,
    });
  });

  it.each([
    [{ NRF_CLOUD_API_KEY: "a b" }, "has a space"],
    [{ NRF_CLOUD_ENDPOINT: "http://example.com" }, "would send the API key without encryption"],
    [{ NRF_CLOUD_ENDPOINT: "no address" }, "is not a web address"],
    [{ NRF_CLOUD_ENDPOINT: "api.nrfcloud.com/v1" }, "is not a web address"],
    [{ NRF_CLOUD_ENDPOINT: "htps://api.nrfcloud.com/v1" }, "is not a web address"],
    [{ NRF_CLOUD_ENDPOINT: "https://me:pass@api.nrfcloud.com/v1" }, "at api.nrfcloud.com has a login"],
    [{ NRF_CLOUD_ENDPOINT: "https://0123abcd@api.nrfcloud.com/v1" }, "at api.nrfcloud.com has a login"],
    [{ NRF_CLOUD_ENDPOINT: "https://api.nrfcloud.com/v1?key=x" }, "has a query or a fragment"],
    [{ NRF_CLOUD_IDENTITY_ENDPOINT: "https://me:pass@x/v1" }, "Set NRF_CLOUD_IDENTITY_ENDPOINT"],
    [{ NRF_CLOUD_BULK_TIMEOUT: "0" }, "is not a number of seconds"],
    [{ NRF_CLOUD_REQUESTS_PER_SECOND: "many" }, "is not a number of requests"],
  ])("such as %j are refused", (env, reason) => {
    expect(() => settings(from({ NRF_CLOUD_API_KEY: "key", ...env }))).toThrow(reason);
  });
});

it("settings repeat no login of an endpoint", () => {
  for (const NRF_CLOUD_ENDPOINT of [
    "https://me:pa55word@x/v1",
    "me:pa55word@x/v1",
    "https://x:pa55word@[/v1",
  ]) {
    const read = () => settings(from({ NRF_CLOUD_API_KEY: "key", NRF_CLOUD_ENDPOINT }));
    expect(read).toThrow("The endpoint");
    expect(read).not.toThrow("pa55word");
  }
});

it.each(["https:/api.nrfcloud.com/v1//", "HTTPS://API.nrfcloud.com/v1"])(
  "the endpoint %s is understood",
  (endpoint) => {
    const sources = from({ NRF_CLOUD_API_KEY: "key", NRF_CLOUD_ENDPOINT: endpoint });
    expect(settings(sources)).toMatchObject({ endpoint: "https://api.nrfcloud.com/v1" });
  },
);

describe("a key that may only read", () => {
  const use = useServer();

  it.each<[string | undefined, boolean]>([
    ["viewer", true],
    ["editor", false],
    [undefined, false],
  ])("is told in a preview already: %s", async (role, isTold) => {
    use.server.answer(() => ({ status: 200, body: { team: { tenantId: "team-1" }, role } }));
    const { session, told } = opened({
      NRF_CLOUD_API_KEY: "key",
      NRF_CLOUD_ENDPOINT: `${use.server.origin}/v1`,
    });
    await session.cloudIfConfigured();
    session.notices.flush();
    expect(told).toEqual(
      isTold ? [expect.stringContaining("nRF Cloud will refuse the changes of `pulumi up`") as string] : [],
    );
  });
});

describe("what a key can see", () => {
  it.each([
    [{ role: "owner" }, "all"],
    [{ role: "admin", tags: ["north"] }, "all"],
    [{}, "all"],
    [{ tags: [] }, "all"],
    [{ tags: ["north"] }, { groups: ["north"] }],
    [{ role: "editor", tags: ["north"] }, { groups: ["north"] }],
    // Without a role the key may not see all devices.
    [{ role: "viewer" }, { groups: [] }],
  ])("with %j is %j", (account, visible) => {
    expect(visibilityOf(account)).toEqual(visible);
  });
});
