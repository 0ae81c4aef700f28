import { describe, expect, test } from "vitest";
import { describeExpiring, remedy } from "../../cli/expiry/describe.js";
import { certificatesIn, endingBy } from "../../cli/expiry/expiring.js";
import { belowPolicy, demandedRemaining } from "../../cli/expiry/policy.js";
import { parseState } from "../../cli/state/export.js";
import { tablesIn } from "../../cli/state/sets.js";
import { fleetCommand } from "../support/fleetCommand.js";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";
import { certificate, resource, stackState, type GivenStack } from "./states.js";

const now = new Date("2026-11-23T12:00:00Z");

const certificatesOf = (stack: GivenStack) => certificatesIn(stackState(stack).resources);

describe("certificates in a state", () => {
  test("are found by kind, the next to end first", () => {
    const pem = certificate("any");
    const { known: found, unknown } = certificatesOf({
      sets: [
        {
          inputs: { earlyRenewalHours: 240 },
          rows: {
            "lab-1": { line: "", certificate: pem, key: true, validUntil: "2026-12-01T00:00:00Z" },
            own: {
              line: "certificate=00112233445566778899aabbccddeeff",
              validUntil: "2026-12-02T00:00:00Z",
            },
            mine: "publicKey=00112233445566778899aabbccddeeff",
            old: "credential=existing adopt=keep",
            taken: { line: "adopt=keep", outcome: { kind: "adopted" } },
            "late-1": {
              line: "via=jitp credential=issued",
              certificate: pem,
              key: true,
              validUntil: "2026-12-24T00:00:00Z",
            },
            "late-2": "via=jitp",
            token: "via=attestation",
          },
        },
      ],
      others: [
        resource("CaCertificate", "ca", {
          outputs: { commonName: "Lab CA", validUntil: "2027-03-01T00:00:00Z" },
        }),
        resource("DeviceCertificate", "factory-1", {
          outputs: { deviceId: "factory-1", validUntil: "2026-11-30T00:00:00Z" },
        }),
        resource("JitpCertificate", "late-3-certificate", {
          outputs: { deviceId: "late-3", validUntil: "2026-12-23T00:00:00Z" },
        }),
      ],
    });
    expect(found).toEqual([
      { origin: "issued", subject: "factory-1", validUntil: "2026-11-30T00:00:00Z" },
      {
        origin: "issued",
        subject: "lab-1",
        validUntil: "2026-12-01T00:00:00Z",
        renewedFrom: "2026-11-21T00:00:00.000Z",
      },
      { origin: "brought", subject: "own", validUntil: "2026-12-02T00:00:00Z" },
      { origin: "just in time", subject: "late-3", validUntil: "2026-12-23T00:00:00Z" },
      { origin: "just in time", subject: "late-1", validUntil: "2026-12-24T00:00:00Z" },
      { origin: "CA", subject: "Lab CA", validUntil: "2027-03-01T00:00:00Z" },
    ]);
    expect(unknown).toEqual(["old", "taken"]);
  });

  test("are followed by the next of a rotation, where the state keeps one that ends later", () => {
    const row = (validUntil: string, nextEnd: string) => ({
      line: "generation=2 phase=issue",
      certificate: certificate("any"),
      key: true,
      validUntil,
      rotation: {
        generation: 1,
        order: "issue",
        at: "2026-11-01T00:00:00Z",
        next: {
          generation: 2,
          order: "issue",
          validUntil: nextEnd,
          issuedWith: undefined,
          certificate: certificate("next"),
          privateKey: undefined,
        },
      },
    });
    const { known } = certificatesOf({
      sets: [
        {
          inputs: { earlyRenewalHours: 240 },
          rows: {
            "lab-1": row("2026-12-01T00:00:00Z", "2027-12-01T00:00:00Z"),
            "lab-2": row("2026-12-02T00:00:00Z", "2026-12-01T00:00:00Z"),
          },
        },
      ],
    });
    expect(known.map(({ hasNext }) => hasNext)).toEqual([true, undefined]);
    expect(known.map((each) => remedy(each, now))).toEqual([
      "Its next certificate is issued already. Flash it (`nrfcloud-fleet credentials --next`), then activate it (`phase: activate`).",
      expect.stringContaining("The next apply renews it") as string,
    ]);
  });

  test("of resources to delete after a replacement are left out, and an invalid state is reported without its text", () => {
    const gone = resource("CaCertificate", "ca", {
      delete: true,
      outputs: { commonName: "Lab CA", validUntil: "2026-12-01T00:00:00Z" },
    });
    expect(certificatesOf({ sets: [], others: [gone] }).known).toEqual([]);
    expect(() => parseState("sesame {", "the test")).toThrow(/is not the state of a stack/);
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

  test("is listed by date, with ids folded where the remedy is the same", () => {
    const told = describeExpiring([device(1, "01"), device(2, "01"), device(3, "24")], now);
    expect(told).toMatch(
      /^2026-12-01 {2}ends in 7 days: 2 certificates issued here \(lab-\{1\.\.2\}\)\n {2}No apply renews it/,
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

describe("what its policy does not allow", () => {
  const row = (validUntil: string) => ({ line: "", certificate: certificate("any"), key: true, validUntil });
  const state = stackState({
    sets: [
      {
        name: "strict",
        inputs: { policy: "minRemaining=90d" },
        rows: { "lab-1": row("2027-01-01T00:00:00Z"), "lab-2": row("2027-06-01T00:00:00Z") },
      },
      { name: "lax", rows: { "old-1": row("2026-11-24T00:00:00Z") } },
    ],
    others: [
      resource("CaCertificate", "ca", {
        outputs: { commonName: "Lab CA", validUntil: "2027-02-01T00:00:00Z" },
      }),
    ],
  }).resources;

  test("is a certificate with less time left than its set requires, and a CA with less than any set requires", () => {
    const demanded = demandedRemaining(tablesIn(state));
    expect(demanded.ofCas?.text).toBe("90d");
    const found = belowPolicy(certificatesIn(state).known, demanded, now);
    expect(found.map(({ subject }) => subject)).toEqual(["lab-1", "Lab CA"]);
  });
});

const world = useWorld();

test("a stack, a file and standard input give the same result, also as JSON, and --exit-code is for workflows", async () => {
  const stack = await world.stack({
    files: {
      "fleet.yaml": `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca:
  subject: { commonName: Test CA }
certificates: { validityDays: 30 }
policy: { minRemaining: 20d }
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

  const kept = await stack.fleet("expiring", "--check");
  succeeded(kept);
  expect(kept.stdout).toContain("Of 4 certificates none has less time left than its policy requires.");
  expect((await stack.fleet("expiring")).code).toBe(2);

  const state = await stack.pulumi("stack", "export");
  stack.write("state.json", state.output);
  const inFolder = { cwd: stack.folder };
  const fromFile = await fleetCommand(["expiring", "state.json", "--within", "31d"], inFolder);
  expect(fromFile.stdout).toBe(soon.stdout);
  // As if the fleet had asked for more.
  stack.write("stricter.json", state.output.replaceAll("minRemaining=20d", "minRemaining=40d"));
  expect(await fleetCommand(["expiring", "stricter.json", "--check"], inFolder)).toMatchObject({
    code: 6,
    stdout: expect.stringContaining("3 certificates issued here (lab-{0..2})") as string,
  });
  const piped = await fleetCommand(["expiring", "-", "--within", "31d"], { input: state.output });
  expect(piped.stdout).toBe(soon.stdout);
});
