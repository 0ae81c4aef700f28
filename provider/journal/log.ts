import { rmSync } from "node:fs";
import path from "node:path";
import { readEntry, type Changed, type LogEntry, type LogRow, type LogStep } from "./entry.js";
import { AppendedFile, logFiles, readLines, requireFolder, rewrite } from "./file.js";
import { lock, type LockOptions } from "./lock.js";
import { Seal } from "./seal.js";

/** Which log: one a set and key. */
export interface LogName {
  readonly project: string;
  readonly stack: string;
  readonly set: string;
  /** 32 bytes, base64. Secret. */
  readonly key: string;
}

/** What the log has of one row beyond the state's revision, in order. */
export interface Unrecorded {
  readonly steps: readonly UnrecordedStep[];
}

export interface UnrecordedStep {
  readonly step: LogStep;
  /** The service's time (ISO 8601). */
  readonly at: string;
  readonly revision: number;
  readonly line: string;
  readonly fingerprint: string | undefined;
  readonly certificate: string | undefined;
  readonly privateKey: string | undefined;
  /** The bulk jobs that nRF Cloud accepted for it. */
  readonly jobIds: readonly string[];
  readonly ended: { readonly at: string; readonly outcome: "done" | "refused" | "unsettled" } | undefined;
}

/** A step that was written down. */
export interface Begun {
  accepted(jobId: string, at: string): void;
  ended(
    outcomes: {
      readonly done: readonly string[];
      readonly refused: readonly string[];
      readonly unsettled: readonly string[];
    },
    at: string,
  ): void;
}

/** Revisions of which a compacted log still knows whose credentials they changed. */
const HISTORY = 200;
const CREDENTIAL_STEPS: ReadonlySet<LogStep> = new Set(["onboard", "register", "issue"]);

/** The sealed redo log of one table. */
export class RedoLog {
  private readonly seal: Seal;
  private entries: LogEntry[] = [];
  private places = 0;
  private nextSeq = 1;
  /** Whether it holds lines that can't be opened with its key. They have no effect. */
  unreadable = false;
  private appended: AppendedFile | undefined;

  private constructor(
    readonly file: string,
    name: LogName,
    private readonly unlock: (() => void) | undefined,
  ) {
    this.seal = new Seal(name.key, path.basename(file));
    for (const line of readLines(file)) this.take(line);
  }

  /** Sees that logs can be written there. @throws ExpectedError */
  static requireWritable(folder: string): void {
    requireFolder(folder);
  }

  /** Reads a log for a preview, without a lock. One that does not exist is empty. */
  static read(folder: string, name: LogName): RedoLog {
    return new RedoLog(fileOf(folder, name), name, undefined);
  }

  /** Opens a log to be written, for this process alone. @throws ExpectedError */
  static async open(folder: string, name: LogName, options: LockOptions): Promise<RedoLog> {
    requireFolder(folder);
    const file = fileOf(folder, name);
    const unlock = await lock(file.replace(/\.log$/, ".lock"), options);
    try {
      return new RedoLog(file, name, unlock);
    } catch (thrown) {
      unlock();
      throw thrown;
    }
  }

  /** Removes the logs that a key sealed: nobody can open them any more. */
  static remove(folder: string, key: string): void {
    const ending = `.${Seal.idOf(key)}.log`;
    for (const name of logFiles(folder))
      if (name.endsWith(ending)) rmSync(path.join(folder, name), { force: true });
  }

  /** The latest revision that it knows of; 0 for none. */
  get latestRevision(): number {
    return this.entries.reduce((latest, entry) => {
      if (entry.kind === "begun") return Math.max(latest, entry.revision);
      return entry.kind === "history" ? Math.max(latest, entry.revisions.at(-1)?.revision ?? 0) : latest;
    }, 0);
  }

  /** Notes that the table was destroyed. */
  emptied(): void {
    this.append({ kind: "emptied" });
  }

  /** For a table of which there is no state: what an earlier one of the same name left is done with once that was destroyed. */
  forNewTable(): void {
    if (this.entries.at(-1)?.kind !== "emptied") return;
    this.entries = [];
    // Only who has the lock may write.
    if (this.unlock !== undefined) rewrite(this.file, []);
  }

  /** What it has beyond a revision of the state, by row. */
  unrecorded(revision: number): ReadonlyMap<string, Unrecorded> {
    const rows = new Map<string, { steps: UnrecordedStep[] }>();
    for (const entry of this.entries) {
      if (entry.kind !== "begun" || entry.revision <= revision) continue;
      const jobIds = this.entries.flatMap((each) =>
        each.kind === "accepted" && each.of === entry.seq ? [each.jobId] : [],
      );
      const ended = this.entries.find((each) => each.kind === "ended" && each.of === entry.seq);
      const [done, refused] = ended?.kind === "ended" ? [new Set(ended.done), new Set(ended.refused)] : [];
      for (const { id, line, fingerprint, certificate, privateKey } of entry.rows) {
        const known = rows.get(id) ?? { steps: [] };
        rows.set(id, known);
        known.steps.push({
          step: entry.step,
          at: entry.at,
          revision: entry.revision,
          line,
          fingerprint,
          certificate,
          privateKey,
          jobIds,
          ended:
            ended?.kind === "ended"
              ? {
                  at: ended.at,
                  outcome:
                    done?.has(id) === true ? "done" : refused?.has(id) === true ? "refused" : "unsettled",
                }
              : undefined,
        });
      }
    }
    return rows;
  }

  /** Where a state is older than the log knows: the latest revision it knows, and whose credentials changed since. */
  olderThan(
    revision: number,
  ): { readonly latest: number; readonly idsChangedSince: readonly string[] } | undefined {
    const recorded = this.history();
    const latest = recorded.at(-1)?.revision ?? 0;
    if (latest <= revision) return undefined;
    const ids = recorded.filter((each) => each.revision > revision).flatMap((each) => each.ids);
    return { latest, idsChangedSince: [...new Set(ids)] };
  }

  /** Writes down what is about to be done. It is on the disk when this returns. */
  begin(revision: number, step: LogStep, rows: readonly LogRow[], at: string): Begun {
    const seq = this.nextSeq++;
    this.append({ kind: "begun", seq, revision, at, step, rows });
    return {
      accepted: (jobId, acceptedAt) => {
        this.append({ kind: "accepted", of: seq, jobId, at: acceptedAt });
      },
      ended: (outcomes, endedAt) => {
        this.append({ kind: "ended", of: seq, at: endedAt, ...outcomes });
      },
    };
  }

  /** Drops what a state of this revision knows, but for whose credentials changed when. */
  compact(revision: number): void {
    const dropped = this.entries.filter((entry) => entry.kind === "begun" && entry.revision <= revision);
    if (dropped.length === 0) return;
    const kept = this.entries.filter((entry) => entry.kind === "begun" && entry.revision > revision);
    const seqs = new Set(kept.flatMap((entry) => (entry.kind === "begun" ? [entry.seq] : [])));
    const rest = this.entries.filter(
      (entry) =>
        (entry.kind === "begun" && entry.revision > revision) ||
        ((entry.kind === "accepted" || entry.kind === "ended") && seqs.has(entry.of)),
    );
    const changed = dropped.flatMap((entry): Changed[] =>
      entry.kind === "begun"
        ? [
            {
              revision: entry.revision,
              ids: CREDENTIAL_STEPS.has(entry.step) ? entry.rows.map(({ id }) => id) : [],
            },
          ]
        : [],
    );
    const revisions = merged([...this.history(), ...changed]).slice(-HISTORY);
    this.entries = [{ kind: "history", revisions }, ...rest];
    this.appended?.close();
    this.appended = undefined;
    rewrite(
      this.file,
      this.entries.map((entry) => this.seal.seal(this.places++, entry)),
    );
  }

  close(): void {
    this.appended?.close();
    this.appended = undefined;
    this.unlock?.();
  }

  private history(): readonly Changed[] {
    return this.entries.flatMap((entry) => (entry.kind === "history" ? entry.revisions : []));
  }

  private append(entry: LogEntry): void {
    this.appended ??= new AppendedFile(this.file);
    this.appended.append(this.seal.seal(this.places++, entry));
    this.entries.push(entry);
  }

  private take(line: string): void {
    const opened = this.seal.unseal(line);
    const entry = opened && opened.place >= this.places ? readEntry(opened.value) : undefined;
    if (opened === undefined || entry === undefined) {
      this.unreadable = true;
      return;
    }
    this.places = opened.place + 1;
    if (entry.kind === "begun") this.nextSeq = Math.max(this.nextSeq, entry.seq + 1);
    this.entries.push(entry);
  }
}

function fileOf(folder: string, { project, stack, set, key }: LogName): string {
  const parts = [project, stack, set].map((part) => encodeURIComponent(part).replace(/[.*!'()~]/g, hex));
  return path.join(folder, `${parts.join(".").slice(0, 180)}.${Seal.idOf(key)}.log`);
}

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}

function merged(changes: readonly Changed[]): Changed[] {
  const byRevision = new Map<number, Set<string>>();
  for (const { revision, ids } of changes) {
    const known = byRevision.get(revision) ?? new Set();
    byRevision.set(revision, known);
    for (const id of ids) known.add(id);
  }
  return [...byRevision]
    .sort(([one], [other]) => one - other)
    .map(([revision, ids]) => ({ revision, ids: [...ids] }));
}
