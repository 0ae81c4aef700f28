import type { Step } from "./events.js";
import type { Outcome } from "./operation.js";

/**
 * A preview as `pulumi preview --json` prints it. It is put together from the events, because the CLI gives either these, as
 * they come, or the digest at the end.
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
