import type { DeviceConfig } from "../../../fleet/config.js";
import type { Row } from "../../table/row.js";
import type { RowRun } from "../rowRun.js";

/** The creation time of the device. `undefined`: this run created it, and has not read it back. */
export function createdAtAfter({ seen, arrived, record }: RowRun): string | undefined {
  return seen?.createdAt ?? (arrived ? undefined : record?.createdAt);
}

/** An adopted device keeps its name in the account as long as the row declares none. */
export function keepsName({ declared, record, plan, arrived, log }: RowRun): boolean {
  if (declared === undefined || declared.way === "attestation" || declared.name !== undefined) return false;
  return record?.row === undefined
    ? plan.outcome === "adopted" || (declared.adopt !== "no" && !arrived && log?.verdict !== "ours")
    : record.keepsName;
}

/** The configuration that the shadow has: the declared one, or the former one where it is not set yet. */
export function configAfter(run: RowRun, before: Row | undefined): DeviceConfig | undefined {
  const { declared, seen } = run;
  if (run.did("configure") || run.isWaiting) return declared?.config;
  const isPending =
    run.has("configure") ||
    run.isDeferred ||
    (declared?.config !== undefined && seen?.shadow?.kind === "not yet");
  return isPending ? before?.config : declared?.config;
}

/** A row with the name, the tags and the configuration that the run has set. */
export function withSettings(run: RowRun, row: Row, before: Row | undefined): Row {
  const { declared, seen } = run;
  const isRetagged = !run.has("retag") || run.did("retag");
  const tags = isRetagged ? declared?.tags : (seen?.tags ?? before?.tags);
  const withTags: Row = { ...row, tags: tags ?? row.tags, config: configAfter(run, before) };
  if (withTags.way === "attestation") return withTags;
  const isRenamed = !run.has("rename") || run.did("rename");
  const named = isRenamed ? declared : before;
  const name = named === undefined || named.way === "attestation" ? seen?.name : named.name;
  return { ...withTags, name };
}
