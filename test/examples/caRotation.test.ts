import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bundlesIn } from "../../cli/credentials/bundle.js";
import { StackState } from "../../cli/state/stackState.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

/*
 * docs/rotation.md, "Rotate the CA": what only the engine shows is that the next CA is the same resource with the same key when it stands
 * at the place of the present one, so that its preview knows its certificate, and finds nothing to change.
 */

const world = useWorld();
const FILE = readFileSync("examples/rotation/next-ca.yaml", "utf8");
/** The page, with the steps of its lists as they stand in a file. */
const page = readFileSync("docs/rotation.md", "utf8").replaceAll(/^ {3}/gm, "");

const CA = /^ca:\n(?: .*\n)+/m;
const NEXT_CA = /^nextCa:\n(?: .*\n)+/m;
const ROTATION = /^ {4}rotation:\n(?: {6}.*\n)+/m;
const [MOVED = ""] = /^ca:\n {2}name: .*\n(?: .*\n)+/m.exec(page) ?? [];

test("the example of the page on a CA's rotation: the next CA keeps its key when it becomes the CA, and no device gets another certificate", async () => {
  expect(page).toContain(FILE.slice(FILE.indexOf("apiVersion:")));
  const before = FILE.replace(NEXT_CA, "").replace(ROTATION, "");
  const activated = FILE.replace("phase: issue", "phase: activate");
  const moved = activated.replace(NEXT_CA, "").replace(CA, MOVED);
  expect(moved).toContain("name: acme-2027");
  const stack = await world.stack({ files: { "fleet.yaml": before } });
  succeeded(await stack.up());

  stack.write("fleet.yaml", FILE);
  const issue = await stack.up();
  succeeded(issue);
  expect(issue.output).toContain("~ 5 devices will get their next certificate issued: lab-{000..004}");
  expect(issue.output).toContain("Both CAs are declared.");
  stack.write("fleet.yaml", activated);
  succeeded(await stack.up());
  const registered = async () =>
    new Map((await world.devices()).map(({ id, certificate }) => [id, certificate?.fingerprint]));
  const rotated = await registered();

  stack.write("fleet.yaml", moved.replace("  name: acme-2027\n", ""));
  const refused = await stack.preview();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("yet another CA");

  stack.write("fleet.yaml", moved);
  const preview = await stack.preview();
  succeeded(preview);
  const [, quoted = "the page quotes nothing"] = /^("Acme Lab CA 2027" .* any more\.)$/m.exec(page) ?? [];
  const anyCa = (text: string) => text.replaceAll(/\([0-9a-f]{8}\)/g, "(…)");
  expect(anyCa(preview.output)).toContain(`5 devices (lab-{000..004}): ${anyCa(quoted)}`);
  expect(preview.output).not.toMatch(/devices? will|can't connect/);

  // The CA that is left has signed all of them, and signs for new devices.
  stack.write("fleet.yaml", moved.replace("000..004", "000..005"));
  succeeded(await stack.up());
  const after = await registered();
  for (const [id, fingerprint] of rotated) expect(after.get(id)).toBe(fingerprint);
  const { output } = await stack.pulumi("stack", "export", "--show-secrets");
  const bundles = bundlesIn(StackState.read({ cwd: stack.folder, stack: undefined }, output).resources);
  expect([...bundles.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5].map((n) => `lab-00${n}`));
  for (const { issuingCa = "" } of bundles.values())
    expect(new X509Certificate(issuingCa).subject).toBe("CN=Acme Lab CA 2027");
  succeeded(await stack.preview("--expect-no-changes"));
});
