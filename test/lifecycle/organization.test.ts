import { expect, test } from "vitest";
import { defaultTeams } from "../../emulator/index.js";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

test("a fleet is onboarded by an organization: experimental, not without an API key, and with a token that is nowhere else", async () => {
  const { slug, project, token } = defaultTeams[0]?.organization ?? { slug: "", project: "", token: "" };
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..2}' }") },
    env: { NRF_CLOUD_ORGANIZATION: slug, NRF_CLOUD_PROJECT: project },
  });
  // In clear, so that the warning shows; the configuration itself is where it stands then.
  succeeded(await stack.pulumi("config", "set", "--plaintext", "nrfcloud:organizationToken", token));
  const { apiKey } = world.emulator;

  stack.useApiKey("");
  const without = await stack.preview();
  expect(without.code).not.toBe(0);
  expect(without.output).toContain("without NRF_CLOUD_API_KEY (or nrfcloud:apiKey), the API key of the team");

  stack.useApiKey(apiKey);
  const up = await stack.pulumi("up", "--yes");
  succeeded(up);
  expect(up.output).toContain("lab-{0..2}): The API of the organization");
  expect(up.output).toContain("experimental");
  expect(up.output).toMatch(/nrfcloud:organizationToken is not encrypted/);
  expect((await world.ownedDevices()).map(({ id }) => id)).toEqual(["lab-0", "lab-1", "lab-2"]);

  const destroy = await stack.destroy();
  succeeded(destroy);
  expect(await world.ownedDevices()).toEqual([]);
  for (const text of [without.output, up.output, destroy.output, stack.journal()])
    expect(text).not.toContain(token);
});
