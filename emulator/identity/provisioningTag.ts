import { isRecord, isText } from "../http/json.js";

/** A provisioning group: a tag with a description. */
export interface ProvisioningTag {
  readonly tenantId: string;
  readonly tag: string;
  readonly description: string;
}

/** Whether a value read from the state file is a provisioning tag. */
export const isProvisioningTag = (value: unknown): value is ProvisioningTag =>
  isRecord(value) && isText(value.tenantId) && isText(value.tag) && typeof value.description === "string";

/** The key of a tag in the register of all teams' tags. */
export const tagKey = ({ tenantId, tag }: Pick<ProvisioningTag, "tenantId" | "tag">) => `${tenantId} ${tag}`;

/** A tag as the API shows it. */
export const tagView = ({ tag, description }: ProvisioningTag) => ({ tag, description });
