import type { Account } from "./answers.js";

/** The devices that an API key can see: all of the team, or only those with one of these groups or without tags. */
export type Visibility = "all" | { readonly groups: readonly string[] };

/** Derives it from the answer of FetchAccount. If that has no role, a key with groups counts as limited. */
export function visibilityOf({ role, tags = [] }: Pick<Account, "role" | "tags">): Visibility {
  if (role === "owner" || role === "admin") return "all";
  return role === undefined && tags.length === 0 ? "all" : { groups: tags };
}
