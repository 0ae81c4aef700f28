import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

/*
 * The walk-throughs of docs/security.md, as they are written there.
 */

const world = useWorld({
  teams: [
    {
      tenantId: "11111111-1111-4111-8111-111111111111",
      name: "Ours",
      apiKeys: [
        { key: "api-key-of-last-year", role: "owner" },
        { key: "api-key-of-this-year", role: "owner" },
      ],
    },
  ],
});

const fleet = (ca: string, groups: string) => `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca:
  subject: { commonName: ${ca} }
groups:
${groups}`;
const group = (name: string, ids: string) => `  ${name}: { ids: "${ids}" }\n`;

test("an API key in the configuration is exchanged for another, and refresh and destroy follow after one up", async () => {
  const stack = await world.stack({
    apiKey: "",
    files: { "fleet.yaml": fleet("Acme CA", group("lab", "lab-{0..1}")) },
  });
  await stack.pulumi("config", "set", "--secret", "nrfcloud:apiKey", "api-key-of-last-year");
  succeeded(await stack.up());
  await stack.pulumi("config", "set", "--secret", "nrfcloud:apiKey", "api-key-of-this-year");
  succeeded(await stack.preview("--expect-no-changes"));
  const up = await stack.up();
  succeeded(up);
  expect(up.output).not.toMatch(/api-key-of/);
  succeeded(await stack.refresh("--expect-no-changes"));
  expect(stack.leftOnDisk()).not.toMatch(/api-key-of/);
  succeeded(await stack.destroy());
});
