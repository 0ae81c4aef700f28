import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { useDevices } from "../../support/simulated.js";
import { succeeded, type Stack } from "../../support/stack.js";
import { useWorld } from "../../support/world.js";
import { populate, wholeAccount } from "./world.js";

const world = useWorld({ mqttPort: 0, jitpDelayMs: 300 });
const devices = useDevices(world);

const IMPORT = ["import", "--file", "import.json", "--protect=false", "--generate-code=false", "--yes"];

/** The resources of a stack as its state has them, secrets in clear, without what no two stacks have in common. */
async function resourcesOf(stack: Stack): Promise<Readonly<Record<string, unknown>>> {
  const { output } = await stack.pulumi("stack", "export", "--show-secrets");
  const { deployment } = JSON.parse(output) as {
    deployment: {
      resources: { urn: string; id?: string; inputs?: object; outputs?: object; protect?: boolean }[];
    };
  };
  // The key of each redo log is random, and the digest of what is declared is of it too.
  const text = JSON.stringify(
    deployment.resources
      .filter(({ urn }) => urn.includes("nrfcloud"))
      .map(({ urn, id, inputs, outputs, protect }) => [urn, { id, inputs, outputs, protect }]),
  )
    .replace(/[A-Za-z0-9+/]{43}=/g, "KEY")
    .replace(/"declared":"[0-9a-f]{64}"/g, '"declared":"DIGEST"');
  return Object.fromEntries(JSON.parse(text) as [string, unknown][]);
}

test("an import adopts the devices of an account without a run: the state is that of an adoption", async () => {
  await populate(world, devices);
  const account = await wholeAccount(world);
  const imported = await world.stack();
  const exported = await imported.fleet("export", "--out", "fleet.yaml", "--import-file", "import.json");
  expect(exported.code, exported.stderr).toBe(0);
  expect(exported.stderr).toContain("pulumi import --file import.json --protect=false --generate-code=false");
  expect(exported.stderr).toContain("The file holds a secret");
  const file = path.join(imported.folder, "import.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(exported.output).not.toMatch(/[A-Za-z0-9+/]{43}=/);

  succeeded(await imported.pulumi(...IMPORT));
  for (const command of ["preview", "refresh", "preview"] as const)
    succeeded(await imported[command]("--expect-no-changes"));
  expect(await wholeAccount(world)).toEqual(account);

  const adopted = await world.stack({
    files: { "fleet.yaml": readFileSync(path.join(imported.folder, "fleet.yaml"), "utf8") },
  });
  succeeded(await adopted.up());
  expect(await resourcesOf(imported)).toEqual(await resourcesOf(adopted));
  // The key is a secret in the state, and nowhere in clear.
  const { output } = await imported.pulumi("stack", "export");
  expect(output).not.toMatch(/"(?:key|journalKey)": "/);

  // From here on it is a stack like any other.
  const text = readFileSync(path.join(imported.folder, "fleet.yaml"), "utf8");
  imported.write("fleet.yaml", text.replace("tags: [lot-7]", "tags: [lot-7, lot-8]"));
  expect(await imported.plannedSteps()).toEqual(["update fleet"]);
  succeeded(await imported.up());
  succeeded(await imported.preview("--expect-no-changes"));
});
