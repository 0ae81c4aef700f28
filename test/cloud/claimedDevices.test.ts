import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import {
  claimDevice,
  claimDevices,
  fetchClaimedDevice,
  findClaimedDevices,
  retagClaimedDevice,
  tryClaim,
  unclaimDevice,
} from "../../provider/cloud/claimedDevices.js";
import { rejection, useServer, type Answer } from "./server.js";

const use = useServer();

const UUID = "6e4a9363-8f70-4b2e-9a55-0d5c1c1f7f10";
const TOKEN = "2dn3hQFQUDYxVDkxRPCAIhIbZAFifNNYGQ.secret";
const claim = { token: TOKEN, deviceUuid: UUID, tags: [] };

describe("a claim", () => {
  it("sends the token and the tags, and nothing where there are none", async () => {
    use.server.answer(() => ({ status: 201, body: { id: UUID } }));
    await claimDevice(use.transport, claim);
    await claimDevice(use.transport, { ...claim, tags: ["oslo"] });
    expect(use.server.lines).toEqual(Array(2).fill("POST /v1/claimed-devices"));
    expect(use.server.asked.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { claimToken: TOKEN },
      { claimToken: TOKEN, tags: ["oslo"] },
    ]);
  });

  it("of many reports the result of each row, also if some were refused", async () => {
    use.server.answer(() => ({
      status: 400,
      body: { code: 40000, claimedIds: [UUID], failed: [{ row: 1, message: "no" }] },
    }));
    expect(await claimDevices(use.transport, [claim, { ...claim, tags: ["a", "b"] }])).toEqual({
      code: 40000,
      claimedIds: [UUID],
      failed: [{ row: 1, message: "no" }],
    });
    expect(parse(use.server.asked[0]?.body ?? "", { relax_column_count: true })).toEqual([
      [TOKEN],
      [TOKEN, "a,b"],
    ]);
  });
});

describe("a claim that is only tried", () => {
  it("differs from a real one by `dryrun`", async () => {
    use.server.answer(() => ({ status: 202 }));
    expect(await tryClaim(use.transport, { ...claim, tags: ["oslo"] })).toBeUndefined();
    const [asked] = use.server.asked;
    expect(`${asked?.method} ${asked?.url.pathname}${asked?.url.search}`).toBe(
      "POST /v1/claimed-devices?dryrun=true",
    );
    expect(JSON.parse(asked?.body ?? "")).toEqual({ claimToken: TOKEN, tags: ["oslo"] });
  });

  it.each<[string, Answer, string]>([
    [
      "in its words",
      { status: 400, body: { code: 40000, message: "claimed by another team" } },
      "claimed by another team",
    ],
    ["that it knows no such device", { status: 404, body: { code: 40410, message: "unknown" } }, "unknown"],
    ["that the token is not good", { status: 401, body: { code: 40102, message: "bad token" } }, "bad token"],
    ["without a word", { status: 409 }, "the service gives no reason."],
  ])("gives what the service says: %s", async (_, answer, reason) => {
    use.server.answer(() => answer);
    expect(await tryClaim(use.transport, claim)).toBe(reason);
  });

  it.each<[string, Answer]>([
    ["a refused key", { status: 401, body: { code: 40100, message: "denied" } }],
    ["a key that may not", { status: 403, body: { code: 40300 } }],
    ["a limit", { status: 429, headers: { "Retry-After": "3600" } }],
    ["a failing service", { status: 503, headers: { "Retry-After": "3600" } }],
    ["a page in its place", { status: 200, body: "<html>Please log in</html>" }],
  ])("says nothing of the device where there is %s", async (_, answer) => {
    use.server.answer(() => answer);
    const error = await rejection(tryClaim(use.transport, claim));
    expect(error.message).toContain("ClaimDeviceOwnership (dry run)");
    expect(error.message).not.toContain(TOKEN);
  });
});

describe("claimed devices", () => {
  it("are requested singly if there are few, and otherwise by lists", async () => {
    const others = ["a", "b", "c"];
    use.server.answer(({ url }) =>
      url.pathname.endsWith("/claimed-devices")
        ? { status: 200, body: { items: others.map((id) => ({ id })) } }
        : { status: 404, body: { code: 40410 } },
    );
    expect(await fetchClaimedDevice(use.transport, UUID)).toBeUndefined();
    expect((await findClaimedDevices(use.transport, [UUID])).size).toBe(0);
    expect([...(await findClaimedDevices(use.transport, others)).keys()]).toEqual(others);
    expect(use.server.lines).toEqual([
      `GET /v1/claimed-devices/${UUID}`,
      `GET /v1/claimed-devices/${UUID}`,
      "GET /v1/claimed-devices",
    ]);
  });

  it("get tags, and are given up; that one is not claimed any more is success", async () => {
    use.server.answer(({ method }) =>
      method === "DELETE" ? { status: 404, body: { code: 40410 } } : { status: 202 },
    );
    await retagClaimedDevice(use.transport, UUID, ["a"]);
    await unclaimDevice(use.transport, UUID);
    expect(use.server.lines).toEqual([
      `PUT /v1/claimed-devices/${UUID}/tags`,
      `DELETE /v1/claimed-devices/${UUID}`,
    ]);
    expect(use.server.asked[0]?.body).toBe('["a"]');
  });
});
