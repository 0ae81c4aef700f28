import { describe, expect, it } from "vitest";
import { changeDesired, findShadows, shadowOf } from "../../provider/cloud/shadow.js";
import { rejection, useServer } from "./server.js";

const use = useServer();

const device = (version: number, desired: object = {}) => ({
  id: "lab-1",
  state: { desired, reported: {}, version },
});
const versions = () =>
  use.server.asked.filter(({ method }) => method === "PATCH").map(({ headers }) => headers["if-match"]);

describe("a change of a shadow", () => {
  it("is sent for the version that was read, and nothing is sent where nothing differs", async () => {
    use.server.answer(({ method }) =>
      method === "GET" ? { status: 200, body: device(3) } : { status: 202 },
    );
    expect(await changeDesired(use.transport, "lab-1", undefined, () => ({ a: 1 }))).toBe(true);
    expect(use.server.lines).toEqual(["GET /v1/devices/lab-1", "PATCH /v1/devices/lab-1/state"]);
    expect(use.server.asked[1]?.body).toBe('{"desired":{"a":1}}');
    expect(versions()).toEqual(["3"]);
    const known = { desired: { a: 1 }, reported: {}, version: 4 };
    expect(await changeDesired(use.transport, "lab-1", known, () => undefined)).toBe(true);
    expect(use.server.lines).toHaveLength(2);
  });

  it.each([412, 409])("is made again from what others made of it, when nRF Cloud says %i", async (status) => {
    let version = 7;
    use.server.answer(({ method, headers }) => {
      if (method === "GET") return { status: 200, body: device(version, { theirs: version }) };
      if (version < 9) version += 1;
      return headers["if-match"] === "9"
        ? { status: 202 }
        : { status, body: { code: status * 100, message: "Version conflict" } };
    });
    const seen: unknown[] = [];
    const known = { desired: {}, reported: {}, version: 7 };
    await changeDesired(use.transport, "lab-1", known, (desired) => {
      seen.push(desired.theirs);
      return { a: 1 };
    });
    expect(seen).toEqual([undefined, 8, 9]);
    expect(versions()).toEqual(["7", "8", "9"]);
  });

  it("ends after a few times, with what nRF Cloud says", async () => {
    use.server.answer(({ method }) =>
      method === "GET"
        ? { status: 200, body: device(1) }
        : { status: 412, body: { code: 41200, message: "Version conflict" } },
    );
    const error = await rejection(changeDesired(use.transport, "lab-1", undefined, () => ({ a: 1 })));
    expect(error.message).toContain("UpdateDeviceState for device lab-1");
    expect(versions()).toHaveLength(5);
  });

  it("of a device that is not there is none, and a refusal of another kind is not repeated", async () => {
    use.server.answer(() => ({ status: 404, body: { code: 40410, message: "no device" } }));
    expect(await changeDesired(use.transport, "lab-1", undefined, () => ({ a: 1 }))).toBe(false);
    use.server.answer(() => ({ status: 422, body: { code: 42200, message: "too large" } }));
    const known = { desired: {}, reported: {}, version: 1 };
    await rejection(changeDesired(use.transport, "lab-1", known, () => ({ a: 1 })));
    expect(versions()).toHaveLength(1);
  });
});

describe("a read of shadows", () => {
  it("is a list with states", async () => {
    use.server.answer(() => ({ status: 200, body: { items: [device(3, { a: 1 }), { id: "lab-2" }] } }));
    const found = await findShadows(use.transport, ["lab-1", "lab-2", "lab-3"]);
    expect(use.server.asked[0]?.url.searchParams.get("includeState")).toBe("true");
    expect(found.get("lab-1")).toEqual({ desired: { a: 1 }, reported: {}, version: 3 });
    expect(found.get("lab-2")).toEqual({ desired: {}, reported: {}, version: undefined });
    expect(found.has("lab-3")).toBe(false);
  });

  it("takes the version where the API's example has it", () => {
    expect(shadowOf({ id: "lab-1", state: {}, $meta: { version: 5 } })?.version).toBe(5);
  });
});
