/** Adoption of rules that the team already has under a declared name. */
import { isDeepStrictEqual } from "node:util";
import type { ListedRule } from "../cloud/answers.js";
import type { RuleContent } from "../cloud/provisioningRules.js";
import type { Notice } from "../engine/notices.js";
import { isRecord } from "../fleet/data.js";
import { sameMembers } from "../reconcile/table/members.js";

/** An adopted rule, or the reason against its adoption. */
export type Adoption =
  | { readonly kind: "refused"; readonly because: string }
  | {
      readonly kind: "adopted";
      /** `undefined`: the list does not show it, so that the provider can't delete the rule. */
      readonly ruleId: string | undefined;
      /** The declared parts that the list does not show, so that they can't be compared. */
      readonly unlisted: readonly string[];
    };

/**
 * Compares a declared rule with the listed one of the same name. nRF Cloud can't change an active rule, so a difference is refused. A
 * description that is not declared may differ.
 */
export function adoptionOf(declared: RuleContent & { readonly adopt: boolean }, found: ListedRule): Adoption {
  const rule = `a provisioning rule ${JSON.stringify(declared.name)}`;
  if (!declared.adopt) {
    return {
      kind: "refused",
      because:
        `The account has ${rule} already, and the state of this stack does not. An interrupted run may have created it. To adopt it, ` +
        "declare `adopt: true`. A resource that was renamed needs `aliases`. Otherwise choose another name (names are unique in a team), or " +
        "delete the present rule.",
    };
  }
  const { description, active } = found;
  if (active === false) {
    return {
      kind: "refused",
      because: `The account has ${rule}, but only as a draft, which has no effect. Activate or delete it in the portal, then run again.`,
    };
  }
  const commands = commandsIn(found);
  const differences = [
    ...(found.tags !== undefined && !sameMembers(found.tags, declared.tags)
      ? [`tags ${JSON.stringify(found.tags)}, and ${JSON.stringify(declared.tags)} are declared`]
      : []),
    ...(declared.description !== undefined &&
    typeof description === "string" &&
    description !== declared.description
      ? [`the description ${JSON.stringify(description)}, and another is declared`]
      : []),
    // A command may have a secret, so the message does not quote it.
    ...(commands !== undefined && !isDeepStrictEqual(commands, declared.commands)
      ? ["other commands than are declared"]
      : []),
  ];
  if (differences.length > 0) {
    return {
      kind: "refused",
      because:
        `The account has ${rule}, but with ${differences.join("; with ")}. nRF Cloud can't change an active rule. ` +
        "Declare it as `nrfcloud-fleet export` shows it, and change it afterwards, which replaces it.",
    };
  }
  const unlisted = [
    ...(found.tags === undefined ? ["tags"] : []),
    ...(commands === undefined ? ["commands"] : []),
  ];
  return { kind: "adopted", ruleId: found.id, unlisted };
}

/** The notice of an adoption in a preview. */
export function describeAdoption(
  { ruleId, unlisted }: Extract<Adoption, { kind: "adopted" }>,
  { name }: RuleContent,
): Notice {
  return {
    subject: `Rule ${name}`,
    text: [
      "the account has this rule already. The provider adopts it without a change.",
      ...(unlisted.length === 0
        ? []
        : [
            `nRF Cloud's list of rules does not show its ${unlisted.join(" and ")}: compare them in the portal with what you declare.`,
          ]),
      ruleId === undefined
        ? "The list does not show its id. A destroy will fail until you delete the rule in the portal."
        : "A destroy will delete it.",
    ].join(" "),
  };
}

/** The commands of a listed rule in the declared form. `undefined`: the list shows them in another form. */
function commandsIn({ commands }: ListedRule): readonly unknown[] | undefined {
  if (!Array.isArray(commands)) return undefined;
  const requests = commands.map((command: unknown) => (isRecord(command) ? command.request : undefined));
  return requests.every(isRecord) ? requests : undefined;
}
