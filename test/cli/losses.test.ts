import { describe, expect, test } from "vitest";
import { requireAllowed } from "../../cli/pulumi/guard.js";
import { describeLosses } from "../../cli/state/describeLosses.js";
import { deletedBy, lossesOf } from "../../cli/state/losses.js";
import { certificate, resource, stackState, type GivenSet } from "./states.js";

const pem = certificate("any");
const NOW = new Date("2026-11-28T00:00:00Z");

const MIXED: GivenSet = {
  rows: {
    "lab-1": { line: "", certificate: pem, key: true },
    "lab-2": { line: "csr=00112233445566778899aabbccddeeff", certificate: pem },
    "lab-3": "credential=existing adopt=keep",
    "kit-1": { line: "via=jitp credential=issued", certificate: pem, key: true },
    "kit-2": { line: "via=jitp", outcome: { kind: "waiting" } },
    one: "via=attestation",
    two: "via=attestation unclaim",
    ours: { line: "", outcome: { kind: "replaced", createdAt: "2026-01-01T00:00:00Z" } },
    hidden: { line: "", outcome: { kind: "hidden" } },
    never: { line: "", outcome: { kind: "failed", reason: "No." } },
  },
};

const lossesOfSet = (set: GivenSet) => lossesOf(stackState({ sets: [set] }).resources, NOW);

describe("what a destroy takes away", () => {
  test("is read by row, with what remains", () => {
    const losses = lossesOfSet(MIXED);
    expect(deletedBy(losses)).toBe(5);
    expect(describeLosses(losses).split("\n")).toEqual([
      "5 devices will leave the account permanently:",
      "  3 devices will be deleted with their data (lab-{1..3})",
      "  1 claim by token will end: nRF Cloud deletes its device and data, if it was ever onboarded (two)",
      "  1 just-in-time device will be released: anybody with its code can claim it (kit-1)",
      "  2 devices have their private keys in this state only: the keys will be lost (kit-1, lab-1)",
      "  1 claim will leave the state only: its device never connected, so nobody claimed it (kit-2)",
      "  1 just-in-time certificate will remain valid at nRF Cloud (kit-1)",
      "  1 claim by token will remain (one)",
      "  2 devices will not change: somebody else created them again, or the API key can't see them (hidden, ours)",
    ]);
  });

  test("is nothing but keys where the set is kept", () => {
    const losses = lossesOfSet({ ...MIXED, inputs: { keepOnDestroy: true } });
    expect(deletedBy(losses)).toBe(0);
    expect(losses.kept).toHaveLength(10);
    expect(describeLosses(losses)).toMatch(/^No device will leave the account:\n/);
    expect(losses.keys).toEqual(["kit-1", "lab-1"]);
  });
});

test("the key of a device that the account no longer has is lost too", () => {
  const rows = {
    gone: { certificate: pem, key: true },
    csr: { line: "csr=00112233445566778899aabbccddeeff" },
  };
  const { keys, devices } = lossesOfSet({ rows });
  expect([keys, devices]).toEqual([["gone"], ["csr"]]);
});

test("a retired device of its own is kept until its time is over, or until that is allowed", () => {
  const of = (retiredAt: string) =>
    resource("Device", "lamp", {
      outputs: {
        deviceId: "lamp",
        line: "credential=existing adopt=keep tags=retired retired=30d",
        retiredAt,
      },
    });
  const kept = lossesOf(stackState({ sets: [], others: [of("2026-11-01T00:00:00Z")] }).resources, NOW);
  expect(() => {
    requireAllowed(kept, undefined);
  }).toThrow("run again with --allow-deletes 1");
  requireAllowed(kept, 1);
  requireAllowed(
    lossesOf(stackState({ sets: [], others: [of("2026-10-01T00:00:00Z")] }).resources, NOW),
    undefined,
  );
});

test("a rule that can't be deleted without its id is reported first", () => {
  const others = [
    resource("ProvisioningRule", "adopted", { outputs: { name: "adopted" } }),
    resource("ProvisioningRule", "made", { outputs: { name: "made", ruleId: "4711" } }),
  ];
  expect(describeLosses(lossesOf(stackState({ sets: [], others }).resources, NOW)).split("\n")).toContain(
    "  1 provisioning rule can't be deleted, as its id is not known: this fails until you delete it in the portal (adopted)",
  );
});

describe("a guarded destroy", () => {
  const guarded = (more: Partial<GivenSet> = {}): GivenSet => ({
    rows: { "lab-1": "", "lab-2": "" },
    protect: true,
    inputs: { maxDeletes: "1" },
    ...more,
  });

  test.each([
    {
      what: "no number",
      set: guarded(),
      allowed: undefined,
      says: "delete or release 2 devices. Nothing was changed.\nTo allow it, run again with --allow-deletes 2.",
    },
    {
      what: "too small a number",
      set: guarded(),
      allowed: 1,
      says: "and --allow-deletes allows 1. Nothing was changed.",
    },
    {
      what: "too small a number without a limit",
      set: { rows: { a: "", b: "" } },
      allowed: 1,
      says: "--allow-deletes 2",
    },
    {
      what: "protected devices",
      set: guarded({ rows: { a: "protect", b: "" } }),
      allowed: 99,
      says: "protects 1 device (a)",
    },
    {
      what: "the program's own protection",
      set: guarded({ inputs: {} }),
      allowed: 99,
      says: "protects 1 resource (fleet)",
    },
  ])("is refused: $what", ({ set, allowed, says }) => {
    expect(() => {
      requireAllowed(lossesOfSet(set), allowed);
    }).toThrow(says);
  });

  test.each([
    { what: "the right number", set: guarded(), allowed: 2 },
    { what: "nothing that is guarded", set: { rows: { a: "" } }, allowed: undefined },
    {
      what: "protected devices that are kept with their set",
      set: guarded({ rows: { a: "protect" }, inputs: { keepOnDestroy: true, maxDeletes: "1" } }),
      allowed: 0,
    },
  ])("is let through: $what", ({ set, allowed }) => {
    requireAllowed(lossesOfSet(set), allowed);
  });

  test("is refused as long as anything else is protected", () => {
    const others = [resource("ProvisioningRule", "rule", { protect: true, inputs: { name: "rule" } })];
    const losses = lossesOf(stackState({ sets: [guarded()], others }).resources, NOW);
    expect(() => {
      requireAllowed(losses, 2);
    }).toThrow("protects 1 resource (rule)");
  });
});
