import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Transport } from "../../provider/cloud/transport.js";
import { pem } from "../fleet/io.js";
import { API_KEY, rejection } from "./server.js";

const asked: string[] = [];
const proxy = http.createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
  response.writeHead(502).end();
});
proxy.on("connect", (request, socket) => {
  asked.push(`CONNECT ${request.url} ${JSON.stringify(request.headers)}`);
  socket.destroy();
});

beforeEach(async () => {
  asked.length = 0;
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  for (const name of ["HTTPS_PROXY", "https_proxy"]) vi.stubEnv(name, address);
  for (const name of ["NO_PROXY", "no_proxy"]) vi.stubEnv(name, "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => proxy.close(resolve));
});

it("a proxy that the environment names is told the host, and nothing of the key or of what is sent", async () => {
  const transport = new Transport({
    endpoint: "https://api.nrfcloud.example/v1",
    apiKey: API_KEY,
    timeoutMs: 1_000,
  });
  const body = {
    type: "application/json",
    text: JSON.stringify({ certificate: pem("CERTIFICATE") }),
  } as const;
  const request = { operation: "SomeOperation", method: "POST", path: "/devices", body } as const;
  await rejection(transport.tell(request));
  expect(asked).not.toEqual([]);
  for (const line of asked) {
    expect(line).toMatch(/^CONNECT api\.nrfcloud\.example:443 /);
    expect(line).not.toContain(API_KEY);
    expect(line).not.toMatch(/authorization/i);
  }
});
