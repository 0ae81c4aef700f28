import { readdirSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { credentialsCommand } from "../../cli/commands/credentials.js";
import { forgetCommand } from "../../cli/commands/forget.js";
import { listCommand } from "../../cli/commands/list.js";
import { showCommand } from "../../cli/commands/show.js";
import { readIdPatterns } from "../../cli/fleet/idPatterns.js";
import { planForgetting } from "../../cli/state/forget.js";
import { lossesOf } from "../../cli/state/losses.js";
import { planMove, planRest } from "../../cli/state/move.js";
import { rowsIn, tablesIn } from "../../cli/state/sets.js";
import type { StackState } from "../../cli/state/stackState.js";
import { devicesIn } from "../../cli/status/devices.js";
import { generationText, reportLines, rotationLines } from "../../cli/status/rotation.js";
import { stackLines } from "../../cli/status/stack.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import type { KeptCredential, RotationRecord } from "../../provider/reconcile/table/record.js";
import { PulumiStandIn } from "../support/pulumiStandIn.js";
import { certificate, exported, stackState, type GivenStack } from "./states.js";

const AT = "2026-11-20T10:00:00.000Z";
const ISSUED_WITH = { ca: "0123456789abcdef", validityDays: 3650 };

function kept(generation: number, order = "issue"): KeptCredential {
  return {
    generation,
    order,
    validUntil: "2036-11-20T10:00:00Z",
    issuedWith: ISSUED_WITH,
    certificate: certificate(`generation ${generation}`),
    privateKey: order === "issue" ? generateKeyPair().privateKeyPem : undefined,
  };
}

const rotation = (generation: number, others: Pick<RotationRecord, "next" | "previous">): RotationRecord => ({
  generation,
  order: "issue",
  at: AT,
  ...others,
});

/** `lab-1` keeps its next credential, `lab-2` its previous one, `lab-3` the next of a CSR, and `lab-4` never rotated. */
const FLEET: GivenStack = {
  sets: [
    {
      rows: {
        "lab-1": {
          line: "generation=2 phase=issue",
          certificate: certificate("lab-1"),
          key: true,
          createdAt: "2026-01-01T00:00:00Z",
          rotation: rotation(1, { next: kept(2) }),
        },
        "lab-2": {
          line: "generation=2",
          certificate: certificate("lab-2"),
          key: true,
          rotation: rotation(2, { previous: kept(1) }),
        },
        "lab-3": {
          line: "csr=00112233445566778899aabbccddeeff generation=2 phase=issue",
          certificate: certificate("lab-3"),
          rotation: {
            ...rotation(1, { next: kept(2, "csr 00112233445566778899aabbccddeeff") }),
            order: "csr 0123456789abcdef0123456789abcdef",
          },
        },
        "lab-4": { line: "", certificate: certificate("lab-4"), key: true },
      },
    },
  ],
};

const meant = (...patterns: string[]) => readIdPatterns(patterns, "test");
const recordIn = (state: StackState, id: string) =>
  rowsIn(tablesIn(state.resources)).find((row) => row.id === id)?.record;

describe("kept credentials of a rotation", () => {
  const devices = devicesIn(stackState(FLEET).resources);
  const [next, previous, , first] = devices;

  test("are shown: which generation nRF Cloud has, which is kept, and whether the device has reported since", () => {
    expect(next && rotationLines(next, undefined)).toEqual([
      ["Generation", "nRF Cloud has generation 1"],
      ["  next", "generation 2 is kept (until 2036-11-20), not activated yet"],
      ["  last phase", AT],
    ]);
    const last = "2026-11-21T00:00:00.000Z";
    expect(previous && rotationLines(previous, { id: "lab-2", last, isSince: true })).toEqual([
      ["Generation", "nRF Cloud has generation 2"],
      ["  previous", "generation 1 is kept (until 2036-11-20), to go back to"],
      ["  last phase", AT],
      ["  reported", `${last}, after the last phase`],
    ]);
    expect(first && rotationLines(first, undefined)).toEqual([]);
    expect(devices.map(generationText)).toEqual(["1, next 2", "2, previous 1", "1, next 2", "1"]);
  });

  test("are summed up for the stack, those that have reported apart", () => {
    expect(stackLines(devices)).toContain(
      "  2 devices (lab-1, lab-3): have generation 1, and 2 is kept as the next one.",
    );
    expect(
      reportLines([
        { id: "lab-1", last: undefined, isSince: false },
        { id: "lab-2", last: AT, isSince: true },
      ]),
    ).toEqual([
      "  1 device (lab-2): have reported since the last phase of their rotation.",
      "  1 device (lab-1): have not reported since the last phase of their rotation.",
    ]);
  });

  test("count as keys that are lost with the state, even where the present key is the device's own", () => {
    const own: GivenStack = {
      sets: [
        {
          rows: {
            own: {
              line: "csr=00112233445566778899aabbccddeeff",
              certificate: certificate("own"),
              rotation: {
                ...rotation(2, { previous: kept(1) }),
                order: "csr 00112233445566778899aabbccddeeff",
              },
            },
          },
        },
      ],
    };
    expect(lossesOf(stackState(own).resources, new Date()).keys).toEqual(["own"]);
    expect(() => planForgetting(stackState(own), meant("own"), {})).toThrow(
      "1 device has its private key in this state only (own)",
    );
    expect(planForgetting(stackState(FLEET), meant("lab-3"), {}).keys).toEqual([]);
  });
});

describe("a move", () => {
  const PROD: GivenStack = {
    name: "prod",
    sets: [{ rows: { other: "" }, inputs: { caCertificate: certificate("CA of prod") } }],
  };

  test("takes both generations along, and none of them is a reason to issue another", () => {
    const stacks = { from: stackState(FLEET), to: stackState(PROD) };
    const { after } = planMove(stacks, meant("lab-*"), undefined);
    for (const id of ["lab-1", "lab-2", "lab-3"]) {
      const [was, is] = [recordIn(stacks.from, id)?.rotation, recordIn(after.to, id)?.rotation];
      expect(is?.generation).toBe(was?.generation);
      for (const which of ["next", "previous"] as const) {
        expect(is?.[which]?.certificate).toBe(was?.[which]?.certificate);
        expect(is?.[which]?.privateKey).toBe(was?.[which]?.privateKey);
        if (was?.[which] === undefined) continue;
        expect(is?.[which]?.issuedWith?.ca).not.toBe(ISSUED_WITH.ca);
      }
    }
    expect(after.from.text).not.toContain("keptKeys");
    const clear = after.to.text.replaceAll(/"plaintext":"(\\.|[^"\\])*"/g, "");
    expect(clear).toContain('"keptKeys"');
    expect(clear).not.toContain('"keptKeys":"');
  });

  test("that was interrupted is not finished where a key would be lost that only the first stack has", () => {
    const before = { from: stackState(FLEET), to: stackState(PROD) };
    const { after } = planMove(before, meant("lab-1"), undefined);
    const started = { from: "test/dev", to: "test/prod", ids: ["lab-1"] };
    expect(planRest({ from: before.from, to: after.to }, started)?.rows).toHaveLength(1);
    const rotated: GivenStack = {
      sets: FLEET.sets.map((set) => ({
        ...set,
        rows: {
          ...set.rows,
          "lab-1": {
            line: "generation=3 phase=issue",
            createdAt: "2026-01-01T00:00:00Z",
            rotation: rotation(1, { next: kept(3) }),
          },
        },
      })),
    };
    expect(() => planRest({ from: stackState(rotated), to: after.to }, started)).toThrow(
      "different devices with these ids",
    );
  });
});

describe("commands", () => {
  const standIn = () => new PulumiStandIn(exported(FLEET));

  test("credentials --next writes the credentials that nRF Cloud does not have yet, and only those", async () => {
    const pulumi = standIn();
    const out = await pulumi.run(credentialsCommand(), "--all", "--next", "--out", pulumi.path("keys"));
    expect(out).toContain("Wrote the next credentials of 2 devices (lab-1, lab-3) to");
    expect(out).toContain("Without a private key, because the device made its own: lab-3.");
    expect(readdirSync(pulumi.path("keys")).some((name) => /^lab-[24]_/.test(name))).toBe(false);
    expect(JSON.parse(pulumi.read("keys", "lab-1_manifest.json"))).toMatchObject({
      certificate: { subject: { commonName: "generation 2" } },
      privateKey: "file",
    });
    expect(statSync(pulumi.path("keys", "lab-1_prv.pem")).mode & 0o777).toBe(0o600);
    expect(out).not.toContain("PRIVATE KEY");
  });

  test.each(["lab-4", "lab-2"])("credentials --next refuses %s, which has none", async (id) => {
    const pulumi = standIn();
    const ran = pulumi.run(credentialsCommand(), id, "--next", "--out", pulumi.path("keys"));
    await expect(ran).rejects.toThrow(`The state holds no next certificate of "${id}"`);
  });

  test("forget writes the kept credentials beside the present ones before they leave the state", async () => {
    const pulumi = standIn();
    const keys = pulumi.path("keys");
    const out = await pulumi.run(forgetCommand(), "lab-{1..2}", "--yes", "--credentials", keys);
    expect(out).toContain("1 key of the next generation too (lab-1)");
    expect(out).toContain("1 key of the generation before too (lab-2)");
    expect(readdirSync(pulumi.path("keys", "next"))).toContain("lab-1_prv.pem");
    expect(readdirSync(pulumi.path("keys", "previous"))).toContain("lab-2_prv.pem");
    expect(JSON.parse(pulumi.read("keys", "previous", "lab-2_manifest.json"))).toMatchObject({
      certificate: { subject: { commonName: "generation 1" } },
    });
    expect(readdirSync(keys)).toEqual(expect.arrayContaining(["lab-1_prv.pem", "lab-2_prv.pem"]));
    expect(pulumi.state).not.toContain("lab-1");
  });

  test("show and list name the generations, without a request to the account", async () => {
    const pulumi = standIn();
    expect(await pulumi.run(showCommand(), "lab-1")).toMatch(
      /Generation +nRF Cloud has generation 1\n {2}next +generation 2 is kept/,
    );
    expect(await pulumi.run(listCommand())).toMatch(
      /CERTIFICATE ENDS +GENERATION +TAGS\nlab-1 .* 1, next 2\nlab-2 .* 2, previous 1\n/,
    );
  });
});
