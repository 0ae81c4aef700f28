import { expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const world = useWorld();

interface Minted {
  readonly deviceUuid: string;
  readonly token: string;
}

/** Attestation tokens of simulated devices, with real signatures. */
async function mint(body: { count?: number; deviceUuid?: string }): Promise<Minted[]> {
  const { items } = (await world.admin("POST", "/identity/tokens", body)) as {
    items: { deviceId: string; token: string }[];
  };
  return items.map(({ deviceId, token }) => ({ deviceUuid: deviceId, token }));
}

async function claimed(): Promise<{ id: string; tags: string[] }[]> {
  const { items } = (await world.admin("GET", "/identity/claims")) as {
    items: { id: string; tags: string[] }[];
  };
  return items.sort((one, other) => (one.id < other.id ? -1 : 1));
}

function program(tokens: readonly string[], more = ""): string {
  return `
    const { AttestationClaim } = require("pulumi-nrfcloud");
    for (const [i, token] of ${JSON.stringify(tokens)}.entries()) new AttestationClaim("claim-" + i, { token, ${more} });
  `;
}

test("devices are claimed in bulk; a fresh token of the same device is no change; tags change in place", async () => {
  const devices = await mint({ count: 5 });
  const stack = await world.stack({
    program: program(
      devices.map(({ token }) => token),
      "tags: ['location=Trondheim']",
    ),
  });
  await world.admin("DELETE", "/requests");
  succeeded(await stack.up());
  expect(await claimed()).toMatchObject(
    devices
      .map(({ deviceUuid }) => deviceUuid)
      .sort()
      .map((id) => ({ id, tags: ["location=Trondheim"] })),
  );
  const { routes } = (await world.admin("GET", "/requests")) as { routes: Record<string, { count: number }> };
  // On a busy machine they may arrive in two batches, but never one by one.
  expect(routes["POST /provisioning/v1/claimed-devices"]?.count).toBeLessThanOrEqual(2);
  expect(await stack.output("claim-0", "deviceType")).toBe("nRF9151");
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.refresh("--expect-no-changes"));

  const fresh = await Promise.all(
    devices.map(async ({ deviceUuid }) => (await mint({ deviceUuid }))[0]?.token ?? ""),
  );
  expect(fresh).not.toContain(devices[0]?.token);
  stack.write("index.js", program(fresh, "tags: ['location=Trondheim']"));
  expect(await stack.plannedSteps()).toEqual([]);

  stack.write("index.js", program(fresh, "tags: ['location=Oslo', 'night']"));
  expect(await stack.plannedSteps()).toEqual([0, 1, 2, 3, 4].map((i) => `update claim-${i}`));
  succeeded(await stack.up());
  for (const { tags } of await claimed()) expect(tags).toEqual(["location=Oslo", "night"]);
  succeeded(await stack.preview("--expect-no-changes"));

  const kept = stack.leftOnDisk();
  for (const token of [...fresh, ...devices.map((device) => device.token)]) {
    for (const part of token.split(".")) expect(kept).not.toContain(part);
  }
});

test("destroying leaves devices claimed, unless unclaiming is asked for; the preview tells which", async () => {
  const devices = await mint({ count: 2 });
  const tokens = devices.map(({ token }) => token);
  const keeping = await world.stack({ program: program(tokens) });
  succeeded(await keeping.up());
  expect((await keeping.pulumi("destroy", "--preview-only")).output).toMatch(/claim-0 delete\[retain\]/);
  succeeded(await keeping.destroy());
  expect(await claimed()).toHaveLength(2);

  const releasing = await world.stack({ program: program(tokens, "unclaimOnDestroy: true") });
  const refused = await releasing.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain(
    "is claimed by this team already, and this stack's state does not have it",
  );
  releasing.write("index.js", program(tokens, "unclaimOnDestroy: true, adopt: true"));
  succeeded(await releasing.up());
  expect((await releasing.pulumi("destroy", "--preview-only")).output).not.toContain("[retain]");
  const destroyed = await releasing.destroy();
  succeeded(destroyed);
  expect(destroyed.output).toContain("was unclaimed: the device that was onboarded under this id is deleted");
  expect(await claimed()).toEqual([]);
});

test("a partly failed bulk claim keeps the good ones and names the bad ones; forged and foreign tokens are refused", async () => {
  const [good, bad, foreign, forged] = await mint({ count: 4 });
  if (!good || !bad || !foreign || !forged) throw new Error("no tokens");
  const other = await world.stack({ apiKey: world.otherTeamKey, program: program([foreign.token]) });
  succeeded(await other.up());

  // The body of one device under the signature of another.
  const mixed = `${forged.token.split(".")[0] ?? ""}.${good.token.split(".")[1] ?? ""}`;
  await world.admin("PUT", "/settings", {
    rejectRows: { [bad.deviceUuid]: "The moon is in the wrong phase." },
  });
  const stack = await world.stack({ program: program([good.token, bad.token, foreign.token, mixed]) });
  const failed = await stack.up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toContain(
    `Device ${bad.deviceUuid} was not claimed: The moon is in the wrong phase.`,
  );
  expect(failed.output).toMatch(new RegExp(`Device ${foreign.deviceUuid} was not claimed: .*another team`));
  expect(failed.output).toContain(`Device ${forged.deviceUuid} was not claimed:`);
  expect(failed.output).not.toContain(good.token.split(".")[0]);
  expect(await stack.resourceNames()).toEqual(["claim-0"]);

  await world.admin("PUT", "/settings", { rejectRows: {} });
  stack.write("index.js", program([good.token, bad.token]));
  succeeded(await stack.up());
  succeeded(await stack.preview("--expect-no-changes"));
});

test("a malformed token fails in the preview, named with its resource and never shown", async () => {
  const stack = await world.stack({ program: program(["2dn3hQFQUDYxVDkx.not-a-token"]) });
  const { code, output } = await stack.preview();
  expect(code).not.toBe(0);
  expect(output).toContain("AttestationClaim resource 'claim-0' has a problem: token:");
  expect(output).toContain("AT%ATTESTTOKEN");
  expect(output).not.toContain("2dn3hQFQUDYxVDkx");
});

test("a preflight asks once for all, in the preview, and leaves out what is ours", async () => {
  const [ours, free, foreign] = await mint({ count: 3 });
  if (!ours || !free || !foreign) throw new Error("no tokens");
  const other = await world.stack({ apiKey: world.otherTeamKey, program: program([foreign.token]) });
  succeeded(await other.up());
  const preflight = (tokens: readonly string[]) =>
    program([ours.token]) +
    `new (require("pulumi-nrfcloud").ClaimPreflight)("preflight", { tokens: ${JSON.stringify(tokens)} });`;
  const stack = await world.stack({ program: preflight([ours.token, free.token]) });
  succeeded(await stack.up());

  await world.admin("DELETE", "/requests");
  stack.write("index.js", preflight([ours.token, free.token, foreign.token]));
  const preview = await stack.preview();
  expect(preview.code).not.toBe(0);
  expect(preview.output).toMatch(
    new RegExp(`device ${foreign.deviceUuid} could not be claimed: .*another team`),
  );
  expect(preview.output).not.toContain(ours.deviceUuid);
  const { routes } = (await world.admin("GET", "/requests")) as { routes: Record<string, { count: number }> };
  expect(routes["POST /provisioning/v1/claimed-devices"]?.count).toBe(1);
  expect(await claimed()).toHaveLength(2);
  expect(stack.leftOnDisk()).not.toContain(free.token.split(".")[0]);
});

test("drift of claims and tags is seen by a refresh, and mended by up", async () => {
  const devices = await mint({ count: 2 });
  const stack = await world.stack({
    program: program(
      devices.map(({ token }) => token),
      "tags: ['a']",
    ),
  });
  succeeded(await stack.up());
  const [first, second] = devices;
  const identity = world.emulator.url.replace("/v1", "/provisioning/v1");
  const headers = { authorization: `Bearer ${world.emulator.apiKey}`, "content-type": "application/json" };
  await fetch(`${identity}/claimed-devices/${first?.deviceUuid ?? ""}/tags`, {
    method: "PUT",
    headers,
    body: '["b"]',
  });
  await fetch(`${identity}/claimed-devices/${second?.deviceUuid ?? ""}`, {
    method: "DELETE",
    headers: { authorization: headers.authorization },
  });
  succeeded(await stack.refresh());
  expect(await stack.plannedSteps()).toEqual(["create claim-1", "update claim-0"]);
  succeeded(await stack.up());
  expect((await claimed()).map(({ tags }) => tags)).toEqual([["a"], ["a"]]);
  succeeded(await stack.preview("--expect-no-changes"));
});

test("a provisioning rule with Nordic's onboarding tag puts claimed devices into the account once they are online", async () => {
  const [device] = await mint({ count: 1 });
  const rules = (description: string) => `
    const { AttestationClaim, ProvisioningRule } = require("pulumi-nrfcloud");
    const secTag = 16842753;
    new ProvisioningRule("onboard", {
      name: "onboard", description: "${description}", tags: ["nrf-cloud-onboarding"],
      commands: [{ clientPrivateKeyGeneration: { secTag } }, { cloudAccessKeyGeneration: { secTag } }],
    });
    new AttestationClaim("claim", { token: "${device?.token ?? ""}", tags: ["nrf-cloud-onboarding"], unclaimOnDestroy: true });
  `;
  const stack = await world.stack({ program: rules("first") });
  succeeded(await stack.up());
  await world.admin("POST", "/identity/online", { deviceIds: [device?.deviceUuid] });
  expect((await world.ownedDevices()).map(({ id }) => id)).toEqual([device?.deviceUuid]);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.refresh("--expect-no-changes"));

  stack.write("index.js", rules("second"));
  expect((await stack.preview()).output).toContain("Rule onboard: will be replaced");
  succeeded(await stack.up());
  succeeded(await stack.preview("--expect-no-changes"));

  succeeded(await stack.destroy());
  expect(await claimed()).toEqual([]);
  expect(await world.ownedDevices()).toEqual([]);
});

test("a fleet file claims the devices of the factory's CSV, and says which row is bad before anything is registered", async () => {
  const csv = await (
    await fetch(`${world.emulator.adminUrl}/identity/tokens?format=csv`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ count: 3 }),
    })
  ).text();
  const fleet = `apiVersion: nrfcloud.dev/v1
kind: Fleet
claims:
  trackers:
    csv: attestation_tokens.csv
    tags: [nrf-cloud-onboarding]
    unclaimOnDestroy: true
`;
  const rows = csv.trimEnd().split("\n");
  const broken = [...rows.slice(0, 2), (rows[2] ?? "").replace(/(,[\w-]{10})[\w-]+\./, "$1.")].join("\n");
  const stack = await world.stack({
    files: { "fleet.yaml": fleet, "attestation_tokens.csv": `${broken}\n` },
  });
  const refused = await stack.preview();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toMatch(/attestation_tokens\.csv:3:\d+/);
  expect(await stack.resourceNames()).toEqual([]);

  stack.write("attestation_tokens.csv", csv);
  succeeded(await stack.up());
  expect(await claimed()).toHaveLength(3);
  succeeded(await stack.preview("--expect-no-changes"));
  succeeded(await stack.destroy());
  expect(await claimed()).toEqual([]);
});
