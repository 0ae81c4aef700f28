import type { Step } from "./events.js";
import type { Outcome } from "./operation.js";

/**
 * A preview in the form of `pulumi preview --json`, assembled from events. The CLI prints either events during the preview, or the
 * digest at its end, and not both.
 */
export function digestOf({ started, same, remarks, changes }: Outcome): Readonly<Record<string, unknown>> {
  return {
    steps: [...started, ...same].map(digestStep),
    diagnostics: remarks.map(({ severity, urn, text }) => ({
      severity,
      message: text,
      ...(urn === undefined ? {} : { urn }),
    })),
    changeSummary: changes ?? null,
  };
}

function digestStep({ op, urn, metadata }: Step): Readonly<Record<string, unknown>> {
  const { old, new: next, diffs, keys, detailedDiff, provider } = metadata;
  const given = {
    oldState: old,
    newState: next,
    diffReasons: diffs,
    replaceReasons: keys,
    detailedDiff,
    provider,
  };
  return {
    op,
    urn,
    ...Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined && value !== null && value !== ""),
    ),
  };
}
