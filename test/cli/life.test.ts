import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld();

/** What a log can't show: colors, cursors, bars. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/;

test("plan, apply and destroy take a fleet from nothing to nothing, and say what they did; without a terminal they ask nothing, and do nothing without --yes", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..4}' }") } });

  const plan = await stack.fleet("plan", "--detailed-exitcode");
  expect(plan.code).toBe(4);
  expect(plan.stdout).toContain("+ 5 devices to onboard: lab-{0..4}");
  expect(await world.devices()).toEqual([]);

  const unasked = await stack.fleet("apply");
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toContain("run again with --yes");
  expect(await world.devices()).toEqual([]);

  const apply = await stack.fleet("apply", "--yes");
  succeeded(apply);
  expect(apply.stdout).toContain("Done: 5 devices onboarded, 2 resources created.");
  expect(await world.devices()).toHaveLength(5);

  const nothing = await stack.fleet("plan", "--detailed-exitcode");
  succeeded(nothing);
  expect(nothing.stdout).toContain("Nothing to do");

  const kept = await stack.fleet("destroy");
  expect(kept.code).toBe(2);
  expect(kept.stdout).toContain("5 devices will leave the account");
  expect(await world.devices()).toHaveLength(5);

  const destroy = await stack.fleet("destroy", "--yes");
  succeeded(destroy);
  expect(destroy.stdout).toContain("5 devices will leave the account permanently:");
  expect(destroy.stdout).toContain(
    "5 devices have their private keys in this state only: the keys will be lost (lab-{0..4})",
  );
  expect(destroy.stdout).toContain("Done: 5 devices deleted, 2 resources deleted.");
  expect(await world.devices()).toEqual([]);
  succeeded(await stack.fleet("destroy", "--yes"));
  for (const { output } of [plan, apply, nothing, destroy]) expect(output).not.toMatch(CONTROL);
});

test("progress is printed as lines without a terminal, with the devices that only the provider knows", async () => {
  // Longer than the ten seconds after which a line is due, so that one is, however slow the machine.
  await world.admin("PUT", "/settings", { bulkDelayMs: 12_000 });
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ ids: 'lab-{00..29}' }") } });
  const apply = await stack.fleet("apply", "--yes");
  await world.admin("PUT", "/settings", { bulkDelayMs: 50 });
  succeeded(apply);
  expect(apply.stderr).toMatch(/^Applying: onboarding: 0 of 30 devices; \d+ s$/m);
  expect(apply.output).not.toMatch(CONTROL);
  // What the provider prints for those who run `pulumi up` is not repeated.
  expect(apply.stdout).not.toContain("onboarding");
});

test("a plan has the words of the provider's own preview once, and is written as the reports that `report` makes of it", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..4}', tags: [a] }") } });
  succeeded(await stack.fleet("apply", "--yes"));
  stack.write("fleet.yaml", fleetFile("{ ids: 'lab-{2..6}', tags: [b] }"));
  const lines = [
    "- 2 devices will be deleted: lab-{0..1}",
    "    nRF Cloud deletes their data and certificates. They can't connect any more.",
    "+ 2 devices to onboard: lab-{5..6}",
    "~ 3 devices will get other tags: lab-{2..4}",
  ];
  const { output } = await stack.preview();
  const plan = await stack.fleet(
    "plan",
    "--markdown",
    "plan.md",
    "--html",
    "plan.html",
    "--json",
    "plan.json",
  );
  succeeded(plan);
  const { stdout } = plan;
  for (const line of lines) {
    expect(output).toContain(line);
    expect(stdout.split("\n").filter((each) => each.trim() === line.trim())).toEqual([line]);
  }
  expect(stdout).toContain("Total: 2 devices to add, 3 to update, 2 to delete; 0 as declared.");
  expect(stdout).not.toContain("Note: DeviceSet");

  const dateless = (text: string) => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/, "now");
  const read = (name: string) => dateless(readFileSync(path.join(stack.folder, name), "utf8"));
  expect(read("plan.html")).toMatch(/^<!doctype html>/i);

  const preview = await stack.pulumi("preview", "--json", "--show-sames");
  stack.write("preview.json", preview.output);
  succeeded(await stack.fleet("report", "preview.json", "--markdown", "report.md"));
  expect(read("plan.md")).toBe(read("report.md"));
  succeeded(await stack.fleet("report", "plan.json", "--markdown", "again.md"));
  expect(read("again.md")).toBe(read("report.md"));

  const alone = await stack.fleet("plan", "--markdown", "-");
  expect(dateless(alone.stdout)).toBe(read("report.md"));
});

test("a plan that fails says why, writes its reports, and nothing is changed", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..2}', tags: ['no blanks'] }") },
  });
  const plan = await stack.fleet("plan", "--markdown", "plan.md");
  expect(plan.code).toBe(1);
  expect(plan.stdout).toContain("no blanks");
  expect(plan.output).not.toMatch(/^\s+at .*\.js:\d+/m);
  expect(readFileSync(path.join(stack.folder, "plan.md"), "utf8")).toContain("**This apply will fail:**");
  const apply = await stack.fleet("apply", "--yes");
  expect(apply.code).toBe(1);
  expect(apply.stderr).toContain("The plan failed. Nothing was changed.");
  expect(await world.devices()).toEqual([]);
});

test("wrong use ends with 2, and says what would be right", async () => {
  const stack = await world.stack();
  const wrong: readonly (readonly [says: string, command: string, ...args: string[]])[] = [
    ["unknown option", "plan", "--no-such-option"],
    ["Give a whole number", "apply", "--allow-deletes", "many"],
    ["The folder does not exist: /no/such/folder", "plan", "--cwd", "/no/such/folder"],
    ["--within", "expiring"],
    ["which is not a time", "expiring", "--within", "soon"],
    ["Name the devices, or give --all", "credentials", "--out", "keys"],
    ["unknown option", "report", "--no-such-option"],
  ];
  for (const [says, command, ...args] of wrong) {
    const run = await stack.fleet(command, ...args);
    expect(run.stderr).toContain(says);
    expect(run.code).toBe(2);
  }
});

test("a missing Pulumi CLI, project or stack is reported with its remedy", async () => {
  const stack = await world.stack({ env: { PATH: "/nowhere" } });
  const none = await stack.fleet("plan");
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("The PATH has no Pulumi CLI");

  const other = await world.stack();
  const missing = await other.fleet("plan", "--stack", "nobody");
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain("nobody");
});
