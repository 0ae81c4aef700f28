import { expect, test } from "vitest";
import { succeeded, type Run } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

/** A set in the real engine with its default settings: what it shows, and what it saves. */

const world = useWorld();

const stackOf = (file: string) => world.stack({ files: { "fleet.yaml": file } });
const LAB = "{ ids: 'lab-{0..4}', subType: tracker, tags: [lab], firmwareTypes: [APP, MODEM] }";

/** Lines of a preview that begin with a sign of change, without blanks around. */
const changed = ({ output }: Run, id: RegExp) =>
  output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^[-+~]/.test(line) && id.test(line));

test("a fleet from up to destroy: each preview says in one diagnostic how its rows will change, and is true", async () => {
  const stack = await stackOf(fleetFile(LAB));
  const first = await stack.preview();
  succeeded(first);
  expect(first.output).toMatch(/DeviceSet fleet:\s+\+ 5 devices to onboard: lab-\{0\.\.4\}/);
  const diagnostics = first.output.slice(first.output.indexOf("Diagnostics:"));
  expect(diagnostics.match(/devices to onboard/g)).toHaveLength(1);

  succeeded(await stack.up());
  const made = await world.devices();
  expect(made.map(({ id, subType, tags }) => ({ id, subType, tags }))).toEqual(
    [0, 1, 2, 3, 4].map((n) => ({ id: `lab-${n}`, subType: "tracker", tags: ["lab"] })),
  );
  expect(stack.resourceNames()).toEqual(expect.arrayContaining(["fleet-ca", "fleet-journal", "fleet"]));
  succeeded(await stack.refresh("--expect-no-changes"));
  succeeded(await stack.preview("--expect-no-changes"));

  // One row is updated, one is replaced, one is removed, one is added, and two do not change.
  stack.write(
    "fleet.yaml",
    fleetFile(
      "{ ids: 'lab-{0..1}', subType: tracker, tags: [lab], firmwareTypes: [APP, MODEM] }\n" +
        "  loan: { devices: [lab-2], subType: tracker, tags: [lab, loan], firmwareTypes: [APP, MODEM] }\n" +
        "  lamps: { devices: [lab-3], subType: lamp, tags: [lab], firmwareTypes: [APP, MODEM] }\n" +
        "  more: { devices: [lab-9] }",
    ),
  );
  const short = await stack.preview();
  succeeded(short);
  const said = short.output.slice(short.output.indexOf("DeviceSet fleet:"));
  const order = [
    "- 1 device will be deleted: lab-4",
    "-/+ 1 device will be deleted and onboarded again, because subType changes: lab-3",
    "+ 1 device to onboard: lab-9",
    "~ 1 device will get other tags: lab-2",
  ].map((line) => said.indexOf(line));
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((one, other) => one - other));

  const lines = await stack.preview("--diff");
  succeeded(lines);
  expect(changed(lines, /lab-\d+\s*:/).sort()).toEqual(
    [
      expect.stringMatching(/^\+ lab-9: ""$/),
      expect.stringMatching(/^- lab-4: "subType=tracker tags=lab firmware=APP,MODEM"$/),
      expect.stringMatching(/^~ lab-2: .*tags=lab firmware.* => .*tags=lab,loan firmware/),
      expect.stringMatching(/^~ lab-3: .*subType=tracker .* => .*subType=lamp /),
    ].map((each): unknown => each),
  );
  expect(lines.output).not.toMatch(/lab-[01]\s*:/);
  // A preview changes nothing.
  expect(await world.devices()).toEqual(made);

  succeeded(await stack.up());
  const after = await world.devices();
  expect(after.map(({ id }) => id)).toEqual(["lab-0", "lab-1", "lab-2", "lab-3", "lab-9"]);
  expect(after.slice(0, 3).map(({ certificate }) => certificate)).toEqual(
    made.slice(0, 3).map(({ certificate }) => certificate),
  );
  succeeded(await stack.destroy());
  expect(await world.devices()).toEqual([]);
  expect(stack.journal()).toBe("");
});

test("a refresh reports drift row by row, and the next up corrects it", async () => {
  const stack = await stackOf(fleetFile("{ ids: 'lab-{0..2}', tags: [lab] }"));
  succeeded(await stack.up());
  await world.admin("PATCH", "/devices/lab-0", { tags: ["moved"] });
  await world.admin("DELETE", "/devices/lab-1");
  const refreshed = await stack.refresh("--diff");
  succeeded(refreshed);
  expect(changed(refreshed, /lab-0\s*:/).join()).toContain("tags=moved");
  expect(refreshed.output).not.toMatch(/lab-2\s*:/);
  expect(refreshed.output).toContain("The account no longer has these devices");
  succeeded(await stack.up());
  expect((await world.devices()).map(({ id, tags }) => `${id} ${tags.join()}`).sort()).toEqual([
    "lab-0 lab",
    "lab-1 lab",
    "lab-2 lab",
  ]);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("a guarded set is refused to be destroyed as a whole, in the preview of a destroy as well", async () => {
  const stack = await stackOf(fleetFile("{ ids: 'lab-{0..4}' }", "maxDeletes: 2\n"));
  succeeded(await stack.up());
  for (const run of [
    await stack.pulumi("destroy", "--preview-only"),
    await stack.destroy("--continue-on-error"),
  ]) {
    expect(run.code).not.toBe(0);
    expect(run.output).toContain("protect");
    expect(run.output).not.toMatch(/^\s+at .*:\d+/m);
  }
  expect(await world.devices()).toHaveLength(5);
});

test("rows that fail leave the others done and saved; the engine shows which and why, and tries again", async () => {
  const stack = await stackOf(fleetFile("{ ids: 'lab-{0..3}' }"));
  await world.admin("PUT", "/settings", { rejectRows: { "lab-2": "No such luck." } });
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain("1 device (lab-2): nRF Cloud did not onboard the device: No such luck.");
  expect(failed.output).not.toMatch(/^\s+at .*:\d+/m);
  expect(await stack.output("fleet", "failed")).toEqual({
    "lab-2": expect.stringContaining("No such luck.") as string,
  });
  await world.admin("PUT", "/settings", { rejectRows: {} });
  const preview = await stack.preview();
  expect(preview.output).toContain("+ 1 device to onboard: lab-2");
  succeeded(await stack.up());
  expect(await world.devices()).toHaveLength(4);
});

test("a guarded fleet that is renamed keeps its devices by `aliases`; without, the message names them, and nothing changes", async () => {
  const program = (name: string, options = "") =>
    `const { Fleet } = require("pulumi-nrfcloud"); new Fleet("${name}", { file: "fleet.yaml" }${options});`;
  const stack = await world.stack({
    program: program("one"),
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..2}' }", "maxDeletes: 1\n") },
  });
  succeeded(await stack.up());
  const made = await world.devices();
  stack.write("index.js", program("two"));
  const refused = await stack.preview();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain("`aliases`");
  expect(await world.devices()).toEqual(made);
  stack.write("index.js", program("two", ', { aliases: [{ name: "one" }] }'));
  succeeded(await stack.up());
  expect(await world.devices()).toEqual(made);
  succeeded(await stack.preview("--expect-no-changes"));
});
