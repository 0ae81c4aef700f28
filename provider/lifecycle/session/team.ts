import type { Account } from "../../cloud/answers.js";
import { ExpectedError } from "../../engine/errors.js";
import { escaped } from "../../engine/escaped.js";

/**
 * Refuses a stack of another team than that of the API key. With such a key all devices of the stack seem deleted, and a refresh or destroy
 * would empty the state, private keys included.
 */
export function requireTeam(account: Account, team: string | undefined, subject: string): void {
  const { tenantId, name } = account.team;
  if (team === undefined || team === tenantId) return;
  throw new ExpectedError(
    `${subject} belongs to team ${team}, but the API key belongs to team ${escaped(tenantId)}${name === undefined ? "" : ` (${name})`}. Nothing was changed. ` +
      "Use the key of the team that this stack manages (NRF_CLOUD_API_KEY, or `pulumi config set --secret nrfcloud:apiKey`).",
  );
}
