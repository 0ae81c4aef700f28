import { WILL_FAIL } from "../../provider/reconcile/plan/finding.js";
import { devices } from "../../provider/reconcile/plan/summary/ids.js";
import { summarize, summaryLines } from "../../provider/reconcile/plan/summary/summary.js";
import { gatherNotices } from "../remaining/notices.js";
import { inNaturalOrder } from "../../provider/fleet/naturalOrder.js";
import { caChangesOf, type CaChange } from "./caChanges.js";
import { caKeysOf, type CaKey } from "./caKeys.js";
import { changesOf, type Change, type Operation } from "./changes.js";
import { desiredIn, unreadAgreement, type Agreement, type Desired } from "./configuration.js";
import { countsOf, fleetSize, type Count, type Size } from "./counts.js";
import { dangersOf, type Danger } from "./danger.js";
import type { Diagnostic, Preview } from "./digest.js";
import type { Horizon } from "./expiry.js";
import { groupBy } from "../../provider/fleet/groupBy.js";
import { groupsOf, type Group } from "./groups.js";
import { guardUses, type GuardUse } from "./guardUse.js";
import { NO_ORIGIN, type Origin } from "./origin.js";
import { refusalLine, refusalsIn } from "./refusals.js";
import { rolloutsIn, withRollouts } from "./rollouts.js";
import { nameOf, number } from "./things.js";

/** The content of a report, for Markdown and HTML. */
export interface Report {
  readonly title: string;
  /** Identifies the comment of a pull request. */
  readonly stack: string;
  readonly project: string | undefined;
  readonly madeAt: Date;
  readonly origin: Origin;
  /** Https address of the HTML page. The Markdown links to it. */
  readonly page: string | undefined;
  readonly operation: Operation;
  /** Why the operation will fail. */
  readonly failures: readonly Failure[];
  /** What nRF Cloud will refuse of an apply, although the preview succeeds. */
  readonly refusals: readonly Failure[];
  readonly counts: readonly Count[];
  /** The number of devices in the stack, before and after. */
  readonly size: Size | undefined;
  readonly dangers: readonly Danger[];
  readonly guards: readonly GuardUse[];
  readonly caChanges: readonly CaChange[];
  /** Where the keys of the CAs are. */
  readonly caKeys: readonly CaKey[];
  readonly desired: readonly Desired[];
  /** `undefined` if no device has a configuration. */
  readonly configuration: Agreement | undefined;
  readonly groups: readonly Group[];
  /** In natural order of their ids. */
  readonly changes: readonly Change[];
  /** Remarks of the provider and the engine. */
  readonly notices: readonly string[];
  /** The number of resources that will not change. */
  readonly unchanged: number;
  /** The number of devices in sets that will not change, in the sets that the preview names. */
  readonly unchangedDevices: number;
  /** Devices that differ and will not change, because the user selected only others. */
  readonly leftOut: readonly string[];
  /** The number of unchanged resources that the preview does not name, so that the report can't check their certificates. */
  readonly unseen: number;
}

export interface Failure {
  /** The name of the resource in the program, if the failure is about one. */
  readonly resource: string | undefined;
  readonly message: string;
}

export interface ReportOptions {
  /** Heading. Default: the operation and the stack. */
  readonly title?: string | undefined;
  /** Default: the stack in the preview. */
  readonly stack?: string | undefined;
  /** Commit and run of CI. Default: none. */
  readonly origin?: Origin | undefined;
  /** Https address of the HTML page. */
  readonly page?: string | undefined;
  /** The number of deletions that are allowed once, instead of the limit. */
  readonly allowedDeletes?: number | undefined;
  readonly horizon: Horizon;
}

/** Makes the report of a preview. */
export function reportOf(preview: Preview, options: ReportOptions): Report {
  const { title, stack, origin = NO_ORIGIN, page, allowedDeletes, horizon } = options;
  const digest = preview.kind === "digest" ? preview.digest : { steps: [], diagnostics: [], same: 0 };
  const all = changesOf(digest, horizon.now);
  const { operation, changes, unchangedCount, unseen, unchanged, leftOut } = all;
  const remarks = digest.diagnostics.filter(({ severity }) => severity !== "error").map(withResource);
  const refusals = refusalsIn(remarks);
  const [urn = ""] = digest.steps.map((step) => step.urn);
  const [, inStack, project] = /^urn:pulumi:(.*?)::(.*?)::/.exec(urn) ?? [];
  const named = stack ?? inStack ?? "unknown";
  const desired = desiredIn(all);
  return {
    title: title ?? `nRF Cloud fleet: ${operationNames[operation]} of ${named}`,
    stack: named,
    project,
    madeAt: horizon.now,
    origin,
    page,
    operation,
    failures: preview.kind === "text" ? [printedFailure(preview.text)] : failuresIn(digest.diagnostics),
    refusals,
    counts: countsOf(all),
    size: fleetSize(all),
    dangers: dangersOf(all, horizon),
    guards: withRollouts(guardUses(digest, all, allowedDeletes), remarks),
    caChanges: operation === "update" ? caChangesOf(digest) : [],
    caKeys: operation === "update" ? caKeysOf(digest) : [],
    desired,
    configuration: unreadAgreement(desired, NO_KEY),
    groups: groupsOf(changes),
    changes,
    notices: noticesOf(remarks, changes, refusals),
    unchanged: unchangedCount,
    unchangedDevices: unchanged.filter(({ inSet }) => inSet).length,
    leftOut: leftOut.map(({ id }) => id).sort(inNaturalOrder),
    unseen,
  };
}

const NO_KEY = "NRF_CLOUD_API_KEY is not set.";

/** Whether an apply of this preview will fail. */
export function applyFails({ failures, refusals }: Report): boolean {
  return failures.length + refusals.length > 0;
}

/** The remarks, without those on rows, which the report shows in its own way. */
function noticesOf(
  remarks: readonly string[],
  changes: readonly Change[],
  refusals: readonly Failure[],
): string[] {
  if (remarks.length === 0) return [];
  const shown = [...refusals.map(refusalLine), ...rolloutsIn(remarks).flatMap(({ lines }) => lines)];
  return gatherNotices(remarks, { lines: [...linesOf(changes), ...shown] });
}

/** The lines of the provider's own remarks on the rows of each set. */
function linesOf(changes: readonly Change[]): string[] {
  const sets = groupBy(
    changes.filter(({ inSet }) => inSet),
    ({ urn }) => urn,
  );
  return [...sets.values()].flatMap((ofSet) => {
    const rows = ofSet.flatMap(({ id, row }) => (row === undefined ? [] : [[id, row] as const]));
    return summaryLines(summarize(new Map(rows)));
  });
}

/** A sentence on what will not change; empty if everything changes. */
export function unchangedText({ unchanged, unchangedDevices }: Report): string {
  const parts = [
    ...(unchangedDevices === 0 ? [] : [devices(unchangedDevices)]),
    ...(unchanged === 0 ? [] : [resources(unchanged)]),
  ];
  return parts.length === 0 ? "" : `${parts.join(" and ")} will not change.`;
}

/** A sentence on resources that the preview left out; empty if it named all. */
export function unseenText({ unseen }: Report): string {
  if (unseen === 0) return "";
  const [left, they] =
    unseen === 1 ? ["1 unchanged resource", "it is"] : [`${number(unseen)} unchanged resources`, "they are"];
  return `The preview leaves out ${left}: ${they} not counted, and their certificates are not checked. \`--show-sames\` includes all.`;
}

/** The title of the failures. */
export function failureTitle({ operation }: Report): string {
  return operation === "update" ? WILL_FAIL : `This ${operation} will fail:`;
}

function resources(count: number): string {
  return `${number(count)} ${count === 1 ? "resource" : "resources"}`;
}

const operationNames: Readonly<Record<Operation, string>> = {
  update: "preview",
  destroy: "preview of a destroy",
  refresh: "drift",
};

function printedFailure(text: string): Failure {
  return {
    resource: undefined,
    message:
      text === ""
        ? "The preview printed nothing. Send its standard error to the report too (2>&1), which says why."
        : text,
  };
}

function failuresIn(diagnostics: readonly Diagnostic[]): Failure[] {
  return diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ message, urn }) => ({
      resource: urn === undefined ? undefined : nameOf(urn),
      message: message
        .replace(/^error: /, "")
        // The engine repeats the name of the resource before a problem from `check`.
        .replace(/^\S+ resource '[^'\n]*' has a problem: /, "")
        // A stack trace through Node and its packages does not help a reviewer.
        .replace(/^ +at .*(node:|node_modules).*\n?/gm, "")
        .trim(),
    }));
}

function withResource({ message, urn, severity }: Diagnostic): string {
  const name = urn === undefined ? "" : `${nameOf(urn)}: `;
  return `${severity === "warning" ? "Warning: " : ""}${name}${message.replace(/^warning: /, "")}`;
}
