import { describe, expect, it, onTestFinished } from "vitest";
import { publicKeyPem } from "./support/certificates.js";
import {
  anyText,
  admin,
  Client,
  emulate,
  field,
  ourClient,
  row,
  text,
  theirClient,
  until,
} from "./support/client.js";

describe("bulk jobs", () => {
  it("go from PENDING over IN_PROGRESS to their end", async () => {
    const emulator = await emulate({ bulkDelayMs: 1000 });
    const client = ourClient(emulator);
    const { body } = await client.csv("/devices", row("dev-1", publicKeyPem()));
    const id = text(body, "bulkOpsRequestId");
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    const seen = new Set<string>();
    await until(async () => {
      const job = (await client.get(`/bulk-ops-requests/${id}`)).body;
      const status = text(job, "status");
      seen.add(status);
      if (status !== "SUCCEEDED") expect(job).not.toHaveProperty("completedAt");
      return status === "SUCCEEDED" ? true : undefined;
    });
    expect([...seen]).toEqual(["PENDING", "IN_PROGRESS", "SUCCEEDED"]);
  });

  it("show no errorSummaryUrl while nothing failed, and no devices before they are under way", async () => {
    const emulator = await emulate({ bulkDelayMs: 600_000 });
    const client = ourClient(emulator);
    const { body } = await client.csv("/devices", row("dev-1", publicKeyPem()));
    const job = (await client.get(`/bulk-ops-requests/${text(body, "bulkOpsRequestId")}`)).body;
    expect(job).toEqual({
      bulkOpsRequestId: text(body, "bulkOpsRequestId"),
      endpoint: "ONBOARD_DEVICES",
      status: "PENDING",
      requestedAt: anyText,
      uploadedDataUrl: anyText,
    });
    expect((await admin(emulator).get("/devices")).body).toMatchObject({ total: 0 });
  });

  it("run side by side, without a warning of Node", async () => {
    const warnings: string[] = [];
    const warned = ({ message }: Error) => void warnings.push(message);
    process.on("warning", warned);
    onTestFinished(() => void process.off("warning", warned));
    const emulator = await emulate({ bulkDelayMs: 200 });
    const client = ourClient(emulator);
    const jobs = await Promise.all(
      Array.from({ length: 12 }, (_, part) =>
        client.bulk(Array.from({ length: 25 }, (_, index) => row(`dev-${part}-${index}`, publicKeyPem()))),
      ),
    );
    expect(jobs.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => "SUCCEEDED"));
    expect((await admin(emulator).get("/devices")).body).toMatchObject({ total: 300 });
    expect(warnings).toEqual([]);
  });

  it("serve their files to anybody who knows the address", async () => {
    const client = ourClient(await emulate({ rejectRows: new Map([["dev-1", "not today"]]) }));
    const csv = [row("dev-0", publicKeyPem()), row("dev-1", publicKeyPem())];
    const { details } = await client.bulk(csv);
    expect((await new Client(text(details, "uploadedDataUrl")).get("")).text).toBe(csv.join("\n"));
    const summary = await new Client(text(details, "errorSummaryUrl")).get("");
    expect(summary.body).toEqual({ errors: ["[1]: not today"] });
    const guess = text(details, "errorSummaryUrl").replace(/-[0-9a-f]{32}\./, `-${"0".repeat(32)}.`);
    expect(await new Client(guess).get("")).toMatchObject({ status: 404 });
  });

  it("are not shown to another team", async () => {
    const emulator = await emulate();
    const { id } = await ourClient(emulator).bulk([row("dev-1", publicKeyPem())]);
    const them = theirClient(emulator);
    expect(await them.get(`/bulk-ops-requests/${id}`)).toMatchObject({ status: 404, body: { code: 40410 } });
    expect((await them.get("/bulk-ops-requests")).body).toEqual({ items: [], total: 0 });
  });

  it("are listed latest first, by page, status and time", async () => {
    const client = ourClient(await emulate({ rejectRows: new Map([["dev-2", "no"]]) }));
    const jobs = [];
    for (const id of ["dev-0", "dev-1", "dev-2"]) jobs.push(await client.bulk([row(id, publicKeyPem())]));
    const [first = "", second = "", third = ""] = jobs.map(({ id }) => id);
    const listed = async (query: string) => {
      const { status, body } = await client.get(`/bulk-ops-requests?${query}`);
      expect(status).toBe(200);
      const items = field(body, "items");
      return Array.isArray(items) ? items.map((item: unknown) => field(item, "bulkOpsRequestId")) : [];
    };
    expect(await listed("")).toEqual([third, second, first]);
    expect(await listed("status=FAILED")).toEqual([third]);
    expect(await listed("endRequestedAt=2020-01-01")).toEqual([]);
    expect(await listed("startRequestedAt=2020-01-01&status=SUCCEEDED")).toEqual([second, first]);
    const { body } = await client.get("/bulk-ops-requests?pageLimit=2");
    expect(body).toMatchObject({ total: 2 });
    const token = encodeURIComponent(text(body, "pageNextToken"));
    expect(await listed(`pageNextToken=${token}`)).toEqual([first]);
    expect(await client.get("/bulk-ops-requests?status=DONE")).toMatchObject({ status: 422 });
    expect(await client.get("/bulk-ops-requests?startRequestedAt=soon")).toMatchObject({ status: 422 });
  });
});
