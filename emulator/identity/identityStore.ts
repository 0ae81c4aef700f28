import type { Hindsight } from "../store/history.js";
import type { Contents, Journal } from "../store/journal.js";
import { JournaledMap } from "../store/journaledMap.js";
import { isClaim, type Claim } from "./claim.js";
import type { IdentityKeys } from "./identityKeys.js";
import { isProvisioningRule, type ProvisioningRule } from "./provisioningRule.js";
import { isProvisioningTag, type ProvisioningTag } from "./provisioningTag.js";

/** The content of the Identity and Provisioning service, for all teams. */
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
    hindsight: Hindsight,
  ) {
    this.claims = new JournaledMap(journal, "claims", isClaim, hindsight);
    this.rules = new JournaledMap(journal, "provisioningRules", isProvisioningRule, hindsight);
    this.tags = new JournaledMap(journal, "provisioningTags", isProvisioningTag, hindsight);
  }

  /** The next position in the order of claims. */
  nextSequence(): number {
    this.lastSequence += 1;
    return this.lastSequence;
  }

  /** Restores the contents of the state file. */
  restore(contents: Contents): void {
    this.claims.restore(contents.get("claims") ?? []);
    this.rules.restore(contents.get("provisioningRules") ?? []);
    this.tags.restore(contents.get("provisioningTags") ?? []);
    for (const { sequence } of this.claims.values())
      this.lastSequence = Math.max(this.lastSequence, sequence);
  }

  /** Deletes everything except the keys, so that tokens remain valid. */
  clear(): void {
    for (const records of [this.claims, this.rules, this.tags]) records.clear();
  }
}
