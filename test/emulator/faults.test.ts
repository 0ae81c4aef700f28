import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator, type Emulator, type Fault, type FaultPlan } from "../../emulator/index.js";
import { operationIds } from "../../emulator/http/operationIds.js";
import { publicKeyPem } from "./support/certificates.js";
import {
  admin,
  anyText,
  Client,
  emulate,
  field,
  ids,
  ourClient,
  ours,
  row,
  text,
  theirs,
  until,
  type Reply,
} from "./support/client.js";
import { listed, mint, mintOne, ourIdentity } from "./support/identity.js";
import { associate, emulateBroker, provisioned } from "./support/mqtt.js";

const pem = publicKeyPem();
const tenMinutes = 600_000;

/** A plan of one fault that always happens to these operations. */
const always = (
  fault: Fault,
  ...operations: FaultPlan["rules"][number]["operations"] & object
): FaultPlan => ({
  seed: 1,
  rules: [{ probability: 1, fault, ...(operations.length === 0 ? {} : { operations }) }],
});

async function setFaults(emulator: Emulator, plan: unknown): Promise<Reply> {
  const reply = await admin(emulator).json("PUT", "/faults", plan);
  expect(reply).toMatchObject({ status: 200 });
  return reply;
}

const clearFaults = (emulator: Emulator) => admin(emulator).delete("/faults");

/** How often each rule was considered and its fault happened. */
async function counts(emulator: Emulator): Promise<[unknown, unknown][]> {
  const { body } = await admin(emulator).get("/faults");
  return listed(body, "rules").map((rule) => [field(rule, "considered"), field(rule, "fired")]);
}

/** What the admin API knows of a device. */
async function truth(emulator: Emulator, deviceId: string): Promise<unknown> {
  const { body } = await admin(emulator).get("/devices");
  return listed(body, "items").find((item) => field(item, "id") === deviceId);
}

const rename = (client: Client, deviceId: string, name: string) =>
  client.json("PUT", `/devices/${deviceId}/name`, name);

const onboard = (client: Client, deviceId: string) =>
  client.json("POST", `/devices/${deviceId}`, { certificate: pem });

/** An emulator with some devices, which work as public keys go. */
async function withDevices(count: number): Promise<{ emulator: Emulator; client: Client }> {
  const emulator = await emulate();
  const client = ourClient(emulator);
  const rows = Array.from({ length: count }, (_, index) => row(`dev-${index + 1}`, pem));
  expect(await client.bulk(rows)).toMatchObject({ status: "SUCCEEDED" });
  return { emulator, client };
}

describe("the plan of faults", () => {
  it("is shown with how often each rule was considered and its fault happened, until it is cleared", async () => {
    const { emulator, client } = await withDevices(1);
    const rules = [
      { operations: ["FetchDevice"], probability: 1, times: 2, fault: { kind: "serverError", status: 503 } },
      { probability: 0, fault: { kind: "latency", ms: [5, 10] } },
    ];
    const { body } = await setFaults(emulator, { seed: 7, rules });
    const uncounted = { considered: 0, fired: 0 };
    expect(body).toEqual({ seed: 7, rules: rules.map((rule) => ({ ...rule, ...uncounted })) });

    const statuses = [];
    for (let index = 0; index < 4; index++) statuses.push((await client.get("/devices/dev-1")).status);
    expect(statuses).toEqual([503, 503, 200, 200]);
    expect(await client.get("/devices")).toMatchObject({ status: 200 });
    expect((await admin(emulator).get("/faults")).body).toEqual({
      seed: 7,
      rules: [
        { ...rules[0], considered: 2, fired: 2 },
        { ...rules[1], considered: 5, fired: 0 },
      ],
    });

    expect(await clearFaults(emulator)).toMatchObject({ status: 202 });
    expect((await admin(emulator).get("/faults")).body).toEqual({ seed: 0, rules: [] });
  });

  it("is cleared by a reset", async () => {
    const emulator = await emulate({ faults: always({ kind: "closeBefore" }) });
    await expect(ourClient(emulator).get("/account")).rejects.toThrow();
    await admin(emulator).send("/reset", { method: "POST" });
    expect(await ourClient(emulator).get("/account")).toMatchObject({ status: 200 });
  });

  it("holds for operations of both APIs and for files, but not for the admin API or without a good key", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    const { details } = await client.bulk([row("dev-1", pem)]);
    await setFaults(emulator, always({ kind: "serverError", status: 502 }));
    expect(await client.get("/devices")).toMatchObject({ status: 502 });
    expect(await client.get("/status")).toMatchObject({ status: 502 });
    expect(await ourIdentity(emulator).get("/claimed-devices")).toMatchObject({ status: 502 });
    expect(await new Client(text(details, "uploadedDataUrl")).get("")).toMatchObject({ status: 502 });
    expect(await admin(emulator).get("/devices")).toMatchObject({ status: 200 });
    expect(await new Client(emulator.url, "nobody").get("/devices")).toMatchObject({ status: 401 });
    expect(await client.get("/nowhere")).toMatchObject({ status: 404 });
    expect(await counts(emulator)).toEqual([[4, 4]]);
  });

  it("may name every operation", async () => {
    const emulator = await emulate();
    const plan = {
      seed: 1,
      rules: [{ operations: operationIds, probability: 0, fault: { kind: "notJson" } }],
    };
    await setFaults(emulator, plan);
    const served = JSON.stringify((await ourClient(emulator).get("/openapi.json")).body);
    for (const [, id = ""] of served.matchAll(/"operationId":"(\w+)"/g)) expect(operationIds).toContain(id);
  });

  it("changes nothing of the answers if no fault happens", async () => {
    const { emulator, client } = await withDevices(3);
    const answers = async () => {
      const paths = [
        "/devices?pageLimit=2&includeState=true&includeStateMeta=true",
        "/devices/dev-1",
        "/account",
      ];
      const replies = await Promise.all(paths.map((path) => client.get(path)));
      return replies.map(({ status, headers, text }) => [status, [...headers.keys()], text]);
    };
    const before = await answers();
    await setFaults(emulator, { seed: 1, rules: allFaults.map((fault) => ({ probability: 0, fault })) });
    expect(await answers()).toEqual(before);
    expect((await counts(emulator)).every(([, fired]) => fired === 0)).toBe(true);
  });

  const allFaults: Fault[] = [
    { kind: "latency", ms: 200 },
    { kind: "latency", ms: [50, 500] },
    { kind: "tooManyRequests" },
    { kind: "tooManyRequests", retryAfterSeconds: 1 },
    { kind: "serverError", status: 500 },
    { kind: "serverError", status: 502, afterEffect: true },
    { kind: "closeBefore" },
    { kind: "closeAfter" },
    { kind: "truncated" },
    { kind: "notJson" },
    { kind: "jobStalls" },
    { kind: "jobStalls", ms: 20 },
    { kind: "jobFailsWithoutSummary", share: 0.5 },
    { kind: "jobAppliesInPart", share: 0.5 },
    { kind: "jobAppliesLate", ms: 5000 },
    { kind: "listLags", ms: 3000 },
    { kind: "listChanges" },
    { kind: "claimedByAnother" },
    { kind: "repeated" },
    { kind: "clockSkew", ms: -90_000 },
  ];

  const rule = (change: object) => ({
    seed: 1,
    rules: [{ probability: 1, fault: { kind: "notJson" }, ...change }],
  });
  const faulty = (fault: unknown) => rule({ fault });

  it.each<[unknown, ...string[]]>([
    [[], "must be an object"],
    [{}, "seed must be a whole number from 0 to 4294967295", "rules must be an array"],
    [{ seed: 1.5, rules: [], rule: [] }, "seed must", "rule is not known"],
    [{ seed: 1, rules: [1] }, "rules[0] must be an object"],
    [rule({ probability: 1.1 }), "rules[0].probability must be a number from 0 to 1"],
    [rule({ probability: undefined }), "rules[0].probability must"],
    [rule({ times: 0 }), "rules[0].times must be a whole number from 1"],
    [rule({ operation: "FetchDevice" }), "rules[0].operation is not known"],
    [rule({ operations: [] }), "rules[0].operations must be an array of one operation or more"],
    [
      rule({ operations: ["GetDevice"] }),
      'rules[0].operations has "GetDevice", which is not one of GetSystemStatus,',
    ],
    [faulty(undefined), "rules[0].fault must be an object whose kind is one of latency, tooManyRequests,"],
    [faulty({ kind: "toString" }), "rules[0].fault must be an object whose kind"],
    [faulty({ kind: "notJson", status: 200 }), "rules[0].fault.status is not known"],
    [faulty({ kind: "latency" }), "rules[0].fault.ms must be a whole number from 0 to 86400000"],
    [faulty({ kind: "latency", ms: [5, 1] }), "rules[0].fault.ms must be", "smaller one first"],
    [faulty({ kind: "latency", ms: [1, 2, 3] }), "rules[0].fault.ms must be"],
    [faulty({ kind: "tooManyRequests", retryAfterSeconds: "1" }), "rules[0].fault.retryAfterSeconds must"],
    [faulty({ kind: "serverError", status: 504 }), "rules[0].fault.status must be one of 500, 502, 503"],
    [faulty({ kind: "serverError", status: 500, afterEffect: 1 }), "afterEffect must be true or false"],
    [faulty({ kind: "jobAppliesInPart", share: 50 }), "rules[0].fault.share must be a number from 0 to 1"],
    [faulty({ kind: "jobAppliesLate" }), "rules[0].fault.ms must"],
    [
      rule({ operations: ["OnboardDevices", "FetchDevice"], fault: { kind: "jobStalls" } }),
      "rules[0].operations has FetchDevice, but only OnboardDevices, RegisterCertificates, RegisterPublicKeys, CreateDevicesInBulk can",
    ],
    [
      rule({ operations: ["FetchDevice"], fault: { kind: "listChanges" } }),
      "has FetchDevice, but only ListDevices",
    ],
    [
      rule({ operations: ["ListDevices"], fault: { kind: "claimedByAnother" } }),
      "has ListDevices, but only Onboard",
    ],
  ])("is refused as a whole, with all that is wrong: %j", async (plan, ...problems) => {
    const emulator = await emulate({ faults: always({ kind: "latency", ms: 0 }) });
    const { status, body } = await admin(emulator).json("PUT", "/faults", plan);
    expect(status).toBe(422);
    for (const problem of problems) expect(text(body, "message")).toContain(problem);
    expect((await admin(emulator).get("/faults")).body).toMatchObject({
      rules: [{ fault: { kind: "latency" } }],
    });
  });

  it("keeps an emulator from starting if it is not valid", async () => {
    await expect(startEmulator({ faults: { seed: -1, rules: [] } })).rejects.toThrow("seed must be");
  });
});

describe("chance", () => {
  const plan = (seed: number, ...more: FaultPlan["rules"]): FaultPlan => ({
    seed,
    rules: [
      ...more,
      { operations: ["FetchAccountInfo"], probability: 0.3, fault: { kind: "serverError", status: 500 } },
      { operations: ["FetchAccountInfo"], probability: 0.3, fault: { kind: "tooManyRequests" } },
    ],
  });

  async function statuses(emulator: Emulator, faults: FaultPlan): Promise<number[]> {
    await setFaults(emulator, faults);
    const seen = [];
    for (let index = 0; index < 100; index++) seen.push((await ourClient(emulator).get("/account")).status);
    return seen;
  }

  it("is the same for the same seed and requests, and another one for another seed", async () => {
    const emulator = await emulate();
    const first = await statuses(emulator, plan(7));
    expect([...new Set(first)].sort()).toEqual([200, 429, 500]);
    expect(await statuses(emulator, plan(7))).toEqual(first);
    expect(await statuses(await emulate(), plan(7))).toEqual(first);
    expect(await statuses(emulator, plan(8))).not.toEqual(first);
  });

  it("of one rule is not shifted by requests that another rule is for", async () => {
    const emulator = await emulate();
    const first = await statuses(emulator, plan(7));
    await setFaults(emulator, plan(7));
    const seen = [];
    for (let index = 0; index < 100; index++) {
      await ourClient(emulator).get("/devices");
      seen.push((await ourClient(emulator).get("/account")).status);
    }
    expect(seen).toEqual(first);
  });
});

describe("an answer", () => {
  it("is late, while others are in time, and nothing has happened yet", async () => {
    const { emulator, client } = await withDevices(1);
    await setFaults(emulator, always({ kind: "latency", ms: tenMinutes }, "UpdateDeviceName"));
    const waiting = rename(client, "dev-1", "late");
    const failure = expect(waiting).rejects.toThrow();
    await until(async () => ((await counts(emulator))[0]?.[1] === 1 ? true : undefined));
    expect(await client.get("/devices/dev-1")).toMatchObject({ status: 200, body: { name: "dev-1" } });
    expect(await truth(emulator, "dev-1")).toMatchObject({ name: "dev-1" });
    await emulator.close();
    await failure;
  });

  it("takes effect after it has waited", async () => {
    const { emulator, client } = await withDevices(1);
    await setFaults(emulator, always({ kind: "latency", ms: [1, 5] }));
    expect(await rename(client, "dev-1", "late")).toMatchObject({ status: 202 });
    expect(await truth(emulator, "dev-1")).toMatchObject({ name: "late" });
  });

  it.each<[Fault, number, unknown, string | null]>([
    [{ kind: "tooManyRequests" }, 429, { code: 42900, message: anyText }, null],
    [{ kind: "tooManyRequests", retryAfterSeconds: 3 }, 429, { code: 42900, message: anyText }, "3"],
    [{ kind: "serverError", status: 500 }, 500, { code: 50000, message: anyText }, null],
    [{ kind: "serverError", status: 502, afterEffect: false }, 502, { code: 50200, message: anyText }, null],
    [{ kind: "serverError", status: 503 }, 503, { code: 50300, message: anyText }, null],
  ])("is an error before any effect: %j", async (fault, status, body, retryAfter) => {
    const { emulator, client } = await withDevices(1);
    await setFaults(emulator, always(fault));
    const reply = await rename(client, "dev-1", "changed");
    expect(reply).toMatchObject({ status, body });
    expect(reply.headers.get("retry-after")).toBe(retryAfter);
    expect(await truth(emulator, "dev-1")).toMatchObject({ name: "dev-1" });
  });

  it.each<Fault>([
    { kind: "serverError", status: 500, afterEffect: true },
    { kind: "serverError", status: 503, afterEffect: true },
  ])("is an error after the whole effect: %j", async (fault) => {
    const { emulator, client } = await withDevices(1);
    await setFaults(emulator, always(fault));
    const status = fault.kind === "serverError" ? fault.status : 0;
    expect(await rename(client, "dev-1", "changed")).toMatchObject({
      status,
      body: { code: status * 100, message: anyText },
    });
    expect(await truth(emulator, "dev-1")).toMatchObject({ name: "changed" });
    const deletion = await client.delete("/devices/dev-1");
    expect(deletion).toMatchObject({ status });
    expect(await truth(emulator, "dev-1")).toBeUndefined();
  });

  it.each([
    ["closeBefore", "dev-1"],
    ["closeAfter", "changed"],
  ] as const)("never comes: %s", async (kind, name) => {
    const lines: string[] = [];
    const emulator = await emulate({ log: (line) => lines.push(line) });
    const client = ourClient(emulator);
    await onboard(client, "dev-1");
    await setFaults(emulator, always({ kind }));
    await expect(rename(client, "dev-1", "changed")).rejects.toThrow();
    expect(await truth(emulator, "dev-1")).toMatchObject({ name });
    expect(lines).toContain("PUT /v1/devices/dev-1/name connection closed");
    const { body } = await admin(emulator).get("/requests");
    expect(field(body, "routes")).toMatchObject({ "PUT /v1/devices/:deviceId/name": { count: 1 } });
  });

  it.each(["GET", "PUT", "DELETE"])("is cut in the middle, and says how long it was: %s", async (method) => {
    const { emulator, client } = await withDevices(1);
    await setFaults(emulator, always({ kind: "truncated" }));
    const path = method === "PUT" ? "/devices/dev-1/name" : "/devices/dev-1";
    const response = await fetch(`${emulator.url}${path}`, {
      method,
      headers: { authorization: "Bearer our-owner" },
      ...(method === "PUT" ? { body: '"changed"' } : {}),
    });
    expect(response.status).toBe(method === "GET" ? 200 : 202);
    const announced = Number(response.headers.get("content-length"));
    let received = "";
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) received += decoder.decode(chunk);
    })();
    await expect(reading).rejects.toThrow();
    expect(received.length).toBe(Math.floor(announced / 2));
    expect(received.length).toBeGreaterThan(0);
    await clearFaults(emulator);
    const after = await client.get("/devices/dev-1");
    if (method === "GET") expect(after.text.startsWith(received)).toBe(true);
    if (method === "PUT") expect(after.body).toMatchObject({ name: "changed" });
    if (method === "DELETE") expect(after.status).toBe(404);
  });

  it("is lost as a whole where a cut one would have no body", async () => {
    const emulator = await emulate();
    const { deviceId, token } = await mintOne(emulator);
    const identity = ourIdentity(emulator);
    await identity.json("POST", "/claimed-devices", { claimToken: token });
    await setFaults(emulator, always({ kind: "truncated" }));
    await expect(identity.delete(`/claimed-devices/${deviceId}`)).rejects.toThrow();
    expect((await admin(emulator).get("/identity/claims")).body).toEqual({ items: [] });
  });

  it("is a page of HTML after the effect", async () => {
    const { emulator, client } = await withDevices(1);
    await setFaults(emulator, always({ kind: "notJson" }));
    const reply = await rename(client, "dev-1", "changed");
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toContain("text/html");
    expect(reply.text).toContain("<html>");
    expect(reply.body).toBeUndefined();
    expect(await truth(emulator, "dev-1")).toMatchObject({ name: "changed" });
  });

  it("to a job's error summary suffers as any other", async () => {
    const emulator = await emulate({ rejectRows: new Map([["dev-1", "no"]]) });
    const { details } = await ourClient(emulator).bulk([row("dev-1", pem)]);
    await setFaults(emulator, always({ kind: "notJson" }, "DownloadBulkOpsFile"));
    const summary = await new Client(text(details, "errorSummaryUrl")).get("");
    expect(summary).toMatchObject({ status: 200, body: undefined });
    expect(summary.text).toContain("<html>");
  });

  it("has one such fault at most: the first in the plan", async () => {
    const emulator = await emulate();
    await setFaults(emulator, {
      seed: 1,
      rules: [
        { probability: 1, times: 1, fault: { kind: "tooManyRequests" } },
        { probability: 1, fault: { kind: "serverError", status: 500 } },
      ],
    });
    expect(await ourClient(emulator).get("/account")).toMatchObject({ status: 429 });
    expect(await ourClient(emulator).get("/account")).toMatchObject({ status: 500 });
    expect(await counts(emulator)).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

describe("a clock that is wrong", () => {
  it("shows in the date and in every time of the answer, and nowhere else", async () => {
    const { emulator, client } = await withDevices(1);
    const own = { createdAt: "2020-01-01T00:00:00.000Z" };
    await client.json("PATCH", "/devices/dev-1/state", { desired: own });
    const right = await client.get("/devices/dev-1");
    await setFaults(emulator, always({ kind: "clockSkew", ms: -90_000 }));
    const wrong = await client.get("/devices/dev-1");
    const time = (reply: Reply, name: string) => Date.parse(text(field(reply.body, "$meta"), name));
    for (const name of ["createdAt", "updatedAt"]) expect(time(wrong, name)).toBe(time(right, name) - 90_000);
    expect(field(field(wrong.body, "state"), "desired")).toMatchObject(own);
    const stamp = ({ body }: Reply) => {
      const metadata = field(field(field(body, "state"), "metadata"), "desired");
      return Number(field(field(metadata, "createdAt"), "timestamp"));
    };
    expect(stamp(wrong)).toBe(stamp(right) - 90);

    await clearFaults(emulator);
    expect((await client.get("/devices/dev-1")).body).toEqual(right.body);
  });

  it("shows in the date of an error too", async () => {
    const emulator = await emulate();
    const day = 24 * 3600 * 1000;
    await setFaults(emulator, always({ kind: "clockSkew", ms: day }));
    const before = Date.now();
    const { status, headers } = await ourClient(emulator).get("/devices/nobody");
    expect(status).toBe(404);
    expect(Date.parse(headers.get("date") ?? "")).toBeGreaterThan(before + day - 1000);
  });
});

describe("a bulk job", () => {
  const rows = (count: number) => Array.from({ length: count }, (_, index) => row(`dev-${index}`, pem));

  /** Uploads rows, and tells the id of their job. */
  async function upload(client: Client, count: number): Promise<string> {
    return text((await client.csv("/devices", rows(count).join("\n"))).body, "bulkOpsRequestId");
  }

  const total = async (emulator: Emulator) => field((await admin(emulator).get("/devices")).body, "total");

  it("stalls with nothing applied, for good", async () => {
    const emulator = await emulate({ faults: always({ kind: "jobStalls" }) });
    const client = ourClient(emulator);
    const id = await upload(client, 3);
    const stalled = await until(async () => {
      const { body } = await client.get(`/bulk-ops-requests/${id}`);
      return text(body, "status") === "PENDING" ? undefined : body;
    });
    expect(stalled).toMatchObject({ status: "IN_PROGRESS" });
    await clearFaults(emulator);
    expect(await client.bulk([row("another", pem)])).toMatchObject({ status: "SUCCEEDED" });
    expect((await client.get(`/bulk-ops-requests/${id}`)).body).toEqual(stalled);
    expect(await total(emulator)).toBe(1);
  });

  it("stalls and continues", async () => {
    const emulator = await emulate({ faults: always({ kind: "jobStalls", ms: 20 }) });
    const client = ourClient(emulator);
    expect(await client.finished(await upload(client, 3))).toMatchObject({ status: "SUCCEEDED" });
    expect(await total(emulator)).toBe(3);
  });

  it("fails after a share of its rows, without a summary", async () => {
    const emulator = await emulate({ faults: always({ kind: "jobFailsWithoutSummary", share: 0.6 }) });
    const client = ourClient(emulator);
    const id = await upload(client, 120);
    const job = await until(async () => {
      const { body } = await client.get(`/bulk-ops-requests/${id}`);
      return text(body, "status") === "FAILED" ? body : undefined;
    });
    expect(job).toMatchObject({ completedAt: anyText });
    expect(job).not.toHaveProperty("errorSummaryUrl");
    const applied = listed((await admin(emulator).get("/devices")).body, "items").map((item) =>
      field(item, "id"),
    );
    expect(applied).toEqual(Array.from({ length: 72 }, (_, index) => `dev-${index}`));
  });

  it("applies a share of its rows and reports the others, the same for the same seed", async () => {
    const emulator = await emulate();
    const client = ourClient(emulator);
    const outcome = async (seed: number) => {
      await admin(emulator).send("/reset", { method: "POST" });
      await setFaults(emulator, { ...always({ kind: "jobAppliesInPart", share: 0.5 }), seed });
      const { status, errors } = await client.finished(await upload(client, 20));
      expect(status).toBe("FAILED");
      return { errors, present: ids((await client.get("/devices?pageLimit=100")).body) };
    };
    const first = await outcome(7);
    expect(first.present).toHaveLength(10);
    const refused = (Array.isArray(first.errors) ? first.errors : []).map((error) =>
      String(error).replace(/^\[(\d+)\]: The row was not processed.*$/, "dev-$1"),
    );
    expect([...first.present, ...refused].sort()).toEqual(
      Array.from({ length: 20 }, (_, index) => `dev-${index}`).sort(),
    );
    expect(await outcome(7)).toEqual(first);
    expect(await outcome(8)).not.toEqual(first);
  });

  it("is applied late, and PENDING until then", async () => {
    const emulator = await emulate({ faults: always({ kind: "jobAppliesLate", ms: tenMinutes }) });
    const client = ourClient(emulator);
    const id = await upload(client, 3);
    await setFaults(emulator, always({ kind: "jobAppliesLate", ms: 20 }));
    expect(await client.bulk([row("another", pem)])).toMatchObject({ status: "SUCCEEDED" });
    expect((await client.get(`/bulk-ops-requests/${id}`)).body).toMatchObject({ status: "PENDING" });
    expect(await total(emulator)).toBe(1);
  });

  it("is not considered for an upload that is refused", async () => {
    const emulator = await emulate({ faults: always({ kind: "jobStalls" }) });
    expect(await ourClient(emulator).csv("/devices", "not,valid")).toMatchObject({ status: 422 });
    expect(await counts(emulator)).toEqual([[0, 0]]);
  });

  it("of certificates and keys fails in the same way", async () => {
    const { emulator, client } = await withDevices(2);
    await setFaults(emulator, always({ kind: "jobFailsWithoutSummary", share: 0.5 }, "RegisterPublicKeys"));
    const before = (await admin(emulator).get("/credentials")).body;
    const other = publicKeyPem();
    const { body } = await client.csv("/devices/public-keys", `dev-1,"${other}"\ndev-2,"${other}"`);
    const id = text(body, "bulkOpsRequestId");
    await until(async () => {
      const job = (await client.get(`/bulk-ops-requests/${id}`)).body;
      return text(job, "status") === "FAILED" ? true : undefined;
    });
    const after = (await admin(emulator).get("/credentials")).body;
    const key = (all: unknown, deviceId: string) => text(field(field(all, "items"), deviceId), "publicKey");
    expect(key(after, "dev-1")).not.toBe(key(before, "dev-1"));
    expect(key(after, "dev-2")).toBe(key(before, "dev-2"));
  });
});

describe("a list that lags", () => {
  it("shows devices as they were, in single reads and in lists, while writes see the present state", async () => {
    const { emulator, client } = await withDevices(3);
    await client.json("PUT", "/devices/dev-1/tags", ["old"]);
    await setFaults(emulator, always({ kind: "listLags", ms: tenMinutes }));
    await client.json("PUT", "/devices/dev-1/tags", ["new"]);
    await client.json("PUT", "/devices/dev-1/tags", ["newest"]);
    await client.delete("/devices/dev-2");
    await onboard(client, "dev-4");

    expect(ids((await client.get("/devices")).body)).toEqual(["dev-1", "dev-2", "dev-3"]);
    expect(ids((await client.get("/devices?deviceIds=dev-2,dev-4")).body)).toEqual(["dev-2"]);
    expect(ids((await client.get("/devices?tags=old")).body)).toEqual(["dev-1"]);
    expect((await client.get("/devices/dev-1")).body).toMatchObject({ tags: ["old"] });
    expect((await client.get("/devices/tags?pageLimit=10")).body).toMatchObject({ items: ["old"] });
    expect((await client.get("/account/tags")).body).toMatchObject({ items: ["old"] });
    expect(await client.get("/devices/dev-2")).toMatchObject({ status: 200 });
    expect(await client.get("/devices/dev-4")).toMatchObject({ status: 404 });
    expect(await rename(client, "dev-4", "four")).toMatchObject({ status: 202 });
    expect(await client.delete("/devices/dev-2")).toMatchObject({ status: 404 });

    await clearFaults(emulator);
    expect(ids((await client.get("/devices")).body)).toEqual(["dev-1", "dev-3", "dev-4"]);
    expect((await client.get("/devices/dev-1")).body).toMatchObject({ tags: ["newest"] });
  });

  it("shows what was there when the emulator started", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "nrfcloud-emulator-"));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const first = await startEmulator({ teams: [ours], dataDir });
    await ourClient(first).bulk([row("dev-1", pem)]);
    await first.close();
    const second = await emulate({
      teams: [ours],
      dataDir,
      faults: always({ kind: "listLags", ms: tenMinutes }),
    });
    await ourClient(second).delete("/devices/dev-1");
    expect(ids((await ourClient(second).get("/devices")).body)).toEqual(["dev-1"]);
  });

  it("catches up", async () => {
    const { emulator, client } = await withDevices(1);
    await setFaults(emulator, always({ kind: "listLags", ms: 30 }));
    await client.delete("/devices/dev-1");
    await until(async () => (ids((await client.get("/devices")).body).length === 0 ? true : undefined));
  });

  it("lags in the answers only in which it happens", async () => {
    const { emulator, client } = await withDevices(1);
    const [rule] = always({ kind: "listLags", ms: tenMinutes }, "ListDevices").rules;
    await setFaults(emulator, { seed: 1, rules: [{ ...rule, times: 1 }] });
    await client.delete("/devices/dev-1");
    expect(await client.get("/devices/dev-1")).toMatchObject({ status: 404 });
    expect(ids((await client.get("/devices")).body)).toEqual(["dev-1"]);
    expect(ids((await client.get("/devices")).body)).toEqual([]);
  });

  it("shows bulk jobs as they were", async () => {
    const { emulator, client } = await withDevices(1);
    const [earlier] = listed((await client.get("/bulk-ops-requests")).body, "items");
    await setFaults(emulator, always({ kind: "listLags", ms: tenMinutes }, "ListBulkOpsRequests"));
    const { id } = await client.bulk([row("dev-2", pem)]);
    expect(listed((await client.get("/bulk-ops-requests")).body, "items")).toEqual([earlier]);
    await setFaults(emulator, always({ kind: "listLags", ms: tenMinutes }, "FetchBulkOpsRequest"));
    const { body } = await client.csv("/devices", row("dev-3", pem));
    const later = text(body, "bulkOpsRequestId");
    await until(async () => ((await truth(emulator, "dev-3")) === undefined ? undefined : true));
    expect((await client.get(`/bulk-ops-requests/${later}`)).body).not.toMatchObject({ status: "SUCCEEDED" });
    expect((await client.get(`/bulk-ops-requests/${id}`)).body).toMatchObject({ status: "SUCCEEDED" });
  });

  it("shows claims, rules and groups as they were", async () => {
    const emulator = await emulate();
    const identity = ourIdentity(emulator);
    const [first, second] = await mint(emulator, { count: 2 });
    const claim = (token = "") =>
      identity.json("POST", "/claimed-devices", { claimToken: token, tags: ["a"] });
    await claim(first?.token);
    const { body } = await identity.json("POST", "/provisioning-rules", { name: "one" });
    await identity.json("POST", "/provisioning/tags", { tag: "one" });
    await setFaults(emulator, always({ kind: "listLags", ms: tenMinutes }));

    await claim(second?.token);
    await identity.json("PUT", `/claimed-devices/${first?.deviceId ?? ""}/tags`, ["b"]);
    await identity.delete(`/provisioning-rules/${text(body, "id")}`);
    await identity.json("POST", "/provisioning-rules", { name: "two" });
    await identity.delete("/provisioning/tags/one");
    await identity.json("POST", "/provisioning/tags", { tag: "one", description: "again" });

    const claims = listed((await identity.get("/claimed-devices")).body, "items");
    expect(claims).toMatchObject([{ id: first?.deviceId, tags: ["a"] }]);
    expect(await identity.get(`/claimed-devices/${second?.deviceId ?? ""}`)).toMatchObject({ status: 404 });
    expect(listed((await identity.get("/provisioning-rules")).body, "items")).toMatchObject([
      { name: "one" },
    ]);
    expect(await identity.get(`/provisioning-rules/${text(body, "id")}`)).toMatchObject({ status: 200 });
    expect(listed((await identity.get("/provisioning/tags")).body, "items")).toEqual([
      { tag: "one", description: "" },
    ]);
    expect(await claim(second?.token)).toMatchObject({ status: 400 });
    await clearFaults(emulator);
    expect(listed((await identity.get("/claimed-devices")).body, "items")).toHaveLength(2);
    expect(listed((await identity.get("/provisioning-rules")).body, "items")).toMatchObject([
      { name: "two" },
    ]);
    expect(listed((await identity.get("/provisioning/tags")).body, "items")).toEqual([
      { tag: "one", description: "again" },
    ]);
  });
});

describe("a list that changes while it is read", () => {
  async function pages(client: Client, path: string): Promise<unknown[][]> {
    const all: unknown[][] = [];
    for (let token: unknown = ""; typeof token === "string";) {
      const query = token === "" ? "" : `&pageNextToken=${encodeURIComponent(token)}`;
      const { status, body } = await client.get(`${path}${query}`);
      expect(status).toBe(200);
      all.push(listed(body, "items").map((item) => field(item, "id") ?? item));
      token = field(body, "pageNextToken");
    }
    return all;
  }

  it("repeats one item on the next page, and has another on none", async () => {
    const { emulator, client } = await withDevices(6);
    const [rule] = always({ kind: "listChanges" }, "ListDevices").rules;
    await setFaults(emulator, { seed: 1, rules: [{ ...rule, times: 1 }] });
    expect(await pages(client, "/devices?pageLimit=3")).toEqual([
      ["dev-1", "dev-2", "dev-4"],
      ["dev-4", "dev-5", "dev-6"],
    ]);
    expect(await pages(client, "/devices?pageLimit=3")).toEqual([
      ["dev-1", "dev-2", "dev-3"],
      ["dev-4", "dev-5", "dev-6"],
    ]);
  });

  it("is not considered for a list of one page", async () => {
    const { emulator, client } = await withDevices(2);
    await setFaults(emulator, always({ kind: "listChanges" }));
    expect(await pages(client, "/devices?pageLimit=2")).toEqual([["dev-1", "dev-2"]]);
    expect(await counts(emulator)).toEqual([[0, 0]]);
  });

  it("is any list with pages", async () => {
    const emulator = await emulate({ faults: always({ kind: "listChanges" }) });
    const client = ourClient(emulator);
    const identity = ourIdentity(emulator);
    const minted = await mint(emulator, { count: 2 });
    for (const { token } of minted) await identity.json("POST", "/claimed-devices", { claimToken: token });
    for (const name of ["a", "b"]) {
      await identity.json("POST", "/provisioning-rules", { name });
      await identity.json("POST", "/provisioning/tags", { tag: name });
      await client.bulk([row(`dev-${name}`, pem, "", name)]);
    }
    for (const [speaker, path] of [
      [client, "/bulk-ops-requests?"],
      [client, "/devices/tags?"],
      [identity, "/claimed-devices?"],
      [identity, "/provisioning-rules?"],
      [identity, "/provisioning/tags?"],
    ] as const) {
      const [first, second] = await pages(speaker, `${path}pageLimit=1`);
      expect(first).toHaveLength(1);
      expect(first).toEqual(second);
    }
  });
});

describe("a device that another team takes right before", () => {
  const fault: Fault = { kind: "claimedByAnother" };

  it("is not onboarded by us alone", async () => {
    const emulator = await emulate({ faults: always(fault) });
    expect(await onboard(ourClient(emulator), "dev-1")).toMatchObject({ status: 400, body: { code: 40000 } });
    expect(await truth(emulator, "dev-1")).toMatchObject({ tenantId: theirs.tenantId });
  });

  it("is one of those in a bulk upload", async () => {
    const emulator = await emulate({ faults: always(fault) });
    const client = ourClient(emulator);
    const names = Array.from({ length: 10 }, (_, index) => `dev-${index}`);
    const { status, errors } = await client.bulk(names.map((id) => row(id, pem)));
    expect(status).toBe("FAILED");
    const present = listed((await admin(emulator).get("/devices")).body, "items");
    const stolen = present.filter((item) => field(item, "tenantId") === theirs.tenantId);
    expect(stolen).toHaveLength(1);
    const index = names.indexOf(text(stolen[0], "id"));
    expect(errors).toEqual([
      `[${index}]: Thing dev-${index} already exists in account with different attributes`,
    ]);
    expect(present).toHaveLength(10);
  });

  it("is not associated with our account, once it can be", async () => {
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    await setFaults(emulator, always(fault));
    expect(await associate(client, "dev-1")).toMatchObject({ status: 404 });
    await provisioned(emulator, "dev-1");
    expect(await associate(client, "dev-1", "wrong")).toMatchObject({ status: 401, body: { code: 40102 } });
    expect(await counts(emulator)).toEqual([[0, 0]]);
    expect(await associate(client, "dev-1")).toMatchObject({ status: 401, body: { code: 40101 } });
    expect(await truth(emulator, "dev-1")).toMatchObject({ tenantId: theirs.tenantId });
    expect(await counts(emulator)).toEqual([[1, 1]]);
  });

  it("is not claimed by its token, nor by a row of many", async () => {
    const emulator = await emulate({ faults: always(fault) });
    const identity = ourIdentity(emulator);
    const [first, second, third] = await mint(emulator, { count: 3 });
    expect(await identity.json("POST", "/claimed-devices", { claimToken: first?.token })).toMatchObject({
      status: 401,
      body: { code: 40101 },
    });
    const { body } = await identity.csv("/claimed-devices", `${second?.token ?? ""}\n${third?.token ?? ""}`);
    expect(listed(body, "failed")).toMatchObject([{ code: 40101 }]);
    const owners = listed((await admin(emulator).get("/identity/claims")).body, "items").map((claim) =>
      field(claim, "ownerId"),
    );
    expect(owners.sort()).toEqual([ours.tenantId, theirs.tenantId, theirs.tenantId]);
  });

  it("is not changed if the team has it already", async () => {
    const { emulator, client } = await withDevices(1);
    await setFaults(emulator, always(fault));
    expect(await onboard(client, "dev-1")).toMatchObject({ status: 202 });
    expect(await truth(emulator, "dev-1")).toMatchObject({ tenantId: ours.tenantId });
    expect(await counts(emulator)).toEqual([[0, 0]]);
  });

  it("belongs to a foreign team if the emulator has no other team", async () => {
    const emulator = await emulate({ teams: [ours], faults: always(fault) });
    expect(await onboard(ourClient(emulator), "dev-1")).toMatchObject({ status: 400 });
    expect(field(await truth(emulator, "dev-1"), "tenantId")).not.toBe(ours.tenantId);
  });
});

it("handles a request that is repeated twice, and gives the second answer", async () => {
  const emulator = await emulate({ faults: always({ kind: "repeated" }, "OnboardDevices", "DeleteDevice") });
  const client = ourClient(emulator);
  expect(await client.bulk([row("dev-1", pem)])).toMatchObject({ status: "SUCCEEDED" });
  await until(async () => {
    const jobs = listed((await client.get("/bulk-ops-requests")).body, "items");
    return jobs.length === 2 && jobs.every((job) => field(job, "status") === "SUCCEEDED") ? jobs : undefined;
  });
  expect(await client.delete("/devices/dev-1")).toMatchObject({ status: 404 });
  expect(await truth(emulator, "dev-1")).toBeUndefined();
  expect(await counts(emulator)).toEqual([[2, 2]]);
});
