import { rmSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import * as finding from "../../../provider/reconcile/plan/finding.js";
import { attestationToken } from "../../fleet/tokens.js";
import { useAccount } from "../../support/account.js";
import { connectOnce } from "../../support/connectOnce.js";
import { StackOfSet, type Rows } from "../../support/deviceSet.js";

/** Rows that come by another way than onboarding, in one table with those that are onboarded. */

const account = useAccount({ mqttPort: 0 });

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  rmSync(account.journalFolder, { recursive: true, force: true });
  stack = new StackOfSet(account);
});

const DAY_MS = 24 * 3_600_000;
const CODE = "sesame-271828";
const THEIRS = { NRF_CLOUD_API_KEY: "emulator-other-team-api-key" };
const kit = (more: object = {}): Rows[string] => ({
  via: "jitp",
  ownershipCode: CODE,
  issueCertificate: true,
  wait: 0,
  pending: "allow",
  ...more,
});
const owned = async () =>
  new Map([...(await account.devices())].filter(([, { tenantId }]) => tenantId !== undefined));

/** The device is flashed with what its row has in the state, and connects for the first time. */
const connect = (id: string, of = stack) =>
  connectOnce(account.emulator, id, {
    certificateBundle: of.certificates.get(id),
    privateKey: of.keys.get(id),
  });
const byHand = (id: string, apiKey = account.emulator.apiKey) =>
  fetch(`${account.emulator.url}/association/${id}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "text/plain" },
    body: CODE,
  });

async function nothingToDo(rows: Rows): Promise<void> {
  expect((await stack.preview(rows)).step).toBe("same");
  await stack.refresh();
  expect((await stack.preview(rows)).step).toBe("same");
}
async function fails(run: Promise<unknown>): Promise<string> {
  const thrown: unknown = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof Error) return thrown.message;
  throw new Error("it did not fail");
}

describe("a just-in-time row", () => {
  it("has its certificate issued, waits for the first connect, is claimed by a later run, and released at the end", async () => {
    const rows: Rows = { "kit-1": kit({ tags: ["kit"], name: "Kit 1", subType: "kit" }), "lab-1": {} };
    const { told } = await stack.preview(rows);
    expect(told).toContain("+ 1 device to claim by ownership code: kit-1");
    expect(told).toContain("+ 1 device to onboard: lab-1");
    await stack.up(rows);
    expect(stack.waiting).toEqual(["kit-1"]);
    expect(stack.keys.get("kit-1")).toContain("PRIVATE KEY");
    expect(String(stack.outputs.serverCa)).toContain("BEGIN CERTIFICATE");
    expect([...(await owned()).keys()]).toEqual(["lab-1"]);
    const keys = stack.keys;
    // It waits on, by refreshes and runs, with the certificate that it was flashed with.
    await stack.refresh();
    expect((await stack.preview(rows)).step).toBe("update");
    await stack.up(rows);
    expect(stack.waiting).toEqual(["kit-1"]);
    expect(stack.keys).toEqual(keys);

    await connect("kit-1");
    await stack.up(rows);
    expect(stack.waiting).toEqual([]);
    expect((await owned()).get("kit-1")).toMatchObject({ name: "Kit 1", tags: ["kit"], subType: "kit" });
    expect(stack.keys).toEqual(keys);
    await nothingToDo(rows);
    await stack.destroy();
    expect((await owned()).size).toBe(0);
    expect((await account.devices()).has("kit-1")).toBe(true);
  });

  it("that is retired is released when its time is over, and not claimed again", async () => {
    await stack.up({ "kit-1": kit() });
    await connect("kit-1");
    await stack.up({ "kit-1": kit() });
    const retired: Rows = { "kit-1": kit({ state: "retired" }) };
    await stack.up(retired);
    expect((await owned()).get("kit-1")?.tags).toEqual(["retired"]);
    await nothingToDo(retired);
    account.later(31 * DAY_MS);
    try {
      expect((await stack.preview(retired)).told).toContain("- 1 device will be released");
      await stack.up(retired);
      expect((await owned()).size).toBe(0);
      expect((await account.devices()).has("kit-1")).toBe(true);
      await nothingToDo(retired);
    } finally {
      account.later(-31 * DAY_MS);
    }
  });

  it("changes its tags, name and sub-type in place, and leaves by being released", async () => {
    await stack.up({ "kit-1": kit() });
    await connect("kit-1");
    await stack.up({ "kit-1": kit() });
    const before = (await owned()).get("kit-1");
    await stack.up({ "kit-1": kit({ tags: ["a"], name: "n", subType: "s" }) });
    expect((await owned()).get("kit-1")).toEqual({
      ...before,
      tags: ["a"],
      name: "n",
      subType: "s",
      updatedAt: expect.anything() as unknown,
      stateVersion: expect.anything() as unknown,
    });
    await nothingToDo({ "kit-1": kit({ tags: ["a"], name: "n", subType: "s" }) });
    expect((await stack.preview({})).told).toContain("- 1 device will be released: kit-1");
    await stack.up({});
    expect((await owned()).size).toBe(0);
  });

  it("that has not connected in time fails by its row, unless it may wait", async () => {
    const rows: Rows = { "kit-1": kit({ pending: "fail" }), "lab-1": {} };
    const failure = await fails(stack.up(rows));
    expect(failure).toContain("1 device (kit-1): The device has not connected to nRF Cloud in time");
    expect([...(await owned()).keys()]).toEqual(["lab-1"]);
    const keys = stack.keys;
    await connect("kit-1");
    await stack.up(rows);
    expect([...(await owned()).keys()].sort()).toEqual(["kit-1", "lab-1"]);
    expect(stack.keys).toEqual(keys);
  });

  it.each<[string, (() => Promise<unknown>) | undefined, string, string]>([
    ["with a wrong code", undefined, "open-wrong-1", "The ownership code is wrong"],
    [
      "that another team claimed",
      () => byHand("kit-1", THEIRS.NRF_CLOUD_API_KEY),
      CODE,
      "Another team owns the device",
    ],
  ])("%s fails in words of its own, without the code", async (_, before, ownershipCode, problem) => {
    const maker = new StackOfSet(account, { stack: "maker" });
    await maker.up({ "kit-1": kit() });
    await connect("kit-1", maker);
    await before?.();
    const failure = await fails(stack.up({ "kit-1": kit({ issueCertificate: false, ownershipCode }) }));
    expect(failure).toContain(problem);
    expect(failure).not.toContain(ownershipCode);
  });

  it("that was claimed by hand is refused unless it is adopted, and never released by one who did not claim it", async () => {
    await stack.up({ "kit-1": kit() });
    await connect("kit-1");
    await byHand("kit-1");
    const before = await owned();
    await fails(stack.up({ "kit-1": kit() }));
    await stack.up({});
    expect(await owned()).toEqual(before);
    const rows = { "kit-1": kit({ issueCertificate: false, adopt: true, tags: ["mine"] }) };
    await stack.up(rows);
    expect((await owned()).get("kit-1")?.tags).toEqual(["mine"]);
    await nothingToDo(rows);
  });

  it("of an interrupted run is claimed with the certificate of that run", async () => {
    await stack.upAndLoseState({ "kit-1": kit() });
    await stack.up({ "kit-1": kit() });
    const { items } = (await account.admin("GET", "/jitp")) as { items: unknown[] };
    expect(items).toHaveLength(1);
    await connect("kit-1");
    await stack.up({ "kit-1": kit() });
    expect((await owned()).size).toBe(1);
  });

  it("of a run that was interrupted after the claim is recorded as claimed", async () => {
    await stack.up({ "kit-1": kit() });
    await connect("kit-1");
    await stack.upAndLoseState({ "kit-1": kit() });
    expect((await owned()).size).toBe(1);
    await stack.up({ "kit-1": kit() });
    expect(stack.waiting).toEqual([]);
    await nothingToDo({ "kit-1": kit() });
    await stack.destroy();
    expect((await owned()).size).toBe(0);
  });
});

interface Minted {
  readonly deviceId: string;
  readonly token: string;
}
const mint = async (body: object): Promise<Minted[]> => {
  const { items } = (await account.admin("POST", "/identity/tokens", body)) as { items: Minted[] };
  return [...items].sort((one, other) => (one.deviceId < other.deviceId ? -1 : 1));
};
const claims = async () => {
  const { items } = (await account.admin("GET", "/identity/claims")) as {
    items: { id: string; tags: string[] }[];
  };
  return Object.fromEntries(items.map(({ id, tags }) => [id, tags]));
};
const attested = (minted: readonly Minted[], more: object = {}): Rows =>
  Object.fromEntries(minted.map(({ deviceId, token }) => [deviceId, { via: "attestation", token, ...more }]));

describe("a row by attestation token", () => {
  it("is claimed with others in one call; a new token is no change; tags change in place; a destroy keeps the claim", async () => {
    const minted = await mint({ count: 5 });
    const tagged = (tag: string) => Object.fromEntries(minted.map(({ deviceId }) => [deviceId, [tag]]));
    const rows = attested(minted, { tags: ["location=Trondheim"] });
    expect((await stack.preview(rows)).told).toContain("+ 5 devices to claim by attestation token");
    expect(await claims()).toEqual({});
    await account.admin("DELETE", "/requests");
    await stack.up(rows);
    expect(await claims()).toEqual(tagged("location=Trondheim"));
    const { routes } = (await account.admin("GET", "/requests")) as {
      routes: Record<string, { count: number }>;
    };
    // Five dry runs, and one claim for all.
    expect(routes["POST /provisioning/v1/claimed-devices"]?.count).toBe(6);
    await nothingToDo(rows);

    const fresh = await Promise.all(
      minted.map(async ({ deviceId }) => (await mint({ deviceUuid: deviceId }))[0]),
    );
    const again = attested(
      fresh.flatMap((each) => (each === undefined ? [] : [each])),
      { tags: ["oslo"] },
    );
    const { told } = await stack.preview(again);
    expect(told).toMatch(/^DeviceSet fleet:\n {2}~ 5 devices will get other tags: [^\n]*$/);
    await stack.up(again);
    expect(await claims()).toEqual(tagged("oslo"));
    await stack.destroy();
    expect(await claims()).toEqual(tagged("oslo"));
  });

  it("that is retired is unclaimed when its time is over, where that is declared", async () => {
    const minted = await mint({ count: 1 });
    await stack.up(attested(minted, { unclaimOnDestroy: true }));
    const retired = attested(minted, { unclaimOnDestroy: true, state: "retired" });
    await stack.up(retired);
    expect(Object.values(await claims())).toEqual([["retired"]]);
    account.later(31 * DAY_MS);
    try {
      expect((await stack.preview(retired)).told).toContain("- 1 device will be unclaimed");
      await stack.up(retired);
      expect(await claims()).toEqual({});
      await nothingToDo(retired);
    } finally {
      account.later(-31 * DAY_MS);
    }
  });

  it("is unclaimed where that is declared, which the preview calls a danger", async () => {
    const minted = await mint({ count: 2 });
    await stack.up(attested(minted, { unclaimOnDestroy: true }));
    expect((await stack.preview({})).told).toContain("- 2 devices will be unclaimed");
    await stack.up({});
    expect(await claims()).toEqual({});
  });

  it("that can't be claimed fails the preview by a dry run, with the service's reason and no token", async () => {
    const [one] = await mint({ count: 1 });
    const [two] = await mint({ count: 1 });
    if (one === undefined || two === undefined) throw new Error("no tokens");
    await new StackOfSet(account, { stack: "theirs", env: THEIRS }).up(attested([one]));
    for (const run of [stack.preview(attested([one, two])), stack.up(attested([one, two]))]) {
      const failure = await fails(run);
      expect(failure).toContain(`1 device (${one.deviceId}): nRF Cloud can't claim the device`);
      expect(failure).not.toContain(one.token);
    }
    expect(Object.keys(await claims())).toEqual([one.deviceId]);
  });

  it("with an unsigned token fails the preview too; with the token of another device even before a request", async () => {
    const [one] = await mint({ count: 1 });
    if (one === undefined) throw new Error("no token");
    const forged = { deviceId: one.deviceId, token: attestationToken(one.deviceId) };
    expect(await fails(stack.preview(attested([forged])))).toContain("can't claim the device");
    const uuid = "6e4a9363-8f70-4b2e-9a55-0d5c1c1f7f10";
    expect(await fails(stack.preview(attested([{ deviceId: uuid, token: one.token }])))).toContain(
      `token is that of device ${one.deviceId}`,
    );
  });

  it("that the team has claimed already is refused unless it is adopted", async () => {
    const minted = await mint({ count: 1 });
    await new StackOfSet(account, { stack: "other" }).up(attested(minted, { tags: ["theirs"] }));
    expect(await fails(stack.preview(attested(minted)))).toContain(finding.CLAIMED.slice(0, 55));
    const before = await claims();
    await fails(stack.up(attested(minted)));
    await stack.up({});
    expect(await claims()).toEqual(before);
    const rows = attested(minted, { adopt: true, tags: ["ours"] });
    await stack.up(rows);
    expect(Object.values(await claims())).toEqual([["ours"]]);
    await nothingToDo(rows);
  });

  it("of an interrupted run is recorded as claimed, and unclaimed where nothing declares it", async () => {
    const minted = await mint({ count: 2 });
    const rows = attested(minted, { unclaimOnDestroy: true });
    await stack.upAndLoseState(rows);
    await stack.up(rows);
    expect(Object.keys(stack.lines)).toHaveLength(2);
    await nothingToDo(rows);
    await stack.up({});
    await stack.upAndLoseState(rows);
    await stack.up({});
    expect(await claims()).toEqual({});
  });

  it("is reported by refresh where somebody else unclaimed it, and claimed again", async () => {
    const minted = await mint({ count: 3 });
    const rows = attested(minted);
    await stack.up(rows);
    const [first] = minted;
    await fetch(`${account.emulator.identityUrl}/claimed-devices/${first?.deviceId}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${account.emulator.apiKey}` },
    });
    await stack.refresh();
    expect(account.told.join("\n")).toContain(finding.MISSING_NOW);
    await stack.up(rows);
    expect(Object.keys(await claims())).toHaveLength(3);
    await nothingToDo(rows);
  });
});

describe("a row with another way into the account", () => {
  it("from onboarded to just-in-time and back is kept in the account", async () => {
    await stack.up({ "kit-1": {} });
    const before = await account.devices();
    const jitp: Rows = { "kit-1": kit({ issueCertificate: false }) };
    expect((await stack.preview(jitp)).told).toContain(
      "~ 1 device will be claimed by ownership code instead: kit-1",
    );
    await stack.up(jitp);
    expect((await account.devices()).get("kit-1")?.createdAt).toBe(before.get("kit-1")?.createdAt);
    await nothingToDo(jitp);
    await stack.up({ "kit-1": {} });
    expect((await account.devices()).get("kit-1")?.createdAt).toBe(before.get("kit-1")?.createdAt);
    await stack.requireKeys("kit-1");
    await nothingToDo({ "kit-1": {} });
  });
});
