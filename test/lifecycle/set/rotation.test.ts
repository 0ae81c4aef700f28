import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import * as finding from "../../../provider/reconcile/plan/finding.js";
import { keyPem, unpackCertificates, unpackKeys } from "../../../provider/pki/pack.js";
import { keptUnder, type Kept } from "../../../provider/reconcile/table/packRotation.js";
import type { Phase } from "../../../provider/fleet/rotation.js";
import { useAccount } from "../../support/account.js";
import { connects, type Credential } from "../../support/connects.js";
import { logsOf, StackOfSet, type Rows } from "../../support/deviceSet.js";

/** Two phases of a rotation: devices connect with what nRF Cloud has, and lose no connection when they have the next before. */

const account = useAccount({ mqttPort: 0 });

let stack: StackOfSet;
beforeEach(async () => {
  await account.admin("POST", "/reset");
  rmSync(account.journalFolder, { recursive: true, force: true });
  stack = new StackOfSet(account);
});

const present = (id: string): Credential => ({
  cert: stack.certificates.get(id) ?? "",
  key: stack.keys.get(id) ?? "",
});

function text(output: string): string {
  const value = stack.outputs[output];
  return typeof value === "string" ? value : "";
}

function kept(id: string, which: Kept): Credential | undefined {
  const cert = unpackCertificates(text("keptCertificates")).get(keptUnder(id, which));
  const key = unpackKeys(text("keptKeys")).raw(keptUnder(id, which));
  return cert === undefined || key === undefined ? undefined : { cert, key: keyPem(key) };
}

function required(credential: Credential | undefined): Credential {
  if (credential === undefined) throw new Error("the state does not keep it");
  return credential;
}

const rows = (generation: number, phase: Phase = "activate", ids = ["lab-1", "lab-2"]): Rows =>
  Object.fromEntries(ids.map((id) => [id, { rotation: { generation, phase } }]));

async function nothingToDo(wanted: Rows, more = {}): Promise<void> {
  expect((await stack.preview(wanted, more)).step).toBe("same");
  await stack.refresh();
  expect((await stack.preview(wanted, more)).step).toBe("same");
}

function daysOf({ cert }: Credential): number {
  const { validFrom, validTo } = new X509Certificate(cert);
  return Math.round((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000);
}

describe("another validity between the phases of a rotation", () => {
  const shorter = { validityDays: 365 };

  it("is for what is issued later: the kept certificate is activated as it is, and none is issued in its place", async () => {
    await stack.up(rows(1));
    await stack.up(rows(2, "issue"));
    const second = required(kept("lab-1", "next"));
    const held = await stack.preview(rows(2, "issue"), shorter);
    expect(held.told).toContain(`2 devices (lab-{1..2}): ${finding.KEPT_VALIDITY}`);
    expect(held.told).not.toContain("can't connect");
    await stack.up(rows(2, "issue"), shorter);
    expect(required(kept("lab-1", "next"))).toEqual(second);

    expect((await stack.preview(rows(2), shorter)).told).toContain(finding.KEPT_VALIDITY);
    await stack.up(rows(2), shorter);
    expect(present("lab-1")).toEqual(second);
    await nothingToDo(rows(2), shorter);
    expect((await stack.preview(rows(2, "done"), shorter)).told).not.toContain("can't connect");
    expect(await connects(account.emulator, "lab-1", second)).toBe(true);

    // Back and on again: neither is issued once more.
    await stack.up(rows(1), shorter);
    await nothingToDo(rows(1), shorter);
    await stack.up(rows(2), shorter);
    expect(present("lab-1")).toEqual(second);
    await nothingToDo(rows(2), shorter);

    // Nor is it where the former validity is declared again.
    expect((await stack.preview(rows(2))).told).not.toContain("can't connect");
    await stack.up(rows(2));
    expect(present("lab-1")).toEqual(second);
    await nothingToDo(rows(2));

    // What is issued now has it, and a change of validity after the activation is an order like any other.
    await stack.up(rows(3, "issue"), shorter);
    expect(daysOf(required(kept("lab-1", "next")))).toBe(365);
    await stack.up(rows(2), { validityDays: 400 });
    expect(daysOf(present("lab-1"))).toBe(400);
  });

  it("issues none in its place either where the run of the activation was interrupted", async () => {
    await stack.up(rows(1));
    await stack.up(rows(2, "issue"));
    const second = required(kept("lab-1", "next"));
    await stack.upAndLoseState(rows(2), shorter);
    await stack.up(rows(2), shorter);
    expect(present("lab-1")).toEqual(second);
    await nothingToDo(rows(2), shorter);
  });

  it("replaces what is kept by a later generation", async () => {
    await stack.up(rows(1));
    await stack.up(rows(2, "issue"));
    await stack.up(rows(3, "issue"), shorter);
    expect(daysOf(required(kept("lab-1", "next")))).toBe(365);
    expect((await stack.preview(rows(3), shorter)).told).not.toContain(finding.KEPT_VALIDITY);
    await stack.up(rows(3), shorter);
    await nothingToDo(rows(3), shorter);
  });
});

describe("a rotation in two phases", () => {
  it("registers nothing in the first, the next in the second, and goes back and forward without another key", async () => {
    await stack.up(rows(1));
    const first = present("lab-1");

    expect((await stack.preview(rows(2, "issue"))).told).toContain(
      "~ 2 devices will get their next certificate issued: lab-{1..2}",
    );
    await stack.up(rows(2, "issue"));
    const second = required(kept("lab-1", "next"));
    expect(present("lab-1")).toEqual(first);
    expect(second.key).not.toBe(first.key);
    await nothingToDo(rows(2, "issue"));
    expect(await connects(account.emulator, "lab-1", first)).toBe(true);
    expect(await connects(account.emulator, "lab-1", second)).toBe(false);

    const { told } = await stack.preview(rows(2));
    expect(told).toContain("~ 2 devices will activate generation 2: lab-{1..2}");
    expect(told).toContain(`1 device (lab-1): ${finding.REPORTED}`);
    expect(told).toContain(`1 device (lab-2): ${finding.SILENT}`);
    await stack.up(rows(2));
    await stack.requireKeys("lab-1", "lab-2");
    expect(present("lab-1")).toEqual(second);
    expect(required(kept("lab-1", "previous"))).toEqual(first);
    await nothingToDo(rows(2));
    expect(await connects(account.emulator, "lab-1", second)).toBe(true);
    expect(await connects(account.emulator, "lab-1", first)).toBe(false);

    expect((await stack.preview(rows(1))).told).toContain("~ 2 devices will go back to generation 1");
    await stack.up(rows(1));
    expect(present("lab-1")).toEqual(first);
    expect(await connects(account.emulator, "lab-1", first)).toBe(true);
    await nothingToDo(rows(1));

    await stack.up(rows(2));
    expect(present("lab-1")).toEqual(second);
    expect((await stack.preview(rows(2, "done"))).told).toContain(
      "~ 2 devices will drop their other kept credentials",
    );
    await stack.up(rows(2, "done"));
    expect(stack.outputs.keptKeys).toBeUndefined();
    await nothingToDo(rows(2, "done"));
    await expect(stack.preview(rows(1))).rejects.toThrow(finding.LOST_GENERATION);
    await stack.destroy();
    expect((await account.devices()).size).toBe(0);
  });

  it("activates those that are selected, and reports the danger of a rotation in one step only", async () => {
    await stack.up(rows(1));
    await stack.up(rows(2, "issue"));
    const next = required(kept("lab-1", "next"));
    const some: Rows = { ...rows(2, "activate", ["lab-1"]), ...rows(2, "issue", ["lab-2"]) };
    expect((await stack.preview(some)).told).not.toContain("can't connect");
    await stack.up(some);
    expect(present("lab-1")).toEqual(next);
    expect(kept("lab-2", "next")).toBeDefined();
    await nothingToDo(some);
    const { told } = await stack.preview(rows(3));
    expect(told).toContain("~ 2 devices will get a new key and certificate: lab-{1..2}");
    expect(told).toContain("They can't connect before they have it.");
  });

  it("leaves retired devices out, and the plan says so", async () => {
    await stack.up(rows(1));
    const wanted: Rows = {
      ...rows(2, "issue"),
      "lab-2": { state: "retired", rotation: { generation: 2, phase: "issue" } },
    };
    const { told } = await stack.preview(wanted);
    expect(told).toContain("~ 1 device will get its next certificate issued: lab-1");
    expect(told).toContain(`1 device (lab-2): ${finding.RETIRED_KEEPS_CREDENTIAL}`);
    await stack.up(wanted);
    expect(kept("lab-1", "next")).toBeDefined();
    expect(kept("lab-2", "next")).toBeUndefined();
    await nothingToDo(wanted);
    await stack.up(rows(2, "issue"));
    expect(kept("lab-2", "next")).toBeDefined();
  });

  it("makes a new device at the declared generation, and renews nothing that waits for its activation", async () => {
    await stack.up(rows(1, "activate", ["lab-1"]));
    await stack.up(rows(2, "issue"), { validityDays: 30 });
    expect(kept("lab-2", "next")).toBeUndefined();
    const before = present("lab-1");
    await stack.up(rows(2, "issue"), { validityDays: 20 });
    expect(present("lab-1")).toEqual(before);
  });

  it("whose run was interrupted issues nothing twice, and keeps the key in the sealed log only", async () => {
    await stack.up(rows(1));
    await stack.upAndLoseState(rows(2, "issue"));
    const [log] = logsOf(account);
    expect(log?.text).not.toContain("PRIVATE KEY");
    await stack.upAndLoseState(rows(2, "issue"));
    await stack.up(rows(2, "issue"));
    const once = required(kept("lab-1", "next"));
    await stack.upAndLoseState(rows(2));
    await stack.up(rows(2));
    expect(present("lab-1")).toEqual(once);
    await stack.requireKeys("lab-1", "lab-2");
    await nothingToDo(rows(2));
  });

  it("onboards missing devices again with the generation that they had", async () => {
    await stack.up(rows(1));
    await stack.up(rows(2, "issue"));
    const [first, second] = [present("lab-1"), required(kept("lab-1", "next"))];
    await account.admin("DELETE", "/devices/lab-1");
    await stack.refresh();
    await stack.up(rows(2, "issue"));
    expect(present("lab-1")).toEqual(first);
    expect(required(kept("lab-1", "next"))).toEqual(second);
    await nothingToDo(rows(2, "issue"));
  });

  it("goes on from the generation with which an interrupted run onboarded missing devices", async () => {
    await stack.up(rows(1));
    const first = present("lab-1");
    await account.admin("DELETE", "/devices/lab-1");
    await stack.upAndLoseState(rows(2, "issue"));
    await stack.up(rows(2, "issue"));
    expect(present("lab-1")).toEqual(first);
    const second = required(kept("lab-1", "next"));
    expect(second.key).not.toBe(first.key);
    await stack.requireKeys("lab-1");
    await nothingToDo(rows(2, "issue"));

    await account.admin("DELETE", "/devices/lab-1");
    await stack.refresh();
    await stack.upAndLoseState(rows(2));
    await stack.up(rows(2));
    expect(present("lab-1")).toEqual(second);
    expect(required(kept("lab-1", "previous"))).toEqual(first);
    await nothingToDo(rows(2));
  });
});

interface Minted {
  readonly deviceId: string;
  readonly token: string;
}

interface Shown {
  readonly items: readonly { readonly id: string; readonly commands: number }[];
}

describe("a rotation of a claimed device", () => {
  const claimed = ({ deviceId, token }: Minted, generation: number): Rows => ({
    [deviceId]: { via: "attestation", token, rotation: { generation } },
  });
  const minted = async (): Promise<Minted> => {
    const { items } = (await account.admin("POST", "/identity/tokens", { count: 1 })) as { items: Minted[] };
    const [one] = items;
    if (one === undefined) throw new Error("no token");
    return one;
  };
  const commands = async (): Promise<number> => {
    const { items } = (await account.admin("GET", "/identity/claims")) as Shown;
    return items[0]?.commands ?? 0;
  };

  it("orders a new key once, waits until the device has made it, and does not go back", async () => {
    const device = await minted();
    const id = device.deviceId;
    await stack.up(claimed(device, 1));
    expect((await stack.preview(claimed(device, 2))).told).toContain(
      "~ 1 device will be ordered to make its key of generation 2",
    );
    await stack.up(claimed(device, 2));
    expect(stack.waiting).toEqual([id]);
    expect((await stack.preview(claimed(device, 2))).told).toContain(finding.RENEWING);
    await stack.up(claimed(device, 2));
    expect(await commands()).toBe(1);

    await account.admin("POST", "/identity/online", { deviceIds: [id] });
    expect((await stack.preview(claimed(device, 2))).told).toContain(finding.RENEWED);
    await stack.up(claimed(device, 2));
    expect(stack.waiting).toEqual([]);
    await nothingToDo(claimed(device, 2));
    expect((await stack.preview(claimed(device, 1))).told).toContain(finding.LATER_GENERATION);
    expect(await commands()).toBe(1);
  });

  it("gives no second order after an interruption", async () => {
    const device = await minted();
    await stack.up(claimed(device, 1));
    await stack.upAndLoseState(claimed(device, 2));
    expect(await commands()).toBe(1);
    await stack.up(claimed(device, 2));
    expect(await commands()).toBe(1);
    expect(stack.waiting).toEqual([device.deviceId]);
  });
});
