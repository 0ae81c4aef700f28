import { beforeAll, expect, test } from "vitest";
import { nordicTool, nordicToolAbsence } from "../emulator/support/nordicTool.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const world = useWorld();

let absence: string | undefined;
beforeAll(() => {
  absence = nordicToolAbsence();
}, 300_000);

test("a device that Nordic's tool claimed is refused, and managed when it is adopted", async (context) => {
  if (absence !== undefined) context.skip(absence);
  const stack = await world.stack({
    files: {
      "fleet.yaml": `apiVersion: nrfcloud.dev/v1
kind: Fleet
claims:
  trackers: { csv: attestation_tokens.csv, tags: [barn] }
`,
    },
  });
  const csv = await (
    await fetch(`${world.emulator.adminUrl}/identity/tokens?format=csv`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ count: 2 }),
    })
  ).text();
  stack.write("attestation_tokens.csv", csv);
  const tool = {
    origin: new URL(world.emulator.url).origin,
    apiKey: world.emulator.apiKey,
    directory: stack.folder,
  };
  const { output } = await nordicTool(tool, "claim_devices", "--provisioning-tags", "barn");
  expect(output).toContain(csv.split(",")[1]);

  const refused = await stack.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("The account has claimed these devices already");

  stack.write(
    "fleet.yaml",
    `apiVersion: nrfcloud.dev/v1
kind: Fleet
claims:
  trackers: { csv: attestation_tokens.csv, tags: [barn, adopted], adopt: true, unclaimOnDestroy: true }
`,
  );
  succeeded(await stack.up());
  const { items } = (await world.admin("GET", "/identity/claims")) as { items: { tags: string[] }[] };
  expect(items.map(({ tags }) => tags)).toEqual([
    ["barn", "adopted"],
    ["barn", "adopted"],
  ]);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
});
