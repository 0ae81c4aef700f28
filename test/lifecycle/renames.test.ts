import { beforeEach, describe, expect, it } from "vitest";
import type { HostOptions } from "../../provider/engine/host.js";
import type { LooseObject } from "../../provider/engine/outputs.js";
import { attestationClaim } from "../../provider/lifecycle/attestationClaim.js";
import { device } from "../../provider/lifecycle/device.js";
import { deviceSet } from "../../provider/lifecycle/deviceSet.js";
import { newJournalKey } from "../../provider/lifecycle/journalKey.js";
import { provisioningRule } from "../../provider/lifecycle/provisioningRule.js";
import { useAccount } from "../support/account.js";
import { fleetCa } from "../support/deviceSet.js";
import { Resource } from "../support/resource.js";

/**
 * What becomes of a device when its resource gets another name or place in the program, or is to be replaced: it is left as it is in the
 * field, or the preview refuses. docs/renames.md has the same table for people.
 */

const account = useAccount();
const ca = fleetCa();
const signed = { caCertificate: ca.certificatePem, caPrivateKey: ca.privateKeyPem, stack: "dev" };
let journalKey = "";
let token = "";

beforeEach(async () => {
  await account.admin("POST", "/reset");
  account.newRun();
  journalKey = newJournalKey();
  const minted = (await account.admin("POST", "/identity/tokens", {})) as { items: { token: string }[] };
  token = minted.items[0]?.token ?? "";
});

/** The account, as the field knows it. */
async function field(): Promise<unknown> {
  const { identityUrl, apiKey } = account.emulator;
  const headers = { authorization: `Bearer ${apiKey}` };
  const rules: unknown = await (await fetch(`${identityUrl}/provisioning-rules`, { headers })).json();
  return { devices: await account.devices(), claims: await account.admin("GET", "/identity/claims"), rules };
}

type Any = Resource<never, never, never>;

interface Kind {
  readonly make: () => Any;
  readonly inputs: () => LooseObject;
  /** What `adopt: true` becomes on its way to the provider. */
  readonly adopt: unknown;
}

const of = (definition: unknown) => (): Any =>
  new Resource<never, never, never>(definition as never, account.hosted as unknown as HostOptions<never>);
const rows = (...ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, ""]));
const kinds: Readonly<Record<string, Kind>> = {
  Device: {
    make: of(device),
    inputs: () => ({ deviceId: "dev-1", credential: {}, subType: "x", ...signed }),
    adopt: "keep",
  },
  AttestationClaim: {
    make: of(attestationClaim),
    inputs: () => ({ token, unclaimOnDestroy: true, stack: "dev" }),
    adopt: true,
  },
  ProvisioningRule: {
    make: of(provisioningRule),
    inputs: () => ({ name: "rule", tags: ["a"], commands: [{ finished: {} }] }),
    adopt: true,
  },
};

describe.each(Object.entries(kinds))("a %s", (_, { make, inputs, adopt }) => {
  /** One that is in the account and in the state, and a run that begins. */
  async function present() {
    const old = make();
    await old.up(inputs());
    const before = await field();
    nextRun(old);
    return { old, before };
  }

  it("that is renamed or re-parented without `aliases` is refused in the preview, and names the remedy", async () => {
    const { before } = await present();
    await expect(make().plan(inputs())).rejects.toThrow("`aliases`");
    expect(await field()).toEqual(before);
  });

  it("that is renamed and adopted belongs to the new resource: the old one does not delete it, and says so", async () => {
    const { old, before } = await present();
    await make().up({ ...inputs(), adopt });
    await old.destroy();
    expect(await field()).toEqual(before);
    expect(account.told.join()).toMatch(/is kept.*because another resource of this run manages it now/);
  });

  it("that is renamed, and whose new resource failed, is not deleted with the old one", async () => {
    const { old, before } = await present();
    await make().plan({ ...inputs(), adopt });
    await expect(old.destroy()).rejects.toThrow(/declare/);
    expect(await field()).toEqual(before);
    expect(old.exists).toBe(true);
  });

  it("that is to be replaced (`--replace`, a taint) is refused in the preview", async () => {
    const { old, before } = await present();
    await expect(old.planReplace(inputs())).rejects.toThrow("already, and the state of this stack does not");
    expect(await field()).toEqual(before);
  });

  it("that is to be replaced with `deleteBeforeReplace` is not deleted, whatever the preview said", async () => {
    const { old, before } = await present();
    await expect(old.upReplace({ ...inputs(), adopt }, { deleteFirst: true })).rejects.toThrow("untaint");
    expect(await field()).toEqual(before);
  });

  it("that the program does not have any more is deleted", async () => {
    const { old, before } = await present();
    await old.destroy();
    expect(await field()).not.toEqual(before);
  });
});

it("a Device that nRF Cloud can't change is deleted and onboarded again, without a journal as with one", async () => {
  for (const more of [{}, { journalKey }]) {
    const one = of(device)();
    const inputs = {
      deviceId: `dev-${Object.keys(more).length}`,
      credential: {},
      subType: "x",
      ...signed,
      ...more,
    };
    await one.up(inputs);
    for (const subType of ["y", "z"]) {
      nextRun(one);
      expect(await one.up({ ...inputs, subType })).toBe("replace");
      expect((await account.devices()).get(inputs.deviceId)?.subType).toBe(subType);
    }
  }
});

it("two resources of one program that declare the same device are refused", async () => {
  const inputs = { deviceId: "dev-1", credential: {}, ...signed };
  await of(device)().plan(inputs);
  await expect(of(device)().plan(inputs)).rejects.toThrow("Two resources of this program declare them");
});

describe("a DeviceSet", () => {
  const set = (name: string, ...ids: readonly string[]) => {
    const resource = of(deviceSet)();
    const inputs = (...others: readonly string[]) => ({
      name,
      devices: rows(...(others.length === 0 ? ids : others)),
      journalKey,
      ...signed,
    });
    return { resource, inputs };
  };

  it("that is to be replaced just after its first run gets back what the journal has: keys and all, and no device is touched", async () => {
    const { resource, inputs } = set("one", "lab-1", "lab-2");
    await resource.up(inputs());
    const [before, keys] = [await field(), resource.outputs.privateKeys];
    nextRun(resource);
    await resource.upReplace(inputs());
    expect(await field()).toEqual(before);
    expect(resource.outputs.privateKeys).toEqual(keys);
    nextRun(resource);
    expect((await resource.plan(inputs())).step).toBe("same");
  });

  it("whose replacement was interrupted is not deleted when a later run finishes it", async () => {
    const { resource, inputs } = set("one", "lab-1");
    await resource.up(inputs());
    const old = of(deviceSet)();
    old.backup = resource.backup;
    const before = await field();
    nextRun(resource, old);
    expect(await resource.up(inputs())).toBe("same");
    await old.destroy();
    expect(await field()).toEqual(before);
  });

  it("that is to be replaced later is refused in the preview", async () => {
    const { resource, inputs } = set("one", "lab-1");
    await resource.up(inputs());
    nextRun(resource);
    await resource.up(inputs("lab-1", "lab-2"));
    const before = await field();
    nextRun(resource);
    await expect(resource.planReplace(inputs("lab-1", "lab-2"))).rejects.toThrow("`--replace`");
    expect(await field()).toEqual(before);
  });

  it.each([
    ["the one that has them is declared first", false],
    ["the one that gets them is declared first", true],
  ])(
    "whose rows move to another of the same program is refused in the preview, where %s",
    async (_, isTurned) => {
      const [from, to] = [set("from", "lab-1", "lab-2"), set("to", "kit-1")];
      await from.resource.up(from.inputs());
      await to.resource.up(to.inputs());
      const before = await field();
      for (const adopt of ["", "adopt=keep"]) {
        nextRun(from.resource, to.resource);
        const leave = () => from.resource.up(from.inputs("lab-1"));
        const arrive = () => to.resource.plan({ ...to.inputs(), devices: { "kit-1": "", "lab-2": adopt } });
        const steps = isTurned ? [arrive, leave] : [() => from.resource.plan(from.inputs("lab-1")), arrive];
        const said: string[] = [];
        for (const step of steps) said.push(await step().then(() => "nothing", messageOf));
        expect(said.join("\n")).toContain("1 device (lab-2): ");
        expect(said.join("\n")).toContain("`nrfcloud-fleet move`");
        expect(await field()).toEqual(before);
      }
    },
  );

  it("that is renamed with `aliases` is as it was; one that gets its name later does not get its devices", async () => {
    const { resource, inputs } = set("one", "lab-1");
    await resource.up(inputs());
    const before = await field();
    nextRun(resource);
    expect(await resource.up({ ...inputs(), name: "two" })).toBe("update");
    expect(await field()).toEqual(before);
    account.newRun();
    const another = set("one", "kit-1");
    await another.resource.up(another.inputs());
    expect([...(await account.devices()).keys()].sort()).toEqual(["kit-1", "lab-1"]);
  });

  it("is not renamed while an interrupted run is not finished: its journal has the name", async () => {
    const { resource, inputs } = set("one", "lab-1");
    await resource.up(inputs());
    const saved = resource.backup;
    nextRun(resource);
    await resource.up(inputs("lab-1", "lab-2"));
    resource.backup = saved;
    nextRun(resource);
    const renamed = { ...inputs("lab-1", "lab-2"), name: "two" };
    await expect(resource.plan(renamed)).rejects.toThrow("1 device (lab-2)");
    nextRun(resource);
    await resource.up(inputs("lab-1", "lab-2"));
    nextRun(resource);
    expect(await resource.up(renamed)).toBe("update");
  });

  it("that declares a device of another set is refused, and both are named", async () => {
    const [one, other] = [set("one", "lab-1", "lab-2"), set("other", "lab-2", "lab-3")];
    await one.resource.plan(one.inputs());
    await expect(other.resource.plan(other.inputs())).rejects.toThrow(
      "1 device (lab-2): DeviceSet one of this program declares them too, besides DeviceSet other.",
    );
  });
});

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function nextRun(...resources: readonly Any[]): void {
  account.newRun();
  for (const resource of resources) resource.newRun();
}
