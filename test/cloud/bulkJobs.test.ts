import { describe, expect, it } from "vitest";
import { jobTimes, onboardingJobsSince } from "../../provider/cloud/bulkJobs.js";
import { rejection, TestServer, useServer, type Answer, type Asked } from "./server.js";

const use = useServer();

const SINCE = new Date("2026-01-01T00:00:00Z");
const requestedAt = "2026-01-02T00:00:00.000Z";
const completedAt = "2026-01-02T00:00:10.000Z";
const pem = (id: string) => `-----BEGIN CERTIFICATE-----\n${id}\n-----END CERTIFICATE-----\n`;
const row = (id: string) => `${id},,,,"${pem(id)}"\n`;

interface Job {
  readonly bulkOpsRequestId: string;
  readonly endpoint?: string;
  readonly status?: string;
  readonly requestedAt?: string;
  readonly completedAt?: string;
  readonly uploadedDataUrl?: string;
  readonly errorSummaryUrl?: string;
}

const job = (bulkOpsRequestId: string, more: Partial<Job> = {}): Job => ({
  bulkOpsRequestId,
  endpoint: "ONBOARD_DEVICES",
  status: "SUCCEEDED",
  requestedAt,
  completedAt,
  ...more,
});

/** A service with these jobs, and these files by name. */
function service(jobs: readonly Job[], files: Readonly<Record<string, Answer>> = {}) {
  return ({ url }: Asked): Answer => {
    if (url.pathname === "/v1/bulk-ops-requests") return { status: 200, body: { items: jobs } };
    const name = url.pathname.split("/").at(-1) ?? "";
    return files[name] ?? { status: 404, body: { code: 40410 } };
  };
}

const file = (name: string) => `${use.server.origin}/files/${name}`;
const text = (body: string): Answer => ({ status: 200, body });

describe("onboardingJobsSince", () => {
  it("has for each job when it ran and which credential each device was sent with", async () => {
    use.server.answer((asked) =>
      service([job("one", { uploadedDataUrl: file("one.csv") })], {
        "one.csv": text(row("a") + row("b")),
      })(asked),
    );
    expect(await onboardingJobsSince(use.transport, SINCE)).toEqual([
      {
        id: "one",
        endpoint: "ONBOARD_DEVICES",
        status: "SUCCEEDED",
        requestedAt,
        completedAt,
        credentials: new Map([
          ["a", pem("a")],
          ["b", pem("b")],
        ]),
        refused: new Set(),
      },
    ]);
    expect(use.server.asked[0]?.url.searchParams.get("startRequestedAt")).toBe(SINCE.toISOString());
  });

  it("has jobs that onboard, by either name, and those without a known type", async () => {
    const endpoints = ["ONBOARD_DEVICES", "PROVISION_DEVICES", "REGISTER_CERTIFICATES", "FOTA_UPDATE_JOB"];
    const { endpoint: _, ...nameless } = job("nameless");
    use.server.answer(service([...endpoints.map((endpoint) => job(endpoint, { endpoint })), nameless]));
    const found = await onboardingJobsSince(use.transport, SINCE);
    expect(found.map(({ id }) => id)).toEqual(["ONBOARD_DEVICES", "PROVISION_DEVICES", "nameless"]);
  });

  it("names the devices whose rows were refused", async () => {
    const failed = () =>
      job("one", {
        status: "FAILED",
        uploadedDataUrl: file("one.csv"),
        errorSummaryUrl: file("one.json"),
      });
    use.server.answer((asked) =>
      service([failed()], {
        "one.csv": text(row("a") + row("b")),
        "one.json": { status: 200, body: { errors: ["[1]: already exists"] } },
      })(asked),
    );
    expect((await onboardingJobsSince(use.transport, SINCE))[0]?.refused).toEqual(new Set(["b"]));
  });

  it.each<[string, Partial<Job> & { readonly summary?: true }, Readonly<Record<string, Answer>>]>([
    ["a failed job has no summary", { status: "FAILED" }, {}],
    ["the summary is not there", { status: "FAILED", summary: true }, {}],
    ["the summary can't be read", { status: "FAILED", summary: true }, { "one.json": text("<html>") }],
  ])("does not know who was refused where %s", async (_, { summary, ...more }, files) => {
    use.server.answer((asked) =>
      service(
        [
          job("one", {
            ...more,
            uploadedDataUrl: file("one.csv"),
            ...(summary === true ? { errorSummaryUrl: file("one.json") } : {}),
          }),
        ],
        { "one.csv": text(row("a")), ...files },
      )(asked),
    );
    const [found] = await onboardingJobsSince(use.transport, SINCE);
    expect(found?.credentials?.size).toBe(1);
    expect(found?.refused).toBeUndefined();
  });

  it.each<[string, Answer | undefined]>([
    ["names no file", undefined],
    ["names a file that is not there", { status: 404 }],
    ["names a file that is no table", text('"never closed')],
  ])("knows nothing of the rows where a job %s", async (_, answer) => {
    use.server.answer((asked) =>
      service(
        [job("one", answer === undefined ? {} : { uploadedDataUrl: file("one.csv") })],
        answer === undefined ? {} : { "one.csv": answer },
      )(asked),
    );
    const [found] = await onboardingJobsSince(use.transport, SINCE);
    expect(found).toMatchObject({ id: "one", requestedAt });
    expect(found?.credentials).toBeUndefined();
    expect(found?.refused).toBeUndefined();
  });

  it("asks for files without the key", async () => {
    const files = new TestServer(() => text(row("a")));
    await files.start();
    use.server.answer(service([job("one", { uploadedDataUrl: `${files.origin}/one.csv` })]));
    await onboardingJobsSince(use.transport, SINCE);
    await files.stop();
    expect(files.asked[0]?.headers).not.toHaveProperty("authorization");
  });

  it("fails where the list itself can't be had: nothing is concluded from that", async () => {
    use.server.answer(() => ({ status: 403, body: { code: 40300 } }));
    expect(await rejection(onboardingJobsSince(use.transport, SINCE))).toMatchObject({ status: 403 });
  });
});

describe("jobTimes", () => {
  it("has when a job was requested and when it ended", async () => {
    use.server.answer(() => ({ status: 200, body: job("one") }));
    expect(await jobTimes(use.transport, "one")).toMatchObject({ requestedAt, completedAt });
    expect(use.server.lines).toEqual(["GET /v1/bulk-ops-requests/one"]);
  });

  it("knows nothing of a job that can't be seen", async () => {
    use.server.answer(() => ({ status: 404, body: { code: 40410 } }));
    expect(await jobTimes(use.transport, "one")).toBeUndefined();
  });
});
