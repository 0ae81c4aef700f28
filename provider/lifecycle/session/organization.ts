import type { Project } from "../../cloud/onboarding/organization.js";
import { ExpectedError } from "../../engine/errors.js";
import { SETTINGS } from "./knownSettings.js";
import { isBearer, settingOf, type SettingSources } from "./settings.js";

export interface OrganizationSettings extends Project {
  /** Organization auth token. Secret. */
  readonly token: string;
}

/** Slugs of the web app. */
const SLUG = /^[-\w]{1,128}$/;

/**
 * The organization that onboards devices. `undefined`: the device API does.
 * @throws ExpectedError where only a part is set, or the API key is missing: the organization's token can create devices, but can't read them
 */
export function organizationSettings(sources: SettingSources): OrganizationSettings | undefined {
  const setting = settingOf(sources);
  const organization = setting(SETTINGS.organization);
  const project = setting(SETTINGS.project);
  const token = setting(SETTINGS.organizationToken);
  if (organization === undefined && project === undefined && token === undefined) return undefined;
  if (organization === undefined) throw missing("organization", "the slug of the organization");
  if (project === undefined) throw missing("project", "the slug of its project");
  if (token === undefined) throw missing("organizationToken", "the organization auth token");
  if (setting(SETTINGS.apiKey) === undefined) {
    throw missing(
      "apiKey",
      "the API key of the team. The organization auth token creates devices, and the API key reads and deletes them",
    );
  }
  for (const [name, slug] of [
    ["organization", organization],
    ["project", project],
  ] as const) {
    if (SLUG.test(slug)) continue;
    throw new ExpectedError(
      `${namesOf(name)} is ${JSON.stringify(slug)}, which is not a slug. ` +
        "A slug has letters, digits, - and _ only. The project settings of the web app show it.",
    );
  }
  if (!isBearer(token)) {
    throw new ExpectedError(
      "The organization auth token has a space, a line break or another character that no token has. " +
        `Copy it again into ${namesOf("organizationToken")}.`,
    );
  }
  return { organization, project, token };
}

type Name = "organization" | "project" | "organizationToken" | "apiKey";

function missing(name: Name, what: string): ExpectedError {
  const all = [SETTINGS.organization, SETTINGS.project, SETTINGS.organizationToken];
  return new ExpectedError(
    `The provider can't onboard through the API of an organization without ${namesOf(name)}, ${what}. ` +
      `Set it, or unset ${all.map(({ key }) => key).join(", ")} to onboard through the device API. Nothing was changed.`,
  );
}

function namesOf(name: Name): string {
  const { variable, key } = SETTINGS[name];
  return `${variable} (or ${key})`;
}
