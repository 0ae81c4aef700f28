import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { onboardDevices, registerCredentials } from "../../provider/cloud/bulk.js";
import type { Deadlines } from "../../provider/cloud/deadlines.js";
import type { Onboarding } from "../../provider/cloud/devices.js";
import type { Outcome } from "../../provider/cloud/reliably.js";
import { API_KEY, TestServer, useServer, type Answer, type Asked } from "./server.js";

const use = useServer();

const JOB = "01F8MECHZX3TBDSZ7XRADM79XV";
/** Long enough for any job here; what is not seen soon did not take effect. */
const WAIT: Deadlines = { requestMs: 10_000, readbackMs: 300, bulkMs: 30_000 };
const done = { kind: "done" };
const pem = (id: string) => `-----BEGIN CERTIFICATE-----\n${id}+/=\n-----END CERTIFICATE-----\n`;

const device = (deviceId: string, more: Partial<Onboarding> = {}): Onboarding => ({
  deviceId,
  tags: [],
  firmwareTypes: [],
  credentialPem: pem(deviceId),
  ...more,
});
const devices = ["device-1", "device-2", "device-3"].map((id) => device(id));

/** A service without devices whose job is as `views` say, one after the other; the last one stays. */
function job(...views: (Answer | Record<string, unknown>)[]) {
  let looks = 0;
  return ({ method, url }: Asked): Answer => {
    if (method === "POST") return { status: 202, body: { bulkOpsRequestId: JOB } };
    if (["/v1/devices", "/v1/bulk-ops-requests"].includes(url.pathname))
      return { status: 200, body: { items: [] } };
    if (url.pathname !== `/v1/bulk-ops-requests/${JOB}`) return { status: 404, body: { code: 40420 } };
    const view = views[Math.min(looks++, views.length - 1)] ?? { status: "PENDING" };
    return "status" in view && typeof view.status === "string"
      ? { status: 200, body: { bulkOpsRequestId: JOB, endpoint: "ONBOARD_DEVICES", ...view } }
      : (view as Answer);
  };
}

/** A failed job whose error summary lies on a server of its own. */
async function failedJob(summary: Answer): Promise<{ files: TestServer; handler: ReturnType<typeof job> }> {
  const files = new TestServer(() => summary);
  await files.start();
  return { files, handler: job({ status: "FAILED", errorSummaryUrl: `${files.origin}/team/${JOB}.json` }) };
}

const rowsSent = (): unknown => parse(use.server.asked[0]?.body ?? "");

describe("a bulk job", () => {
  it("onboards by rows of id, sub-type, tags, firmware types and PEM, without a header", async () => {
    use.server.answer(job({ status: "SUCCEEDED" }));
    await onboardDevices(
      use.transport,
      [
        device("device-1", { subType: "a,b/c:d#e", tags: ["x", "y"], firmwareTypes: ["APP", "MODEM"] }),
        device("device-2"),
      ],
      WAIT,
    );
    const [asked] = use.server.asked;
    expect(asked).toMatchObject({ method: "POST", headers: { "content-type": "text/csv" } });
    expect(asked?.url.pathname).toBe("/v1/devices");
    expect(asked?.body).toBe(
      `device-1,"a,b/c:d#e",x|y,APP|MODEM,"${pem("device-1")}"\ndevice-2,,,,"${pem("device-2")}"\n`,
    );
  });

  it("onboards a single device as well, because only a job records when it was onboarded", async () => {
    use.server.answer(job({ status: "SUCCEEDED" }));
    expect(await onboardDevices(use.transport, [device("device-1")], WAIT)).toEqual([done]);
    expect(use.server.lines[0]).toBe("POST /v1/devices");
    expect(rowsSent()).toEqual([["device-1", "", "", "", pem("device-1")]]);
  });

  it("is reported as soon as it is accepted, before the wait for its end", async () => {
    const told: string[] = [];
    const handler = job({ status: "SUCCEEDED" });
    const tell = (jobId: string) => told.push(`accepted ${jobId}`);
    use.server.answer((asked) => {
      told.push(asked.method);
      return handler(asked);
    });
    await onboardDevices(use.transport, devices, WAIT, tell);
    await registerCredentials(use.transport, [{ deviceId: "a", pem: pem("a") }], WAIT, tell);
    expect(told.filter((each, i) => each !== told[i - 1])).toEqual([
      "POST",
      `accepted ${JOB}`,
      "GET",
      "POST",
      `accepted ${JOB}`,
      "GET",
    ]);
  });

  it("that is refused as a whole is not reported", async () => {
    const told: string[] = [];
    use.server.answer(() => ({ status: 422, body: { code: 42200, message: "row 1: certPem" } }));
    await onboardDevices(use.transport, devices, WAIT, (jobId) => told.push(jobId));
    expect(told).toEqual([]);
  });

  it("quotes whatever would break a row, so that every value arrives as it was", async () => {
    use.server.answer(job({ status: "SUCCEEDED" }));
    const subTypes = ['say "hi"', "a,b", "two\nlines", "cr\rlf\r\n", " blanks ", "=1+1", "ünïcode", ""];
    await onboardDevices(
      use.transport,
      subTypes.map((subType, i) => device(`device-${i}`, { subType })),
      WAIT,
    );
    expect(rowsSent()).toEqual(
      subTypes.map((subType, i) => [`device-${i}`, subType, "", "", pem(`device-${i}`)]),
    );
  });

  it("registers certificates by rows of id and PEM", async () => {
    use.server.answer(job({ status: "SUCCEEDED" }));
    const certificates = ["a", "b"].map((deviceId) => ({ deviceId, pem: pem(deviceId) }));
    expect(await registerCredentials(use.transport, certificates, WAIT)).toEqual([done, done]);
    expect(use.server.lines[0]).toBe("POST /v1/devices/certificates");
    expect(use.server.asked[0]?.body).toBe(`a,"${pem("a")}"\nb,"${pem("b")}"\n`);
  });

  it("is looked at until it ends, and then every row is done", async () => {
    use.server.answer(job({ status: "PENDING" }, { status: "IN_PROGRESS" }, { status: "SUCCEEDED" }));
    expect(await onboardDevices(use.transport, devices, WAIT)).toEqual([done, done, done]);
    expect(use.server.lines.slice(1)).toEqual(Array(3).fill(`GET /v1/bulk-ops-requests/${JOB}`));
  });

  it("that failed fails just the rows it names, each for its own reason", async () => {
    const { files, handler } = await failedJob({
      status: 200,
      body: { errors: ["[0]: taken", "[2]: exists"] },
    });
    use.server.answer(handler);
    expect(await onboardDevices(use.transport, devices, WAIT)).toEqual([
      { kind: "refused", reason: "taken", nothingDone: true },
      done,
      { kind: "refused", reason: "exists", nothingDone: true },
    ]);
    await files.stop();
    expect(files.lines).toEqual([`GET /team/${JOB}.json`]);
    expect(JSON.stringify(files.asked)).not.toContain(API_KEY);
    expect(files.asked[0]?.headers).not.toHaveProperty("authorization");
  });

  /** The errors of those of which there was no word. */
  const failed = (outcomes: readonly Outcome[]) =>
    outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome.error] : []));

  it.each<[string, Answer]>([
    ["is a page", { status: 200, body: "<html>" }],
    ["is empty", { status: 200, body: { errors: [] } }],
    ["is only half understood", { status: 200, body: { errors: ["[0]: taken", "and more"] } }],
    ["names a row that the job never had", { status: 200, body: { errors: ["[3]: taken"] } }],
    ["is not there", { status: 404 }],
    ["may not be read", { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" }],
  ])("that failed takes no row for done when its error summary %s", async (_, summary) => {
    const { files, handler } = await failedJob(summary);
    use.server.answer(handler);
    const errors = failed(await onboardDevices(use.transport, devices, WAIT));
    await files.stop();
    expect(errors).toHaveLength(3);
    expect(errors[0]).toMatchObject({ name: "NoAnswerError", mayHaveTakenEffect: true });
    expect(errors[0]?.message).toMatch(new RegExp(`^OnboardDevices: job ${JOB} failed .*3 rows`));
  });

  it("that failed takes no row for done when it has no error summary", async () => {
    use.server.answer(job({ status: "FAILED" }));
    const [error] = failed(await registerCredentials(use.transport, [{ deviceId: "a", pem: "" }], WAIT));
    expect(error).toMatchObject({ name: "NoAnswerError", mayHaveTakenEffect: true });
    expect(error?.message).toContain("RegisterCertificates");
  });

  it.each<[string, Answer]>([
    ["it is not readable yet", { status: 404, body: { code: 40410, message: "no such job" } }],
    ["the service is asked too often", { status: 429, headers: { "Retry-After": "3600" } }],
    ["the service has an internal problem", { status: 503, headers: { "Retry-After": "3600" } }],
    ["something else answers in its place", { status: 200, body: "<html>" }],
  ])("is not given up on because, for a moment, %s", async (_, trouble) => {
    use.server.answer(job(trouble, { status: "SUCCEEDED" }));
    expect(await onboardDevices(use.transport, devices, WAIT)).toHaveLength(3);
    expect(use.server.asked.length).toBeGreaterThanOrEqual(3);
  });

  it.each<[string, Answer]>([
    ["the key is refused", { status: 401, body: { code: 40100, message: "denied" } }],
    ["the answer is no job", { status: 200, body: { id: JOB } }],
    [
      "the job is in a state that is not documented",
      { status: 200, body: { bulkOpsRequestId: JOB, status: "LOST" } },
    ],
  ])("is given up on at once when %s", async (_, trouble) => {
    use.server.answer(job(trouble, { status: "SUCCEEDED" }));
    const errors = failed(await onboardDevices(use.transport, devices, WAIT));
    expect(errors.map(({ message }) => message)).toEqual(
      Array(3).fill(expect.stringContaining("FetchBulkOpsRequest")),
    );
    expect(use.server.lines.filter((line) => line.startsWith("POST"))).toHaveLength(1);
  });

  it("that does not end in time is not cancelled", async () => {
    use.server.answer(job({ status: "IN_PROGRESS" }));
    const [error] = failed(await onboardDevices(use.transport, devices, { ...WAIT, bulkMs: 0 }));
    expect(error).toMatchObject({ name: "NoAnswerError", mayHaveTakenEffect: true });
    expect(error?.message).toContain(`job ${JOB} with 3 rows is still IN_PROGRESS`);
    expect(error?.message).toContain("Run the same command again");
    expect(use.server.lines.filter((line) => line.startsWith("POST"))).toHaveLength(1);
  });

  it("that is refused as a whole fails as a whole, and sends nothing twice", async () => {
    use.server.answer(() => ({ status: 422, body: { code: 42200, message: "row 1: certPem" } }));
    const [error, ...others] = failed(await onboardDevices(use.transport, devices, WAIT));
    expect(others).toEqual([error, error]);
    expect(error).toMatchObject({ name: "RefusedError", status: 422, reason: "row 1: certPem" });
    expect(error?.message).not.toContain("BEGIN");
    expect(use.server.asked).toHaveLength(1);
  });

  it("is taken from any answer of success that names it", async () => {
    const handler = job({ status: "SUCCEEDED" });
    use.server.answer((asked) =>
      asked.method === "POST" ? { status: 200, body: { bulkOpsRequestId: JOB } } : handler(asked),
    );
    expect(await onboardDevices(use.transport, devices, WAIT)).toHaveLength(3);
  });
});
