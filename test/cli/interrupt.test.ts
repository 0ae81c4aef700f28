import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { parseState } from "../../cli/state/export.js";
import { rowsIn, tablesIn } from "../../cli/state/sets.js";
import { keyPem } from "../../provider/pki/pack.js";
import { ended, succeeded, type Stack } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

const world = useWorld({ bulkDelayMs: 3000 });

const FLEET = fleetFile("{ ids: 'lab-{00..59}' }");

interface Run {
  readonly code: number | null;
  readonly stderr: string;
  readonly stdout: string;
}

/** Starts an apply, and does something once the account has started to work on it. */
async function during(stack: Stack, act: (pid: number) => Promise<void>): Promise<Run> {
  await world.admin("DELETE", "/requests");
  const run = stack.startFleet("apply", "--yes");
  const said = Promise.all([text(run.stdout), text(run.stderr)]);
  const { pid } = run;
  if (pid === undefined) throw new Error("nrfcloud-fleet did not start");
  while (!(await jobIsUnderWay())) {
    if (run.exitCode !== null) throw new Error("the apply ended before it could be interrupted");
    await sleep(50);
  }
  await act(pid);
  await ended(run);
  const [stdout, stderr] = await said;
  return { code: run.exitCode, stdout, stderr };
}

async function jobIsUnderWay(): Promise<boolean> {
  const { routes } = (await world.admin("GET", "/requests")) as { routes: Record<string, unknown> };
  return Object.keys(routes).some((route) => route.includes("POST") && route.endsWith("/devices"));
}

/** Everything that the account has is in the state, with the key of the certificate that the account has: none was lost. */
async function nothingIsLost(stack: Stack): Promise<number> {
  const { output } = await stack.pulumi("stack", "export", "--show-secrets");
  const rows = rowsIn(tablesIn(parseState(output, "the stack"))).filter(
    ({ record }) => record.row !== undefined,
  );
  const devices = await world.devices();
  expect(rows.map(({ id }) => id).sort()).toEqual(devices.map(({ id }) => id));
  const records = new Map(rows.map(({ id, record }) => [id, record]));
  for (const { id, certificate } of devices) {
    const { certificate: pem = "", privateKey = "" } = records.get(id) ?? {};
    const own = new X509Certificate(pem);
    expect(own.fingerprint256.replaceAll(":", "").toLowerCase()).toBe(certificate?.fingerprint);
    expect(own.checkPrivateKey(createPrivateKey(keyPem(privateKey)))).toBe(true);
  }
  return rows.length;
}

// A terminal sends Ctrl-C to the whole group in front.
const ctrlC = (pid: number) => {
  process.kill(-pid, "SIGINT");
};

test("Ctrl-C lets the engine finish its running work and save, ends a roll-out after its batch, and says so", async () => {
  const stack = await world.stack({
    files: {
      "fleet.yaml": fleetFile("{ ids: 'lab-{00..59}' }", "rollout: { first: 20, batch: 20, stopAfter: 0 }\n"),
    },
  });
  const run = await during(stack, (pid) => {
    ctrlC(pid);
    return Promise.resolve();
  });
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("Interrupted: the engine starts nothing new");
  expect(run.stdout).toContain("Interrupted: 20 devices onboarded, 2 resources created. The state is saved.");
  expect(run.stdout).toContain("40 devices were not attempted (lab-{20..59})");
  expect(await nothingIsLost(stack)).toBe(20);
  succeeded(await stack.fleet("apply", "--yes"));
  expect(await nothingIsLost(stack)).toBe(60);
});

test("a second Ctrl-C gets a warning, a third one stops the engine, and the next apply resumes", async () => {
  const stack = await world.stack({
    files: { "fleet.yaml": FLEET },
  });
  const run = await during(stack, async (pid) => {
    for (let press = 0; press < 3; press++) {
      ctrlC(pid);
      await sleep(300);
    }
  });
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("press Ctrl-C again within 10 s");
  expect(run.stderr).toContain("The engine stopped without saving");
  expect(run.stderr.match(/Interrupted/g)).toHaveLength(1);
  expect(run.stdout).toContain("Interrupted: 2 resources created. The engine did not finish");
  expect(run.stdout).toContain("an unknown outcome");
  await sleep(3500);
  await stack.pulumi("cancel", "--yes");

  const again = await stack.fleet("apply", "--yes");
  succeeded(again);
  expect(again.stdout).toContain(
    "An interrupted run began to change these devices. The provider resumes it with the credentials that it made.",
  );
  expect(again.stdout).toContain("An interrupted run was changing 1 resource (fleet).");
  expect(again.stdout).not.toContain("urn:pulumi:");
  expect(await nothingIsLost(stack)).toBe(60);
});

test("the engine of a killed command finishes, and saves every key", async () => {
  // What is killed can't clean up behind itself.
  const temporary = mkdtempSync(path.join(tmpdir(), "nrfcloud-killed-"));
  const stack = await world.stack({
    files: { "fleet.yaml": FLEET },
    env: { TMPDIR: temporary },
  });
  await during(stack, (pid) => {
    process.kill(-pid, "SIGKILL");
    return Promise.resolve();
  });
  const before = Date.now();
  while (!stack.state().includes('"certificates":')) {
    if (Date.now() - before > 60_000) throw new Error("the engine did not finish");
    await sleep(200);
  }
  expect(await nothingIsLost(stack)).toBe(60);
  // Of what it leaves there, others can read nothing.
  for (const name of readdirSync(temporary)) {
    if (name.startsWith("nrfcloud-fleet-")) expect(statSync(path.join(temporary, name)).mode & 0o077).toBe(0);
  }
  rmSync(temporary, { recursive: true, force: true });
});
