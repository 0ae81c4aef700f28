import type { Contents, Journal } from "../store/journal.js";
import { isClaim, type Claim } from "./claim.js";
import type { IdentityKeys } from "./identityKeys.js";
import { JournaledMap } from "./journaledMap.js";
import { isProvisioningRule, type ProvisioningRule } from "./provisioningRule.js";
import { isProvisioningTag, type ProvisioningTag } from "./provisioningTag.js";

/** Everything that the Identity and Provisioning service knows, of all teams. */
export class IdentityStore {
  /** By device id. */
  readonly claims: JournaledMap<Claim>;
  /** By rule id. */
  readonly rules: JournaledMap<ProvisioningRule>;
  readonly tags: JournaledMap<ProvisioningTag>;
  private lastSequence = 0;

  constructor(
    readonly keys: IdentityKeys,
    journal: Journal,
  ) {
    this.claims = new JournaledMap(journal, "claims", isClaim);
    this.rules = new JournaledMap(journal, "provisioningRules", isProvisioningRule);
    this.tags = new JournaledMap(journal, "provisioningTags", isProvisioningTag);
  }

  /** The next position in the order of claims. */
  nextSequence(): number {
    this.lastSequence += 1;
    return this.lastSequence;
  }

  /** Takes in what the state file holds. */
  restore(contents: Contents): void {
    for (const records of [this.claims, this.rules, this.tags]) records.restore(contents);
    for (const { sequence } of this.claims.values())
      this.lastSequence = Math.max(this.lastSequence, sequence);
  }

  /** Forgets everything but the keys, so that tokens stay good. */
  clear(): void {
    for (const records of [this.claims, this.rules, this.tags]) records.clear();
  }
}
