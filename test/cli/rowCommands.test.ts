import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StackState } from "../../cli/state/stackState.js";
import { rowsIn, tablesIn } from "../../cli/state/sets.js";
import { succeeded, type Stack } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld({ mqttPort: 0 });

let backend = "";
beforeAll(() => {
  backend = mkdtempSync(path.join(tmpdir(), "nrfcloud-backend-"));
});
afterAll(() => {
  rmSync(backend, { recursive: true, force: true });
});

/** A stack on a backend that all stacks of this file share. */
const stackOf = (name: string, fleet: string, more: { apiKey?: string } = {}) =>
  world.stack({
    name,
    files: { "fleet.yaml": fleet },
    backend,
    ...more,
  });

const lab = (ids: string, more = "") => fleetFile(`{ ids: '${ids}'${more === "" ? "" : `, ${more}`} }`);

async function idsInAccount(): Promise<string[]> {
  return (await world.ownedDevices()).map(({ id }) => id);
}

function rowsOf(stack: Stack, exported: string) {
  const { resources } = StackState.read({ cwd: stack.folder, stack: undefined }, exported);
  return rowsIn(tablesIn(resources));
}

/** Ids of the devices in the state. */
function idsIn(stack: Stack): string[] {
  return rowsOf(stack, stack.exported()).map(({ id }) => id);
}

async function recordsOf(stack: Stack) {
  const { output } = await stack.pulumi("stack", "export", "--show-secrets");
  return new Map(rowsOf(stack, output).map(({ id, record }) => [id, record]));
}

/** What the account has registered for a device, as the emulator tells it. */
async function fingerprintOf(id: string): Promise<string | undefined> {
  return (await world.devices()).find((device) => device.id === id)?.certificate?.fingerprint;
}

function sha256(pem: string | undefined): string {
  return pem === undefined ? "" : new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();
}

test("an apply to some leaves the others as they are, and the plan says so", async () => {
  const stack = await stackOf("only", lab("lab-{0..3}", "tags: [a]"));
  succeeded(await stack.up());
  stack.write("fleet.yaml", fleetFile("{ ids: ['lab-{0..2}', lab-4], tags: [b] }"));

  const plan = await stack.fleet("plan", "--only", "lab-{0..1}");
  succeeded(plan);
  expect(plan.stdout).toContain("~ 2 devices will get other tags: lab-{0..1}");
  expect(plan.stdout).toContain(
    "3 devices differ, and are not changed, because only others were chosen: lab-{2..4}",
  );
  expect(plan.stdout).not.toContain("is deleted");

  const apply = await stack.fleet("apply", "--yes", "--only", "lab-{0..1}");
  succeeded(apply);
  expect(apply.stdout).toContain("Done: 2 devices changed.");
  const tags = async () =>
    Object.fromEntries((await world.devices()).map(({ id, tags: [tag] }) => [id, tag]));
  expect(await tags()).toEqual({ "lab-0": "b", "lab-1": "b", "lab-2": "a", "lab-3": "a" });

  const rest = await stack.fleet("plan");
  expect(rest.stdout).toContain("- 1 device will be deleted: lab-3");
  expect(rest.stdout).toContain("+ 1 device to onboard: lab-4");
  expect(rest.stdout).toContain("~ 1 device will get other tags: lab-2");
  succeeded(await stack.fleet("apply", "--yes", "--only", "lab-0"));
  // What was chosen for an apply is not what is destroyed.
  succeeded(await stack.fleet("destroy", "--yes"));
  expect(await idsInAccount()).toEqual([]);

  const wrong = await stack.fleet("apply", "--yes", "--only", "lab-{3..1}");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("--only: the range {3..1} runs backwards");
});

test("devices are forgotten: they leave the state with their keys, and remain in the account unchanged", async () => {
  const stack = await stackOf("forget", lab("lab-{0..3}", "tags: [a]"));
  succeeded(await stack.fleet("apply", "--yes"));
  const registered = await fingerprintOf("lab-0");

  const refused = await stack.fleet("forget", "lab-{0..1}", "--yes");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(
    "2 devices have their private keys in this state only (lab-{0..1}). Nothing was changed.",
  );
  expect(idsIn(stack)).toHaveLength(4);

  const forgotten = await stack.fleet("forget", "lab-{0..1}", "--yes", "--credentials", "keys");
  succeeded(forgotten);
  expect(forgotten.stdout).toContain("2 devices leave the state, and the account keeps them: lab-{0..1}");
  const keys = path.join(stack.folder, "keys");
  expect(
    readdirSync(keys)
      .filter((name) => name.startsWith("lab-0_"))
      .sort(),
  ).toEqual(
    ["cmng.at", "crt.pem", "issuing-ca.pem", "manifest.json", "prv.pem"].map((end) => `lab-0_${end}`),
  );
  expect(forgotten.stderr).toContain("The state does not have the root of the server");
  expect(statSync(path.join(keys, "lab-0_prv.pem")).mode & 0o777).toBe(0o600);
  expect(idsIn(stack)).toEqual(["lab-2", "lab-3"]);
  expect(await idsInAccount()).toEqual(["lab-0", "lab-1", "lab-2", "lab-3"]);
  expect(forgotten.output).not.toContain("PRIVATE KEY");

  // As long as they are declared, they are somebody else's.
  const declared = await stack.fleet("plan");
  expect(declared.code).toBe(1);
  expect(declared.stdout).toContain("The account has these devices already");
  stack.write("fleet.yaml", lab("lab-{2..3}", "tags: [a]"));
  const plan = await stack.fleet("plan", "--detailed-exitcode");
  expect(plan.stdout).toContain("Nothing to do");
  expect(plan.code).toBe(0);
  succeeded(await stack.refresh());
  succeeded(await stack.fleet("destroy", "--yes"));
  expect(await idsInAccount()).toEqual(["lab-0", "lab-1"]);
  expect(await fingerprintOf("lab-0")).toBe(registered);
});

test("a destroy keeps the devices that are named", async () => {
  const stack = await stackOf(
    "keep",
    `apiVersion: nrfcloud.dev/v1
kind: Fleet
maxDeletes: 1
ca: { subject: { commonName: Test CA } }
groups:
  lab: { ids: "lab-{0..2}" }
  field: { ids: "field-{0..1}", protect: true }
`,
  );
  succeeded(await stack.fleet("apply", "--yes"));
  const all = await stack.fleet("destroy", "--yes", "--allow-deletes", "5");
  expect(all.code).toBe(1);
  expect(all.stderr).toContain("protects 2 devices (field-{0..1})");
  const keyless = await stack.fleet("destroy", "--yes", "--allow-deletes", "3", "--keep", "field-*");
  expect(keyless.stderr).toContain("2 devices have their private keys in this state only (field-{0..1})");
  expect(await idsInAccount()).toHaveLength(5);

  const destroy = await stack.fleet(
    "destroy",
    "--yes",
    "--allow-deletes",
    "3",
    "--keep",
    "field-*",
    "--lose-keys",
  );
  succeeded(destroy);
  expect(destroy.stdout).toContain("2 devices leave the state, and the account keeps them: field-{0..1}");
  expect(destroy.stdout).toContain("3 devices will leave the account permanently:");
  expect(await idsInAccount()).toEqual(["field-0", "field-1"]);
  expect(stack.resourceNames()).toEqual([]);
});

test("devices move to another stack with certificate and key, in both states or neither; both plans are clean once both programs say so", async () => {
  const dev = await stackOf("dev", lab("lab-{0..2}"));
  const prod = await stackOf("prod", lab("other"));
  succeeded(await dev.up());
  const asks = () => dev.fleet("move", "lab-{0..1}", "--to", "prod", "--to-cwd", prod.folder, "--yes");
  const none = await asks();
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("Stack prod has no set of devices");
  succeeded(await prod.up());
  const before = (await recordsOf(dev)).get("lab-1");
  const requests = async () => {
    const { total } = (await world.admin("GET", "/requests")) as { total?: number };
    return total;
  };
  const asked = await requests();

  // Somebody else is at work on the stack that they leave, so that it can't be written: what was written of the other is taken back.
  const lock = path.join(backend, ".pulumi", "locks", "organization", "test", "dev");
  const ids = () => [idsIn(dev), idsIn(prod)];
  const unmovedIds = ids();
  await withLock(lock, async () => {
    const locked = await asks();
    expect(locked.code).toBe(1);
    expect(locked.stderr).toContain("locked");
  });
  expect(ids()).toEqual(unmovedIds);
  const moveLog = path.join(dev.folder, ".nrfcloud", "move.json");
  expect(existsSync(moveLog)).toBe(false);

  const { output: unmoved } = await dev.pulumi("stack", "export");
  const move = await asks();
  succeeded(move);
  expect(move.stdout).toContain(
    "2 devices move from test/dev to fleet of test/prod, with certificate and key: lab-{0..1}",
  );
  expect(move.output).not.toContain("PRIVATE KEY");
  expect(await requests()).toBe(asked);
  expect(existsSync(moveLog)).toBe(false);
  const movedIds = [["lab-2"], ["lab-0", "lab-1", "other"]];
  expect(ids()).toEqual(movedIds);

  // As if the command had been killed between the two.
  dev.write("unmoved.json", unmoved);
  succeeded(await dev.pulumi("stack", "import", "--file", "unmoved.json"));
  dev.write(
    ".nrfcloud/move.json",
    JSON.stringify({ from: "test/dev", to: "test/prod", ids: ["lab-0", "lab-1"] }),
  );
  const finished = await asks();
  succeeded(finished);
  expect(finished.stderr).toContain("An earlier move between these stacks was interrupted.");
  expect(ids()).toEqual(movedIds);
  const again = await asks();
  expect(again.code).toBe(2);
  expect(again.stderr).toContain("No device of this stack matches these ids");
  const moved = (await recordsOf(prod)).get("lab-1");
  expect(moved?.privateKey).toBe(before?.privateKey);
  expect(moved?.certificate).toBe(before?.certificate);
  expect(sha256(moved?.certificate)).toBe(await fingerprintOf("lab-1"));

  // Before both programs are changed, neither run touches them.
  expect((await dev.fleet("apply", "--yes")).stdout).toContain("The account has these devices already");
  const early = await prod.fleet("apply", "--yes");
  expect(early.code).toBe(1);
  expect(early.stdout).toContain(
    "This operation would delete, replace or release protected devices: lab-{0..1}",
  );
  expect(await idsInAccount()).toHaveLength(4);

  dev.write("fleet.yaml", lab("lab-2"));
  prod.write("fleet.yaml", fleetFile("{ ids: [other, 'lab-{0..1}'] }"));
  succeeded(await prod.fleet("apply", "--yes"));
  for (const stack of [dev, prod]) {
    const plan = await stack.fleet("plan", "--detailed-exitcode");
    expect(plan.stdout).toContain("Nothing to do");
    expect(plan.code).toBe(0);
  }
  // Neither stack has given them other certificates.
  expect((await recordsOf(prod)).get("lab-1")?.certificate).toBe(before?.certificate);
  prod.write("root.pem", world.emulator.mqtt?.caCert ?? "");
  const handed = await prod.fleet("credentials", "lab-1", "--out", "keys", "--server-root", "root.pem");
  succeeded(handed);
  expect(handed.stdout).toContain("Server root: Emulated server root CA. Security tag: 16842753.");
  expect(sha256(before?.certificate)).toBe(await fingerprintOf("lab-1"));
  succeeded(await prod.fleet("destroy", "--yes"));
  expect(await idsInAccount()).toEqual(["lab-2"]);
});

async function withLock(folder: string, work: () => Promise<void>): Promise<void> {
  const { mkdirSync, writeFileSync } = await import("node:fs");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "00000000-0000-0000-0000-000000000000.json");
  writeFileSync(
    file,
    JSON.stringify({
      pid: 1,
      username: "somebody",
      hostname: "elsewhere",
      timestamp: "2026-11-27T00:00:00Z",
    }),
  );
  try {
    await work();
  } finally {
    rmSync(file);
  }
}
