import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { accountProblems, leftovers, plannedSteps } from "../../tools/chaos/check.mjs";
import type { Account } from "../../tools/chaos/cloud.mjs";
import type { Fleet } from "../../tools/chaos/fleet.mjs";
import { keyProblems } from "../../tools/chaos/keyCheck.mjs";
import { PLANS_DIGEST } from "../../tools/chaos/knownSeeds.mjs";
import { Ledger } from "../../tools/chaos/ledger.mjs";
import { OwnKeys, type OwnKey } from "../../tools/chaos/ownKeys.mjs";
import { planOf, type Plan } from "../../tools/chaos/plan.mjs";
import { leaks } from "../../tools/chaos/secrets.mjs";
import type { Ran } from "../../tools/chaos/stack.mjs";
import { DOUBT, names, OLDER, REPLACED, saidOf, TAKEN } from "../../tools/chaos/messages.mjs";
import type { StateRow } from "../../tools/chaos/state.mjs";
import { Strangers } from "../../tools/chaos/strangers.mjs";

const UUID = "50363154-3931-44f0-8022-121b6401627d";

const FLEET: Fleet = {
  validityDays: 300,
  groups: [
    {
      name: "lab",
      tags: ["a"],
      subType: "tracker",
      naming: undefined,
      firmwareTypes: [],
      devices: [{ id: "lab-1", tags: ["b"], name: "Unit", credential: "issued", key: 1, adopt: undefined }],
    },
  ],
  program: [],
  jitp: [
    {
      name: "kits",
      tags: [],
      subType: undefined,
      wait: 3,
      pending: "fail",
      devices: [{ id: "kit-1", code: "code-271828", name: undefined, tags: [] }],
    },
  ],
  claims: [{ name: "trackers", tags: ["x"], unclaimOnDestroy: true, adopt: false, uuids: [UUID] }],
  rules: [{ name: "onboard", description: "first", tags: ["x"] }],
};

const PLAN: Plan = {
  ...planOf(1),
  residents: [],
  bystanders: [{ id: "other-1", tags: ["z"], name: undefined, subType: undefined }],
  operations: [],
  declared: FLEET,
};

const known = { saved: new Set(["lab-1", "kit-1"]), adrift: new Set<string>() };

const keys = new OwnKeys();
/** A key of lab-1, the one it gets in its place, and one of kit-1. */
let first: OwnKey;
let second: OwnKey;
let kit: OwnKey;
/** An account in which all is well; each test spoils its own. */
let account: Account;

beforeAll(async () => {
  first = await keys.of("certificate", "lab-1", 1);
  second = await keys.of("certificate", "lab-1", 2);
  kit = await keys.of("certificate", "kit-1", 1);
});

beforeEach(() => {
  const device = (id: string, tags: string[], name: string, subType: string | undefined) => ({
    id,
    tags,
    name,
    subType,
    team: "ours",
    fingerprint: undefined,
    publicKey: undefined,
  });
  const devices = [
    { ...device("lab-1", ["b", "a"], "Unit", "tracker"), ...registered(first) },
    { ...device("kit-1", [], "kit-1", "unknown"), ...registered(kit) },
    device("other-1", ["z"], "other-1", undefined),
  ];
  account = {
    devices: new Map(devices.map((each) => [each.id, each])),
    unowned: [],
    claims: new Map([[UUID, { id: UUID, team: "ours", tags: ["x"] }]]),
    rules: [{ name: "onboard", description: "first" }],
  };
});

/** What an account shows of a device with this key. */
function registered({ pem }: OwnKey) {
  const { fingerprint256 } = new X509Certificate(pem);
  return {
    fingerprint: fingerprint256.replaceAll(":", "").toLowerCase(),
    publicKey: createPublicKey(pem).export({ type: "spki", format: "der" }).toString("base64"),
  };
}

function addStray() {
  const other = account.devices.get("other-1");
  return other && account.devices.set("stray-1", { ...other, id: "stray-1" });
}

function change(id: string, changes: object) {
  const device = account.devices.get(id);
  return device && account.devices.set(id, { ...device, ...changes });
}

describe("the account", () => {
  test("that is as declared has no problem", () => {
    expect(accountProblems(PLAN, account, known)).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    ["device stray-1 is in the account, but not declared", () => addStray()],
    ["device lab-1 is declared, but not in the account", () => account.devices.delete("lab-1")],
    ["device lab-1 has the tags a, declared are a b", () => change("lab-1", { tags: ["a"] })],
    ["device lab-1 is called lab-1, declared is Unit", () => change("lab-1", { name: "lab-1" })],
    ["device lab-1 has sub-type other, declared is tracker", () => change("lab-1", { subType: "other" })],
    ["device other-1, which is none of this stack's, is gone", () => account.devices.delete("other-1")],
    ["device other-1, which is none of this stack's, was changed", () => change("other-1", { tags: [] })],
    [`device ${UUID} is declared, but not claimed`, () => account.claims.delete(UUID)],
    [
      "device stray-2 is claimed, but not declared",
      () => account.claims.set("stray-2", { id: "stray-2", team: "ours", tags: [] }),
    ],
    [
      `claim ${UUID} has the tags y, declared are x`,
      () => account.claims.set(UUID, { id: UUID, team: "ours", tags: ["y"] }),
    ],
    ["rule onboard is declared, but not there", () => account.rules.pop()],
    ["rule stray is there, but not declared", () => account.rules.push({ name: "stray", description: "" })],
    [
      "rule onboard is described as second, declared is first",
      () => (account.rules = [{ name: "onboard", description: "second" }]),
    ],
  ])("%s", (problem, spoil) => {
    spoil();
    expect(accountProblems(PLAN, account, known)).toEqual([problem]);
  });
});

describe("after destroy", () => {
  const emptied = () => {
    for (const id of ["lab-1", "kit-1"]) account.devices.delete(id);
    account.claims.clear();
    account.rules = [];
  };

  test("what the documentation says may remain", () => {
    emptied();
    account.unowned.push("kit-1");
    account.claims.set("kept", { id: "kept", team: "ours", tags: [] });
    const claims = [{ name: "kept", tags: [], unclaimOnDestroy: false, adopt: false, uuids: ["kept"] }];
    expect(leftovers({ ...PLAN, declared: { ...FLEET, claims } }, account, known)).toEqual([]);
  });

  test("everything else is reported", () => {
    account.unowned.push("lab-1");
    expect(leftovers(PLAN, account, known)).toEqual([
      "device lab-1 is still in the account",
      "device kit-1 is still in the account",
      `device ${UUID} is still claimed`,
      "rule onboard is still there",
      "device lab-1 is on the platform and nobody's, though it is no just-in-time device",
    ]);
  });

  test("a device that an interrupted run was to adopt may remain, unless a state had it", () => {
    const resident = { id: "old-1", tags: [], name: undefined, subType: undefined };
    const plan = { ...PLAN, residents: [resident] };
    const device = account.devices.get("other-1");
    if (device !== undefined) account.devices.set("old-1", { ...device, id: "old-1" });
    expect(accountProblems(plan, account, known)).toEqual([]);
    expect(accountProblems(plan, account, { ...known, saved: new Set(["old-1"]) })).toEqual([
      "device old-1 is in the account, but not declared",
    ]);
  });

  test("what the stack lost track of may remain", () => {
    emptied();
    addStray();
    expect(leftovers(PLAN, account, known)).toEqual(["device stray-1 is still in the account"]);
    expect(leftovers(PLAN, account, { ...known, adrift: new Set(["stray-1"]) })).toEqual([]);
  });
});

describe("keys", () => {
  const problems = (
    certificate: string | undefined,
    privateKey?: string,
    { excused = new Set<string>(), outcome = "done" } = {},
  ) => {
    const row = (id: string, given: Pick<StateRow, "certificate" | "privateKey">) =>
      [id, { id, isThere: true, outcome, ...given }] as const;
    const rows = new Map([
      row("lab-1", { certificate, privateKey }),
      row("kit-1", { certificate: kit.pem, privateKey: kit.privateKey }),
    ]);
    return keyProblems(PLAN, account, rows, keys, excused);
  };

  test("that fit are in order", async () => {
    expect(await problems(first.pem, first.privateKey)).toEqual([]);
  });

  test("a certificate in the state that the account does not have is reported", async () => {
    expect(await problems(second.pem, second.privateKey)).toEqual([
      "the account has another certificate of lab-1 than the state",
    ]);
    expect(await problems(second.pem, second.privateKey, { excused: new Set(["lab-1"]) })).toEqual([]);
  });

  test("a private key of another certificate, or none, is reported", async () => {
    expect(await problems(first.pem, second.privateKey)).toEqual([
      "the private key of lab-1 in the state does not belong to its certificate",
    ]);
    expect(await problems(first.pem)).toEqual(["the state has no private key of lab-1"]);
    expect(await problems(undefined)).toEqual(["the state has no certificate of lab-1"]);
    expect(await problems(undefined, undefined, { outcome: "adopted" })).toEqual([]);
  });
});

describe("a key that was replaced", () => {
  let ledger: Ledger;
  const strangers = new Strangers();
  const observe = (key: OwnKey, declared = FLEET) => {
    change("lab-1", registered(key));
    ledger.observe({ devices: account.devices, strangers, declared });
  };

  beforeEach(() => {
    ledger = new Ledger();
    observe(first);
  });

  test("is reported", () => {
    observe(second);
    observe(second);
    expect(ledger.problems).toEqual(["lab-1 got another key, though nothing was declared anew"]);
  });

  test("is in order where another was declared, or the device was destroyed", () => {
    const anew = structuredClone(FLEET);
    for (const group of anew.groups) group.subType = "other";
    observe(second, anew);
    ledger.destroyed();
    observe(first, anew);
    expect(ledger.problems).toEqual([]);
    expect(ledger.replaced).toBe(2);
  });

  test("is in order where the device was taken away by hand, or what was known of it was lost", () => {
    ledger.removed(["lab-1"]);
    observe(second);
    ledger.forget();
    observe(first);
    expect(ledger.problems).toEqual([]);
  });

  test("by somebody else's device under the same id is no key of ours", () => {
    change("lab-1", registered(second));
    const device = account.devices.get("lab-1");
    const others = new Strangers();
    if (device !== undefined) others.add(device, "a colleague");
    ledger.observe({ devices: account.devices, strangers: others, declared: FLEET });
    observe(first);
    expect(ledger.problems).toEqual([]);
  });
});

describe("a device of somebody else", () => {
  let strangers: Strangers;

  beforeEach(() => {
    strangers = new Strangers();
    const device = account.devices.get("lab-1");
    if (device !== undefined) strangers.add(device, "a colleague");
  });

  test("that is not changed is in order, and so is what its owner does", () => {
    strangers.check(account.devices);
    strangers.forget("a colleague");
    account.devices.delete("lab-1");
    strangers.check(account.devices);
    expect(strangers.problems).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    ["was deleted", () => account.devices.delete("lab-1")],
    ["got another key", () => change("lab-1", registered(second))],
    ["got the tags z", () => change("lab-1", { tags: ["z"] })],
    ["got the name Ours", () => change("lab-1", { name: "Ours" })],
  ])("that %s is reported", (what, spoil) => {
    spoil();
    strangers.check(account.devices);
    strangers.check(account.devices);
    expect(strangers.problems).toEqual([`device lab-1 of a colleague ${what}`]);
  });
});

describe("what a run says", () => {
  const output = [
    "    2 devices (lab-{1..2}): The account has these devices already, and the state of this stack does not.",
    "    Likely causes, each with its remedy:",
    "    - The journal folder or the state was lost: restore it, or declare `adopt: recertify`, which issues new certificates.",
    "    An interrupted run may have created these devices, but nothing proves it.",
    "    1 device (lab-11): The state has revision 1, but the journal has 2: the state is older.",
  ].join("\n");
  const IDS = ["lab-1", "lab-2", "lab-3", "lab-11", "lab"];

  test("names single devices, or a range", () => {
    expect(IDS.filter((id) => names(output, id))).toEqual(["lab-1", "lab-2", "lab-11"]);
  });

  test.each([
    [TAKEN, ["lab-1", "lab-2"]],
    [DOUBT, ["lab-1", "lab-2"]],
    [OLDER, ["lab-11"]],
    [REPLACED, []],
  ])("is found: %s", (what, ids) => {
    expect(saidOf(output, what, IDS)).toEqual(ids);
  });
});

describe("secrets", () => {
  const places = (text: string) =>
    leaks([{ name: "an output", text }], {
      privateKeys: [first.privateKey],
      others: { "the API key": ["key-0123456789"], "a token": ["2dn3hQFQUDYxVDkx.0oRDoQEmoQRB"] },
    });

  test("that are not there are not found", () => {
    expect(places(`Updating (dev)\n${first.pem}`)).toEqual([]);
  });

  test.each([
    ["the API key", () => "Bearer key-0123456789"],
    ["a token", () => "token 0oRDoQEmoQRB"],
    ["a private key", () => first.privateKey.split("\n")[1] ?? ""],
    ["a private key", () => JSON.stringify(first.privateKey).slice(60, -60)],
  ])("%s is found", (what, text) => {
    expect(places(text())).toEqual([`an output has ${what}`]);
  });

  test("a private key that nobody knew of is found by its PEM", () => {
    expect(places(second.privateKey)).toEqual(["an output has a private key in PEM"]);
  });
});

describe("a preview", () => {
  const preview = (code: number, steps: { op: string; urn: string }[]): Ran => ({
    command: "preview",
    code,
    stdout: `{"steps": ${JSON.stringify(steps)}}`,
    output: "",
    seconds: 1,
    lostPatience: false,
  });

  test("without changes is in order", () => {
    expect(plannedSteps(preview(0, [{ op: "same", urn: "urn:x::lab-1" }]))).toEqual([]);
  });

  test("with changes, or one that failed, is not", () => {
    expect(plannedSteps(preview(255, [{ op: "update", urn: "urn:x::lab-1" }]))).toEqual(["update lab-1"]);
    expect(plannedSteps(preview(255, []))).toEqual(["the preview ended with 255"]);
    expect(plannedSteps({ ...preview(255, []), stdout: "" })).toEqual([
      "the preview ended with 255 and planned nothing",
    ]);
  });
});

test("a seed means the same plan for ever, or known seeds would prove nothing", () => {
  const plans = Array.from({ length: 200 }, (_, i) => planOf(i + 1));
  const digest = createHash("sha256").update(JSON.stringify(plans)).digest("hex");
  expect(digest.slice(0, 16)).toBe(PLANS_DIGEST);
  expect(planOf(8)).not.toEqual(planOf(7));
});
