import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { isAccount } from "../../provider/cloud/answers.js";
import {
  CloudError,
  isNotFound,
  NoAnswerError,
  NotUnderstoodError,
  RefusedError,
  type Asked,
} from "../../provider/cloud/errors.js";
import { path, Transport, type Request } from "../../provider/cloud/transport.js";
import { API_KEY, quickClock, rejection, TestServer, transportTo, useServer, type Answer } from "./server.js";

const use = useServer();

const fetchAccount: Request = { operation: "FetchAccount", method: "GET", path: "/account" };
const account = { team: { tenantId: "team-1", name: "Team" }, extra: true };
const accepted: Answer = { status: 202 };
const ok: Answer = { status: 200, body: account };

/** A request with something in its body that no error may show. */
const BODY = "-----BEGIN SOMETHING----- ownership code 424242";
const request = (method: Request["method"]): Request => ({
  operation: "SomeOperation",
  deviceId: "device-1",
  method,
  path: "/devices/device-1",
  ...(method === "GET" || method === "DELETE" ? {} : { body: { type: "text/plain", text: BODY } }),
});
const onceThen = (first: Answer, then: Answer) => (_: unknown, nth: number) => (nth === 1 ? first : then);

describe("a request", () => {
  it("is sent below the endpoint, with the key, and the query and the body unchanged", async () => {
    use.server.answer(() => accepted);
    await use.transport.execute({
      operation: "SomeOperation",
      method: "PUT",
      path: path("devices", "a:b_c-d", "na me/../x"),
      query: { deviceIds: "a,b:c", empty: "", plus: "a+b&c" },
      body: { type: "application/json", text: '"Fridge, \\u00e6"' },
    });
    const [asked] = use.server.asked;
    expect(asked).toMatchObject({ method: "PUT", body: '"Fridge, \\u00e6"' });
    expect(asked?.url.pathname).toBe("/v1/devices/a%3Ab_c-d/na%20me%2F..%2Fx");
    expect(Object.fromEntries(asked?.url.searchParams ?? [])).toEqual({
      deviceIds: "a,b:c",
      empty: "",
      plus: "a+b&c",
    });
    expect(asked?.headers).toMatchObject({
      authorization: `Bearer ${API_KEY}`,
      "content-type": expect.stringMatching(/^application\/json\b/) as string,
    });
  });

  it("sends a text byte by byte as it was given, line breaks and all", async () => {
    use.server.answer(() => accepted);
    const text = 'device-1,,,,"-----BEGIN CERTIFICATE-----\r\nAA==\r\n-----END CERTIFICATE-----\r\n"\næøå\n';
    await use.transport.execute({ ...request("POST"), body: { type: "text/csv", text } });
    expect(use.server.asked[0]?.body).toBe(text);
  });

  it("gives the answer once it has the documented form, whatever else is in it", async () => {
    use.server.answer(() => ok);
    expect(await use.transport.ask(fetchAccount, isAccount)).toEqual(account);
  });

  it("waits for a free connection rather than opening more than sixteen", async () => {
    let now = 0;
    let most = 0;
    use.server.answer(async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 10));
      now--;
      return accepted;
    });
    await Promise.all(Array.from({ length: 100 }, () => use.transport.execute(request("PUT"))));
    expect(use.server.asked).toHaveLength(100);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });
});

describe("a request that may be repeated", () => {
  it.each(["GET", "PUT", "DELETE", "PATCH"] as const)("is, after a 5xx: %s", async (method) => {
    use.server.answer(onceThen({ status: 503 }, accepted));
    await use.transport.execute(request(method));
    expect(use.server.asked).toHaveLength(2);
    expect(use.server.asked[1]).toEqual(use.server.asked[0]);
  });

  it.each<[string, Answer]>([
    ["a connection that was reset", { broken: "before" }],
    ["an answer that broke off", { broken: "within" }],
    ["a page in the place of an answer", { status: 200, body: "<html>One moment…</html>" }],
    ["an error whose text broke off", { broken: "within", status: 502 }],
    ["a 404 that does not say what is missing", { status: 404, body: '{"code":404' }],
    ["being called too often", { status: 429 }],
  ])("is, after %s", async (_, answer) => {
    use.server.answer(onceThen(answer, ok));
    expect(await use.transport.ask(fetchAccount, isAccount)).toEqual(account);
    expect(use.server.asked).toHaveLength(2);
  });

  it("is, after a page in the place of an answer of which only success matters", async () => {
    use.server.answer(onceThen({ status: 200, body: "<html>One moment…</html>" }, { status: 202 }));
    await use.transport.execute(request("PUT"));
    expect(use.server.asked).toHaveLength(2);
  });

  it("is, after it took too long", async () => {
    use.server.answer(async (_, nth) => {
      if (nth === 1) await new Promise((resolve) => setTimeout(resolve, 2_000));
      return ok;
    });
    expect(await transportTo(use.server, 500).ask(fetchAccount, isAccount)).toEqual(account);
    expect(use.server.asked).toHaveLength(2);
  });

  it("is repeated after an answer that is too slow to end", async () => {
    use.server.answer(onceThen({ dripping: JSON.stringify(account), everyMs: 100 }, ok));
    expect(await transportTo(use.server, 500).ask(fetchAccount, isAccount)).toEqual(account);
    expect(use.server.asked).toHaveLength(2);
  });

  it.each([400, 401, 403, 404, 409, 422])("is not, after a refusal: %d", async (status) => {
    use.server.answer(() => ({ status, body: { code: status * 100, message: "no" } }));
    expect(await rejection(use.transport.execute(request("PUT")))).toMatchObject({ status });
    expect(use.server.asked).toHaveLength(1);
  });
});

describe.concurrent("when repeating does not help", () => {
  it("gives up after five repetitions, with the last answer as the reason", async ({ expect }) => {
    const server = new TestServer((_, nth) => ({
      status: 500,
      body: { code: 50000, message: `attempt ${nth}` },
    }));
    await server.start();
    const error = await rejection(transportTo(server).execute(request("PUT")));
    await server.stop();
    expect(server.asked).toHaveLength(6);
    expect(error).toMatchObject({ status: 500, code: 50000, reason: "attempt 6" });
  });

  it("says that the host can't be reached, and that nothing was done", async ({ expect }) => {
    const server = new TestServer();
    await server.start();
    const { host } = new URL(server.origin);
    const transport = transportTo(server);
    await server.stop();
    const error = await rejection(transport.execute(request("POST")));
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error).toMatchObject({ mayHaveTakenEffect: false });
    expect(error.message).toContain(host);
    expect(error.message).toContain("ECONNREFUSED");
  });

  it("names the host of a file that gives no answer, not the API's", async ({ expect }) => {
    const server = new TestServer(() => ({ broken: "before" }));
    await server.start();
    const transport = new Transport({
      endpoint: "http://127.0.0.1:1/v1",
      apiKey: API_KEY,
      clock: quickClock(),
    });
    const error = await rejection(transport.readFile(fetchAccount, `${server.origin}/a.json`));
    await server.stop();
    expect(error.message).toContain(new URL(server.origin).host);
  });
});

describe("a POST", () => {
  it.each<[string, Answer, object]>([
    ["a 5xx", { status: 503 }, { name: "RefusedError", status: 503 }],
    [
      "a connection that was reset",
      { broken: "before" },
      { name: "NoAnswerError", mayHaveTakenEffect: true },
    ],
    [
      "an answer that broke off",
      { broken: "within", status: 202 },
      { name: "NoAnswerError", mayHaveTakenEffect: true },
    ],
  ])("is not repeated after %s, as it may have taken effect", async (_, answer, expected) => {
    use.server.answer(onceThen(answer, accepted));
    expect(await rejection(use.transport.execute(request("POST")))).toMatchObject(expected);
    expect(use.server.asked).toHaveLength(1);
  });

  it("is not repeated after it took too long", async () => {
    use.server.answer(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return accepted;
    });
    const error = await rejection(transportTo(use.server, 200).execute(request("POST")));
    expect(error).toMatchObject({ name: "NoAnswerError", mayHaveTakenEffect: true });
    expect(use.server.asked).toHaveLength(1);
  });

  it("is repeated after too many requests, no earlier than the service demands", async () => {
    const clock = quickClock();
    use.server.answer(onceThen({ status: 429, headers: { "Retry-After": "1" } }, accepted));
    await transportTo(use.server, undefined, clock).execute(request("POST"));
    expect(clock.slept).toHaveLength(1);
    expect(clock.slept[0]).toBeGreaterThanOrEqual(1_000);
    expect(use.server.asked).toHaveLength(2);
    expect(use.server.asked[1]).toEqual(use.server.asked[0]);
  });

  it("is given up on at once where the service asks for a pause that nobody would wait for", async () => {
    use.server.answer(() => ({ status: 429, headers: { "Retry-After": "86400" } }));
    expect(await rejection(use.transport.execute(request("POST")))).toMatchObject({ status: 429 });
    expect(use.server.asked).toHaveLength(1);
  });

  it("takes no connection that was idle, which the service may be closing", async () => {
    use.server.answer(() => accepted);
    await use.transport.execute(request("PUT"));
    await use.transport.execute(request("POST"));
    await use.transport.execute(request("POST"));
    expect(use.server.sockets.size).toBe(3);
    await use.transport.execute(request("PUT"));
    expect(use.server.sockets.size).toBe(3);
  });
});

describe("the API key", () => {
  it.each([301, 302, 303, 307, 308])("goes to no other host by a redirect: %d", async (status) => {
    const elsewhere = new TestServer(() => ok);
    await elsewhere.start();
    try {
      use.server.answer(() => ({ status, headers: { Location: `${elsewhere.origin}/v1/account` } }));
      const error = await rejection(use.transport.ask(fetchAccount, isAccount));
      expect(error).toBeInstanceOf(RefusedError);
      expect(error.message).toContain("nrfcloud:endpoint");
      expect(elsewhere.asked).toEqual([]);
      expect(use.server.asked).toHaveLength(1);
    } finally {
      await elsewhere.stop();
    }
  });

  it("does not go with a file that nRF Cloud names, wherever that lies", async () => {
    use.server.answer(() => ({ status: 200, body: '{"errors":[]}' }));
    expect(await use.transport.readFile(fetchAccount, `${use.server.origin}/files/a.json?signed=1`)).toBe(
      '{"errors":[]}',
    );
    const [asked] = use.server.asked;
    expect(asked?.url.href).toBe(`${use.server.origin}/files/a.json?signed=1`);
    expect(asked?.headers).not.toHaveProperty("authorization");
    expect(JSON.stringify(asked?.headers)).not.toContain(API_KEY);
  });

  it.each(["file:///etc/passwd", "data:text/plain,x", "//example.com/x", "/etc/passwd", "https://", ""])(
    "and no file is asked of what is not a web address: %j",
    async (url) => {
      const error = await rejection(use.transport.readFile(fetchAccount, url));
      expect(error).toBeInstanceOf(NotUnderstoodError);
      expect(use.server.asked).toEqual([]);
    },
  );

  describe("with a proxy in the environment", () => {
    afterEach(() => {
      vi.unstubAllEnvs();
    });

    it("is sent directly to an endpoint on this machine", async () => {
      const proxy = new TestServer(() => ok);
      await proxy.start();
      try {
        for (const name of ["http_proxy", "HTTP_PROXY"]) vi.stubEnv(name, proxy.origin);
        for (const name of ["no_proxy", "NO_PROXY"]) vi.stubEnv(name, "");
        use.server.answer(() => ok);
        await use.transport.ask(fetchAccount, isAccount);
        expect(proxy.asked).toEqual([]);
        expect(use.server.asked).toHaveLength(1);
      } finally {
        await proxy.stop();
      }
    });
  });
});

describe("an error", () => {
  it("names the operation, the device, the API's own message and a remedy", async () => {
    use.server.answer(() => ({ status: 422, body: { code: 42200, message: "row 3: tags" } }));
    const error = await rejection(use.transport.execute(request("POST")));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ status: 422, code: 42200, reason: "row 3: tags" });
    expect(error.message).toMatch(
      /^SomeOperation for device device-1: .*HTTP 422, code 42200.*row 3: tags\n.+/,
    );
  });

  it.each<[string, string]>([
    ["an empty body", ""],
    ["HTML", "<html><h1>Bad gateway</h1></html>"],
    ["JSON of another shape", '{"error":"x"}'],
    ["a JSON text", '"Forbidden"'],
    ["null", "null"],
  ])("stands on its status where the answer has %s", async (_, body) => {
    use.server.answer(() => ({ status: 400, body }));
    const error = await rejection(use.transport.execute(request("POST")));
    expect(error).toMatchObject({ status: 400, code: undefined, reason: undefined });
    expect(error.message).toMatch(/^SomeOperation for device device-1: nRF Cloud refused \(HTTP 400\)\.\n.+/);
    expect(error.message).not.toContain("<");
  });

  it("has no reason where the code stands alone", async () => {
    use.server.answer(() => ({ status: 400, body: { code: 40005 } }));
    const error = await rejection(use.transport.execute(request("POST")));
    expect(error).toMatchObject({ code: 40005, reason: undefined });
    expect(error.message).toContain("plan");
  });

  it.each([401, 403])("points to the key where that may be wrong: %d", async (status) => {
    use.server.answer(() => ({ status, body: "Forbidden" }));
    expect((await rejection(use.transport.execute(request("GET")))).message).toContain("NRF_CLOUD_API_KEY");
  });

  describe("names what helps with the call that failed", () => {
    const lost = { operation: "FetchDevice", deviceId: "a" };
    const register = { operation: "RegisterCertificates" };
    const none = undefined;
    it.each<[string, Asked, number, number | undefined, string[], string[]]>([
      [
        "a key that is none",
        fetchAccount,
        401,
        40100,
        ["Current Team Details", "User API key"],
        ["endpoint", "role"],
      ],
      [
        "a refusal that is not the API's",
        fetchAccount,
        403,
        none,
        ["endpoint", "Current Team Details"],
        ["role"],
      ],
      [
        "a write of a viewer",
        register,
        403,
        40300,
        ["role of the API key", "viewers may only read"],
        ["endpoint", "complete"],
      ],
      ["a device of another team", lost, 401, 40100, ["the key's team has"], ["endpoint", "complete"]],
      [
        "an endpoint without its version",
        fetchAccount,
        404,
        40420,
        ["NRF_CLOUD_ENDPOINT", "/v1"],
        ["device id", "refresh"],
      ],
      [
        "an endpoint of something else",
        fetchAccount,
        404,
        none,
        ["NRF_CLOUD_ENDPOINT"],
        ["device id", "refresh"],
      ],
      [
        "an endpoint that is wrong for devices",
        lost,
        404,
        none,
        ["NRF_CLOUD_ENDPOINT"],
        ["device id", "refresh"],
      ],
      ["a device that is gone", lost, 404, 40410, ["device id", "refresh"], ["endpoint"]],
      ["a list that is gone", register, 404, 40410, ["team of the API key"], ["device id", "endpoint"]],
    ])("%s", async (_, asked, status, code, named, not) => {
      use.server.answer(() => ({ status, body: code === undefined ? "<html>" : { code, message: "no" } }));
      const message = (await rejection(use.transport.execute({ ...asked, method: "POST", path: "/x" })))
        .message;
      const [, remedy = ""] = message.split("\n");
      for (const text of named) expect(remedy).toContain(text);
      for (const text of not) expect(remedy).not.toContain(text);
    });

    it.each([404, 302])("names the setting of the endpoint that was asked: %d", async (status) => {
      const other = new Transport({
        endpoint: `${use.server.origin}/v1`,
        apiKey: API_KEY,
        service: "identity",
        clock: quickClock(),
      });
      use.server.answer(() => ({ status }));
      const { message } = await rejection(other.execute(fetchAccount));
      expect(message).toContain("NRF_CLOUD_IDENTITY_ENDPOINT or nrfcloud:identityEndpoint");
    });

    it("names that setting where nobody is there", async () => {
      const silent = new Transport({
        endpoint: "http://127.0.0.1:1/v1",
        apiKey: API_KEY,
        service: "identity",
        clock: quickClock(),
      });
      expect((await rejection(silent.execute(fetchAccount))).message).toContain(
        "NRF_CLOUD_IDENTITY_ENDPOINT",
      );
    });
  });

  it.each<[string, unknown]>([
    ["an HTML page", "<html>Please log in</html>"],
    ["nothing", ""],
    ["JSON that lacks what is needed", { team: { name: "Team" } }],
    ["JSON of another kind", [account]],
    ["null", "null"],
  ])("says what is wrong with an answer that is %s", async (_, body) => {
    use.server.answer(() => ({ status: 200, body }));
    const error = await rejection(use.transport.ask(request("POST"), isAccount));
    expect(error).toBeInstanceOf(NotUnderstoodError);
    expect(error.message).toContain("documented form");
    expect(error.message).toContain("endpoint");
    expect(error).toMatchObject({ mayHaveTakenEffect: true });
    expect(use.server.asked).toHaveLength(1);
  });

  it("names the place in the answer that differs", async () => {
    use.server.answer(() => ({ status: 200, body: { team: { tenantId: 7 } } }));
    expect((await rejection(use.transport.ask(fetchAccount, isAccount))).message).toContain("/team/tenantId");
  });

  it.each<[string, Answer]>([
    ["a refusal", { status: 400, body: { code: 40000, message: "no" } }],
    ["a redirect", { status: 302, headers: { Location: "https://example.com/" } }],
    ["a broken connection", { broken: "before" }],
    ["a broken answer", { broken: "within" }],
    ["an answer that is not understood", { status: 200, body: "<html>" }],
  ])("shows neither the key nor what was sent, however it is printed: %s", async (_, answer) => {
    use.server.answer(() => answer);
    const sent = { ...request("POST"), query: { secretQuery: "424242" } };
    const error = await rejection(use.transport.ask(sent, isAccount));
    expect(error).toBeInstanceOf(CloudError);
    const shown = [
      String(error),
      error.stack,
      JSON.stringify(error),
      JSON.stringify(Object.entries(error)),
      inspect(error, { depth: Infinity, showHidden: true, getters: true }),
    ].join("\n");
    expect(shown).toContain("SomeOperation");
    for (const secret of [API_KEY, "Bearer", "Authorization", "BEGIN SOMETHING", "424242"]) {
      expect(shown).not.toContain(secret);
    }
  });
});

describe("isNotFound", () => {
  const asked = { operation: "FetchDevice" };

  it.each([40410, 40411, 40412, 40413, 40414, 40499])("believes the API's code %d", (code) => {
    expect(isNotFound(new RefusedError(asked, 404, code, "none"))).toBe(true);
  });

  it("does not believe a 404 that is not about the device: a route that is none, or a proxy's page", () => {
    expect(isNotFound(new RefusedError(asked, 404, 40420, "no such route"))).toBe(false);
    expect(isNotFound(new RefusedError(asked, 404, undefined, undefined))).toBe(false);
  });

  it("is about nothing else", () => {
    expect(isNotFound(new RefusedError(asked, 400, 40410, undefined))).toBe(false);
    expect(isNotFound(new NoAnswerError(asked, "404", "", true))).toBe(false);
    expect(isNotFound(undefined)).toBe(false);
  });
});
