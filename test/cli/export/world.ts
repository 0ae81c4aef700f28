/** An account with devices of every kind. */
import { certificateFor, publicKeyPem } from "../../emulator/support/certificates.js";
import { Client, row, text, until, type Reply } from "../../emulator/support/client.js";
import { listed } from "../../emulator/support/identity.js";
import type { Devices } from "../../support/simulated.js";
import type { World } from "../../support/world.js";

/** The environment that points to the emulator. */
export function environmentOf({ emulator }: World): Record<string, string> {
  return {
    NRF_CLOUD_API_KEY: emulator.apiKey,
    NRF_CLOUD_ENDPOINT: emulator.url,
    NRF_CLOUD_IDENTITY_ENDPOINT: emulator.identityUrl,
  };
}

/** Everything that the emulator knows of the account, certificates included; reading it is no request to the API. */
export async function wholeAccount(world: World): Promise<unknown> {
  const parts = ["/devices", "/credentials", "/jitp", "/identity/claims"].map((part) =>
    world.admin("GET", part),
  );
  return Promise.all(parts);
}

export function clientOf({ emulator }: World): Client {
  return new Client(emulator.url, emulator.apiKey);
}

function made(reply: Reply): Reply {
  if (reply.status !== 201) throw new Error(`HTTP ${reply.status} ${reply.text}`);
  return reply;
}

/** Puts devices into the account. */
export async function onboard(world: World, rows: readonly string[]): Promise<void> {
  const { status } = await clientOf(world).bulk(rows);
  if (status !== "SUCCEEDED") throw new Error(`the devices were not onboarded: ${status}`);
}

/** A device row with a certificate of its own. */
export function certified(id: string, subType = "", tags = "", firmwareTypes = ""): string {
  return row(id, certificateFor(id), subType, tags, firmwareTypes);
}

/** Claims new devices that are not online, with Nordic's onboarding tag. Gives their UUIDs. */
export async function claim(world: World, count: number): Promise<readonly string[]> {
  const minted = listed(await world.admin("POST", "/identity/tokens", { count }), "items");
  const rows = minted.map((item) => `"${text(item, "token")}","nrf-cloud-onboarding"`);
  made(await identityOf(world).csv("/claimed-devices", rows.join("\n")));
  return minted.map((item) => text(item, "deviceId"));
}

/** The rule that Nordic's tool makes, but for the certificates in it. */
export async function createOnboardingRule(world: World): Promise<void> {
  const secTag = 16842753;
  const requests = [{ clientPrivateKeyGeneration: { secTag } }, { cloudAccessKeyGeneration: { secTag } }];
  made(
    await identityOf(world).json("POST", "/provisioning-rules", {
      name: "nRF Cloud Onboarding",
      description: "Onboarding rule for nRF Cloud",
      active: true,
      commands: requests.map((request) => ({ request })),
      tags: ["nrf-cloud-onboarding"],
    }),
  );
}

function identityOf({ emulator }: World): Client {
  return new Client(emulator.identityUrl, emulator.apiKey);
}

/** An account with devices that came in all ways, and names and tags of all kinds. Gives the UUID of the claimed one. */
export async function populate(world: World, devices: Devices): Promise<string> {
  const client = clientOf(world);
  const numbered = Array.from({ length: 12 }, (_, n) => `sensor-${String(n).padStart(3, "0")}`);
  await onboard(world, [
    ...numbered.map((id) => certified(id, "asset-tracker", "sensors|acme", "APP|MODEM")),
    ...["unit-1", "unit-2", "unit-3"].map((id) => certified(id, "meter", "lot-7")),
    certified("bench-1", "", "bench"),
    certified("bench-2", "", "bench|borrowed"),
    certified("plain"),
    certified("gw-1", "lte-gateway"),
    certified("352656100000001", "", "x#1"),
    certified("nrf-352656100123457", "kit"),
    row("keyed-1", publicKeyPem(), "rest-only"),
  ]);
  for (const [id, name] of [
    ["unit-1", "Meter unit-1"],
    ["unit-2", "Meter unit-2"],
    ["unit-3", "Meter unit-3"],
    ["bench-1", "Kari's: «bench» #1"],
    ["plain", "{braces} that a file can't say"],
  ] as const) {
    await until(
      async () => (await client.json("PUT", `/devices/${id}/name`, name)).status === 202 || undefined,
    );
  }

  const { body } = made(await client.send("/devices/jit-1/certificates", { method: "POST", body: "sesame" }));
  await devices.connect([
    { clientId: "jit-1", cert: text(body, "clientCert"), key: text(body, "privateKey") },
  ]);
  await until(
    async () =>
      (await client.send("/association/jit-1", { method: "PUT", body: "sesame" })).status === 202 ||
      undefined,
  );

  const identity = identityOf(world);
  const minted = await world.admin("POST", "/identity/tokens", {});
  const [one] = listed(minted, "items");
  const uuid = text(one, "deviceId");
  const tags = ["nrf-cloud-onboarding"];
  made(await identity.json("POST", "/provisioning-rules", { name: "onboarding", active: true, tags }));
  made(await identity.json("POST", "/claimed-devices", { claimToken: text(one, "token"), tags }));
  await world.admin("POST", "/identity/online", { deviceIds: [uuid] });
  const expected = 22 + 2;
  await until(async () => {
    const page = await client.get("/devices?pageLimit=100");
    return listed(page.body, "items").length === expected || undefined;
  });
  return uuid;
}
