import type { Account } from "./answers.js";

/** Which devices of the team an API key can see: all, or only those with one of these groups or with no tag. */
export type Visibility = "all" | { readonly groups: readonly string[] };

/** What a key may see, by the answer of FetchAccount. Without a role there, a key with groups counts as limited. */
export function visibilityOf({ role, tags = [] }: Pick<Account, "role" | "tags">): Visibility {
  if (role === "owner" || role === "admin") return "all";
  return role === undefined && tags.length === 0 ? "all" : { groups: tags };
}
