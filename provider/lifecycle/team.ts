import { ExpectedError } from "../engine/errors.js";
import type { LooseObject } from "../engine/outputs.js";
import type { Session } from "./session.js";

/**
 * Refuses to look at or change what belongs to another team than the API key does. To such a key everything of the stack
 * looks deleted, and a refresh or destroy would empty the state, private keys and all.
 */
export function requireTeam(open: Session, { team }: LooseObject, subject: string): void {
  const { tenantId, name } = open.account.team;
  if (typeof team !== "string" || team === tenantId) return;
  throw new ExpectedError(
    `${subject} belongs to team ${team}, but the API key is of team ${tenantId}${name === undefined ? "" : ` (${name})`}. Use the key of ` +
      "the team that this stack manages (NRF_CLOUD_API_KEY, or `pulumi config set --secret nrfcloud:apiKey`). Nothing was changed.",
  );
}

/** What a state keeps to recognise its team. */
export function teamOf(open: Session): { readonly team: string } {
  return { team: open.account.team.tenantId };
}
