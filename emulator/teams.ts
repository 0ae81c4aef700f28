import { isRecord, isText, isTextArray } from "./http/json.js";

/** What a member of a team may do; only a viewer may not write. */
export type Role = "owner" | "admin" | "editor" | "viewer";

const roles: readonly Role[] = ["owner", "admin", "editor", "viewer"];
const isRole = (value: unknown): value is Role => roles.some((role) => role === value);

/** One member's key for one team. */
export interface ApiKey {
  readonly key: string;
  readonly role: Role;
  /**
   * The device groups (tags) of an editor or viewer, who sees only devices that carry one of them or no tag at all.
   * Undefined: sees every device, as owners and admins always do.
   */
  readonly groups?: readonly string[];
}

/** A customer's account. Device ids are unique across all teams. */
export interface Team {
  /** A UUID. */
  readonly tenantId: string;
  readonly name: string;
  readonly apiKeys: readonly ApiKey[];
  /** `undefined` if the team is not linked to one. */
  readonly organization?: Organization;
}

/** A team in the terms of the newer API. */
export interface Organization {
  readonly slug: string;
  /** The slug of its one project. */
  readonly project: string;
  /** An organization auth token. */
  readonly token: string;
}

/** The sender of a request, by its API key or the token of its organization. */
export interface Caller {
  readonly team: Team;
  readonly apiKey: ApiKey;
}

/** The default teams: one to work with, and a second one for conflicts. */
export const defaultTeams: readonly Team[] = [
  {
    tenantId: "5b7a2f5e-0c1d-4f6e-9a64-1f3d0c7a9e11",
    name: "Emulated team",
    apiKeys: [{ key: "emulator-api-key", role: "owner" }],
    organization: { slug: "nrfcloud-emulated", project: "nrf-project", token: "oat_emulator" },
  },
  {
    tenantId: "c0ffee00-7e57-4a11-8bad-57a9e12b0b02",
    name: "Another team",
    apiKeys: [{ key: "emulator-other-team-api-key", role: "owner" }],
  },
];

/** The callers, by API key and by organization token. */
export interface Callers {
  readonly byApiKey: ReadonlyMap<string, Caller>;
  readonly byOrganizationToken: ReadonlyMap<string, Caller>;
}

/** The teams as lookups; throws if two teams share a key, a token, an organization or a tenant id. */
export function callersOf(teams: readonly Team[]): Callers {
  const tenantIds = new Set(teams.map((team) => team.tenantId));
  if (teams.length === 0) throw new Error("an emulator needs at least one team");
  if (tenantIds.size !== teams.length) throw new Error("two teams have the same tenantId");
  const byApiKey = new Map<string, Caller>();
  const byOrganizationToken = new Map<string, Caller>();
  const slugs = new Set<string>();
  for (const team of teams) {
    for (const apiKey of team.apiKeys) {
      if (byApiKey.has(apiKey.key)) throw new Error(`an API key of team "${team.name}" is used twice`);
      byApiKey.set(apiKey.key, { team, apiKey });
    }
    if (team.organization === undefined) continue;
    const { slug, token } = team.organization;
    if (slugs.has(slug)) throw new Error(`the organization of team "${team.name}" is used twice`);
    if (byOrganizationToken.has(token)) throw new Error(`the token of team "${team.name}" is used twice`);
    slugs.add(slug);
    byOrganizationToken.set(token, { team, apiKey: { key: token, role: "admin" } });
  }
  return { byApiKey, byOrganizationToken };
}

/**
 * Reads the teams of a JSON file: `[{"tenantId","name","apiKeys":[{"key","role"?,"groups"?}],"organization"?}]`, an
 * organization as `{"slug","project","token"}`; the role defaults to `owner`. Throws an Error that names the entry at fault.
 */
export function parseTeams(value: unknown): Team[] {
  if (!Array.isArray(value)) throw new Error("expected an array of teams");
  return value.map((team: unknown, index) => {
    const at = `team ${index}`;
    if (!isRecord(team)) throw new Error(`${at}: expected an object`);
    const { tenantId, name, apiKeys, organization } = team;
    if (!isText(tenantId)) throw new Error(`${at}: tenantId must be a text`);
    if (!isText(name)) throw new Error(`${at}: name must be a text`);
    if (!Array.isArray(apiKeys) || apiKeys.length === 0) throw new Error(`${at}: apiKeys must be an array`);
    return {
      tenantId,
      name,
      apiKeys: apiKeys.map((key: unknown) => parseApiKey(key, at)),
      ...(organization === undefined ? {} : { organization: parseOrganization(organization, at) }),
    };
  });
}

function parseOrganization(value: unknown, at: string): Organization {
  const { slug, project, token } = isRecord(value) ? value : {};
  if (!isText(slug) || !isText(project) || !isText(token)) {
    throw new Error(`${at}: organization must be {"slug","project","token"}`);
  }
  return { slug, project, token };
}

function parseApiKey(value: unknown, at: string): ApiKey {
  if (!isRecord(value) || !isText(value.key)) throw new Error(`${at}: each API key needs a text "key"`);
  const { key, role = "owner", groups } = value;
  if (!isRole(role)) throw new Error(`${at}: role must be one of ${roles.join(", ")}`);
  if (groups === undefined) return { key, role };
  if (!isTextArray(groups)) throw new Error(`${at}: groups must be an array of texts`);
  return { key, role, groups };
}
