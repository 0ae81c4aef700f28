import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

/** The next requests of this kind reach nRF Cloud, but their answers are lost on the way back. */
let loses: (method: string, path: string) => boolean = () => false;
let proxy: http.Server;

beforeAll(async () => {
  proxy = http.createServer((request, response) => {
    const target = new URL(request.url ?? "", world.emulator.url);
    const forwarded = http.request(
      target,
      { method: request.method, headers: { ...request.headers, host: target.host } },
      (answer) => {
        if (loses(request.method ?? "", target.pathname)) {
          answer.resume().once("end", () => request.socket.destroy());
          return;
        }
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
});
afterAll(() => proxy.close());

/** The API by way of the proxy. */
function detour(): string {
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/v1`;
}

test("a certificate whose answer was lost is reported as it is, and the next run asks for another", async () => {
  const stack = await world.stack({
    endpoint: detour(),
    program: `
      const { JitpCertificate } = require("pulumi-nrfcloud");
      new JitpCertificate("kit", { deviceId: "kit-1", ownershipCode: "sesame-1" });
    `,
  });
  loses = (method, path) => method === "POST" && path.endsWith("/certificates");
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("The answer to the request for a certificate of device kit-1 was lost");
  expect(failed.output).toContain("Run again: another certificate is issued then.");
  expect(await stack.resourceNames()).toEqual([]);

  loses = () => false;
  const preview = await stack.preview();
  expect(preview.output).toContain(
    "kit-1: an earlier run asked nRF Cloud for a certificate, and this stack's state does not have it.",
  );
  succeeded(await stack.up());
  expect(await stack.output("kit", "privateKey")).toMatch(/^-----BEGIN/);
  expect((await stack.preview()).output).not.toContain("never saved the answer");
});

test("an onboarding whose answer was lost is found again, without a second of anything", async () => {
  const stack = await world.stack({
    endpoint: detour(),
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..3}' }") },
  });
  loses = (method, path) => method === "POST" && path === "/v1/devices";
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("gave no answer");

  loses = () => false;
  expect((await stack.preview()).output).toContain("an interrupted run onboarded this device");
  succeeded(await stack.up());
  expect(await world.devices()).toHaveLength(4);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});
