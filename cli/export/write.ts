/** A new fleet file for devices that the account has already. */
import type { Account, ListedRule } from "../../provider/cloud/answers.js";
import type { DeviceConfig } from "../../provider/fleet/config.js";
import { checkProvisioningTag, quote } from "../../provider/fleet/rules.js";
import { heading } from "../../provider/fleet/shape/validate.js";
import { ownConfig, planGroups, sharedConfig } from "./grouping.js";
import { groupLines } from "./groupText.js";
import type { ExportedClaim, Inventory } from "./inventory.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";
import { inventoryRemarks } from "./remarks.js";
import { rulesRemark, rulesSection } from "./rules.js";
import type { ExportedDevice } from "./exportedDevice.js";
import { comment, inline, settingLines } from "./text.js";

/**
 * The text of a fleet file that adopts the devices of an inventory. If it can adopt none, the file only has the sections that the
 * user has to complete, and does not load before that.
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
    ...(remarks.length === 0 ? [] : comment(["", "Remarks:", ...remarks.map((text) => `- ${text}`)])),
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
    `The devices of team ${name === undefined ? tenantId : `${quote(name)} (${tenantId})`} in nRF Cloud. Written by "nrfcloud-fleet export".`,
    "",
    "adopt: true takes over devices that the account has already, unchanged. The first `pulumi up` records them in the Pulumi",
    "state, and changes nothing in the account. From then on this file decides. If you remove a device from the file, the next",
    "`pulumi up` DELETES it from nRF Cloud, with its data, history and certificate. `pulumi destroy` deletes every device.",
    "To remove a device from the file without deleting it, see docs/export.md of pulumi-nrfcloud.",
    "",
    "The file has no ca: adopted devices keep their certificates, which nRF Cloud never shows. To issue new certificates later,",
    "add a ca and write adopt: recertify. The devices can't connect before they have the new certificates.",
  ];
}

function hasConfig({ devices, justInTime, claimed }: Inventory): boolean {
  return [...devices, ...justInTime, ...claimed].some(({ config }) => config !== undefined);
}

const ofConfig = [
  "",
  "config: is the desired configuration in the shadows of the devices. From the first `pulumi up` on, this file decides these keys: if you",
  "remove a key here, `pulumi up` removes it from the shadow. Before the first `pulumi up`, remove the keys that your team sets elsewhere.",
];

/** A section in comments, for the user to complete: nRF Cloud does not show ownership codes. */
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
    'Devices that nRF Cloud provisioned just in time. To declare them, write a line "id,code" for each into a file, run',
    "`pulumi config set --secret exportedCodes < codes.csv`, and remove the comment signs. A destroy releases these devices,",
    "and does not delete them.",
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

/** A section in comments, for the user to complete: nRF Cloud does not show attestation tokens. */
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
    "Devices that the team claimed by attestation token. To declare them, set the token of each with",
    "`pulumi config set --secret token-<uuid>`, or replace the list with csv: and Nordic's attestation_tokens.csv. Then remove",
    "the comment signs. A destroy keeps these claims.",
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
