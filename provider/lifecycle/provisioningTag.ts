import { checkProvisioningTag } from "../fleet/rules.js";
import { explained } from "./rules.js";

/** A tag of the Identity and Provisioning service. */
export const provisioningTagRule = explained(checkProvisioningTag);
