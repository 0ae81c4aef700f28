import { devices, summarize, summaryLines } from "../../provider/reconcile/plan/summary.js";
import { gatherNotices } from "../remaining/notices.js";
import { changesOf, type Change, type Operation } from "./changes.js";
import { dangersOf, type Danger } from "./danger.js";
import type { Diagnostic, Preview } from "./digest.js";
import type { Horizon } from "./expiry.js";
import { grouped } from "./grouped.js";
import { groupsOf, type Group } from "./groups.js";
import { refusalLine, refusalsIn } from "./refusals.js";
import { actions, inOrder, nameOf, number, type Action, type Kind } from "./things.js";

/** All that a report tells, in whatever form. */
export interface Report {
  readonly title: string;
  /** By which the comment of a pull request is found again. */
  readonly stack: string;
  readonly operation: Operation;
  /** Why the preview failed; empty where it did not. */
  readonly failures: readonly Failure[];
  /** What nRF Cloud will refuse of an apply, though the preview itself succeeds. */
  readonly refusals: readonly Failure[];
  readonly counts: readonly Count[];
  readonly dangers: readonly Danger[];
  readonly groups: readonly Group[];
  readonly changes: readonly Change[];
  /** What the provider and the engine remark. */
  readonly notices: readonly string[];
  /** How many resources stay as they are. */
  readonly unchanged: number;
  /** How many devices of sets stay as they are, of the sets that the preview names. */
  readonly unchangedDevices: number;
  /** Devices that differ, and are left as they are because only others were chosen. */
  readonly leftOut: readonly string[];
  /** How many of the unchanged the preview does not name, so that their certificates could not be looked at. */
  readonly unseen: number;
}

export interface Failure {
  /** The resource that it is about, as the program names it. */
  readonly resource: string | undefined;
  readonly message: string;
}

/** How many things of a kind are to be created, changed and so on. */
export interface Count {
  readonly kind: Kind;
  readonly of: ReadonlyMap<Action, number>;
}

export interface ReportOptions {
  /** Heading. Default: what was previewed, and of which stack. */
  readonly title?: string | undefined;
  /** Default: as the preview names it. */
  readonly stack?: string | undefined;
  readonly horizon: Horizon;
}

/** Makes the report of a preview. */
export function reportOf(preview: Preview, { title, stack, horizon }: ReportOptions): Report {
  const digest = preview.kind === "digest" ? preview.digest : { steps: [], diagnostics: [], same: 0 };
  const all = changesOf(digest, horizon.now);
  const { operation, changes, unchangedCount, unseen, unchanged, leftOut } = all;
  const [first] = digest.steps;
  const remarks = digest.diagnostics.filter(({ severity }) => severity !== "error").map(withResource);
  const refusals = refusalsIn(remarks);
  const named = stack ?? first?.urn.split("::")[0]?.replace(/^urn:pulumi:/, "") ?? "unknown";
  return {
    title: title ?? `nRF Cloud fleet: ${operationNames[operation]} of ${named}`,
    stack: named,
    operation,
    failures: preview.kind === "text" ? [asPrinted(preview.text)] : failuresIn(digest.diagnostics),
    refusals,
    counts: countsOf(changes),
    dangers: dangersOf(all, horizon),
    groups: groupsOf(changes),
    changes,
    notices: noticesOf(remarks, changes, refusals),
    unchanged: unchangedCount,
    unchangedDevices: unchanged.filter(({ inSet }) => inSet).length,
    leftOut,
    unseen,
  };
}

/** Whether an apply of what was previewed will fail. */
export function applyFails({ failures, refusals }: Report): boolean {
  return failures.length + refusals.length > 0;
}

/** What is remarked, without what the provider says of rows and the report has in its own way. */
function noticesOf(
  remarks: readonly string[],
  changes: readonly Change[],
  refusals: readonly Failure[],
): string[] {
  if (remarks.length === 0) return [];
  return gatherNotices(remarks, { lines: [...linesOf(changes), ...refusals.map(refusalLine)] });
}

/** As the provider has the rows of each set in its own remark. */
function linesOf(changes: readonly Change[]): string[] {
  const sets = grouped(
    changes.filter(({ inSet }) => inSet),
    ({ urn }) => urn,
  );
  return [...sets.values()].flatMap((ofSet) => {
    const rows = ofSet.flatMap(({ id, row }) => (row === undefined ? [] : [[id, row] as const]));
    return summaryLines(summarize(new Map(rows)));
  });
}

/** What stays as it is, in a sentence; empty where nothing does. */
export function stayText({ unchanged, unchangedDevices }: Report): string {
  const parts = [
    ...(unchangedDevices === 0 ? [] : [devices(unchangedDevices)]),
    ...(unchanged === 0 ? [] : [`${number(unchanged)} ${unchanged === 1 ? "resource" : "resources"}`]),
  ];
  const isOne = unchanged + unchangedDevices === 1;
  return parts.length === 0 ? "" : `${parts.join(" and ")} ${isOne ? "stays as it is" : "stay as they are"}.`;
}

const operationNames: Readonly<Record<Operation, string>> = {
  update: "preview",
  destroy: "preview of a destroy",
  refresh: "drift",
};

function asPrinted(text: string): Failure {
  return {
    resource: undefined,
    message:
      text === ""
        ? "It printed nothing. Give the report the standard error of the command too (2>&1), where it says why."
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
        // The engine names the resource once more before a problem that `check` has found.
        .replace(/^\S+ resource '[^'\n]*' has a problem: /, "")
        // Where in Node and its packages a program failed says nothing to a reviewer.
        .replace(/^ +at .*(node:|node_modules).*\n?/gm, "")
        .trim(),
    }));
}

function withResource({ message, urn, severity }: Diagnostic): string {
  const name = urn === undefined ? "" : `${nameOf(urn)}: `;
  return `${severity === "warning" ? "Warning: " : ""}${name}${message.replace(/^warning: /, "")}`;
}

function countsOf(changes: readonly Change[]): Count[] {
  return [...grouped(changes, ({ kind }) => kind.type).values()]
    .flatMap((ofKind): Count[] => {
      const [first] = ofKind;
      if (first === undefined) return [];
      const of = new Map(
        actions.flatMap((action): [Action, number][] => {
          const count = ofKind.filter((change) => change.action === action).length;
          return count === 0 ? [] : [[action, count]];
        }),
      );
      return [{ kind: first.kind, of }];
    })
    .sort((a, b) => inOrder(a.kind, b.kind));
}
