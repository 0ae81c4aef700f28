import { expect, test, vi } from "vitest";
import type { LooseObject } from "../../provider/engine/outputs.js";
import { attestationClaim } from "../../provider/lifecycle/attestationClaim.js";
import { jitpCertificate } from "../../provider/lifecycle/jitpCertificate.js";
import { ownershipClaim } from "../../provider/lifecycle/ownershipClaim.js";
import { useAccount } from "../support/account.js";
import { connectOnce } from "../support/connectOnce.js";
import { Resource } from "../support/resource.js";

const account = useAccount({ mqttPort: 0 });
vi.spyOn(process.stdout, "write").mockReturnValue(true);

async function tokenOfNewDevice(): Promise<string> {
  const { items } = (await account.admin("POST", "/identity/tokens", {})) as { items: { token: string }[] };
  return items[0]?.token ?? "";
}

async function claimed(): Promise<number> {
  const { items } = (await account.admin("GET", "/identity/claims")) as { items: unknown[] };
  return items.length;
}

test("a claim by token that another resource has taken over is not given up, and its own still is", async () => {
  const inputs: LooseObject = {
    token: await tokenOfNewDevice(),
    unclaimOnDestroy: true,
    adopt: true,
    stack: "dev",
  };
  const [one, two] = [new Resource(attestationClaim), new Resource(attestationClaim)];
  await one.up(inputs);
  await two.up(inputs);
  await one.destroy();
  expect(await claimed()).toBe(1);
  await two.refresh();
  await two.up({ ...inputs, tags: ["a"] });
  await two.destroy();
  expect(await claimed()).toBe(0);
});

test("a claim by code that another resource has taken over is not released, and its own still is", async () => {
  const order = { deviceId: "kit-1", ownershipCode: "code-of-the-kit", stack: "dev" };
  const certificate = new Resource(jitpCertificate, () => true);
  await certificate.up(order);
  await connectOnce(account.emulator, "kit-1", certificate.outputs);
  const owner = async () => (await account.devices()).get("kit-1")?.tenantId;

  const inputs: LooseObject = { ...order, adopt: "keep", wait: 5 };
  const [one, two] = [new Resource(ownershipClaim), new Resource(ownershipClaim)];
  await one.up(inputs);
  await two.up(inputs);
  await one.destroy();
  expect(await owner()).toBeDefined();
  await two.up({ ...inputs, tags: ["a"] });
  await two.destroy();
  expect(await owner()).toBeUndefined();
});
