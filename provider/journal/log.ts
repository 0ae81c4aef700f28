import { rmSync } from "node:fs";
import path from "node:path";
import { readEntry, type StepOutcomes, type LogEntry, type LogRow, type LogStep } from "./entry.js";
import { AppendedFile, readLines, rewrite } from "./file.js";
import { filesIn, makeFolder, requireWritable } from "./folder.js";
import { limited, changedSince, changesIn } from "./history.js";
import { isFree, lock, type LockOptions } from "./lock.js";
import { siblingOf, logFileName, filesOfKey, type LogName } from "./name.js";
import { Seal } from "./seal.js";
import { unrecordedIn, type Unrecorded } from "./unrecorded.js";

export type { LogName } from "./name.js";
export type { Unrecorded, UnrecordedStep } from "./unrecorded.js";

/** A logged step. If a later line about it can't be written, the step counts as unsettled. */
export interface Started {
  accepted(jobId: string, at: string): void;
  ended(outcomes: StepOutcomes, at: string): void;
}

/**
 * The sealed redo log of one table.
 *
 * Each line has a place, to which its seal is bound. Lines are read by place, each once, so that forged, repeated or moved lines don't
 * affect the others. Lines before the latest history have no effect.
 */
export class RedoLog {
  /** Whether some lines can't be opened with the key, or are repeated. They have no effect. */
  readonly unreadable: boolean;
  /** Whether lines are missing between others. The remaining ones are valid. */
  readonly torn: boolean;
  private entries: LogEntry[];
  private nextPlace: number;
  private nextSeq: number;
  private appended: AppendedFile | undefined;

  private constructor(
    readonly file: string,
    private readonly seal: Seal,
    private unlock: (() => void) | undefined,
  ) {
    const lines = readLines(file);
    const places = inOrder(lines, seal);
    const start = places.filter(({ entry }) => entry.kind === "history").at(-1)?.place ?? 0;
    const valid = places.filter(({ place }) => place >= start);
    this.unreadable = valid.length < lines.length;
    this.torn = valid.some(({ place }, i) => place !== start + i);
    this.entries = valid.map(({ entry }) => entry);
    this.nextPlace = (valid.at(-1)?.place ?? -1) + 1;
    this.nextSeq = 1 + this.entries.reduce((last, each) => Math.max(last, seqOf(each)), 0);
  }

  /** Checks that logs can be written there. Changes nothing. @throws ExpectedError */
  static requireWritable(folder: string): void {
    requireWritable(folder);
  }

  /** Reads a log for a preview, without a lock. A missing log is empty. @throws ExpectedError */
  static read(folder: string, name: LogName): RedoLog {
    // Throws if the folder is a link.
    filesIn(folder);
    return RedoLog.at(path.join(folder, logFileName(name)), name, undefined);
  }

  /** Locks a log and opens it for writing. @throws ExpectedError */
  static async open(folder: string, name: LogName, options: LockOptions): Promise<RedoLog> {
    makeFolder(folder);
    const file = path.join(folder, logFileName(name));
    const unlock = await lock(siblingOf(file, "lock"), options);
    try {
      return RedoLog.at(file, name, unlock);
    } catch (thrown) {
      unlock();
      throw thrown;
    }
  }

  /** Reads the logs that a key sealed, without a lock. @throws ExpectedError */
  static sealedBy(folder: string, key: string): readonly RedoLog[] {
    return filesOfKey(filesIn(folder), key)
      .filter(({ name }) => name.endsWith(".log"))
      .map(({ name }) => new RedoLog(path.join(folder, name), new Seal(key, name), undefined));
  }

  /** Removes the logs that a key sealed, which nobody can open any more, except those that a run uses. */
  static remove(folder: string, key: string): void {
    for (const { name, lockName } of filesOfKey(filesIn(folder), key))
      if (isFree(path.join(folder, lockName))) rmSync(path.join(folder, name), { force: true });
  }

  private static at(file: string, { key }: LogName, unlock: (() => void) | undefined): RedoLog {
    return new RedoLog(file, new Seal(key, path.basename(file)), unlock);
  }

  /** The latest revision in the log; 0 for none. */
  get latestRevision(): number {
    return this.entries.reduce((latest, entry) => {
      if (entry.kind === "started") return Math.max(latest, entry.revision);
      return entry.kind === "history" ? Math.max(latest, entry.floor) : latest;
    }, 0);
  }

  /** Records that the table was destroyed. A failure to write is ignored, since the devices are deleted anyway. */
  emptied(): void {
    this.tryToAppend({ kind: "emptied" });
  }

  /**
   * For a table without a state: the entries of a destroyed table of the same name have no effect.
   * @throws ExpectedError
   */
  forNewTable(): void {
    if (this.entries.at(-1)?.kind !== "emptied") return;
    // Only who has the lock may write.
    if (this.unlock === undefined) this.entries = [];
    else this.replaceBy([{ kind: "history", floor: 0, revisions: [] }]);
  }

  /** The steps that a revision of the state does not include, by row. */
  unrecorded(revision: number): ReadonlyMap<string, Unrecorded> {
    return unrecordedIn(this.entries, revision);
  }

  /**
   * If a state is older than the log, and devices have got other credentials since: the latest revision, and these devices, unless they
   * were too many to keep. A device that got another credential after the older state was restored is not among them.
   */
  olderThan(
    revision: number,
  ): { readonly latest: number; readonly idsChangedSince: readonly string[] } | undefined {
    const { floor, revisions } = this.history();
    if (floor <= revision) return undefined;
    const recorded = this.entries.filter((entry) => entry.kind !== "started" || entry.revision <= revision);
    const ids = changedSince([...revisions, ...changesIn(recorded)], revision);
    return ids && { latest: floor, idsChangedSince: ids };
  }

  /** Records a step before it begins. The entry is on the disk when this returns. @throws ExpectedError */
  start(revision: number, step: LogStep, rows: readonly LogRow[], at: string): Started {
    const seq = this.nextSeq++;
    this.append({ kind: "started", seq, revision, at, step, rows });
    return {
      accepted: (jobId, acceptedAt) => {
        this.tryToAppend({ kind: "accepted", of: seq, jobId, at: acceptedAt });
      },
      ended: ({ done, refused, unsettled }, endedAt) => {
        this.tryToAppend({ kind: "ended", of: seq, at: endedAt, done, refused, unsettled });
      },
    };
  }

  /**
   * Drops the steps that a state of this revision includes, and keeps a summary of changed credentials. If that fails, the log is kept as it
   * is, with the same meaning.
   */
  compact(revision: number): void {
    this.requireLocked();
    const isKnown = (entry: LogEntry) => entry.kind === "started" && entry.revision <= revision;
    const known = new Set(this.entries.filter(isKnown).map(seqOf));
    if (known.size === 0) return;
    const isDropped = (entry: LogEntry) => known.has(seqOf(entry));
    const { floor, revisions } = this.history();
    const changes = [...revisions, ...changesIn(this.entries.filter(isDropped))];
    const isKept = (entry: LogEntry) =>
      entry.kind !== "history" && entry.kind !== "emptied" && !isDropped(entry);
    try {
      this.replaceBy([
        { kind: "history", floor: Math.max(floor, revision), revisions: limited(changes) },
        ...this.entries.filter(isKept),
      ]);
    } catch {
      // The longer log has the same meaning.
    }
  }

  close(): void {
    this.appended?.close();
    this.appended = undefined;
    this.unlock?.();
    this.unlock = undefined;
  }

  /** Rewrites the file. Places continue, so that earlier lines never become valid again. @throws ExpectedError */
  private replaceBy(entries: LogEntry[]): void {
    this.appended?.close();
    this.appended = undefined;
    const lines = entries.map((entry, i) => this.seal.seal(this.nextPlace + i, entry));
    rewrite(this.file, siblingOf(this.file, "new"), lines);
    this.entries = entries;
    this.nextPlace += entries.length;
  }

  private history(): LogEntry & { kind: "history" } {
    const found = this.entries.find((entry) => entry.kind === "history");
    return found ?? { kind: "history", floor: 0, revisions: [] };
  }

  /** The state will include the outcome too, so a failure to log it must not end the run. */
  private tryToAppend(entry: LogEntry): void {
    try {
      this.append(entry);
    } catch {
      // A later run treats the step as unsettled.
    }
  }

  private append(entry: LogEntry): void {
    this.requireLocked();
    this.appended ??= new AppendedFile(this.file);
    this.appended.append(this.seal.seal(this.nextPlace, entry));
    this.nextPlace++;
    this.entries.push(entry);
  }

  private requireLocked(): void {
    if (this.unlock === undefined) throw new Error(`${this.file} is not open for writing`);
  }
}

/** Opens lines, and sorts their entries by place. */
function inOrder(
  lines: readonly string[],
  seal: Seal,
): readonly { readonly place: number; readonly entry: LogEntry }[] {
  const byPlace = new Map<number, LogEntry>();
  for (const line of lines) {
    const opened = seal.unseal(line);
    if (opened === undefined || byPlace.has(opened.place)) continue;
    const entry = readEntry(opened.value);
    if (entry !== undefined) byPlace.set(opened.place, entry);
  }
  return [...byPlace]
    .map(([place, entry]) => ({ place, entry }))
    .sort((one, other) => one.place - other.place);
}

/** The step that an entry is about. */
function seqOf(entry: LogEntry): number {
  if (entry.kind === "started") return entry.seq;
  return "of" in entry ? entry.of : 0;
}
