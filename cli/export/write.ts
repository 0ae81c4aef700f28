/** A new fleet file for devices that are in the account already. */
import type { Account, ListedRule } from "../../provider/cloud/answers.js";
import type { DeviceConfig } from "../../provider/fleet/config.js";
import { checkProvisioningTag, quote } from "../../provider/fleet/rules.js";
import { heading } from "../../provider/fleet/validate.js";
import { ownConfig, planGroups, sharedConfig } from "./grouping.js";
import { groupLines } from "./groupText.js";
import type { ExportedClaim, Inventory } from "./inventory.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";
import { inventoryRemarks } from "./remarks.js";
import { rulesRemark, rulesSection } from "./rules.js";
import type { ExportedDevice } from "./exportedDevice.js";
import { comment, inline, settingLines } from "./text.js";

/**
 * The text of a fleet file that adopts the devices of an inventory. Where there is none, it has only the sections that are to be
 * filled in, and does not load before.
 */
export function writeFleetFile(
  inventory: Inventory,
  team: Account["team"],
  rules: readonly ListedRule[],
): string {
  const groups = planGroups(inventory.devices).map((group) => groupLines(group, {}).map(indented));
  const remarks = [...inventoryRemarks(inventory).map(({ text }) => text), ...rulesRemark(rules)];
  const lines = [
    ...comment(introduction(team)),
    ...(hasConfig(inventory) ? comment(ofConfig) : []),
    ...(remarks.length === 0
      ? []
      : comment(["", "Beyond the groups below:", ...remarks.map((text) => `- ${text}`)])),
    `apiVersion: ${heading.apiVersion}`,
    `kind: ${heading.kind}`,
    ...(groups.length === 0 ? [] : ["groups:"]),
    ...groups.flatMap((group, index) => (index === 0 ? group : ["", ...group])),
    ...comment([
      ...jitpSection(inventory.justInTime),
      ...claimsSection(inventory.claimed),
      ...rulesSection(rules),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function introduction({ tenantId, name }: Account["team"]): string[] {
  return [
    `The devices of team ${name === undefined ? tenantId : `${quote(name)} (${tenantId})`} in nRF Cloud, by "nrfcloud-fleet export".`,
    "",
    "adopt: true takes over devices that are in the account already, as they are. The first `pulumi up` records each in Pulumi's",
    "state and changes nothing in the account. From then on the account follows this file: a device that is taken out of it",
    "is DELETED from nRF Cloud, with its data, its history and its certificate, and so is every device by `pulumi destroy`.",
    "To let go of a device without deleting it, see docs/export.md of pulumi-nrfcloud.",
    "",
    "The file has no ca: adopted devices keep the certificates that they have, and nRF Cloud never shows them. To give devices new",
    "certificates one day, add a ca and write adopt: recertify. They can't connect until they were given the new ones.",
  ];
}

function hasConfig({ devices, justInTime, claimed }: Inventory): boolean {
  return [...devices, ...justInTime, ...claimed].some(({ config }) => config !== undefined);
}

const ofConfig = [
  "",
  "config: is what was desired in the shadows of the devices. From the first `pulumi up` on these keys follow this file: a key that is",
  "removed from it is removed from the shadow. Remove here what your team sets elsewhere, before the first `pulumi up`.",
];

/** To be filled in and uncommented: codes are not to be had from nRF Cloud. */
function jitpSection(devices: readonly ExportedDevice[]): string[] {
  if (devices.length === 0) return [];
  const shared = sharedConfig(devices);
  const entries = [...devices]
    .sort((one, other) => inNaturalOrder(one.deviceId, other.deviceId))
    .map(({ deviceId, name, tags, config }) =>
      inline({
        id: deviceId,
        ...(name !== undefined && { name }),
        ...(tags.length > 0 && { tags }),
        ...ownConfig(config, shared),
      }),
    );
  return [
    "",
    'Devices that came just in time. Write a line "id,code" for each into a file, set it with',
    "`pulumi config set --secret exportedCodes < codes.csv`, and take the comment signs away. Destroying a claim",
    "releases the device; it is not deleted.",
    "",
    "jitp:",
    "  exported-jitp:",
    "    codes: { config: exportedCodes }",
    "    adopt: true",
    ...configLines(shared),
    "    devices:",
    ...entries.map((entry) => `      - ${entry}`),
  ];
}

/** To be filled in and uncommented: tokens are not to be had from nRF Cloud. */
function claimsSection(claimed: readonly ExportedClaim[]): string[] {
  if (claimed.length === 0) return [];
  const shared = sharedConfig(claimed);
  const entries = claimed
    .map(({ id, tags = [], config }) => ({ id: id.toLowerCase(), tags: [...new Set(tags)], config }))
    .sort((one, other) => inNaturalOrder(one.id, other.id))
    .map(({ id, tags, config }) => {
      const allowed = tags.filter((tag) => checkProvisioningTag(tag) === undefined);
      const token = { config: `token-${id}` };
      return inline({
        uuid: id,
        token,
        ...(allowed.length > 0 && { tags: allowed }),
        ...ownConfig(config, shared),
      });
    });
  return [
    "",
    "Devices that were claimed by attestation token. Set the token of each with `pulumi config set --secret token-<uuid>`, or give",
    "Nordic's attestation_tokens.csv as csv: instead of the list, and take the comment signs away. Destroying a claim keeps it.",
    "",
    "claims:",
    "  exported-claims:",
    "    adopt: true",
    ...configLines(shared),
    "    devices:",
    ...entries.map((entry) => `      - ${entry}`),
  ];
}

function configLines(shared: DeviceConfig | undefined): string[] {
  return shared === undefined ? [] : settingLines("config", shared, "  ").map((line) => `    ${line}`);
}

function indented(line: string): string {
  return `  ${line}`;
}
