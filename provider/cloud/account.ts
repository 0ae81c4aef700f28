import { isAccount, type Account } from "./answers.js";
import { path, type Transport } from "./transport.js";

/** The team that the API key belongs to (FetchAccount). The cheapest call that proves a key. */
export async function fetchAccount(transport: Transport): Promise<Account> {
  const account = await transport.ask(
    { operation: "FetchAccount", method: "GET", path: path("account") },
    isAccount,
  );
  const { name } = account.team;
  // The name is only displayed, so it can be escaped here.
  return name === undefined
    ? account
    : { ...account, team: { ...account.team, name: transport.sanitizer()(name) } };
}
