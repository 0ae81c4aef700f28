import fc from "fast-check";
import { expect, it } from "vitest";
import { attestationClaim } from "../../provider/lifecycle/attestationClaim.js";
import { jitpCertificate } from "../../provider/lifecycle/jitpCertificate.js";
import { ownershipClaim } from "../../provider/lifecycle/ownershipClaim.js";
import { provisioningRule } from "../../provider/lifecycle/provisioningRule.js";
import { useAccount } from "../support/account.js";
import { connectOnce } from "../support/connectOnce.js";
import { LoneResource, Resource } from "../support/resource.js";
import { tags, trickyName } from "./arbitraries.js";

const account = useAccount({ mqttPort: 0 });

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const sorted = (values: readonly string[]) => [...new Set(values)].sort();

/** Leads several lives side by side, and fails with those that went wrong and the seed that makes them again. */
async function leadAll<Life>(
  arbitrary: fc.Arbitrary<Life>,
  count: number,
  lead: (life: Life, i: number) => Promise<void>,
): Promise<void> {
  const [seed] = fc.sample(fc.integer(), 1);
  const lives = fc.sample(arbitrary, { ...(seed !== undefined && { seed }), numRuns: count });
  const ends = await Promise.allSettled(lives.map(lead));
  const failures = ends.flatMap((end, i) =>
    end.status === "rejected" ? [`${String(end.reason)}\n${JSON.stringify(lives[i])}`] : [],
  );
  expect(failures, `seed ${seed}`).toEqual([]);
}

it("a just-in-time device is brought from any declaration to any other, and then there is nothing left to do", async () => {
  const declared = fc.record({
    subType: maybe(fc.constantFrom("tracker", "@a/b")),
    name: maybe(trickyName),
    tags,
    adopt: maybe(fc.constant("keep")),
  });
  const drift = maybe(fc.record({ name: maybe(trickyName), tags: maybe(tags) }));
  const life = fc.record({
    /** Somebody has claimed and named it for this team before. */
    present: fc.boolean(),
    first: declared,
    runs: fc.array(
      fc.record({
        drift,
        next: declared,
        changed: fc.shuffledSubarray(["subType", "name", "tags", "adopt"] as const, { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });

  await leadAll(life, 25, async ({ present, first, runs }, i) => {
    const deviceId = `claimed-${i}`;
    const ownershipCode = `code-${i}-of-the-device`;
    const certificate = new Resource(jitpCertificate, account.hosted, () => true);
    const order = { deviceId, ownershipCode, stack: "dev" };
    await certificate.up(order);
    expect(await certificate.plan(order)).toEqual({ step: "same", because: [] });
    for (const change of [{ ownershipCode: "another code" }, { deviceId: `${deviceId}-b` }]) {
      expect(await certificate.plan({ ...order, ...change })).toEqual({
        step: "replace",
        because: Object.keys(change),
      });
    }
    await connectOnce(account.emulator, deviceId, certificate.outputs);
    if (present) {
      const { url, apiKey } = account.emulator;
      await fetch(`${url}/association/${deviceId}`, {
        method: "PUT",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "text/plain" },
        body: ownershipCode,
      });
      await account.admin("PATCH", `/devices/${deviceId}`, { name: "Kitchen", tags: ["before"] });
    }
    const seen = async () => (await account.devices()).get(deviceId);
    const claim = new LoneResource(ownershipClaim, account.alone);
    let keepsName = false;
    let declaredNow = first;
    let drifted: string | undefined;
    for (const run of [undefined, ...runs]) {
      if (run !== undefined) {
        const change = Object.fromEntries(run.changed.map((key) => [key, run.next[key]]));
        declaredNow = { ...declaredNow, ...change };
      }
      if (claim.exists && run?.drift !== undefined) {
        await account.admin("PATCH", `/devices/${deviceId}`, JSON.parse(JSON.stringify(run.drift)));
        drifted = run.drift.name ?? drifted;
        await claim.refresh();
      }
      const { name, tags, subType } = declaredNow;
      const inputs = {
        deviceId,
        ownershipCode,
        wait: 5,
        stack: "dev",
        ...declaredNow,
      };
      if (!claim.exists) {
        if (present && declaredNow.adopt === undefined) {
          await expect(claim.up(inputs)).rejects.toThrow("The account has claimed these devices already");
          continue;
        }
        keepsName = present;
        drifted = "Kitchen";
      }
      keepsName = keepsName && name === undefined;
      const { step } = await claim.plan(inputs);
      const before = await seen();
      expect(await claim.up(inputs)).toBe(step);
      const after = await seen();
      if (step === "same") expect(after).toEqual(before);
      expect(after?.name).toBe(keepsName ? drifted : (inputs.name ?? deviceId));
      expect(sorted(after?.tags ?? [])).toEqual(sorted(tags));
      if (subType !== undefined) expect(after?.subType).toBe(subType);
      expect(await claim.plan(inputs)).toEqual({ step: "same", because: [] });
      await claim.refresh();
      expect(await claim.plan(inputs)).toEqual({ step: "same", because: [] });
    }
    if (!claim.exists) return;
    await claim.destroy();
    expect((await seen())?.tenantId).toBeUndefined();
  });
});

it("a claim by token is brought from any declaration to any other, whichever token of the device is given", async () => {
  const provisioningTags = fc.array(
    fc.constantFrom("a", "b", "location=Trondheim", "nrf-cloud-onboarding", "@x"),
    { maxLength: 3 },
  );
  const declared = fc.record({
    device: fc.constantFrom(0, 0, 0, 1),
    token: fc.constantFrom(0, 1),
    tags: provisioningTags,
    unclaimOnDestroy: maybe(fc.boolean()),
    adopt: maybe(fc.boolean()),
  });
  const life = fc.record({
    runs: fc.array(fc.record({ drift: maybe(provisioningTags), declared }), { minLength: 2, maxLength: 4 }),
  });

  await leadAll(life, 25, async ({ runs }) => {
    const devices = [await mintTwice(), await mintTwice()] as const;
    const claim = new LoneResource(attestationClaim, account.alone);
    const seen = async (uuid: string) => (await claims()).get(uuid);
    for (const { drift, declared } of runs) {
      const { uuid, tokens } = devices[declared.device];
      const inputs = { ...declared, token: tokens[declared.token], device: undefined, stack: "dev" };
      if (claim.exists && drift !== undefined) {
        await retag(claim.id, drift);
        await claim.refresh();
      }
      const foreign = (!claim.exists || claim.id !== uuid) && (await seen(uuid)) !== undefined;
      const replaces = claim.exists && claim.id !== uuid;
      if (foreign && declared.adopt !== true) {
        await expect(claim.up(inputs)).rejects.toThrow("The account has claimed these devices already");
        continue;
      }
      const plan = await claim.plan(inputs);
      expect(plan.because).toEqual(replaces ? ["token"] : []);
      const step = await claim.up(inputs);
      expect(step).toBe(plan.step);
      expect(sorted((await seen(uuid))?.tags ?? [])).toEqual(sorted(declared.tags));
      expect(await claim.plan(inputs)).toEqual({ step: "same", because: [] });
      const fresh = { ...inputs, token: tokens[1 - declared.token] };
      // It is kept, and nothing is done for it.
      expect((await claim.plan(fresh)).because).toEqual([]);
      await claim.refresh();
      expect(await claim.plan(inputs)).toEqual({ step: "same", because: [] });
    }
  });
});

interface Claimed {
  readonly id: string;
  readonly tags?: readonly string[];
}

async function claims(): Promise<ReadonlyMap<string, Claimed>> {
  const { items } = (await account.admin("GET", "/identity/claims")) as { items: Claimed[] };
  return new Map(items.map((claim) => [claim.id, claim]));
}

/** A device and two of its tokens. */
async function mintTwice(): Promise<{ readonly uuid: string; readonly tokens: readonly string[] }> {
  const mint = async (order: object) => {
    const { items } = (await account.admin("POST", "/identity/tokens", order)) as {
      items: { deviceId: string; token: string }[];
    };
    return items[0] ?? { deviceId: "", token: "" };
  };
  const { deviceId, token } = await mint({});
  const again = await mint({ deviceUuid: deviceId });
  expect(again.token).not.toBe(token);
  return { uuid: deviceId, tokens: [token, again.token] };
}

async function retag(uuid: string, tags: readonly string[]): Promise<void> {
  const { identityUrl, apiKey } = account.emulator;
  const response = await fetch(`${identityUrl}/claimed-devices/${uuid}/tags`, {
    method: "PUT",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(tags),
  });
  expect(response.ok).toBe(true);
}

it("a provisioning rule is replaced for whatever changes what it does, and for nothing else", async () => {
  const command = fc.constantFrom(
    { clientPrivateKeyGeneration: { secTag: 1 } },
    { clientPrivateKeyGeneration: { secTag: 2 } },
    { finished: {} },
  );
  const declared = fc.record({
    name: fc.constantFrom("rule", "other"),
    description: maybe(fc.constantFrom("one", "two")),
    tags: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }),
    commands: fc.array(command, { minLength: 1, maxLength: 2 }),
  });
  await leadAll(fc.array(declared, { minLength: 2, maxLength: 4 }), 15, async (runs, i) => {
    const rule = new LoneResource(provisioningRule, account.alone);
    let before: (Omit<(typeof runs)[number], "name"> & { readonly name: string }) | undefined;
    for (const declared of runs) {
      const now = { ...declared, name: `${declared.name}-${i}` };
      const because =
        before === undefined
          ? []
          : (["name", "description", "tags", "commands"] as const).filter(
              (key) =>
                JSON.stringify(key === "tags" ? sorted(before?.tags ?? []) : before?.[key]) !==
                JSON.stringify(key === "tags" ? sorted(now.tags) : now[key]),
            );
      const inputs = { ...now, stack: "dev" };
      expect((await rule.plan(inputs)).because).toEqual(because);
      const step = await rule.up(inputs);
      if (before !== undefined) expect(step).toBe(because.length > 0 ? "replace" : "same");
      expect(await rule.plan(inputs)).toEqual({ step: "same", because: [] });
      await rule.refresh();
      expect(await rule.plan(inputs)).toEqual({ step: "same", because: [] });
      before = now;
    }
    await rule.destroy();
  });
});
