/** What is made of a rule that the team has already under a name that is declared. */
import { isDeepStrictEqual } from "node:util";
import type { ListedRule } from "../cloud/answers.js";
import type { RuleContent } from "../cloud/provisioningRules.js";
import type { Notice } from "../engine/notices.js";
import { isRecord } from "../fleet/data.js";
import { sameTags } from "../reconcile/plan/planRow.js";

/** A rule that is taken over as it is, or the reason why it is not. */
export type Adoption =
  | { readonly kind: "refused"; readonly because: string }
  | {
      readonly kind: "adopted";
      /** `undefined` where the list does not tell it: the rule can't be deleted then. */
      readonly ruleId: string | undefined;
      /** What is declared of the rule, but not told by the list, so that it can't be compared. */
      readonly untold: readonly string[];
    };

/**
 * Compares what is declared of a rule with what the list tells of the one that is there. An active rule can't be changed, so that
 * a difference is refused. A description that is not declared is left alone.
 */
export function adoptionOf(declared: RuleContent & { readonly adopt: boolean }, found: ListedRule): Adoption {
  const rule = `a provisioning rule ${JSON.stringify(declared.name)}`;
  if (!declared.adopt) {
    return {
      kind: "refused",
      because:
        `The team has ${rule} already, and this stack does not; an interrupted run may have made it. To take it over, ` +
        "declare `adopt: true`. Otherwise choose another name (names are unique in a team), or delete the present rule.",
    };
  }
  const { description, active } = found;
  if (active === false) {
    return {
      kind: "refused",
      because: `The team has ${rule}, but it is a draft, without effect. Activate or delete it in the portal, then run again.`,
    };
  }
  const commands = commandsIn(found);
  const differences = [
    ...(found.tags !== undefined && !sameTags(found.tags, declared.tags)
      ? [`tags ${JSON.stringify(found.tags)}, and ${JSON.stringify(declared.tags)} are declared`]
      : []),
    ...(declared.description !== undefined &&
    typeof description === "string" &&
    description !== declared.description
      ? [`the description ${JSON.stringify(description)}, and another is declared`]
      : []),
    // They are not quoted: a command may hold a secret.
    ...(commands !== undefined && !isDeepStrictEqual(commands, declared.commands)
      ? ["other commands than are declared"]
      : []),
  ];
  if (differences.length > 0) {
    return {
      kind: "refused",
      because:
        `The team has ${rule}, but it has ${differences.join("; it has ")}. An active rule can't be changed. ` +
        "Declare it as it is (`nrfcloud-fleet export` shows it), and change it afterwards, which replaces it.",
    };
  }
  const untold = [
    ...(found.tags === undefined ? ["tags"] : []),
    ...(commands === undefined ? ["commands"] : []),
  ];
  return { kind: "adopted", ruleId: found.id, untold };
}

/** What a preview tells of an adoption. */
export function describeAdoption(
  { ruleId, untold }: Extract<Adoption, { kind: "adopted" }>,
  { name }: RuleContent,
): Notice {
  return {
    subject: `Rule ${name}`,
    text: [
      "the team has this rule already: it is adopted as it is.",
      ...(untold.length === 0
        ? []
        : [
            `The list of rules does not tell its ${untold.join(" and ")}: compare them with those declared in the portal.`,
          ]),
      ruleId === undefined
        ? "The list does not tell its id either: a destroy will not be able to delete the rule, and fail until it is deleted in the portal."
        : "A destroy will delete it.",
    ].join(" "),
  };
}

/** The commands of a listed rule, in the form in which they are declared; `undefined` where the list has no such form. */
function commandsIn({ commands }: ListedRule): readonly unknown[] | undefined {
  if (!Array.isArray(commands)) return undefined;
  const requests = commands.map((command: unknown) => (isRecord(command) ? command.request : undefined));
  return requests.every(isRecord) ? requests : undefined;
}
