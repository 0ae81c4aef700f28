import { invalid } from "../errors.js";
import { isRecord, isText, isTextArray } from "../http/json.js";
import type { CommandOrder } from "./command.js";
import type { ProvisioningRule } from "./provisioningRule.js";
import type { ProvisioningTag } from "./provisioningTag.js";

/** A device to be claimed: the JSON body, or a row of a CSV one. */
export interface ClaimRequest {
  readonly token: string;
  readonly tags: readonly string[];
}

/** More kinds of characters than in a device's tags: the documented example has an equals sign. */
const tagPattern = /^[a-zA-Z0-9_.@:#=-]{1,128}$/;

/** What is wrong with provisioning tags. */
export const tagProblems = (tags: readonly string[]): string[] =>
  tags
    .filter((tag) => !tagPattern.test(tag))
    .map((tag) => `tag ${JSON.stringify(tag)} does not match ${String(tagPattern)}`);

/** Comma-separated tags. Nordic's own client sends those of a command line as one. */
export const splitTags = (text: string): string[] => (text === "" ? [] : text.split(","));

/** The body of ClaimDeviceOwnership for one device. */
export function parseClaim(body: Record<string, unknown>): ClaimRequest {
  const { claimToken, tags = [] } = body;
  if (!isText(claimToken)) throw invalid(["claimToken must be a string"]);
  return { token: claimToken, tags: parseTags(tags) };
}

/** A JSON array of tags. */
export function parseTags(body: unknown): string[] {
  if (!Array.isArray(body) || !body.every((tag) => typeof tag === "string")) {
    throw invalid(["tags must be an array of strings"]);
  }
  const tags = [...new Set(body.flatMap(splitTags))];
  const problems = tagProblems(tags);
  if (problems.length > 0) throw invalid(problems);
  return tags;
}

/** The fields that each kind of command must have. Kinds whose JSON is not known are not served. */
const commandFields: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  clientPrivateKeyGeneration: { secTag: isSecurityTag },
  cloudAccessKeyGeneration: { secTag: isSecurityTag },
  certificateSigningRequest: {
    secTag: isSecurityTag,
    attributes: (value) => typeof value === "string",
    keyUsage: (value) => typeof value === "string" && /^[01]{1,9}$/.test(value),
  },
  clientCertificate: { secTag: isSecurityTag, content: isText },
  serverCertificate: { secTag: isSecurityTag, content: isText },
  finished: {},
};

function isSecurityTag(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffff_ffff;
}

/** The body of a provisioning command, also of one in a rule. */
export function parseCommand(body: unknown): CommandOrder {
  const { description, request } = isRecord(body) ? body : {};
  if (description !== undefined && typeof description !== "string")
    throw invalid(["description must be a string"]);
  if (!isRecord(request)) throw invalid(["request must be an object"]);
  const [[kind, fields] = ["", undefined], ...others] = Object.entries(request);
  const expected = Object.hasOwn(commandFields, kind) ? commandFields[kind] : undefined;
  if (expected === undefined || others.length > 0) {
    throw invalid([`request must have exactly one of ${Object.keys(commandFields).join(", ")}`]);
  }
  if (!isRecord(fields)) throw invalid([`${kind} must be an object`]);
  const problems = [
    ...Object.entries(expected).flatMap(([name, test]) =>
      test(fields[name]) ? [] : [`${kind}.${name} is missing or not valid`],
    ),
    ...Object.keys(fields)
      .filter((name) => !Object.hasOwn(expected, name))
      .map((name) => `${kind}.${name} is not known`),
  ];
  if (problems.length > 0) throw invalid(problems);
  return { description, request };
}

type NewRule = Pick<ProvisioningRule, "name" | "description" | "active" | "commands" | "tags">;

/** The body of a provisioning rule. */
export function parseRule(body: Record<string, unknown>): NewRule {
  const { name, description, active = false, commands = [], tags = [] } = body;
  const problems: string[] = [];
  if (!isText(name)) problems.push("name must be a string");
  if (description !== undefined && typeof description !== "string")
    problems.push("description must be a string");
  if (typeof active !== "boolean") problems.push("active must be true or false");
  if (!Array.isArray(commands)) problems.push("commands must be an array");
  if (!isTextArray(tags)) problems.push("tags must be an array of strings");
  if (problems.length > 0 || !isText(name) || !Array.isArray(commands)) throw invalid(problems);
  return {
    name,
    description: typeof description === "string" ? description : undefined,
    active: active === true,
    commands: commands.map(parseCommand),
    tags: parseTags(tags),
  };
}

/** The body of a provisioning tag. */
export function parseTag(body: Record<string, unknown>): Pick<ProvisioningTag, "tag" | "description"> {
  const { tag, description = "" } = body;
  const problems = typeof tag === "string" ? tagProblems([tag]) : ["tag must be a string"];
  if (typeof description !== "string") problems.push("description must be a string");
  if (problems.length > 0 || typeof tag !== "string" || typeof description !== "string")
    throw invalid(problems);
  return { tag, description };
}
