import { expect, test } from "vitest";
import { useDetour } from "../support/detour.js";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

const detour = useDetour(world);

test("a certificate whose answer was lost is reported as it is, and the next run asks for another", async () => {
  const stack = await world.stack({
    endpoint: detour.endpoint,
    program: `
      const { JitpCertificate } = require("pulumi-nrfcloud");
      new JitpCertificate("kit", { deviceId: "kit-1", ownershipCode: "sesame-1" });
    `,
  });
  detour.lose((method, path) => method === "POST" && path.endsWith("/certificates"));
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("The answer to the request for a certificate of device kit-1 was lost");
  expect(failed.output).toContain("Run again: another certificate is issued then.");
  expect(await stack.resourceNames()).toEqual([]);

  detour.lose(() => false);
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
    endpoint: detour.endpoint,
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..3}' }") },
  });
  detour.lose((method, path) => method === "POST" && path === "/v1/devices");
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("gave no answer");

  detour.lose(() => false);
  expect((await stack.preview()).output).toContain("an interrupted run onboarded this device");
  succeeded(await stack.up());
  expect(await world.devices()).toHaveLength(4);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
});
