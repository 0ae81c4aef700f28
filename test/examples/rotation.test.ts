import { readFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { credentialsCommand } from "../../cli/commands/credentials.js";
import { showCommand } from "../../cli/commands/show.js";
import { rowsOf } from "../../provider/resources/fleetRows.js";
import { load } from "../fleet/io.js";
import { useAccount } from "../support/account.js";
import { connects } from "../support/connects.js";
import { StackOfSet, type Rows } from "../support/deviceSet.js";
import { exportOf } from "../support/exportOf.js";
import { PulumiStandIn } from "../support/pulumiStandIn.js";

const account = useAccount({ mqttPort: 0 });
const FILE = readFileSync("examples/rotation/fleet.yaml", "utf8");
const ROTATION = /^ {4}rotation:\n(?: {6}.*\n)+/m;
const page = readFileSync("docs/rotation.md", "utf8");

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  stack = new StackOfSet(account);
});

/** The example with another rotation, as the page writes it; `undefined`: without one, as the fleet was before. */
function declared(rotation: string | undefined): Rows {
  const lines = rotation?.split("\n").map((line) => `    ${line}\n`);
  return rowsOf(load(FILE.replace(ROTATION, lines?.join("") ?? ""))) as Rows;
}

/** The blocks of the page that begin so. */
function quoted(beginning: string): string[] {
  const blocks = page.split("```").map((block) => block.replace(/^(yaml|text|sh)\n/, "").trim());
  const found = blocks.filter((block) => block.startsWith(beginning));
  if (found.length === 0) throw new Error(`the page quotes nothing that begins with ${beginning}`);
  return found;
}

test("the example of the page on rotation issues, activates for a canary and then for all, goes back and forward, and drops the old keys", async () => {
  const [canary, back, done] = quoted("rotation:");
  expect(page).toContain(FILE.slice(FILE.indexOf("groups:")));
  await stack.up(declared(undefined));
  const issued = rowsOf(load(FILE)) as Rows;
  expect((await stack.preview(issued)).told).toContain(quoted("~ 5 devices will get their next")[0]);
  await stack.up(issued);

  // As the page says: files of the next credentials, by which each device is flashed.
  const pulumi = new PulumiStandIn(exportOf(stack));
  await pulumi.run(credentialsCommand(), "--all", "--next", "--out", pulumi.path("keys"));
  const [shown = ""] = quoted("Generation ");
  const show = await pulumi.run(showCommand(), "lab-000");
  for (const line of shown.split("\n")) expect(show).toContain(line.replace(/\(until .*/, "").trim());
  const flashed = (id: string) =>
    connects(account.emulator, id, {
      cert: pulumi.read("keys", `${id}_crt.pem`),
      key: pulumi.read("keys", `${id}_prv.pem`),
    });
  const former = {
    cert: stack.certificates.get("lab-000") ?? "",
    key: stack.keys.get("lab-000") ?? "",
  };
  expect(await connects(account.emulator, "lab-000", former)).toBe(true);
  expect(await flashed("lab-000")).toBe(false);

  const { told } = await stack.preview(declared(canary));
  const [activation = ""] = quoted("~ 2 devices will activate");
  for (const line of activation.split("\n")) expect(told).toContain(line.replace("Note: ", ""));
  await stack.up(declared(canary));
  expect(await flashed("lab-001")).toBe(true);
  expect(await flashed("lab-002")).toBe(false);

  await stack.up(declared(back));
  expect(await connects(account.emulator, "lab-000", former)).toBe(true);
  await stack.up(declared("rotation:\n  generation: 2\n  phase: activate"));
  for (const id of ["lab-000", "lab-004"]) expect(await flashed(id)).toBe(true);

  expect((await stack.preview(declared(done))).told).toContain("3 devices (lab-{001..003})");
  await stack.up(declared(done));
  expect(stack.outputs.keptKeys).toBeUndefined();
  await expect(stack.preview(declared(back))).rejects.toThrow("Declare the generation that they have");
  expect((await stack.preview(declared(done))).step).toBe("same");
});
