import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { describeExpiring, remedy } from "../../cli/expiry/describe.js";
import { certificatesIn, endingBy } from "../../cli/expiry/expiring.js";
import { parseState } from "../../cli/state/export.js";
import { createCa } from "../../provider/pki/ca.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const now = new Date("2026-11-23T12:00:00Z");

function exported(...resources: readonly Record<string, unknown>[]): string {
  const all = resources.map(({ type, name, ...rest }) => ({
    urn: `urn:pulumi:dev::test::pulumi-nodejs:dynamic/nrfcloud:${String(type)}::${String(name)}`,
    type: `pulumi-nodejs:dynamic/nrfcloud:${String(type)}`,
    custom: true,
    id: name,
    ...rest,
  }));
  return JSON.stringify({ version: 3, deployment: { resources: all } });
}

const known = (text: string) => certificatesIn(parseState(text, "the test"));

describe("certificates in a state", () => {
  test("are found by kind, the next to end first", () => {
    const { known: found, unknown } = known(
      exported(
        {
          type: "CaCertificate",
          name: "ca",
          outputs: { commonName: "Lab CA", validUntil: "2027-03-01T00:00:00Z" },
        },
        {
          type: "Device",
          name: "lab-1",
          outputs: {
            deviceId: "lab-1",
            credential: { ca: "f00", earlyRenewalHours: 240 },
            validUntil: "2026-12-01T00:00:00Z",
          },
        },
        { type: "Device", name: "mine", outputs: { deviceId: "mine", credential: { publicKey: "…" } } },
        {
          type: "Device",
          name: "old",
          outputs: { deviceId: "old", credential: { ca: "f00" }, adopted: true },
        },
        {
          type: "DeviceCertificate",
          name: "factory-1",
          outputs: { deviceId: "factory-1", ca: "f00", validUntil: "2026-11-30T00:00:00Z" },
        },
        {
          type: "JitpCertificate",
          name: "late-1-certificate",
          outputs: { deviceId: "late-1", validUntil: "2026-12-24T00:00:00Z" },
        },
        { type: "OwnershipClaim", name: "late-1", outputs: { deviceId: "late-1" } },
      ),
    );
    expect(found).toEqual([
      { origin: "issued", subject: "factory-1", validUntil: "2026-11-30T00:00:00Z" },
      {
        origin: "issued",
        subject: "lab-1",
        validUntil: "2026-12-01T00:00:00Z",
        renewedFrom: "2026-11-21T00:00:00.000Z",
      },
      { origin: "just in time", subject: "late-1", validUntil: "2026-12-24T00:00:00Z" },
      { origin: "CA", subject: "Lab CA", validUntil: "2027-03-01T00:00:00Z" },
    ]);
    expect(unknown).toEqual(["old"]);
  });

  test("of your own are read from their PEM where the state has no date", () => {
    const { certificatePem, notAfter } = createCa({
      subject: { commonName: "own-1" },
      validity: { notBefore: now, days: 20 },
    });
    const { known: found } = known(
      exported({
        type: "Device",
        name: "own-1",
        outputs: { deviceId: "own-1", credential: { certificate: certificatePem } },
      }),
    );
    expect(found).toEqual([{ origin: "brought", subject: "own-1", validUntil: notAfter }]);
  });

  test("what is to be deleted after a replacement, and what is no state at all, is left out", () => {
    const { known: found } = known(
      exported({
        type: "Device",
        name: "lab-1",
        delete: true,
        outputs: { deviceId: "lab-1", credential: { ca: "f00" }, validUntil: "2026-12-01T00:00:00Z" },
      }),
    );
    expect(found).toEqual([]);
    expect(() => parseState("sesame {", "the test")).toThrow(/gave no state of a stack/);
    expect(() => parseState("sesame {", "the test")).not.toThrow(/sesame/);
  });
});

describe("what ends soon", () => {
  const device = (n: number, day: string, more = {}) => ({
    origin: "issued" as const,
    subject: `lab-${n}`,
    validUntil: `2026-12-${day}T00:00:00Z`,
    ...more,
  });

  test("is told by date, with the ids of those that need the same folded", () => {
    const told = describeExpiring([device(1, "01"), device(2, "01"), device(3, "24")], now);
    expect(told).toMatch(
      /^2026-12-01 {2}ends in 7 days: 2 certificates issued here \(lab-\{1\.\.2\}\)\n {2}Not renewed/,
    );
    expect(told).toContain("2026-12-24  ends in 30 days: 1 certificate issued here (lab-3)");
    expect(describeExpiring([{ ...device(1, "01"), validUntil: "2026-11-20T00:00:00Z" }], now)).toContain(
      "ended 3 days ago",
    );
  });

  test("says when an apply renews it, by the hours before its end", () => {
    expect(remedy(device(1, "01", { renewedFrom: "2026-11-21T00:00:00.000Z" }), now)).toContain(
      "The next apply renews it",
    );
    expect(remedy(device(1, "01", { renewedFrom: "2026-11-28T00:00:00.000Z" }), now)).toContain(
      "The first apply from 2026-11-28 on renews it",
    );
  });

  test("includes what ends on the last second, and what has ended", () => {
    const all = [device(1, "01"), device(2, "02"), device(3, "03")];
    expect(endingBy(all, new Date("2026-12-02T00:00:00Z"))).toHaveLength(2);
  });
});

const world = useWorld();
const run = promisify(execFile);

test("a stack, a file and standard input tell the same, as JSON too, and --exit-code tells a workflow", async () => {
  const stack = await world.stack({
    files: {
      "fleet.yaml": `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca:
  subject: { commonName: Test CA }
certificates: { validityDays: 30 }
groups:
  lab: { ids: "lab-{0..2}" }
`,
    },
  });
  succeeded(await stack.up());

  const soon = await stack.fleet("expiring", "--within", "31d");
  succeeded(soon);
  expect(soon.stdout).toContain("3 certificates issued here (lab-{0..2})");
  expect(soon.stdout).not.toContain("Test CA");
  const none = await stack.fleet("expiring", "--within", "2w", "--exit-code");
  succeeded(none);
  expect(none.stdout).toContain("Of 4 certificates none ends by");

  const json = await stack.fleet("expiring", "--within", "31d", "--json", "--exit-code");
  expect(json.code).toBe(4);
  const { expiring } = JSON.parse(json.stdout) as {
    expiring: { id: string; kind: string; ended: boolean }[];
  };
  const listed = expiring.map(({ id, kind, ended }) => ({ id, kind, ended }));
  expect(listed.sort((one, other) => (one.id < other.id ? -1 : 1))).toEqual(
    [0, 1, 2].map((n) => ({ id: `lab-${n}`, kind: "issued", ended: false })),
  );

  const state = await stack.pulumi("stack", "export");
  stack.write("state.json", state.output);
  const main = path.join(process.cwd(), "dist", "cli", "main.js");
  const fromFile = await run(process.execPath, [
    main,
    "expiring",
    path.join(stack.folder, "state.json"),
    "--within",
    "31d",
  ]);
  expect(fromFile.stdout).toBe(soon.stdout);
  const piped = run(process.execPath, [main, "expiring", "-", "--within", "31d"]);
  piped.child.stdin?.end(state.output);
  expect((await piped).stdout).toBe(soon.stdout);
});
