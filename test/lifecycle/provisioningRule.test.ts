import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { provisioningRule } from "../../provider/lifecycle/provisioningRule.js";
import { useAccount } from "../support/account.js";
import { Refused, Resource } from "../support/resource.js";

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
      const rule = newRule();
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
  it("is refused in the preview, and that rule stays", async () => {
    const present = newRule();
    await present.up({ ...content, name: "taken" });
    await expect(newRule().plan({ ...content, name: "taken" })).rejects.toThrow(Refused);
    await expect(newRule().plan({ ...content, name: "taken" })).rejects.toThrow(
      'The team has a provisioning rule "taken" already',
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

it("that was deleted elsewhere is found gone", async () => {
  const rule = newRule();
  await rule.up({ ...content, name: "short-lived" });
  await account.admin("POST", "/reset");
  await rule.refresh();
  expect(rule.exists).toBe(false);
});

it.each([
  [{ name: "x", tags: ["a"] }, "commands: are missing"],
  [{ name: " ", ...content }, "name: is empty"],
  [{ name: "x", commands: content.commands }, "tags: are missing"],
])("is refused in the preview where it could not be made: %j", async (inputs, reason) => {
  await expect(newRule().plan(inputs)).rejects.toThrow(reason);
});
