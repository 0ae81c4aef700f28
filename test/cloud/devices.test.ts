import { describe, expect, it } from "vitest";
import { fetchAccount } from "../../provider/cloud/account.js";
import {
  deleteDevice,
  fetchDevice,
  findDevices,
  listDevices,
  renameDevice,
  retagDevice,
} from "../../provider/cloud/devices.js";
import { rejection, useServer, type Answer, type Asked } from "./server.js";

const use = useServer();

const accepted: Answer = { status: 202 };
const missing: Answer = { status: 404, body: { code: 40410, message: "not found" } };
const ids = (count: number) => Array.from({ length: count }, (_, i) => `device-${i}`);

/** An account with these devices; pages hold `pageSize` of them at most. */
function accountOf(present: readonly string[], pageSize = 100) {
  return ({ url }: Asked): Answer => {
    const [, id] = /^\/v1\/devices\/(.+)$/.exec(url.pathname) ?? [];
    if (id !== undefined) {
      return present.includes(id) ? { status: 200, body: { id, type: "Generic", $meta: {} } } : missing;
    }
    const wanted = url.searchParams.get("deviceIds")?.split(",") ?? [];
    const start = Number(url.searchParams.get("pageNextToken") ?? "0");
    const all = present.filter((device) => wanted.includes(device));
    const items = all.slice(start, start + pageSize).map((device) => ({ id: device, tags: ["a"] }));
    const next = start + pageSize < all.length ? { pageNextToken: String(start + pageSize) } : {};
    return { status: 200, body: { items, total: items.length, ...next } };
  };
}

describe("fetchAccount", () => {
  it("gives the team of the key", async () => {
    use.server.answer(() => ({ status: 200, body: { team: { tenantId: "team-1" }, role: "owner" } }));
    expect(await fetchAccount(use.transport)).toMatchObject({ team: { tenantId: "team-1" } });
    expect(use.server.lines).toEqual(["GET /v1/account"]);
  });
});

describe("fetchDevice", () => {
  it("gives a device that is there, and undefined for one that is not", async () => {
    use.server.answer(accountOf(["device-1"]));
    expect(await fetchDevice(use.transport, "device-1")).toMatchObject({ id: "device-1" });
    expect(await fetchDevice(use.transport, "device-2")).toBeUndefined();
  });

  it.each<[string, Answer]>([
    ["a page that is not the API's", { status: 404, body: "<html>Not found</html>" }],
    ["a route that the endpoint does not have", { status: 404, body: { code: 40420, message: "not found" } }],
    ["a refused key", { status: 401, body: { code: 40100, message: "denied" } }],
    ["an answer without an id", { status: 200, body: { name: "device-1" } }],
  ])("never takes %s for a device that is gone", async (_, answer) => {
    use.server.answer(() => answer);
    expect((await rejection(fetchDevice(use.transport, "device-1"))).message).toMatch(
      /^FetchDevice for device device-1: /,
    );
  });
});

describe("listDevices", () => {
  it("gives all devices by pages of a hundred, each once though the list changed meanwhile", async () => {
    use.server.answer(({ url }) => {
      const start = Number(url.searchParams.get("pageNextToken") ?? "0");
      const items = ids(250)
        .slice(Math.max(0, start - 3), start + 100)
        .map((id) => ({ id }));
      return { status: 200, body: { items, ...(start < 200 ? { pageNextToken: String(start + 100) } : {}) } };
    });
    expect((await listDevices(use.transport)).map(({ id }) => id)).toEqual(ids(250));
    expect(use.server.lines).toEqual(["GET /v1/devices", "GET /v1/devices", "GET /v1/devices"]);
    expect(use.server.asked[0]?.url.search).toBe("?pageLimit=100");
  });

  it("requests tags and sub-types, and filters the answer as well", async () => {
    const items = [
      { id: "one", tags: ["a", "c"], subType: "kit" },
      { id: "two", tags: ["b"], subType: "kit" },
      { id: "three", tags: ["c"], subType: "kit" },
      { id: "four", tags: ["a"] },
      { id: "five", tags: ["a"], subType: "kit,v2" },
    ];
    use.server.answer(() => ({ status: 200, body: { items } }));
    const found = await listDevices(use.transport, { tags: ["a", "b"], subTypes: ["kit"] });
    expect(found.map(({ id }) => id)).toEqual(["one", "two"]);
    expect(use.server.asked[0]?.url.searchParams.get("tags")).toBe("a,b");
    expect(use.server.asked[0]?.url.searchParams.get("subTypes")).toBe("kit");

    // A comma would make two of it.
    const comma = await listDevices(use.transport, { subTypes: ["kit,v2"] });
    expect(comma.map(({ id }) => id)).toEqual(["five"]);
    expect(use.server.asked[1]?.url.searchParams.has("subTypes")).toBe(false);
  });
});

describe("findDevices", () => {
  it("asks for one or two devices by themselves", async () => {
    use.server.answer(accountOf(["device-0"]));
    const found = await findDevices(use.transport, ids(2));
    expect([...found.keys()]).toEqual(["device-0"]);
    expect(use.server.lines.sort()).toEqual(["GET /v1/devices/device-0", "GET /v1/devices/device-1"]);
  });

  it("asks nothing about no device", async () => {
    expect((await findDevices(use.transport, [])).size).toBe(0);
    expect(use.server.asked).toEqual([]);
  });

  it("asks for more by lists of a hundred", async () => {
    const wanted = ids(250);
    const present = wanted.filter((_, i) => i % 2 === 0);
    use.server.answer(accountOf(present));
    const found = await findDevices(use.transport, wanted);
    expect([...found.keys()].sort()).toEqual(present.sort());
    expect(found.get("device-0")).toEqual({ id: "device-0", tags: ["a"] });

    const asked = use.server.asked.map(({ url }) => url.searchParams.get("deviceIds")?.split(",") ?? []);
    expect(asked.map(({ length }) => length).sort()).toEqual([100, 100, 50]);
    expect(asked.flat().sort()).toEqual([...wanted].sort());
    for (const { url } of use.server.asked) {
      expect(url.pathname).toBe("/v1/devices");
      expect(url.searchParams.get("pageLimit")).toBe("100");
    }
  });

  it("follows short pages to their end, whatever their tokens look like", async () => {
    const tokens: (string | null)[] = [];
    use.server.answer(({ url }) => {
      const token = url.searchParams.get("pageNextToken");
      tokens.push(token);
      const page = token === null ? 0 : Number(token.split("&")[1]);
      return {
        status: 200,
        body: {
          items: [{ id: `device-${page}` }],
          total: 1,
          ...(page < 2 ? { pageNextToken: `+/=&${page + 1}` } : {}),
        },
      };
    });
    const found = await findDevices(use.transport, ids(3));
    expect([...found.keys()]).toEqual(ids(3));
    expect(tokens).toEqual([null, "+/=&1", "+/=&2"]);
  });

  it("fails as a whole if a part of the answer is missing, and does not report devices as missing", async () => {
    use.server.answer((asked, nth) =>
      nth === 2 ? { status: 401, body: { code: 40100 } } : accountOf(ids(250))(asked),
    );
    expect(await rejection(findDevices(use.transport, ids(250)))).toMatchObject({
      name: "RefusedError",
      status: 401,
    });
  });
});

describe("writes", () => {
  const written = () => use.server.asked.map(({ method, url, headers, body }) => [
    `${method} ${url.pathname}`,
    headers["content-type"],
    body === "" ? undefined : (JSON.parse(body) as unknown),
  ]); // prettier-ignore

  it("name and tag a device; no tags clear them", async () => {
    use.server.answer(() => accepted);
    await renameDevice(use.transport, "device-1", 'The "fridge" æ');
    await retagDevice(use.transport, "device-1", ["a", "b"]);
    await retagDevice(use.transport, "device-1", []);
    expect(written()).toEqual([
      ["PUT /v1/devices/device-1/name", "application/json", 'The "fridge" æ'],
      ["PUT /v1/devices/device-1/tags", "application/json", ["a", "b"]],
      ["PUT /v1/devices/device-1/tags", "application/json", []],
    ]);
  });
});

describe("deleteDevice", () => {
  it("sends one request, and accepts that the device is deleted already", async () => {
    use.server.answer((_, nth) =>
      nth === 1 ? accepted : { status: 404, body: { code: 40414, message: "none" } },
    );
    await deleteDevice(use.transport, "device-1");
    await deleteDevice(use.transport, "device-1");
    expect(use.server.lines).toEqual(Array(2).fill("DELETE /v1/devices/device-1"));
  });

  it("succeeds where only the answer to the first attempt was lost", async () => {
    use.server.answer((_, nth) =>
      nth === 1 ? { broken: "before" } : { status: 404, body: { code: 40414 } },
    );
    await deleteDevice(use.transport, "device-1");
  });

  it.each<[string, Answer]>([
    ["a page that is not the API's", { status: 404, body: "<html>Not found</html>" }],
    ["a route that the endpoint does not have", { status: 404, body: { code: 40420 } }],
    ["a refusal", { status: 400, body: { code: 40002, message: "was paired by button" } }],
  ])("does not take %s for a success", async (_, answer) => {
    use.server.answer(() => answer);
    expect((await rejection(deleteDevice(use.transport, "device-1"))).message).toContain(
      "DeleteDevice for device device-1",
    );
  });
});
