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
import * as say from "../finding.js";
import type { Finding } from "../finding.js";
import type { RowSituation, Seen, SeenShadow, Unfinished } from "../situation.js";
import type { Step } from "../step.js";
import type { RowPlan } from "./rowPlan.js";

/** Whether a shadow has room for what is to be set, beside what others keep there. */
export function shadowFindings(
  { steps }: RowPlan,
  { seen, record, log }: RowSituation,
  config: DeviceConfig | undefined,
): Finding[] {
  const shadow = seen?.kind === "present" ? seen.shadow : undefined;
  if (shadow?.kind !== "read" || !steps.some(({ kind }) => kind === "configure")) return [];
  const change = configChange(shadow.desired, formerConfig(record?.row?.config, log), config);
  if (change === undefined || sizeAfter(shadow.desired, change) <= MAX_SHADOW_BYTES) return [];
  return [say.refuse(say.SHADOW_FULL)];
}

/** What was set before, be it by an interrupted run. */
export function formerConfig(
  recorded: DeviceConfig | undefined,
  log: Unfinished | undefined,
): DeviceConfig | undefined {
  const logged = log?.steps.includes("configure") === true ? log.row?.config : undefined;
  return recorded === undefined || logged === undefined
    ? (recorded ?? logged)
    : mergeConfig(recorded, logged);
}

/** How a device that is in the account is brought to what is declared. */
export interface Settling {
  readonly keepsName: boolean;
  /** What must be set whatever a list that lags shows. */
  readonly doubtful?: ReadonlySet<Field>;
  /** What was set in its shadow before. */
  readonly former?: DeviceConfig | undefined;
}

/** Name, tags and configuration that differ from what the account shows, or that must be set whatever it shows. */
export function settle(
  seen: Seen & { kind: "present" },
  declared: Row,
  { keepsName, doubtful = new Set(), former }: Settling,
): Step[] {
  const steps: Step[] = [];
  if (declared.way !== "attestation") {
    const wanted = declared.name ?? (keepsName ? undefined : "");
    // Without a name of its own, nRF Cloud calls a device by its id, which the caller has put in place of "".
    if (wanted !== undefined && (doubtful.has("name") || !isNamed(seen, declared)))
      steps.push({ kind: "rename" });
  }
  if (doubtful.has("tags") || !sameMembers(seen.tags, declared.tags)) steps.push({ kind: "retag" });
  if (isToConfigure(seen.shadow, declared.config, former, doubtful)) steps.push({ kind: "configure" });
  return steps;
}

function isToConfigure(
  shadow: SeenShadow | undefined,
  config: DeviceConfig | undefined,
  former: DeviceConfig | undefined,
  doubtful: ReadonlySet<Field>,
): boolean {
  if ((config === undefined && former === undefined) || shadow?.kind === "not yet") return false;
  if (doubtful.has("config") || shadow === undefined) return true;
  return configChange(shadow.desired, former, config) !== undefined;
}

/** Without a read of the account, the changed fields are set. */
export function blindly(declared: Row, fields: ReadonlySet<Field>): Step[] {
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
