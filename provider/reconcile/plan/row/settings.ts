import {
  sizeAfter,
  configChange,
  type DeviceConfig,
  mergeConfig,
  MAX_SHADOW_BYTES,
} from "../../../fleet/config.js";
import { sameMembers } from "../../table/members.js";
import type { Row } from "../../table/row.js";
import type { Field } from "../change.js";
import * as finding from "../finding.js";
import type { Finding } from "../finding.js";
import type { RowSituation, Seen, SeenShadow, Unfinished } from "../situation.js";
import type { Step } from "../step.js";
import type { RowPlan } from "./rowPlan.js";

/** Refuses a configuration for which the shadow has no room beside the keys of others. */
export function shadowFindings(
  { steps }: RowPlan,
  { seen, record, log }: RowSituation,
  config: DeviceConfig | undefined,
): Finding[] {
  const shadow = seen?.kind === "present" ? seen.shadow : undefined;
  if (shadow?.kind !== "read" || !steps.some(({ kind }) => kind === "configure")) return [];
  const change = configChange(shadow.desired, formerConfig(record?.row?.config, log), config);
  if (change === undefined || sizeAfter(shadow.desired, change) <= MAX_SHADOW_BYTES) return [];
  return [finding.refuse(finding.SHADOW_FULL)];
}

/** The configuration that this stack set before, an interrupted run included. */
export function formerConfig(
  recorded: DeviceConfig | undefined,
  log: Unfinished | undefined,
): DeviceConfig | undefined {
  const logged = log?.steps.includes("configure") === true ? log.row?.config : undefined;
  return recorded === undefined || logged === undefined
    ? (recorded ?? logged)
    : mergeConfig(recorded, logged);
}

export interface SettingOptions {
  readonly keepsName: boolean;
  /** The fields that must be set even if a list, which may lag behind, shows them as declared. */
  readonly uncertain?: ReadonlySet<Field>;
  /** The configuration that this stack set before. */
  readonly former?: DeviceConfig | undefined;
}

/** The steps that set the name, the tags and the configuration where they differ. */
export function settingSteps(
  seen: Seen & { kind: "present" },
  declared: Row,
  { keepsName, uncertain = new Set(), former }: SettingOptions,
): Step[] {
  const steps: Step[] = [];
  if (declared.way !== "attestation") {
    const wanted = declared.name ?? (keepsName ? undefined : "");
    // nRF Cloud gives a device without a name its id as name. The caller passes that as `undefined`.
    if (wanted !== undefined && (uncertain.has("name") || !isNamed(seen, declared)))
      steps.push({ kind: "rename" });
  }
  if (uncertain.has("tags") || !sameMembers(seen.tags, declared.tags)) steps.push({ kind: "retag" });
  if (isToConfigure(seen.shadow, declared.config, former, uncertain)) steps.push({ kind: "configure" });
  return steps;
}

function isToConfigure(
  shadow: SeenShadow | undefined,
  config: DeviceConfig | undefined,
  former: DeviceConfig | undefined,
  uncertain: ReadonlySet<Field>,
): boolean {
  if ((config === undefined && former === undefined) || shadow?.kind === "not yet") return false;
  if (uncertain.has("config") || shadow === undefined) return true;
  return configChange(shadow.desired, former, config) !== undefined;
}

/** The same without a read of the account: all changed fields are set. */
export function unreadSettings(declared: Row, fields: ReadonlySet<Field>): Step[] {
  return [
    ...(fields.has("name") && declared.way !== "attestation" ? [{ kind: "rename" } as const] : []),
    ...(fields.has("tags") ? [{ kind: "retag" } as const] : []),
    ...(fields.has("config") ? [{ kind: "configure" } as const] : []),
  ];
}

function isNamed(seen: Seen & { kind: "present" }, declared: Exclude<Row, { way: "attestation" }>): boolean {
  return (seen.name ?? "") === (declared.name ?? "");
}

export function renameAfterOnboard(declared: Row): Step[] {
  return declared.way === "preconnect" && declared.name !== undefined ? [{ kind: "rename" }] : [];
}
