import { textEntry } from "../json.js";
import type { Backend } from "./settings.js";
import { pulumiOutput, type Target } from "./target.js";

/** Who keeps the state, by the address that the CLI is logged in to. @throws CommandError when it is logged in nowhere */
export async function backendOf(target: Target): Promise<Backend> {
  const whoAmI: unknown = JSON.parse(await pulumiOutput(target, ["whoami", "--json"], { withStack: false }));
  return /^https?:/.test(textEntry(whoAmI, "url") ?? "") ? "Pulumi Cloud" : "self-managed";
}
