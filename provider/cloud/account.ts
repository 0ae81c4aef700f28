import { isAccount, type Account } from "./answers.js";
import { path, type Transport } from "./transport.js";

/** The team that the API key belongs to (FetchAccount). The cheapest call that proves a key. */
export function fetchAccount(transport: Transport): Promise<Account> {
  return transport.ask({ operation: "FetchAccount", method: "GET", path: path("account") }, isAccount);
}
