import { isRecord, isText, isTextArray } from "../http/json.js";
import { isCommandOrder, type CommandOrder } from "./command.js";

/** Commands for every device that is claimed with one of the tags. */
export interface ProvisioningRule {
  readonly id: string;
  readonly tenantId: string;
  /** Unique in the team. */
  readonly name: string;
  readonly description: string | undefined;
  /** An inactive rule is a draft without effect. */
  readonly active: boolean;
  readonly commands: readonly CommandOrder[];
  readonly tags: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Whether a value read from the state file is a rule. */
export const isProvisioningRule = (value: unknown): value is ProvisioningRule =>
  isRecord(value) &&
  isText(value.id) &&
  isText(value.tenantId) &&
  isText(value.name) &&
  (value.description === undefined || typeof value.description === "string") &&
  typeof value.active === "boolean" &&
  Array.isArray(value.commands) &&
  value.commands.every(isCommandOrder) &&
  isTextArray(value.tags) &&
  typeof value.createdAt === "number";

/** A rule as the API shows it. */
export const ruleView = ({ id, name, description, active, commands, tags, createdAt }: ProvisioningRule) => ({
  id,
  name,
  ...(description === undefined ? {} : { description }),
  active,
  commands,
  tags,
  createdAt: new Date(createdAt).toISOString(),
});
