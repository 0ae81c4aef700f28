import { afterEach, expect, it } from "vitest";
import { fetchAccount } from "../../provider/cloud/account.js";
import { onboardDevices } from "../../provider/cloud/bulk.js";
import { fetchDevice, findDevices } from "../../provider/cloud/devices.js";
import { pem } from "../fleet/io.js";
import { rejection, TestServer, useServer } from "./server.js";

const use = useServer();

afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect({}).not.toHaveProperty("polluted");
});

it("what an answer says under a name of JavaScript's own counts for nothing", async () => {
  use.server.answer(() => ({
    status: 200,
    body: '{"id":"a","name":"n","__proto__":{"tags":["x"],"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  }));
  const device = await fetchDevice(use.transport, "a");
  expect(device).toMatchObject({ id: "a", name: "n" });
  expect(device?.tags).toBeUndefined();
});

it("what is missing in an answer is not found behind it", async () => {
  use.server.answer(() => ({
    status: 200,
    body: '{"__proto__":{"team":{"tenantId":"theirs"},"items":[],"id":"a"}}',
  }));
  expect((await rejection(fetchAccount(use.transport))).message).toContain("not of the documented shape");
  expect((await rejection(fetchDevice(use.transport, "a"))).message).toContain("not of the documented shape");
  expect((await rejection(findDevices(use.transport, ["a", "b", "c"]))).message).toContain(
    "not of the documented shape",
  );
});

it("devices whose ids are names of JavaScript's own are told apart", async () => {
  const ids = ["__proto__", "constructor", "toString", "a"];
  use.server.answer(() => ({ status: 200, body: { items: [{ id: "constructor" }, { id: "__proto__" }] } }));
  expect([...(await findDevices(use.transport, ids)).keys()]).toEqual(["constructor", "__proto__"]);
});

it("a refusal is read without them, too", async () => {
  use.server.answer(() => ({ status: 422, body: '{"__proto__":{"code":40410},"message":"no code"}' }));
  expect((await rejection(fetchDevice(use.transport, "a"))).message).toContain(
    "nRF Cloud refused (HTTP 422)",
  );
});

it("a summary of errors that names reasons by them is read as any other", async () => {
  const map = JSON.stringify(JSON.stringify({ a: [1] }).replace('"a"', '"__proto__"'));
  const summary = `{"message":"1 error [reason -> rows (1-based)]: ${map.slice(1, -1)}."}`;
  const files = new TestServer(() => ({ status: 200, body: summary }));
  await files.start();
  use.server.answer(({ method }) =>
    method === "POST"
      ? { status: 202, body: { bulkOpsRequestId: "01F8MECHZX3TBDSZ7XRADM79XV" } }
      : {
          status: 200,
          body: {
            bulkOpsRequestId: "01F8MECHZX3TBDSZ7XRADM79XV",
            status: "FAILED",
            errorSummaryUrl: `${files.origin}/x`,
          },
        },
  );
  const device = { deviceId: "a", tags: [], firmwareTypes: [], credentialPem: pem("CERTIFICATE") };
  try {
    const deadlines = { requestMs: 10_000, readbackMs: 300, bulkMs: 10_000 };
    const other = { ...device, deviceId: "b" };
    expect(await onboardDevices(use.transport, [device, other], deadlines)).toEqual([
      { kind: "refused", reason: "__proto__", nothingDone: true },
      { kind: "done" },
    ]);
  } finally {
    await files.stop();
  }
});

it("an answer that is nested without end is one that can't be used", async () => {
  use.server.answer(() => ({
    status: 200,
    body: `{"id":"a","tags":${"[".repeat(200_000)}${"]".repeat(200_000)}}`,
  }));
  expect((await rejection(fetchDevice(use.transport, "a"))).message).toContain("not of the documented shape");
});
