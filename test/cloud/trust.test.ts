import https from "node:https";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { fetchAccount } from "../../provider/cloud/account.js";
import { findDevices } from "../../provider/cloud/devices.js";
import { onboardDevices } from "../../provider/cloud/bulk.js";
import { NotUnderstoodError } from "../../provider/cloud/errors.js";
import { Transport } from "../../provider/cloud/transport.js";
import { opensslMakes } from "../support/openssl.js";
import { API_KEY, rejection, TestServer, type Answer, type Asked, type Handler } from "./server.js";

const account: Answer = { status: 200, body: { team: { tenantId: "team-1" } } };
const asked = { operation: "FetchAccount" };

let pki: Record<"ca" | "key" | "cert" | "elsewhere", string>;
const servers: TestServer[] = [];

beforeAll(() => {
  const key = (name: string) => `ecparam -name prime256v1 -genkey -noout -out ${name}.key`;
  const sign = (name: string) =>
    `x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out ${name}.pem`;
  const made = opensslMakes(
    [
      key("ca"),
      "req -x509 -new -key ca.key -subj /CN=Test-CA -days 2 -out ca.pem",
      key("server"),
      "req -new -key server.key -subj /CN=server -addext subjectAltName=IP:127.0.0.1 -out server.csr",
      sign("server"),
      "req -new -key server.key -subj /CN=other -addext subjectAltName=DNS:elsewhere.example -out other.csr",
      sign("other"),
    ],
    ["ca.pem", "server.key", "server.pem", "other.pem"],
  ).map(String);
  const [ca = "", serverKey = "", cert = "", elsewhere = ""] = made;
  pki = { ca, key: serverKey, cert, elsewhere };
});

afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function started(
  handler: Handler,
  tls?: ConstructorParameters<typeof TestServer>[1],
): Promise<TestServer> {
  const server = new TestServer(handler, tls);
  await server.start();
  servers.push(server);
  return server;
}

const secure = (handler: Handler = () => account) => started(handler, { key: pki.key, cert: pki.cert });
const transportTo = (server: TestServer, ca?: string) =>
  new Transport({ endpoint: `${server.origin}/v1`, apiKey: API_KEY, ca });

describe("a server that can't prove who it is", () => {
  it.each([undefined, "0"])("is sent nothing, with NODE_TLS_REJECT_UNAUTHORIZED=%s", async (value) => {
    if (value !== undefined) vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", value);
    const server = await secure();
    const error = await rejection(fetchAccount(transportTo(server)));
    expect(error).toMatchObject({ name: "NoAnswerError", mayHaveTakenEffect: false });
    expect(error.message).toContain("could not prove that it is 127.0.0.1");
    expect(error.message).toContain("NRF_CLOUD_CA_FILE");
    expect(server.asked).toEqual([]);
  });

  it.each([undefined, "0"])(
    "is sent nothing for another name than its own, with NODE_TLS_REJECT_UNAUTHORIZED=%s",
    async (value) => {
      if (value !== undefined) vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", value);
      const server = await started(() => account, { key: pki.key, cert: pki.elsewhere });
      const error = await rejection(fetchAccount(transportTo(server, pki.ca)));
      expect(error.message).toContain("could not prove that it is 127.0.0.1");
      expect(server.asked).toEqual([]);
    },
  );

  it("is trusted by a CA of one's own, for all kinds of requests", async () => {
    const server = await secure(({ method }) => (method === "GET" ? account : { status: 202 }));
    const transport = transportTo(server, pki.ca);
    expect(await fetchAccount(transport)).toMatchObject({ team: { tenantId: "team-1" } });
    await transport.execute({ operation: "OnboardDevice", method: "POST", path: "/devices/d" });
    expect(server.asked).toHaveLength(2);
  });

  it("is not spoken to by a protocol that is known to be weak, even where Node would", async () => {
    const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls;
    tls.DEFAULT_MIN_VERSION = "TLSv1";
    tls.DEFAULT_CIPHERS = "DEFAULT@SECLEVEL=0";
    try {
      const server = await started(() => account, {
        key: pki.key,
        cert: pki.cert,
        minVersion: "TLSv1",
        maxVersion: "TLSv1.1",
      });
      const status = await new Promise((resolve, reject) => {
        const request = https.get(server.origin, { ca: pki.ca, agent: false }, (answer) => {
          resolve(answer.resume().statusCode);
        });
        request.once("error", reject);
      });
      expect(status).toBe(200);
      const sent = transportTo(server, pki.ca).execute({
        operation: "SomeOperation",
        method: "POST",
        path: "/x",
      });
      expect(await rejection(sent)).toMatchObject({ name: "NoAnswerError" });
      expect(server.asked).toHaveLength(1);
    } finally {
      tls.DEFAULT_MIN_VERSION = DEFAULT_MIN_VERSION;
      tls.DEFAULT_CIPHERS = DEFAULT_CIPHERS;
    }
  });
});

describe("the API key", () => {
  const device = { deviceId: "d", tags: [], firmwareTypes: [], credentialPem: "PEM" };

  it("does not go to another host with a redirect, nor with an error summary", async () => {
    const elsewhere = await secure(() => ({ status: 200, body: { errors: ["[0]: no"] } }));
    const server = await secure(({ method, url }) => {
      if (url.pathname === "/v1/account") return { status: 302, headers: { Location: elsewhere.origin } };
      if (method === "POST") return { status: 202, body: { bulkOpsRequestId: "JOB" } };
      const errorSummaryUrl = `${elsewhere.origin}/JOB.json`;
      return { status: 200, body: { bulkOpsRequestId: "JOB", status: "FAILED", errorSummaryUrl } };
    });
    const transport = transportTo(server, pki.ca);
    expect(await rejection(fetchAccount(transport))).toMatchObject({ status: 302 });
    expect(elsewhere.asked).toEqual([]);

    const deadlines = { requestMs: 5_000, readbackMs: 200, bulkMs: 5_000 };
    const outcomes = await onboardDevices(transport, [device, { ...device, deviceId: "e" }], deadlines);
    expect(outcomes).toEqual([{ kind: "refused", reason: "no", nothingDone: true }, { kind: "done" }]);
    expect(elsewhere.lines).toEqual(["GET /JOB.json"]);
    expect(elsewhere.asked[0]?.headers).not.toHaveProperty("authorization");
    expect(JSON.stringify(elsewhere.asked)).not.toContain(API_KEY);
  });

  it("uses the configured host if a next page is named as an address", async () => {
    const elsewhere = await secure(() => ({ status: 200, body: { items: [] } }));
    const server = await secure(({ url }: Asked) => {
      const next = url.searchParams.has("pageNextToken")
        ? {}
        : { pageNextToken: `${elsewhere.origin}/v1/devices` };
      return { status: 200, body: { items: [{ id: "a" }], ...next } };
    });
    const found = await findDevices(transportTo(server, pki.ca), ["a", "b", "c"]);
    expect([...found.keys()]).toEqual(["a"]);
    expect(server.lines).toEqual(["GET /v1/devices", "GET /v1/devices"]);
    expect(elsewhere.asked).toEqual([]);
  });

  it("uses the configured host if a path could be read as an address", async () => {
    const elsewhere = await secure();
    const server = await secure();
    const transport = transportTo(server, pki.ca);
    for (const path of [`${elsewhere.origin}/x`, `//${new URL(elsewhere.origin).host}/x`])
      await transport.execute({ operation: "SomeOperation", method: "POST", path }).catch(() => undefined);
    expect(elsewhere.asked).toEqual([]);
  });
});

describe("what nRF Cloud names or sends", () => {
  it("is not read in clear, where anybody could change it on its way", async () => {
    const files = await started(() => ({ status: 200, body: { errors: ["[0]: no"] } }));
    const transport = new Transport({ endpoint: "https://api.example/v1", apiKey: API_KEY });
    const error = await rejection(transport.readFile(asked, `${files.origin}/JOB.json`));
    expect(error).toBeInstanceOf(NotUnderstoodError);
    expect(error.message).toContain("by http");
    expect(files.asked).toEqual([]);
  });

  it("is not read without end, and not a second time", async () => {
    const tooLarge = " ".repeat(51 * 1024 * 1024);
    const server = await secure(() => ({ status: 200, body: tooLarge }));
    const error = await rejection(fetchAccount(transportTo(server, pki.ca)));
    expect(error).toBeInstanceOf(NotUnderstoodError);
    expect(error.message).toContain("larger than 50 MB");
    expect(server.asked).toHaveLength(1);
  });

  it("does not lead in a circle from page to page", async () => {
    const server = await secure(() => ({ status: 200, body: { items: [], pageNextToken: "again" } }));
    const error = await rejection(findDevices(transportTo(server, pki.ca), ["a", "b", "c"]));
    expect(error.message).toContain("refer to each other in a circle");
    expect(server.asked).toHaveLength(2);
  });
});
