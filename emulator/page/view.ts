import { pageRequest, type PageRequest } from "../http/page.js";
import type { Query } from "../http/query.js";
import type { Team } from "../teams.js";

/** The part of the account that the page shows. */
export interface View {
  /** The team whose devices, claims and jobs these are. */
  readonly tenantId: string;
  /** Whether all words of the filter occur in these texts. */
  readonly matches: (texts: readonly (string | undefined)[]) => boolean;
  readonly connectedOnly: boolean;
  /** Which page of the devices. */
  readonly page: PageRequest;
}

/** Reads `team` (a tenant id; default: the first team), `filter` (words), `connected`, `pageLimit` and `pageNextToken`. */
export function viewOf(query: Query, teams: readonly Team[]): View {
  const words = (query.text("filter") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return {
    tenantId: query.text("team") ?? teams[0]?.tenantId ?? "",
    matches: (texts) => words.every((word) => texts.some((text) => text?.toLowerCase().includes(word))),
    connectedOnly: query.flag("connected"),
    // The page shows the present state, and not the delayed one of the API.
    page: pageRequest(query, { at: Infinity, changesMeanwhile: () => false }),
  };
}
