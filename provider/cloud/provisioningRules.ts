import { isProvisioningRule, isProvisioningRulePage, type ListedRule } from "./answers.js";
import { allPages } from "./list.js";
import { path, type Transport } from "./transport.js";

/** A rule sends its commands to claimed devices with one of its tags when they connect. */
export interface RuleContent {
  readonly name: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** Each has one kind with its fields, such as `{"clientPrivateKeyGeneration":{"secTag":16842753}}`. */
  readonly commands: readonly Readonly<Record<string, unknown>>[];
}

/** Creates a rule and makes it active; it can't be changed from then on (CreateProvisioningRule). Gives its id. */
export async function createRule(transport: Transport, rule: RuleContent): Promise<string> {
  const { id } = await transport.ask(
    {
      operation: "CreateProvisioningRule",
      method: "POST",
      path: path("provisioning-rules"),
      body: {
        type: "application/json",
        text: JSON.stringify({
          name: rule.name,
          description: rule.description ?? rule.name,
          active: true,
          commands: rule.commands.map((request) => ({ request })),
          tags: rule.tags,
        }),
      },
    },
    isProvisioningRule,
  );
  return id;
}

/** All rules of the team (ListProvisioningRules). */
export function listRules(transport: Transport): Promise<readonly ListedRule[]> {
  const list = {
    operation: "ListProvisioningRules",
    path: path("provisioning-rules"),
    page: isProvisioningRulePage,
  };
  return allPages(transport, list, {});
}

/** Deletes a rule, but not what it changed on devices (the path is assumed: none is documented). Absent is success. */
export function deleteRule(transport: Transport, id: string): Promise<void> {
  return transport.remove({
    operation: "DeleteProvisioningRule",
    method: "DELETE",
    path: path("provisioning-rules", id),
  });
}
