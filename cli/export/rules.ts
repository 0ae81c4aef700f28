/** The provisioning rules of a team. A fleet file can't declare them, but a program can adopt them. */
import type { ListedRule } from "../../provider/cloud/answers.js";
import { CloudError } from "../../provider/cloud/errors.js";
import { listRules } from "../../provider/cloud/provisioningRules.js";
import { isRecord } from "../../provider/fleet/data.js";
import { quote } from "../../provider/fleet/rules.js";
import type { Connection } from "../cloud.js";

/** The rules of the team. Empty if the service refuses: the export does not depend on them. */
export async function readRules({ identity }: Connection): Promise<readonly ListedRule[]> {
  if (identity === undefined) return [];
  try {
    return await listRules(identity);
  } catch (error) {
    if (error instanceof CloudError) return [];
    throw error;
  }
}

/** The remark on rules, for the terminal and the top of a file. Empty without rules. */
export function rulesRemark(rules: readonly ListedRule[]): readonly string[] {
  if (rules.length === 0) return [];
  const names = rules.map(({ name, tags = [] }) => `${quote(name)} (tags ${tags.map(quote).join(", ")})`);
  const count = `${rules.length} provisioning ${rules.length === 1 ? "rule" : "rules"}`;
  return [
    `The team has ${count}, which a fleet file can't declare. A ProvisioningRule of a program can adopt each: ${names.join("; ")}.`,
  ];
}

/** The lines of a program that adopts the rules, for the end of a file. */
export function rulesSection(rules: readonly ListedRule[]): readonly string[] {
  if (rules.length === 0) return [];
  return [
    "",
    "Provisioning rules, for a program that adopts them. With adopt: true `pulumi up` keeps the rule unchanged, and a destroy deletes it.",
    ...rules.flatMap((rule) => ["", ...programOf(rule).map((line) => `  ${line}`)]),
  ];
}

function programOf({ name, tags = [], commands }: ListedRule): string[] {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const requests = openRequests(commands);
  return [
    `new ProvisioningRule(${JSON.stringify(slug)}, {`,
    `  name: ${JSON.stringify(name)},`,
    `  tags: ${JSON.stringify(tags)},`,
    ...(requests === undefined
      ? [
          "  commands: [/* copy them from the rule: the list does not show them, or they may hold a secret */],",
        ]
      : ["  commands: [", ...requests.map((command) => `    ${JSON.stringify(command)},`), "  ],"]),
    "  adopt: true,",
    "});",
  ];
}

/** Kinds of commands without secrets. */
const OPEN = [
  "clientPrivateKeyGeneration",
  "cloudAccessKeyGeneration",
  "certificateSigningRequest",
  "serverCertificate",
  "finished",
];

function openRequests(commands: unknown): readonly object[] | undefined {
  if (!Array.isArray(commands) || commands.length === 0) return undefined;
  const requests = commands.map((command: unknown) => (isRecord(command) ? command.request : undefined));
  const isOpen = (request: unknown): request is object =>
    isRecord(request) && Object.keys(request).every((kind) => OPEN.includes(kind));
  return requests.every(isOpen) ? requests : undefined;
}
