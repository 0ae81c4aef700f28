import { phases } from "../../provider/fleet/rotation.js";
import { rmSync } from "node:fs";
import { createPublicKey } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { useAccount } from "../support/account.js";
import { credentialsFor, csrs, fingerprintOf } from "../support/credentials.js";
import { fleetCa, StackOfSet, type Rows } from "../support/deviceSet.js";
import { firmwareTypes, subType, tags, trickyName } from "./arbitraries.js";

const account = useAccount();

const IDS = ["d-1", "d-2", "d-3", "__proto__"];
const own = new Map(IDS.map((id) => [id, credentialsFor(id)]));
const requests = csrs();
const cas = [fleetCa("One CA"), fleetCa("Other CA")];

const which = fc.constantFrom(0 as const, 1 as const);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

/** How a device of the table is declared; which request, certificate or key is meant is a number. */
const row = fc.record({
  tags,
  subType,
  firmwareTypes,
  name: maybe(trickyName),
  credential: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("issue" as const) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("csr", "certificate", "publicKey"), which }) },
  ),
  /** How far its rotation goes, and whether it asks for another generation. */
  phase: fc.constantFrom(...phases),
  rises: fc.boolean(),
});
type Declared = (typeof row extends fc.Arbitrary<infer T> ? T : never) & { readonly generation: number };

const run = fc.record({
  rows: fc.array(maybe(row), { minLength: IDS.length, maxLength: IDS.length }),
  /** Rows that stay as they were in the run before. */
  kept: fc.subarray(IDS),
  ca: fc.constantFrom(0, 0, 1),
  /** The run is killed before its state is saved. */
  isLost: fc.boolean(),
  /** Somebody changes a device by hand, after which the user refreshes. */
  drift: maybe(fc.record({ id: fc.constantFrom(...IDS), tags, name: maybe(trickyName) })),
});

/** The first device, in the first phase of a rotation. */
const issuing = {
  tags: [],
  subType: undefined,
  firmwareTypes: [],
  name: undefined,
  credential: { kind: "issue" as const },
  phase: "issue" as const,
  rises: false,
};

/** The device is gone, and a run that brings it back with another generation and another CA is killed. */
const broughtBack = [
  { rows: [issuing], ca: 0 as const, isLost: false },
  { rows: [], ca: 1 as const, isLost: true },
  { rows: [issuing], ca: 1 as const, isLost: true },
].map((each) => ({ ...each, kept: [], drift: undefined }));

function rowsOf(declared: ReadonlyMap<string, Declared>): Rows {
  return Object.fromEntries(
    [...declared].map(
      ([id, { credential, name, subType: type, generation, phase, tags: all, firmwareTypes: firmware }]) => {
        const brought = own.get(id);
        const rotation = { generation, phase };
        const given =
          credential.kind === "issue"
            ? { rotation }
            : credential.kind === "csr"
              ? { credential: { csr: requests[credential.which] }, rotation }
              : credential.kind === "certificate"
                ? { credential: { certificate: brought?.certificate[credential.which] ?? "" } }
                : { credential: { publicKey: brought?.publicKey[credential.which] ?? "" } };
        return [
          id,
          {
            tags: all,
            firmwareTypes: firmware,
            ...given,
            ...(name === undefined ? {} : { name }),
            ...(type === undefined ? {} : { subType: type }),
          },
        ];
      },
    ),
  );
}

const sorted = (values: readonly string[]) => [...new Set(values)].sort();

it("a table is brought from any declaration to any other, whichever runs are killed, and then there is nothing left to do", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 2, maxLength: 4 }), async (runs) => {
      await account.admin("POST", "/reset");
      rmSync(account.journalFolder, { recursive: true, force: true });
      const stack = new StackOfSet(account);
      let declared = new Map<string, Declared>();
      const generations = new Map<string, number>();
      let [ca, wasLost] = [0, false];
      for (const { rows, kept, ca: wanted, isLost, drift } of runs) {
        // What a killed run made is recorded first, with the CA that it had, and a new CA is the business of the run after.
        if (!wasLost) ca = wanted;
        wasLost = isLost;
        const next = new Map<string, Declared>();
        for (const [i, id] of IDS.entries()) {
          const [before, another] = [declared.get(id), rows[i]];
          if (kept.includes(id) && before !== undefined) next.set(id, before);
          if (kept.includes(id) || another === undefined) continue;
          // A generation never falls, and a phase that registers nothing needs a later one.
          const rise = Number(another.rises || another.phase === "issue");
          const generation = (generations.get(id) ?? 1) + rise;
          generations.set(id, generation);
          next.set(id, { ...another, generation });
        }
        if (stack.exists && drift !== undefined && (await account.devices()).has(drift.id)) {
          const { id, ...changes } = drift;
          await account.admin("PATCH", `/devices/${id}`, JSON.parse(JSON.stringify(changes)));
          await stack.refresh();
        }
        stack.ca = cas[ca] ?? stack.ca;
        if (isLost) await stack.upAndLoseState(rowsOf(next));
        declared = next;
        if (isLost) continue;
        await stack.up(rowsOf(declared));
        await asDeclared(stack, declared, ca);
      }
      await stack.up(rowsOf(declared));
      await asDeclared(stack, declared, ca);
      await stack.destroy();
      expect((await account.devices()).size).toBe(0);
    }),
    // A failure is told with its seed before the test's own time is over, be the smallest case found or not.
    { numRuns: 25, examples: [[broughtBack]], interruptAfterTimeLimit: 120_000 },
  );
});

async function asDeclared(
  stack: StackOfSet,
  declared: ReadonlyMap<string, Declared>,
  ca: number,
): Promise<void> {
  const present = await account.devices();
  expect([...present.keys()].sort()).toEqual([...declared.keys()].sort());
  for (const [
    id,
    { name, tags: wanted, subType: type, firmwareTypes: firmware, credential, phase },
  ] of declared) {
    const device = present.get(id);
    expect(device?.name).toBe(name ?? id);
    expect(sorted(device?.tags ?? [])).toEqual(sorted(wanted));
    expect(sorted(device?.firmwareTypes ?? [])).toEqual(sorted(firmware));
    if (type !== undefined) expect(device?.subType).toBe(type);
    expect(stack.createdAt(id)).toBe(device?.createdAt);
    const brought = own.get(id);
    // The account may have what the device had before.
    if (phase === "issue") continue;
    switch (credential.kind) {
      case "issue":
        await stack.requireKeys(id);
        break;
      case "csr":
        expect(fingerprintOf(stack.certificates.get(id) ?? "")).toBe(device?.certificate?.fingerprint);
        break;
      case "certificate":
        expect(fingerprintOf(brought?.certificate[credential.which] ?? "")).toBe(
          device?.certificate?.fingerprint,
        );
        break;
      case "publicKey": {
        const key = createPublicKey(brought?.publicKey[credential.which] ?? "");
        expect(device?.publicKey).toBe(key.export({ type: "spki", format: "der" }).toString("base64"));
      }
    }
  }
  expect(cas[ca]).toBe(stack.ca);
  const rows = rowsOf(declared);
  expect((await stack.preview(rows)).step).toBe("same");
  await stack.refresh();
  expect((await stack.preview(rows)).step).toBe("same");
}
