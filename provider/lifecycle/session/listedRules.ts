import type { ListedRule } from "../../cloud/answers.js";
import { listRules } from "../../cloud/provisioningRules.js";
import type { Transport } from "../../cloud/transport.js";

/** The provisioning rules of the team, listed once for all resources of a run until one of them changes a rule. */
export class ListedRules {
  private listed: Promise<readonly ListedRule[]> | undefined;

  /** @param identity the connection to the Identity and Provisioning service */
  constructor(private readonly identity: () => Transport) {}

  /** The rule with this name, which is unique in the team (ListProvisioningRules, if the run has no list yet). */
  async find(name: string): Promise<ListedRule | undefined> {
    const listed = (this.listed ??= listRules(this.identity()));
    try {
      return named(await listed, name);
    } catch (error) {
      // The next resource tries again.
      if (this.listed === listed) this.forget();
      throw error;
    }
  }

  /** The same from a new list (ListProvisioningRules). */
  findNow(name: string): Promise<ListedRule | undefined> {
    this.forget();
    return this.find(name);
  }

  /** Drops the list, because a rule was created or deleted, or may have been. */
  forget(): void {
    this.listed = undefined;
  }
}

function named(rules: readonly ListedRule[], name: string): ListedRule | undefined {
  return rules.find((rule) => rule.name === name);
}
