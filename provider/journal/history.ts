import { foldIds } from "../fleet/foldIds.js";
import { parseIdPattern } from "../fleet/idPattern.js";
import type { CredentialChange, LogEntry, LogStep } from "./entry.js";

/** Limits of the summary in a compacted log. */
const MAX_REVISIONS = 200;
const MAX_CHARACTERS = 100_000;

const CREDENTIAL_STEPS: ReadonlySet<LogStep> = new Set(["onboard", "register", "next", "issue"]);

/** The devices that got credentials, by revision, in the order of the log. */
export function changesIn(entries: readonly LogEntry[]): CredentialChange[] {
  const refused = new Map<number, ReadonlySet<string>>();
  for (const entry of entries) if (entry.kind === "ended") refused.set(entry.of, new Set(entry.refused));
  const changes: { revision: number; ids: string[] }[] = [];
  for (const entry of entries) {
    if (entry.kind !== "started" || !CREDENTIAL_STEPS.has(entry.step)) continue;
    const ids = entry.rows
      .filter(({ id, certificate }) => certificate !== undefined && refused.get(entry.seq)?.has(id) !== true)
      .map(({ id }) => id);
    const last = changes.at(-1);
    if (last?.revision === entry.revision) last.ids.push(...ids);
    else changes.push({ revision: entry.revision, ids });
  }
  return changes
    .filter(({ ids }) => ids.length > 0)
    .map(({ revision, ids }) => ({ revision, patterns: foldIds(ids) }));
}

/** The latest changes within the limits. */
export function limited(changes: readonly CredentialChange[]): CredentialChange[] {
  let characters = 0;
  return changes
    .slice(-MAX_REVISIONS)
    .reverse()
    .map(({ revision, patterns }) => {
      characters += (patterns ?? []).reduce((sum, pattern) => sum + pattern.length + 3, 0);
      return { revision, patterns: characters <= MAX_CHARACTERS ? patterns : undefined };
    })
    .reverse();
}

/**
 * The ids whose credentials were last changed after a revision.
 * @returns `undefined` if there are none. Incomplete if they were too many to keep
 */
export function changedSince(
  changes: readonly CredentialChange[],
  revision: number,
): readonly string[] | undefined {
  const later = new Set<string>();
  let isIncomplete = false;
  for (const change of changes) {
    const isLater = change.revision > revision;
    if (change.patterns === undefined) isIncomplete ||= isLater;
    for (const id of (change.patterns ?? []).flatMap(idsOf)) {
      if (isLater) later.add(id);
      else later.delete(id);
    }
  }
  return later.size > 0 || isIncomplete ? [...later] : undefined;
}

function idsOf(pattern: string): string[] {
  const parsed = parseIdPattern(pattern);
  return parsed.ok ? [...parsed.pattern.ids()] : [pattern];
}
