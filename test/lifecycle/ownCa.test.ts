import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { opensslMakes } from "../support/openssl.js";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

/** The emulator, by TLS with a certificate that no public CA has signed. */
let secured: https.Server;
let certificate: string;

beforeAll(async () => {
  const [cert, key] = opensslMakes(
    [
      "ecparam -name prime256v1 -genkey -noout -out key.pem",
      "req -x509 -new -key key.pem -subj /CN=own -addext subjectAltName=IP:127.0.0.1 -days 2 -out cert.pem",
    ],
    ["cert.pem", "key.pem"],
  );
  certificate = String(cert);
  secured = https.createServer({ cert, key }, (request, response) => {
    const target = new URL(request.url ?? "", world.emulator.url);
    const forwarded = http.request(
      target,
      { method: request.method, headers: { ...request.headers, host: target.host } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => secured.listen(0, "127.0.0.1", resolve));
});
afterAll(() => secured.close());

test("another CA is trusted where it is set, and not by a switch of Node", async () => {
  const { port } = secured.address() as AddressInfo;
  const stack = await world.stack({
    endpoint: `https://127.0.0.1:${port}/v1`,
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..2}' }"), "own.pem": certificate },
    env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
  });
  await world.admin("DELETE", "/requests");
  const refused = await stack.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("could not prove that it is 127.0.0.1");
  expect(await world.admin("GET", "/requests")).toMatchObject({ routes: {} });

  await stack.pulumi("config", "set", "nrfcloud:caFile", "own.pem");
  succeeded(await stack.up());
  expect(await world.devices()).toHaveLength(3);
  succeeded(await stack.destroy());
});
