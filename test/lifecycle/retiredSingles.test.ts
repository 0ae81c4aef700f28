import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { attestationClaim } from "../../provider/lifecycle/attestationClaim.js";
import { device } from "../../provider/lifecycle/device.js";
import { jitpCertificate } from "../../provider/lifecycle/jitpCertificate.js";
import { ownershipClaim } from "../../provider/lifecycle/ownershipClaim.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { useAccount } from "../support/account.js";
import { connectOnce } from "../support/connectOnce.js";
import { LoneResource, Resource } from "../support/resource.js";

/** Devices and claims that are resources of their own: retired ones, and what is desired of claims. */

const account = useAccount({ mqttPort: 0 });
const DAY_MS = 24 * 3_600_000;

beforeEach(async () => {
  await account.admin("POST", "/reset");
  account.newRun();
});

function days(count: number): void {
  account.later(count * DAY_MS);
  onTestFinished(() => {
    account.later(-count * DAY_MS);
  });
}

const config = { interval: 60 };
const present = async () => [...(await account.devices()).keys()].sort();
const tagsOf = async (id: string) => (await account.devices()).get(id)?.tags;

async function desired(id: string): Promise<unknown> {
  const answer = await fetch(`${account.emulator.url}/devices/${id}`, {
    headers: { authorization: `Bearer ${account.emulator.apiKey}` },
  });
  return ((await answer.json()) as { state: { desired: { interval?: unknown } } }).state.desired.interval;
}

describe("a retired Device", () => {
  const inputs = {
    deviceId: "lamp-1",
    stack: "dev",
    tags: ["lab"],
    credential: { publicKey: generateKeyPair().publicKeyPem },
  };
  const retired = { ...inputs, state: "retired" };

  it("gets a tag, is kept for its time, is deleted then, and is not onboarded again", async () => {
    const lamp = new LoneResource(device, account.alone);
    await lamp.up(inputs);
    expect(await lamp.up(retired)).toBe("update");
    expect(await tagsOf("lamp-1")).toEqual(["lab", "retired"]);
    expect(lamp.outputs.retiredAt).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(await lamp.up(retired)).toBe("same");
    const before = lamp.backup;
    await lamp.refresh();
    expect(lamp.backup).toEqual(before);
    days(31);
    expect((await lamp.plan(retired)).step).toBe("update");
    await lamp.up(retired);
    expect(await present()).toEqual([]);
    expect(lamp.outputs).toMatchObject({
      retiredAt: before?.outputs.retiredAt,
      deletedAt: expect.any(String) as string,
    });
    expect(await lamp.up(retired)).toBe("same");
    await lamp.refresh();
    expect(await lamp.up(retired)).toBe("same");
    expect(await lamp.up(inputs)).toBe("update");
    expect(await present()).toEqual(["lamp-1"]);
    expect(lamp.outputs.deletedAt).toBeUndefined();
    await lamp.destroy();
  });

  it("leaves before its time neither by the program, nor by a destroy, nor for another device, but where that is allowed", async () => {
    const lamp = new LoneResource(device, account.alone);
    await lamp.up(inputs);
    await lamp.up({ ...retired, keepFor: "1w" });
    await expect(lamp.destroy()).rejects.toThrow(/kept until \d{4}-\d\d-\d\d: lamp-1/);
    await expect(lamp.plan({ ...retired, deviceId: "lamp-2" })).rejects.toThrow("kept until");
    expect(await present()).toEqual(["lamp-1"]);
    account.newRun({ NRF_CLOUD_ALLOW_DELETES: "1" });
    await lamp.destroy();
    expect(await present()).toEqual([]);
  });

  it("is in use again without the state, and leaves by a destroy when its time is over", async () => {
    const lamp = new LoneResource(device, account.alone);
    await lamp.up(inputs);
    await lamp.up(retired);
    await lamp.up(inputs);
    expect(await tagsOf("lamp-1")).toEqual(["lab"]);
    expect(lamp.outputs.retiredAt).toBeUndefined();
    await lamp.up(retired);
    days(31);
    await lamp.destroy();
    expect(await present()).toEqual([]);
  });

  it("that was never onboarded is not onboarded", async () => {
    const lamp = new LoneResource(device, account.alone);
    expect(await lamp.up(retired)).toBe("create");
    expect(await present()).toEqual([]);
    expect(lamp.outputs.deletedAt).toBeDefined();
    expect(await lamp.up(retired)).toBe("same");
    await lamp.destroy();
  });

  it("that somebody else deleted is recorded as deleted, and a new one is not onboarded", async () => {
    const lamp = new LoneResource(device, account.alone);
    await lamp.up(inputs);
    await lamp.up(retired);
    await account.admin("DELETE", "/devices/lamp-1");
    await lamp.refresh();
    expect(await lamp.up(retired)).toBe("update");
    expect(lamp.outputs.deletedAt).toBeDefined();
    expect(await present()).toEqual([]);
  });

  it("reports wrong inputs", async () => {
    const lamp = new LoneResource(device, account.alone);
    await expect(lamp.up({ ...inputs, state: "old", keepFor: "soon" })).rejects.toThrow(
      /must be "active" or "retired"[^]*must be a time such as "30d"/,
    );
  });
});

describe("an OwnershipClaim", () => {
  it("has a configuration, finds its drift, and is released when it was retired for its time", async () => {
    const certificate = new Resource(jitpCertificate, account.hosted, () => true);
    await certificate.up({ deviceId: "kit-1", ownershipCode: "sesame of the kit", stack: "dev" });
    await connectOnce(account.emulator, "kit-1", certificate.outputs);
    const kit = new LoneResource(ownershipClaim, account.alone);
    const inputs = { deviceId: "kit-1", ownershipCode: "sesame of the kit", stack: "dev", config };
    await kit.up(inputs);
    expect(await desired("kit-1")).toBe(60);
    await kit.refresh();
    expect(await kit.up(inputs)).toBe("same");
    const retired = { ...inputs, state: "retired", keepFor: "1d" };
    await kit.up(retired);
    expect(await tagsOf("kit-1")).toEqual(["retired"]);
    await expect(kit.destroy()).rejects.toThrow("kept until");
    days(2);
    await kit.up(retired);
    expect((await account.devices()).get("kit-1")?.tenantId).toBeUndefined();
    expect(await kit.up(retired)).toBe("same");
    await kit.destroy();
  });
});

describe("an AttestationClaim", () => {
  it("has a configuration once nRF Cloud has onboarded the device, and is unclaimed when it was retired for its time", async () => {
    const { items } = (await account.admin("POST", "/identity/tokens", { count: 1 })) as {
      items: { deviceId: string; token: string }[];
    };
    const { deviceId: uuid = "", token = "" } = items[0] ?? {};
    const tracker = new LoneResource(attestationClaim, account.alone);
    const inputs = { token, stack: "dev", tags: ["nrf-cloud-onboarding"], unclaimOnDestroy: true, config };
    await tracker.up(inputs);
    expect(await tracker.up(inputs)).toBe("same");
    const onboarded = new LoneResource(device, account.alone);
    const { publicKeyPem: publicKey } = generateKeyPair();
    await onboarded.up({ deviceId: uuid, stack: "provisioning", credential: { publicKey } });
    expect(await tracker.up(inputs)).toBe("update");
    expect(await desired(uuid)).toBe(60);
    await tracker.refresh();
    expect(await tracker.up(inputs)).toBe("same");
    const retired = { ...inputs, state: "retired" };
    await tracker.up(retired);
    await expect(tracker.destroy()).rejects.toThrow("kept until");
    days(31);
    await tracker.up(retired);
    expect(await present()).toEqual([]);
    expect(tracker.outputs.deletedAt).toBeDefined();
    expect(await tracker.up(retired)).toBe("same");
  });
});
