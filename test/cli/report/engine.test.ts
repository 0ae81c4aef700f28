import { expect, test } from "vitest";
import { publicKeyPem } from "../../emulator/support/certificates.js";
import { succeeded, type Stack } from "../../support/stack.js";
import { fleetFile, useWorld } from "../../support/world.js";
import { fleetCommand, type Ended } from "../../support/fleetCommand.js";
import { dangersIn, markdownFrom, reportFrom } from "./reports.js";

const world = useWorld();

/** What a command of the CLI prints, the preview's JSON and all else. */
async function printed(stack: Stack, ...args: string[]): Promise<string> {
  return (await stack.pulumi(...args, "--json")).output;
}

async function fleet(group: string, more = ""): Promise<Stack> {
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile(group, more) } });
  succeeded(await stack.up());
  return stack;
}

/** The report as a user gets it, who sends on all that the CLI says. */
async function reported(stack: Stack, ...args: string[]): Promise<Ended> {
  return fleetCommand(["report"], { input: await printed(stack, ...args) });
}

/** A report without the time at which it was made. */
function timeless(markdown: string): string {
  return markdown.replace(/<sub>\d{4}-\d\d-\d\d \d\d:\d\d UTC/, "<sub>WHEN");
}

test("nothing to do, drift that a refresh finds, one change, and a full destroy", async () => {
  const stack = await fleet("{ ids: 'lab-{0..4}', tags: [lab] }");
  const nothing = await reported(stack, "preview");
  expect(nothing).toMatchObject({ code: 0, stderr: "" });
  expect(timeless(nothing.stdout)).toMatchSnapshot("nothing to do");

  stack.write(
    "fleet.yaml",
    fleetFile(`
    devices:
      - { id: lab-0, tags: [lab, night] }
      - lab-1
      - lab-2
      - lab-3
      - lab-4
    tags: [lab]`),
  );
  expect(timeless((await reported(stack, "preview")).stdout)).toMatchSnapshot("one change");
  expect(timeless((await reported(stack, "destroy", "--preview-only")).stdout)).toMatchSnapshot(
    "a full destroy",
  );

  // What a refresh before the preview does not find is onboarded again.
  stack.write("fleet.yaml", fleetFile("{ ids: 'lab-{0..4}', tags: [lab] }"));
  await world.admin("DELETE", "/devices/lab-1");
  await world.admin("PATCH", "/devices/lab-2", { tags: ["lab", "stray"] });

  const drift = reportFrom(await printed(stack, "refresh", "--preview-only"));
  expect(drift.operation).toBe("refresh");
  expect(drift.changes.map(({ id, action }) => `${id} ${action}`).sort()).toEqual([
    "lab-1 vanish",
    "lab-2 drift",
  ]);
  expect(dangersIn(drift)).toEqual([["1 device is missing from the account", ["lab-1"]]]);

  const preview = await printed(stack, "preview", "--refresh");
  expect(reportFrom(preview).operation).toBe("update");
  expect(dangersIn(reportFrom(preview))).toEqual([
    ["1 device that is missing from the account will be created again", ["lab-1"]],
  ]);
  expect(markdownFrom(preview)).toContain("`lab-2` · `tags removed` `stray`");
});

test("a preview that fails: in the fleet file, at a device, and before there is any", async () => {
  const stack = await world.stack({ files: { "fleet.yaml": fleetFile("{ ids: 'lab-{0..4', tag: [lab] }") } });
  const wrong = await reported(stack, "preview");
  expect(wrong.code).toBe(1);
  expect(timeless(wrong.stdout)).toMatchSnapshot("a wrong fleet file");

  stack.write("fleet.yaml", fleetFile("{ ids: 'lab-{0..4}' }"));
  stack.useApiKey("wrong");
  const refused = await reported(stack, "preview");
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain("**This apply will fail:**");
  expect(refused.stdout).toContain("nRF Cloud refused (HTTP 401, code 40100)");

  const early = await reported(stack, "preview", "--no-such-flag");
  expect(early.code).toBe(1);
  expect(early.stdout).toContain("error: unknown flag: --no-such-flag");
});

test("replaced devices, certificates, CA, refusals: the report shows what the engine and the provider will do", async () => {
  const stack = await fleet("{ ids: 'lab-{0..5}', subType: tracker, protect: true }");
  const lines = `
    devices:
      - { id: lab-0, subType: gateway }
      - { id: lab-1, name: Renamed }
      - lab-2
      - lab-3
    subType: tracker`;
  stack.write("fleet.yaml", fleetFile(lines).replace("Test CA", "Next CA"));
  const refused = await reported(stack, "preview");
  expect(refused.code).toBe(1);
  expect(
    refused.stdout.indexOf("This operation would delete, replace or release protected devices"),
  ).toBeLessThan(refused.stdout.indexOf("> **Danger**"));

  stack.write("fleet.yaml", fleetFile("{ ids: 'lab-{0..5}', subType: tracker }"));
  const printedFirst = await printed(stack, "preview");
  expect(dangersIn(reportFrom(printedFirst))).toContainEqual([
    "6 devices will lose their protection",
    ["lab-0", "lab-1", "lab-2", "lab-3", "lab-4", "lab-5"],
  ]);
  succeeded(await stack.up());

  stack.write("fleet.yaml", fleetFile(lines).replace("Test CA", "Next CA"));
  const report = reportFrom(await printed(stack, "preview"));
  const inOrder = dangersIn(report).map(([title, ids]) => [title, [...ids].sort()]);
  expect(inOrder).toEqual([
    ["2 devices will be deleted", ["lab-4", "lab-5"]],
    ["1 device will be deleted and onboarded again, because subType changes", ["lab-0"]],
    ["3 devices will get a certificate of the new CA, for the same key", ["lab-1", "lab-2", "lab-3"]],
    ["1 CA will be replaced by another key", ["Test CA"]],
  ]);
  expect(report.failures).toEqual([]);
  // What the provider says of the same preview is no more than that.
  expect(report.notices.join("\n")).not.toContain("deleted");
  const singly = reportFrom(await printed(stack, "preview", "--show-replacement-steps"));
  expect(dangersIn(singly).map(([title, ids]) => [title, [...ids].sort()])).toEqual(inOrder);
  expect(singly.changes).toHaveLength(report.changes.length);
});

test("a refresh reports the drift of a set that is alone in its stack", async () => {
  const stack = await world.stack({
    program: `
      const { DeviceSet } = require("pulumi-nrfcloud");
      new DeviceSet("set", { devices: { "rest-1": { credential: { publicKey: ${JSON.stringify(publicKeyPem())} } } } });
    `,
  });
  succeeded(await stack.up());
  await world.admin("PATCH", "/devices/rest-1", { tags: ["stray"] });
  const report = reportFrom(await printed(stack, "refresh", "--preview-only"));
  expect(report.operation).toBe("refresh");
  expect(report.changes.map(({ id, action }) => `${id} ${action}`)).toEqual(["rest-1 drift"]);
});

test("certificates that end soon are found for devices that remain, if the preview names them", async () => {
  const stack = await fleet("{ ids: 'lab-{0..1}' }", "certificates: { validityDays: 30 }\n");
  const blind = await fleetCommand(["report"], { input: await printed(stack, "preview") });
  expect(blind.stdout).toContain("`--show-sames` includes all");
  const seeing = await fleetCommand(["report"], {
    input: await printed(stack, "preview", "--show-sames"),
  });
  expect(seeing.stdout).toContain("**The certificates of 2 devices will expire soon**: `lab-{0..1}`");
  expect(seeing.stdout).not.toContain("--show-sames");
});

test("what was never made is not deleted, and secrets do not show though the CLI is told to show them", async () => {
  const code = "sesame-271828";
  const set = (more: string) => `
    const { DeviceSet, JitpCertificate, JournalKey } = require("pulumi-nrfcloud");
    new JitpCertificate("certificate", { deviceId: "late-1", ownershipCode: "${code}${more}" });
    new DeviceSet("set", {
      journal: new JournalKey("journal"),
      devices: { "late-1": { via: "jitp", ownershipCode: "${code}${more}", wait: 0, pending: "allow" } },
    });
  `;
  const stack = await world.stack({ program: set("") });
  succeeded(await stack.up());
  const report = await reported(stack, "destroy", "--preview-only");
  expect(report.stdout).toContain("**1 just-in-time certificate** will be forgotten: `late-1`");
  // A claim that was never made releases nothing.
  expect(report.stdout).not.toContain("released");

  const key = await secretsOf(stack);
  stack.write("index.js", set("-2"));
  const shown = await reported(stack, "preview", "--show-secrets");
  expect(shown.stdout).toContain("`ownership code` `[secret]` → `another [secret]`");
  expect(shown.stdout).toContain(
    "`credentials, codes and tokens of devices` `[secret]` → `another [secret]`",
  );
  for (const secret of ["sesame", ...key]) expect(shown.stdout).not.toContain(secret);
});

/** The keys in the state of a stack. */
async function secretsOf(stack: Stack): Promise<string[]> {
  const { output } = await stack.pulumi("stack", "export", "--show-secrets");
  const keys = [...output.matchAll(/\\"([A-Za-z0-9+/]{43}=)\\"/g)].map(([, key = ""]) => key);
  expect(keys).not.toEqual([]);
  return keys;
}
