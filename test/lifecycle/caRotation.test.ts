import { X509Certificate } from "node:crypto";
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

const OLD = "ca: { subject: { commonName: Acme CA } }\n";
const NEXT = "{ name: acme-2027, subject: { commonName: Acme CA 2027 } }\n";
const fleet = (cas: string, rotation: string) => `apiVersion: nrfcloud.dev/v1
kind: Fleet
${cas}groups:
  lab: { ids: "lab-{0..2}", rotation: ${rotation} }
`;

test("the next CA keeps its key when it becomes the CA of a fleet, and no device gets another certificate", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleet(OLD, "{ generation: 1 }") } });
  succeeded(await stack.up());
  stack.write("fleet.yaml", fleet(`${OLD}nextCa: ${NEXT}`, "{ generation: 2, phase: issue }"));
  const issue = await stack.up();
  succeeded(issue);
  expect(issue.output).toContain("~ 3 devices will get their next certificate issued: lab-{0..2}");
  expect(issue.output).toContain("Both CAs are declared.");
  stack.write("fleet.yaml", fleet(`${OLD}nextCa: ${NEXT}`, "{ generation: 2 }"));
  succeeded(await stack.up());
  const registered = async () => (await world.devices()).map(({ certificate }) => certificate?.fingerprint);
  const before = await registered();

  const nameless = NEXT.replace("name: acme-2027, ", "");
  stack.write("fleet.yaml", fleet(`ca: ${nameless}`, "{ generation: 2 }"));
  const refused = await stack.preview();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("yet another CA");

  stack.write("fleet.yaml", fleet(`ca: ${NEXT}`, "{ generation: 2 }"));
  const plan = await stack.fleet("plan");
  succeeded(plan);
  expect(plan.stdout).not.toMatch(/devices? will/);
  const moved = await stack.preview();
  succeeded(moved);
  expect(moved.output).toMatch(
    /3 devices \(lab-\{0\.\.2\}\): "Acme CA 2027" \(\w{8}\) takes the place of "Acme CA" \(\w{8}\)/,
  );
  expect(moved.output).not.toContain("can't connect");
  succeeded(await stack.up());
  expect(await registered()).toEqual(before);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.refresh("--expect-no-changes"));

  // The CA that is left has signed all of them, and signs for new devices.
  stack.write("fleet.yaml", fleet(`ca: ${NEXT}`, "{ generation: 2 }").replace("0..2", "0..3"));
  succeeded(await stack.up());
  const { output } = await stack.pulumi("stack", "export", "--show-secrets");
  const bundles = bundlesIn(StackState.read({ cwd: stack.folder, stack: undefined }, output).resources);
  for (const id of ["lab-0", "lab-3"]) {
    const { issuingCa } = bundles.get(id) ?? {};
    expect(issuingCa && new X509Certificate(issuingCa).subject).toBe("CN=Acme CA 2027");
  }
  succeeded(await stack.destroy());
});
