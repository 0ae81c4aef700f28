import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { beforeAll, expect, it, vi } from "vitest";
import type { LooseObject } from "../../provider/engine/outputs.js";
import { caCertificate } from "../../provider/lifecycle/caCertificate.js";
import { device } from "../../provider/lifecycle/device.js";
import { useAccount, type AccountDevice } from "../support/account.js";
import { firmwareTypes, subType, tags, trickyName } from "./arbitraries.js";
import { credentialsFor, csrs, fingerprintOf, type Credentials } from "../support/credentials.js";
import { Refused, Resource, type Step } from "../support/resource.js";

/** Devices that are led side by side, each through two to four declarations. */
const LIVES = 40;

const account = useAccount();
vi.spyOn(process.stdout, "write").mockReturnValue(true);

/** How a device proves who it is, in words; which CA, request, certificate or key is meant is a number. */
type Way =
  | {
      readonly kind: "issue";
      readonly ca: 0 | 1;
      readonly csr: 0 | 1 | undefined;
      readonly rotation: string | undefined;
      readonly validityDays: number | undefined;
    }
  | { readonly kind: "certificate" | "publicKey"; readonly which: 0 | 1 }
  | { readonly kind: "none" };

interface Declared {
  readonly subType: string | undefined;
  readonly firmwareTypes: readonly string[];
  readonly tags: readonly string[];
  /** `id`: called by its id, in so many words. */
  readonly name: string | undefined;
  readonly adopt: "keep" | "recertify" | undefined;
  readonly way: Way;
}

/** What somebody else does in the portal between two runs, after which the user refreshes. */
interface Drift {
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

interface Life {
  /** The device is in the account before anything is declared. */
  readonly present:
    | { readonly name: string; readonly tags: readonly string[]; readonly subType: string | undefined }
    | undefined;
  readonly runs: readonly { readonly drift: Drift | undefined; readonly declared: Declared }[];
}

const number = fc.constantFrom<(0 | 1)[]>(0, 1);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(maybe(arbitrary), { nil: undefined, freq: 2 });

const way: fc.Arbitrary<Way> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("issue" as const),
      ca: number,
      csr: rarely(number),
      rotation: rarely(fc.constantFrom("1", "2")),
      validityDays: rarely(fc.constantFrom(3, 5)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("certificate" as const), which: number }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("publicKey" as const), which: number }) },
  { weight: 1, arbitrary: fc.constant({ kind: "none" as const }) },
);

const declared: fc.Arbitrary<Declared> = fc.record({
  subType,
  firmwareTypes,
  tags,
  name: maybe(fc.oneof(trickyName, fc.constant("id"))),
  adopt: fc.constantFrom(undefined, undefined, "keep" as const, "keep" as const, "recertify" as const),
  way,
});

const keys = ["subType", "firmwareTypes", "tags", "name", "adopt", "way"] as const;

/** Runs of which each changes a little, so that what was the same before and after is met often. */
const runs: fc.Arbitrary<Life["runs"]> = fc
  .tuple(
    declared,
    fc.array(
      fc.record({
        drift: rarely(fc.record({ name: maybe(trickyName), tags: maybe(tags) })),
        next: declared,
        changed: fc.shuffledSubarray([...keys, "adopt" as const, "way" as const], {
          minLength: 1,
          maxLength: 3,
        }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([first, changes]) => {
    const all: { drift: Drift | undefined; declared: Declared }[] = [{ drift: undefined, declared: first }];
    for (const { drift, next, changed } of changes) {
      const before = all.at(-1)?.declared ?? first;
      const change = Object.fromEntries(changed.map((key) => [key, next[key]]));
      all.push({ drift, declared: { ...before, ...change } });
    }
    return all;
  });

const life: fc.Arbitrary<Life> = fc
  .record({
    present: maybe(fc.record({ name: fc.constantFrom("Kitchen", "Cellar"), tags, subType })),
    asDeclared: fc.boolean(),
    runs,
  })
  .map(({ present, asDeclared, runs }) => ({
    present: present && asDeclared ? { ...present, subType: runs[0]?.declared.subType } : present,
    runs,
  }));

let requests: readonly [string, string] = ["", ""];
const cas: Resource[] = [];

beforeAll(async () => {
  requests = csrs();
  for (const commonName of ["One CA", "Other CA"]) {
    const ca = new Resource(caCertificate);
    await ca.up({ subject: { commonName }, validityDays: 30, earlyRenewalHours: 1 });
    cas.push(ca);
  }
});

function inputsOf(deviceId: string, { way, name, ...others }: Declared, own: Credentials): LooseObject {
  const credential =
    way.kind === "none"
      ? undefined
      : way.kind === "issue"
        ? {
            ca: cas[way.ca]?.id,
            csr: way.csr === undefined ? undefined : requests[way.csr],
            rotation: way.rotation,
            validityDays: way.validityDays,
          }
        : { [way.kind]: own[way.kind][way.which] };
  return { deviceId, ...others, name: name === "id" ? deviceId : name, credential, stack: "dev" };
}

/** What the life of a device has come to, by the documentation alone. */
interface Model {
  readonly way: Way;
  readonly adopt: Declared["adopt"];
  readonly subType: string | undefined;
  readonly firmwareTypes: readonly string[];
  readonly name: string;
  /** It has the certificate that it had before it was declared. */
  readonly foreign: boolean;
  /** It was in the account before, and nobody has given it a name since. */
  readonly keepsName: boolean;
}

const sorted = (values: readonly string[]) => [...new Set(values)].sort();

/** The inputs that only a new device can follow, by the README. */
function replacedFor(before: Model, now: Declared): string[] {
  const fixed = [
    ...(before.subType === now.subType ? [] : ["subType"]),
    ...(sorted(before.firmwareTypes).join() === sorted(now.firmwareTypes).join() ? [] : ["firmwareTypes"]),
  ];
  const known = before.way.kind !== "none" && now.way.kind !== "none";
  const kindChanges = known && (before.way.kind === "publicKey") !== (now.way.kind === "publicKey");
  return kindChanges ? [...fixed, "credential"] : fixed;
}

/** Whether the device is to have another credential now than before. */
function getsCredential(before: Model, now: Declared): boolean {
  if (now.way.kind === "none") return false;
  const recertified = before.adopt !== "recertify" && now.adopt === "recertify";
  if (before.foreign) {
    return (
      recertified || (now.way.kind !== "issue" && JSON.stringify(before.way) !== JSON.stringify(now.way))
    );
  }
  return JSON.stringify(before.way) !== JSON.stringify(now.way);
}

function keepsKey(before: Way, now: Way): boolean {
  return (
    before.kind === "issue" &&
    now.kind === "issue" &&
    before.csr === now.csr &&
    before.rotation === now.rotation
  );
}

async function live(deviceId: string, { present, runs }: Life): Promise<void> {
  const own = credentialsFor(deviceId);
  if (present !== undefined) await onboardBefore(deviceId, present, own.before);
  const resource = new Resource(device);
  let model: Model | undefined;
  for (const { drift, declared: now } of runs) {
    const inputs = inputsOf(deviceId, now, own);
    if (model !== undefined && drift !== undefined) {
      await account.admin(
        "PATCH",
        `/devices/${encodeURIComponent(deviceId)}`,
        JSON.parse(JSON.stringify(drift)),
      );
      if (drift.name !== undefined) model = { ...model, name: drift.name };
      await resource.refresh();
    }
    if (now.way.kind === "none" && now.adopt !== "keep") {
      await expect(resource.up(inputs)).rejects.toThrow(Refused);
      continue;
    }
    const before = await seen(deviceId);
    if (model === undefined) {
      const refusal = refusalOf(present, now);
      if (refusal !== undefined) {
        await expect(resource.up(inputs)).rejects.toThrow(refusal);
        expect(await seen(deviceId)).toEqual(before);
        continue;
      }
    }
    const fixed = model === undefined ? [] : replacedFor(model, now);
    if (fixed.length > 0 && now.way.kind === "none") {
      // It would be deleted, and could not come back.
      await expect(resource.up(inputs)).rejects.toThrow(/no credential is declared/);
      expect(await seen(deviceId)).toEqual(before);
      continue;
    }
    const key = resource.exists ? resource.outputs.privateKey : undefined;
    const because: readonly string[] = model === undefined ? [] : replacedFor(model, now);
    const plan = await resource.plan(inputs);
    expect([...plan.because].sort()).toEqual([...because].sort());
    const step = await resource.up(inputs);
    expect(step).toBe(plan.step);
    const after = await seen(deviceId);
    if (after === undefined) throw new Error("the device is not in the account");

    const next = expected(deviceId, model, now, step, present);
    expect(step === "replace").toBe(because.length > 0);
    if (step === "update" || step === "same") expect(after.createdAt).toBe(before?.createdAt);
    if (step === "same") expect(after).toEqual(before);
    expect(sorted(after.tags)).toEqual(sorted(now.tags));
    expect(after.name).toBe(next.name);
    expectCredential(deviceId, after, next, now, own, resource);
    const renewed = model !== undefined && step === "update" && getsCredential(model, now);
    if (model !== undefined && !renewed && step !== "replace" && !next.foreign) {
      expect(after.certificate?.fingerprint).toBe(before?.certificate?.fingerprint);
    }
    if (renewed && model !== undefined && !model.foreign && keepsKey(model.way, now.way)) {
      expect(resource.outputs.privateKey).toBe(key);
    }

    // Planning again gives nothing, with a refresh in between and without.
    expect(await resource.plan(inputs)).toEqual({ step: "same", because: [] });
    await resource.refresh();
    expect(await resource.plan(inputs)).toEqual({ step: "same", because: [] });
    model = next;
  }
  if (resource.exists) {
    await resource.destroy();
    expect(await seen(deviceId)).toBeUndefined();
  }
}

function refusalOf(present: Life["present"], now: Declared): RegExp | undefined {
  if (present === undefined) return now.way.kind === "none" ? /has no such device/ : undefined;
  if (now.adopt === undefined) return /is in the account already/;
  const subType = present.subType ?? "unknown";
  return now.subType !== undefined && now.subType !== subType ? /its sub-type in the account is/ : undefined;
}

function expected(
  deviceId: string,
  before: Model | undefined,
  now: Declared,
  step: Step,
  present: Life["present"],
): Model {
  const { way, adopt, subType, firmwareTypes } = now;
  const given = now.name === "id" ? deviceId : now.name;
  const settled = { way, adopt, subType, firmwareTypes };
  if (step === "replace" || (step === "create" && present === undefined)) {
    return { ...settled, name: given ?? deviceId, foreign: false, keepsName: false };
  }
  if (before === undefined) {
    const name = given ?? present?.name ?? deviceId;
    return { ...settled, name, foreign: adopt === "keep", keepsName: given === undefined };
  }
  const keepsName = before.keepsName && given === undefined;
  return {
    ...(step === "same" ? before : settled),
    name: keepsName ? before.name : (given ?? deviceId),
    keepsName,
    foreign: before.foreign && !getsCredential(before, now),
  };
}

function expectCredential(
  deviceId: string,
  after: AccountDevice,
  { foreign }: Model,
  { way }: Declared,
  own: Credentials,
  { outputs }: Resource,
): void {
  const { certificate, privateKey } = outputs;
  if (foreign || way.kind === "none") {
    if (foreign) expect(after.certificate?.fingerprint).toBe(fingerprintOf(own.before));
    return;
  }
  switch (way.kind) {
    case "certificate":
      expect(after.certificate?.fingerprint).toBe(fingerprintOf(own.certificate[way.which]));
      return;
    case "publicKey":
      expect(after.publicKey).toBe(base64Of(own.publicKey[way.which]));
      return;
    case "issue": {
      expect(after.certificate?.fingerprint).toBe(fingerprintOf(String(certificate)));
      const issued = new X509Certificate(String(certificate));
      expect(issued.subject).toBe(`CN=${deviceId}`);
      expect(issued.checkIssued(new X509Certificate(String(cas[way.ca]?.outputs.certificate)))).toBe(true);
      expect(privateKey === undefined).toBe(way.csr !== undefined);
    }
  }
}

function base64Of(pem: string): string {
  return pem.split("\n").slice(1, -2).join("");
}

async function seen(deviceId: string): Promise<AccountDevice | undefined> {
  return (await account.devices()).get(deviceId);
}

async function onboardBefore(
  deviceId: string,
  { name, tags, subType }: NonNullable<Life["present"]>,
  certificate: string,
): Promise<void> {
  const { url, apiKey } = account.emulator;
  const response = await fetch(`${url}/devices/${encodeURIComponent(deviceId)}`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ certificate, tags: sorted(tags), ...(subType === undefined ? {} : { subType }) }),
  });
  expect(response.status).toBe(202);
  await account.admin("PATCH", `/devices/${encodeURIComponent(deviceId)}`, { name });
}

it("a device is brought from any declaration to any other, and then there is nothing left to do", async () => {
  for (const seed of fc.sample(fc.integer(), 2)) {
    await account.admin("POST", "/reset");
    // Side by side, as the engine leads them: they share batches, looks and lists.
    const lives = fc.sample(life, { seed, numRuns: LIVES });
    const ends = await Promise.allSettled(lives.map((each, i) => live(`device-${i}`, each)));
    const failures = ends.flatMap((end, i) =>
      end.status === "rejected" ? [`${String(end.reason)}\n${JSON.stringify(lives[i])}`] : [],
    );
    expect(failures, `seed ${seed}`).toEqual([]);
  }
});

const plain = {
  subType: undefined,
  firmwareTypes: [],
  tags: ["a"],
  name: undefined,
  adopt: undefined,
  way: { kind: "issue", ca: 0, csr: undefined, rotation: undefined, validityDays: undefined },
} as const satisfies Declared;
const kitchen = { name: "Kitchen", tags: [], subType: undefined };
const run = (change: Partial<Declared>) => ({ drift: undefined, declared: { ...plain, ...change } });

it.each<[string, Life]>([
  [
    "an adopted device without a credential is not deleted for a change that only a new device could follow",
    {
      present: kitchen,
      runs: [
        run({ adopt: "keep", way: { kind: "none" } }),
        run({ adopt: "keep", way: { kind: "none" }, firmwareTypes: ["APP"] }),
      ],
    },
  ],
  [
    "an adopted device gets the certificate that was declared for it all along, once `recertify` asks for it",
    {
      present: kitchen,
      runs: [
        run({ adopt: "keep", way: { kind: "certificate", which: 0 } }),
        run({ adopt: "recertify", way: { kind: "certificate", which: 0 } }),
      ],
    },
  ],
  [
    "an adopted device keeps its name when `adopt` is taken out again",
    { present: kitchen, runs: [run({ adopt: "recertify" }), run({}), run({ tags: [] })] },
  ],
  [
    "an adopted device is called by its id where that is declared",
    {
      present: kitchen,
      runs: [run({ adopt: "keep" }), run({ adopt: "keep", name: "id" }), run({ name: "id" })],
    },
  ],
])("%s", async (_, life) => {
  await account.admin("POST", "/reset");
  await live("device", life);
});
