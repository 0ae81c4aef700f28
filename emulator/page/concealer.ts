import type { Team } from "../teams.js";

/** A replacer for JSON that hides the keys and tokens of teams. Clients put them into ids and names by mistake. */
export function concealer(teams: readonly Team[]): (name: string, value: unknown) => unknown {
  const secrets = teams.flatMap(({ apiKeys, organization }) => [
    ...apiKeys.map(({ key }) => key),
    ...(organization === undefined ? [] : [organization.token]),
  ]);
  return (_name, value) =>
    typeof value === "string" ? secrets.reduce((text, secret) => text.replaceAll(secret, "…"), value) : value;
}
