import type { LogEntry, LogStep } from "./entry.js";

/** The steps of one row that the state's revision does not include, in order. */
export interface Unrecorded {
  readonly steps: readonly UnrecordedStep[];
}

export interface UnrecordedStep {
  readonly step: LogStep;
  /** By the service's clock (ISO 8601). */
  readonly at: string;
  readonly revision: number;
  readonly line: string;
  readonly fingerprint: string | undefined;
  readonly certificate: string | undefined;
  /** Secret. */
  readonly privateKey: string | undefined;
  /** The bulk jobs that nRF Cloud accepted for it. */
  readonly jobIds: readonly string[];
  readonly ended: { readonly at: string; readonly outcome: "done" | "refused" | "unsettled" } | undefined;
}

/** The steps after a revision, by row. */
export function unrecordedIn(
  entries: readonly LogEntry[],
  revision: number,
): ReadonlyMap<string, Unrecorded> {
  const jobs = new Map<number, string[]>();
  const endings = new Map<number, (id: string) => UnrecordedStep["ended"]>();
  for (const entry of entries) {
    if (entry.kind === "accepted") jobs.set(entry.of, [...(jobs.get(entry.of) ?? []), entry.jobId]);
    if (entry.kind === "ended") endings.set(entry.of, endingOf(entry));
  }
  const rows = new Map<string, { steps: UnrecordedStep[] }>();
  for (const entry of entries) {
    if (entry.kind !== "started" || entry.revision <= revision) continue;
    const { seq, step, at } = entry;
    const jobIds = jobs.get(seq) ?? [];
    for (const { id, line, fingerprint, certificate, privateKey } of entry.rows) {
      const known = rows.get(id) ?? { steps: [] };
      rows.set(id, known);
      known.steps.push({
        step,
        at,
        revision: entry.revision,
        line,
        fingerprint,
        certificate,
        privateKey,
        jobIds,
        ended: endings.get(seq)?.(id),
      });
    }
  }
  return rows;
}

function endingOf({ at, ...ending }: LogEntry & { kind: "ended" }): (id: string) => UnrecordedStep["ended"] {
  const [done, refused] = [new Set(ending.done), new Set(ending.refused)];
  return (id) => ({ at, outcome: done.has(id) ? "done" : refused.has(id) ? "refused" : "unsettled" });
}
