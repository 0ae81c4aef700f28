import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadFleetFile } from "../../../provider/fleet/disk.js";
import { fleetContents } from "../../../provider/resources/fleetContents.js";
import { rowsOf } from "../../../provider/resources/fleetRows.js";
import { useAccount } from "../../support/account.js";
import { onboardByHand, StackOfSet, type Rows } from "../../support/deviceSet.js";
import { fleetCommand } from "../../support/fleetCommand.js";

const account = useAccount();

function exported(folder: string, ...args: string[]) {
  const { apiKey, url, identityUrl } = account.emulator;
  const env = {
    NRF_CLOUD_API_KEY: apiKey,
    NRF_CLOUD_ENDPOINT: url,
    NRF_CLOUD_IDENTITY_ENDPOINT: identityUrl,
  };
  return fleetCommand(["export", ...args], { env, cwd: folder });
}

async function state(id: string, desired?: object): Promise<unknown> {
  const headers = {
    authorization: `Bearer ${account.emulator.apiKey}`,
    "content-type": "application/json",
  };
  const device = `${account.emulator.url}/devices/${id}`;
  if (desired !== undefined) {
    const body = JSON.stringify({ desired });
    expect((await fetch(`${device}/state`, { method: "PATCH", headers, body })).status).toBe(202);
  }
  return ((await (await fetch(device, { headers })).json()) as { state: unknown }).state;
}

test("an exported configuration is adopted without a change, and managed from then on", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-export-config-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const ids = ["lab-1", "lab-2", "lab-3", "lab-4"];
  await onboardByHand(account, ids, { tags: ["lab"] });
  for (const id of ids)
    await state(id, { interval: 600, gnss: { enabled: true }, wifi: { psk_password: "abcdefgh" } });
  await state("lab-4", { interval: 60, gnss: { timeout: 5 } });
  const before = await Promise.all(ids.map((id) => state(id)));

  const plain = await exported(folder);
  expect(plain.code, plain.stderr).toBe(0);
  expect(plain.stdout).not.toContain("config");
  const { code, stderr } = await exported(folder, "--config", "--out", "fleet.yaml");
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('leaves out a setting: "wifi.psk_password" may be a secret.');
  const text = readFileSync(path.join(folder, "fleet.yaml"), "utf8");
  expect(text).not.toContain("abcdefgh");
  expect(text.slice(text.indexOf("groups:"))).toBe(`groups:
  lab-interval-60-gnss-timeout-5:
    ids: lab-4
    tags: [lab]
    adopt: true
    config: { interval: 60, gnss: { enabled: true, timeout: 5 } }

  lab-interval-600:
    ids: lab-{1..3}
    tags: [lab]
    adopt: true
    config: { interval: 600, gnss: { enabled: true } }
`);

  const fleet = loadFleetFile(path.join(folder, "fleet.yaml"), fleetContents(new Date()));
  // All of it is known, as it came from a file.
  const rows = rowsOf(fleet) as Rows;
  const stack = new StackOfSet(account);
  const { told } = await stack.preview(rows);
  expect(told).toMatch(/The account has these devices already\. The provider adopts them/);
  expect(told).not.toMatch(/configuration/);
  await stack.up(rows);
  expect((await stack.preview(rows)).step).toBe("same");
  await stack.refresh();
  expect((await stack.preview(rows)).step).toBe("same");
  expect(await Promise.all(ids.map((id) => state(id)))).toEqual(before);

  await state("lab-1", { interval: 1 });
  await stack.refresh();
  expect((await stack.preview(rows)).told).toContain("1 device will get another configuration: lab-1");

  const refused = await exported(folder, "--config", "--update", "fleet.yaml");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("option '--config' cannot be used with option '--update <file>'");
});
