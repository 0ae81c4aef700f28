import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fetchAccount } from "../../provider/cloud/account.js";
import { claimDevices } from "../../provider/cloud/claimedDevices.js";
import { Transport } from "../../provider/cloud/transport.js";
import { pem } from "../fleet/io.js";
import { opensslMakes } from "../support/openssl.js";
import { API_KEY, quickClock, rejection, TestServer } from "./server.js";

const HOST = "api.nrfcloud.example";
const PASSWORD = "p@ss:w/ö#rd";

/** The service, whose name no network knows: only the proxy finds it. */
let service: TestServer;
let ca: string;

/** What a proxy was asked. */
const asked: string[] = [];
/** The status with which it answers; 200 opens the way to the service. */
let status: number;
const proxy = http.createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
  response.writeHead(502).end();
});
const open = new Set<net.Socket>();
proxy.on("connection", (socket) => open.add(socket));
proxy.on("connect", (request, socket) => {
  asked.push(`CONNECT ${request.url} ${JSON.stringify(request.headers)}`);
  socket.on("error", () => undefined);
  if (status === 0) socket.destroy();
  else if (status !== 200) socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 14\r\n\r\n{"code":40410}`);
  else {
    const { port } = new URL(service.origin);
    const there = net.connect(Number(port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      there.pipe(socket).pipe(there);
    });
    there.on("error", () => socket.destroy());
    socket.on("close", () => there.destroy());
  }
});
const addressOf = (server: net.Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Clears what names proxies, and names this one. */
function environment(settings: Readonly<Record<string, string>>): void {
  for (const name of ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"])
    vi.stubEnv(name, settings[name] ?? "");
}

const transport = (endpoint = `https://${HOST}/v1`) =>
  new Transport({ endpoint, apiKey: API_KEY, ca, clock: quickClock(), timeoutMs: 5_000 });

beforeAll(async () => {
  const [cert = "", key = ""] = opensslMakes(
    [
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout s.key -subj /CN=${HOST} -addext subjectAltName=DNS:${HOST} -days 2 -out s.pem`,
    ],
    ["s.pem", "s.key"],
  ).map(String);
  ca = cert;
  service = new TestServer(() => ({ status: 200, body: { team: { tenantId: "team-1" } } }), { key, cert });
  await service.start();
});
afterAll(() => service.stop());

beforeEach(async () => {
  asked.length = 0;
  service.asked.length = 0;
  status = 200;
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  environment({ HTTPS_PROXY: `http://${addressOf(proxy)}` });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const socket of open) socket.destroy();
  await new Promise((resolve) => proxy.close(resolve));
});

describe("a proxy that the environment names", () => {
  it.each([
    ["HTTPS_PROXY", (address: string) => `http://${address}`],
    ["https_proxy", (address: string) => `http://${address}/`],
    ["ALL_PROXY", (address: string) => address],
    ["https_proxy", (address: string) => ` ${address}`],
  ])("is the way to the service: %s", async (name, value) => {
    environment({ [name]: value(addressOf(proxy)) });
    expect((await fetchAccount(transport())).team.tenantId).toBe("team-1");
    expect(service.lines).toEqual(["GET /v1/account"]);
    expect(service.asked[0]?.headers.authorization).toBe(`Bearer ${API_KEY}`);
  });

  it.each([
    [`lab%20user:${encodeURIComponent(PASSWORD)}`, `lab user:${PASSWORD}`],
    ["user:100%", "user:100%"],
    ["user", "user:"],
  ])("is given its login as it is: %s", async (written, login) => {
    environment({ HTTPS_PROXY: `http://${written}@${addressOf(proxy)}` });
    await fetchAccount(transport());
    const basic = `Basic ${Buffer.from(login).toString("base64")}`;
    expect(asked[0]).toContain(JSON.stringify(basic));
    expect(JSON.stringify(service.asked)).not.toContain(basic);
  });

  it.each([undefined, "0"])(
    "leads to nobody who can't prove to be the service, with NODE_TLS_REJECT_UNAUTHORIZED=%s",
    async (value) => {
      if (value !== undefined) vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", value);
      const stranger = new Transport({
        endpoint: `https://${HOST}/v1`,
        apiKey: API_KEY,
        clock: quickClock(),
      });
      const error = await rejection(fetchAccount(stranger));
      expect(error.message).toContain(`could not prove that it is ${HOST}`);
      expect(service.asked).toEqual([]);
    },
  );

  it("gets the host, and nothing of the key or of what is sent", async () => {
    const body = {
      type: "application/json",
      text: JSON.stringify({ certificate: pem("CERTIFICATE") }),
    } as const;
    for (status of [0, 200, 407])
      await transport()
        .execute({ operation: "SomeOperation", method: "POST", path: "/devices", body })
        .catch(() => undefined);
    expect(asked).toHaveLength(3);
    for (const line of asked) {
      expect(line).toMatch(/^CONNECT api\.nrfcloud\.example:443 /);
      expect(line).not.toContain(API_KEY);
      expect(line).not.toMatch(/authorization/i);
    }
  });

  it.each([HOST, ".nrfcloud.example", "localhost,*.example", "*"])(
    "is not used with NO_PROXY=%s",
    async (value) => {
      environment({ HTTPS_PROXY: `http://${addressOf(proxy)}`, NO_PROXY: value });
      const error = await rejection(fetchAccount(transport()));
      expect(error.message).toContain(`${HOST} gave no answer`);
      expect(error.message).not.toContain("proxy");
      expect(asked).toEqual([]);
    },
  );
});

describe("a proxy that is no help is named, with its setting, and nRF Cloud is not blamed", () => {
  const said = async (call: Promise<unknown>) => {
    const error = await rejection(call);
    expect(error).toMatchObject({ name: "NoAnswerError" });
    expect(error.message).not.toContain("nRF Cloud");
    expect(error.message).not.toContain(PASSWORD);
    expect(error.message).not.toContain(encodeURIComponent(PASSWORD));
    expect(error.message).not.toContain("NRF_CLOUD_ENDPOINT");
    return error;
  };

  it("it wants a login", async () => {
    status = 407;
    const error = await said(fetchAccount(transport()));
    expect(error.message).toContain(
      `the proxy http://${addressOf(proxy)} (HTTPS_PROXY) refused the login, or needs one (HTTP 407)`,
    );
    expect(error.message).toContain("Write the login into HTTPS_PROXY");
    expect(error).toMatchObject({ mayHaveTakenEffect: false });
    expect(asked).toHaveLength(1);
  });

  it("it refuses the login that it is given", async () => {
    status = 407;
    environment({ https_proxy: `http://user:${encodeURIComponent(PASSWORD)}@${addressOf(proxy)}` });
    expect((await said(fetchAccount(transport()))).message).toContain("(https_proxy) refused the login");
  });

  it.each([403, 404, 502])("it opens no way to the service: %d", async (each) => {
    status = each;
    for (const call of [fetchAccount, (to: Transport) => claimDevices(to, [])]) {
      const error = await said(call(transport()));
      expect(error.message).toContain(`(HTTPS_PROXY) refused a connection to ${HOST} (HTTP ${each})`);
      expect(error.message).toContain("NO_PROXY");
      expect(error).toMatchObject({ mayHaveTakenEffect: false });
    }
  });

  it("it is dead", async () => {
    environment({ HTTPS_PROXY: "http://127.0.0.1:9" });
    const error = await said(fetchAccount(transport()));
    expect(error.message).toContain(
      "the provider can't reach the proxy http://127.0.0.1:9 (HTTPS_PROXY) (ECONNREFUSED)",
    );
    expect(error.message).toContain("Correct HTTPS_PROXY");
  });

  it("its name is nobody's", async () => {
    environment({ HTTPS_PROXY: "http://proxy.invalid:3128" });
    const error = await said(fetchAccount(transport()));
    expect(error.message).toMatch(
      /the provider can't reach the proxy http:\/\/proxy\.invalid:3128 \(HTTPS_PROXY\) \(E/,
    );
  });

  it("it breaks off", async () => {
    status = 0;
    const error = await said(fetchAccount(transport()));
    expect(error.message).toContain(
      `no answer came through the proxy http://${addressOf(proxy)} (HTTPS_PROXY)`,
    );
  });

  it("it speaks http only, and is named with https", async () => {
    environment({ HTTPS_PROXY: `https://${addressOf(proxy)}` });
    const error = await said(fetchAccount(transport()));
    expect(error.message).toContain("does not speak TLS");
    expect(error.message).toContain("write http:// in HTTPS_PROXY");
  });

  it("it speaks SOCKS, and is named as if it spoke http", async () => {
    const socks = net.createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(Buffer.from([5, 0xff])));
    });
    await new Promise<void>((resolve) => socks.listen(0, "127.0.0.1", resolve));
    environment({ HTTPS_PROXY: `http://${addressOf(socks)}` });
    const error = await said(fetchAccount(transport()));
    expect(error.message).toContain(
      `no answer came through the proxy http://${addressOf(socks)} (HTTPS_PROXY)`,
    );
    await new Promise((resolve) => socks.close(resolve));
  });

  it.each([
    ["socks5://user:secret@127.0.0.1:1080", "it names a SOCKS proxy"],
    ["SOCKS5h://127.0.0.1:1080", "it names a SOCKS proxy"],
    ["ftp://127.0.0.1", "it begins with ftp://"],
    ["http://user:se#cret@proxy:3128", "it is not a web address"],
    ["http://proxy:99999", "it is not a web address"],
  ])("it can't be one: %s", async (value, problem) => {
    environment({ HTTPS_PROXY: value });
    const error = await said(fetchAccount(transport()));
    expect(error.message).toContain(`the provider can't use the proxy of HTTPS_PROXY: ${problem}`);
    expect(error.message).not.toMatch(/secret|se#/);
    expect(error).toMatchObject({ mayHaveTakenEffect: false });
  });

  it("it stands in the way without being named", async () => {
    const server = new TestServer(() => ({ status: 407 }));
    await server.start();
    for (const call of [fetchAccount, (to: Transport) => claimDevices(to, [])]) {
      const error = await said(call(transport(`${server.origin}/v1`)));
      expect(error.message).toContain("a proxy between refused the login, or needs one (HTTP 407)");
      expect(error.message).toContain("HTTPS_PROXY");
    }
    await server.stop();
  });
});
