import http from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisioningRule } from "../../provider/lifecycle/provisioningRule.js";
import { useAccount } from "../support/account.js";
import { LoneResource, Refused, Resource } from "../support/resource.js";

const account = useAccount({ consistencyDelayMs: 20 });
const newRule = () => new Resource(provisioningRule, account.hosted);

const content = { tags: ["a"], commands: [{ finished: {} }] };

it("is replaced for whatever changes what it does, and for nothing else", async () => {
  const command = fc.constantFrom(
    { clientPrivateKeyGeneration: { secTag: 1 } },
    { clientPrivateKeyGeneration: { secTag: 2 } },
    { finished: {} },
  );
  const declared = fc.record({
    name: fc.constantFrom("rule", "other"),
    description: fc.constantFrom(undefined, "one", "two"),
    tags: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }),
    commands: fc.array(command, { minLength: 1, maxLength: 2 }),
  });
  const meaning = (rule: Readonly<Record<string, unknown>>, key: string) => {
    const value = rule[key];
    // The order of tags means nothing, nor does a tag that is given twice.
    return JSON.stringify(
      key === "tags" && Array.isArray(value) ? [...new Set<unknown>(value)].sort() : value,
    );
  };
  await fc.assert(
    fc.asyncProperty(fc.array(declared, { minLength: 2, maxLength: 4 }), async (runs) => {
      await account.admin("POST", "/reset");
      const rule = new LoneResource(provisioningRule, account.alone);
      let before: (typeof runs)[number] | undefined;
      for (const now of runs) {
        const last = before;
        const because =
          last === undefined
            ? []
            : ["name", "description", "tags", "commands"].filter(
                (key) => meaning(last, key) !== meaning(now, key),
              );
        expect((await rule.plan(now)).because).toEqual(because);
        const step = await rule.up(now);
        if (last !== undefined) expect(step === "replace").toBe(because.length > 0);
        expect(await rule.plan(now)).toEqual({ step: "same", because: [] });
        await rule.refresh();
        expect(await rule.plan(now)).toEqual({ step: "same", because: [] });
        before = now;
      }
      await rule.destroy();
    }),
    { numRuns: 15 },
  );
});

describe("a name that another rule has", () => {
  it("is refused in the preview, and that rule is kept", async () => {
    const present = newRule();
    await present.up({ ...content, name: "taken" });
    await expect(newRule().plan({ ...content, name: "taken" })).rejects.toThrow(Refused);
    await expect(newRule().plan({ ...content, name: "taken" })).rejects.toThrow(
      'The account has a provisioning rule "taken" already',
    );
    await present.refresh();
    expect(present.exists).toBe(true);
  });

  it("is refused for a rule that would be renamed, before the rule is deleted", async () => {
    const [one, other] = [newRule(), newRule()];
    await one.up({ ...content, name: "one" });
    await other.up({ ...content, name: "other" });
    await expect(other.up({ ...content, name: "one" })).rejects.toThrow(Refused);
    await other.refresh();
    expect(other.exists).toBe(true);
  });
});

describe("a rule that the team has already", () => {
  const name = "onboarding";
  const onboarding = { name, tags: ["b", "a"], commands: [{ clientPrivateKeyGeneration: { secTag: 7 } }] };
  const bare = useBareLists();
  const named = async (): Promise<readonly { readonly id: string }[]> =>
    (await rules()).filter((rule) => rule.name === name);

  /** Makes it by another stack, and begins a run. */
  async function present(env: Readonly<Record<string, string>> = {}): Promise<void> {
    account.newRun();
    await account.admin("POST", "/reset");
    await newRule().up({ ...onboarding, description: "theirs" });
    account.newRun(env);
  }

  it("is refused with the remedy, as after an interrupted run", async () => {
    await present();
    await expect(newRule().plan(onboarding)).rejects.toThrow("To adopt it, declare `adopt: true`.");
  });

  it("is adopted as it is, with its id, and deleted like any other", async () => {
    await present();
    const before = await named();
    const rule = newRule();
    const declared = { ...onboarding, tags: ["a", "b"], adopt: true };
    expect(await rule.plan(declared)).toEqual({ step: "create", because: [] });
    expect(account.told).toEqual([
      "Rule onboarding: the account has this rule already. The provider adopts it without a change. A destroy will delete it.",
    ]);
    await rule.up(declared);
    expect(await named()).toEqual(before);
    expect(rule.id).toBe(before[0]?.id);
    await rule.refresh();
    expect(await rule.plan(declared)).toEqual({ step: "same", because: [] });
    account.newRun();
    rule.newRun();
    await rule.destroy();
    expect(await named()).toEqual([]);
  });

  it.each([
    [{ tags: ["a"] }, 'but with tags ["b","a"], and ["a"] are declared'],
    [{ description: "ours" }, 'the description "theirs", and another is declared'],
    [{ commands: [{ finished: {} }] }, "other commands than are declared"],
  ])("is refused in the preview where it is otherwise: %j", async (change, reason) => {
    await present();
    const before = await rules();
    await expect(newRule().plan({ ...onboarding, adopt: true, ...change })).rejects.toThrow(reason);
    expect(await rules()).toEqual(before);
  });

  it("is adopted where the list shows names and tags only: the preview says what that means", async () => {
    await present({ NRF_CLOUD_IDENTITY_ENDPOINT: bare.endpoint });
    const before = await named();
    const rule = newRule();
    const declared = { ...onboarding, adopt: true };
    await expect(newRule().plan({ ...declared, tags: ["a"] })).rejects.toThrow('but with tags ["b","a"]');
    await rule.plan(declared);
    expect(account.told.join()).toContain("does not show its commands: compare them");
    expect(account.told.join()).toContain("A destroy will fail until you delete the rule");
    await rule.up(declared);
    await rule.refresh();
    expect(await rule.plan(declared)).toEqual({ step: "same", because: [] });

    // Nothing is deleted or replaced by a name alone.
    account.newRun({ NRF_CLOUD_IDENTITY_ENDPOINT: bare.endpoint });
    rule.newRun();
    await expect(rule.plan({ ...declared, tags: ["c"] })).rejects.toThrow("does not show its id");
    account.newRun({ NRF_CLOUD_IDENTITY_ENDPOINT: bare.endpoint });
    rule.newRun();
    await expect(rule.destroy()).rejects.toThrow("Delete the rule in the portal");
    expect(await named()).toEqual(before);
    await account.admin("POST", "/reset");
    await rule.destroy();
  });

  it("is deleted as soon as the list has its id", async () => {
    await present({ NRF_CLOUD_IDENTITY_ENDPOINT: bare.endpoint });
    const rule = newRule();
    await rule.up({ ...onboarding, adopt: true });
    account.newRun();
    rule.newRun();
    await rule.destroy();
    expect(await named()).toEqual([]);
  });

  it("is not confused with the rule that it replaces, where the list lags behind", async () => {
    await present();
    const rule = newRule();
    await rule.up({ ...onboarding, adopt: true });
    const [adopted] = await named();
    await account.admin("PUT", "/faults", {
      seed: 1,
      rules: [
        { operations: ["ListProvisioningRules"], probability: 1, fault: { kind: "listLags", ms: 900 } },
      ],
    });
    const changed = { ...onboarding, commands: [{ finished: {} }], adopt: true };
    account.newRun();
    rule.newRun();
    expect(await rule.up(changed)).toBe("replace");
    await account.admin("DELETE", "/faults");
    const now = await named();
    expect(now).toHaveLength(1);
    expect(now[0]?.id).not.toBe(adopted?.id);
    expect(rule.id).toBe(now[0]?.id);
  });
});

/** The team's rules, as the service has them. */
async function rules(): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const { identityUrl, apiKey } = account.emulator;
  const answer = await fetch(`${identityUrl}/provisioning-rules`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  return ((await answer.json()) as { items: { id: string; name: string }[] }).items;
}

/** A way to the emulator on which lists of rules have names and tags only, as in the one form that is known of them. */
function useBareLists(): { readonly endpoint: string } {
  const server = http.createServer((request, response) => {
    void (async () => {
      const body = await request.toArray();
      const target = new URL(request.url ?? "", account.emulator.identityUrl);
      const answer = await fetch(target, {
        method: request.method ?? "GET",
        headers: { authorization: request.headers.authorization ?? "", "content-type": "application/json" },
        ...(body.length > 0 && { body: Buffer.concat(body) }),
      });
      const text = await answer.text();
      response.writeHead(answer.status, { "content-type": "application/json" });
      if (request.method !== "GET") return response.end(text);
      const { items } = JSON.parse(text) as { items: { name: string; tags: string[] }[] };
      return response.end(
        JSON.stringify({ items: items.map((item) => ({ name: item.name, tags: item.tags })) }),
      );
    })();
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => server.close());
  return {
    get endpoint() {
      const { pathname } = new URL(account.emulator.identityUrl);
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`;
    },
  };
}

it("that somebody else deleted is found missing", async () => {
  const rule = newRule();
  await rule.up({ ...content, name: "short-lived" });
  await account.admin("POST", "/reset");
  account.newRun();
  rule.newRun();
  await rule.refresh();
  expect(rule.exists).toBe(false);
});

it("that is missing, as after an interrupted replacement, is created again without a refresh: the preview says so", async () => {
  const declared = { ...content, name: "interrupted" };
  const rule = newRule();
  await rule.up(declared);
  await account.admin("POST", "/reset");
  account.newRun();
  rule.newRun();
  expect(await rule.plan(declared)).toEqual({ step: "update", because: [] });
  expect(account.told).toEqual([
    "Rule interrupted: the account does not have this rule any more. The provider creates it again.",
  ]);
  await rule.up(declared);
  const [created] = await rules();
  expect(created?.name).toBe("interrupted");
  expect(rule.outputs.ruleId).toBe(created?.id);
  expect(await rule.plan(declared)).toEqual({ step: "same", because: [] });
  account.newRun();
  rule.newRun();
  await rule.destroy();
  expect(await rules()).toEqual([]);
});

it.each([
  [{ name: "x", tags: ["a"] }, "commands: are missing"],
  [{ name: " ", ...content }, "name: is empty"],
  [{ name: "x", commands: content.commands }, "tags: are missing"],
])("is refused in the preview where it could not be made: %j", async (inputs, reason) => {
  await expect(newRule().plan(inputs)).rejects.toThrow(reason);
});

it("shares one list with all rules of a preview, of an update in which nothing changes, and of a refresh", async () => {
  await account.admin("POST", "/reset");
  account.newRun();
  const names = Array.from({ length: 12 }, (_, n) => `rule ${n}`);
  const rules = names.map((name) => ({ name, rule: newRule() }));
  const lists = async () => {
    const { routes } = (await account.admin("GET", "/requests")) as {
      routes: Readonly<Record<string, { readonly count: number } | undefined>>;
    };
    return routes["GET /provisioning/v1/provisioning-rules"]?.count ?? 0;
  };
  const run = async (step: (each: (typeof rules)[number]) => Promise<unknown>): Promise<number> => {
    account.newRun();
    for (const { rule } of rules) rule.newRun();
    await account.admin("DELETE", "/requests");
    await Promise.all(rules.map(step));
    return lists();
  };
  expect(await run(({ name, rule }) => rule.plan({ ...content, name }))).toBe(1);
  expect(await run(({ name, rule }) => rule.up({ ...content, name }))).toBeGreaterThanOrEqual(12);
  expect(await run(({ name, rule }) => rule.plan({ ...content, name }))).toBe(1);
  expect(await run(({ name, rule }) => rule.up({ ...content, name }))).toBe(1);
  expect(await run(({ rule }) => rule.refresh())).toBe(1);

  // What one of them changes, the others see.
  account.newRun();
  for (const { rule } of rules) rule.newRun();
  const [first, second] = rules;
  if (first === undefined || second === undefined) throw new Error("no rules");
  expect((await second.rule.plan({ ...content, name: second.name })).step).toBe("same");
  await first.rule.destroy();
  const taken = new Resource(provisioningRule, account.hosted);
  expect((await taken.plan({ ...content, name: first.name })).step).toBe("create");
  await expect(newRule().plan({ ...content, name: second.name })).rejects.toThrow(Refused);
  expect(
    await run(({ name, rule }) =>
      rule === first.rule ? Promise.resolve() : rule.plan({ ...content, name }),
    ),
  ).toBe(1);
});
