import type { Account } from "./answers.js";

/** Which devices of the team an API key can see: all, or only those with one of these groups or with no tag. */
export type Visibility = "all" | { readonly groups: readonly string[] };

/** What a key can see by what FetchAccount tells of it. Where no role is told, a key with groups counts as limited. */
export function visibilityOf({ role, tags = [] }: Pick<Account, "role" | "tags">): Visibility {
  if (role === "owner" || role === "admin") return "all";
  return role === undefined && tags.length === 0 ? "all" : { groups: tags };
}
