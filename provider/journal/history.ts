import { foldIds } from "../fleet/foldIds.js";
import { parseIdPattern } from "../fleet/idPattern.js";
import type { Changed, LogEntry, LogStep } from "./entry.js";

/** Of how many revisions, and of how many characters of ids, a compacted log knows whose credentials they changed. */
const MOST_REVISIONS = 200;
const MOST_CHARACTERS = 100_000;

const CREDENTIAL_STEPS: ReadonlySet<LogStep> = new Set(["onboard", "register", "next", "issue"]);

/** Whose credentials were made in which revision, in the order in which it happened. */
export function changesIn(entries: readonly LogEntry[]): Changed[] {
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

/** The latest changes, and of those the ids that fit. */
export function capped(changes: readonly Changed[]): Changed[] {
  let characters = 0;
  return changes
    .slice(-MOST_REVISIONS)
    .reverse()
    .map(({ revision, patterns }) => {
      characters += (patterns ?? []).reduce((sum, pattern) => sum + pattern.length + 3, 0);
      return { revision, patterns: characters <= MOST_CHARACTERS ? patterns : undefined };
    })
    .reverse();
}

/**
 * The ids whose credentials were last made in a later revision than this.
 * @returns `undefined` where there are none; not all of them where they were too many to be kept
 */
export function changedSince(changes: readonly Changed[], revision: number): readonly string[] | undefined {
  const later = new Set<string>();
  let isUnsure = false;
  for (const change of changes) {
    const isLater = change.revision > revision;
    if (change.patterns === undefined) isUnsure ||= isLater;
    for (const id of (change.patterns ?? []).flatMap(idsOf)) {
      if (isLater) later.add(id);
      else later.delete(id);
    }
  }
  return later.size > 0 || isUnsure ? [...later] : undefined;
}

function idsOf(pattern: string): string[] {
  const parsed = parseIdPattern(pattern);
  return parsed.ok ? [...parsed.pattern.ids()] : [pattern];
}
