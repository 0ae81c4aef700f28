import { earlierFiles, JournalFile, type Line } from "./journalFiles.js";

/** What an engine was told of a thing: that it was made, or that it is gone. It saves that, if nothing comes between. */
export type Told = "nothing" | "made" | "gone";

/** A remote change that a run meant to make and that no saved state has confirmed yet. */
export interface Intent extends Noted {
  readonly key: string;
}

interface Noted {
  /** What the run was about to make, to tell it from an earlier or later one (a fingerprint, never a secret). */
  readonly mark: string;
  /** When (ISO 8601). */
  readonly at: string;
  /** For whom it is made, where it was not there before. Whoever that is may take it away again when nobody wants it. */
  readonly owner?: string | undefined;
  /** What the engine of that run was told. */
  readonly told: Told;
}

/** What is to be written down before something is made. */
export type Plan = Pick<Intent, "key" | "mark" | "owner">;

/** An intent of a process that has ended. */
interface Unfinished {
  readonly of: "an earlier run";
  readonly noted: Noted;
  /** What the engine of this run was told. */
  readonly told: Told;
}

/** An intent of this process. It is no half-done work: whoever had it still runs. */
interface UnderWay {
  readonly of: "this run";
  readonly noted: Noted;
  readonly told: Told;
  /** What it took the place of. */
  readonly instead: Unfinished | undefined;
}

type Entry = Unfinished | UnderWay;

/** What the journals within one another share. */
interface Ledger {
  readonly entries: Map<string, Entry>;
  /** Who looks after a key in this run: a resource that declares it, or somebody who takes away what nothing declares. */
  readonly keepers: Map<string, "a resource" | "somebody">;
  readonly file: JournalFile;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * How long an entry is kept that no run asks for any more. What an engine was told is gone has left its state, but where it could
 * not save that; of the rest nobody knows, and runs that do not get as far as to ask may follow each other for a while.
 */
const KEPT_MS = { gone: DAY_MS, otherwise: 30 * DAY_MS };

/**
 * A write-ahead journal beside the program. Before something is created remotely the intent is written to disk; once
 * a later run sees the result in its state, the entry is settled. What is left tells a `create` that it meets
 * the half-done work of a run that was killed before the engine saved its state.
 *
 * Every process appends to a file of its own, so runs of several stacks side by side don't disturb each other.
 * Files in which everything is settled are removed when a journal is opened.
 */
export class Journal {
  private constructor(
    private readonly ledger: Ledger,
    private readonly prefix: string,
  ) {}

  /** Reads what earlier processes left in `folder`, which need not exist. */
  static open(folder: string): Journal {
    const entries = new Map<string, Unfinished>();
    const earlier = earlierFiles(folder);
    for (const line of earlier.lines) learn(entries, line);
    // Of stacks that are never run again.
    for (const [key, { noted }] of entries) {
      if (noted.told === "gone" && ageOf(noted) > KEPT_MS.otherwise) entries.delete(key);
    }
    // Newer files may hold the settlements of older ones: keep all until none has anything open.
    if (entries.size === 0) earlier.remove();
    return new Journal({ entries, keepers: new Map(), file: new JournalFile(folder) }, "");
  }

  /** The entries under one scope, as a journal of their own. No part of a scope may hold a slash. */
  within(...scope: readonly string[]): Journal {
    return new Journal(this.ledger, this.prefix + scope.map((part) => `${part}/`).join(""));
  }

  /** The intent of an earlier process under this key that no saved state has confirmed. Who asks looks after it from now on. */
  unfinished(key: string): Intent | undefined {
    this.ledger.keepers.set(this.prefix + key, "a resource");
    const entry = this.entry(key);
    return entry?.of === "an earlier run" ? { key, ...entry.noted } : undefined;
  }

  /** Every intent of an earlier process that no saved state has confirmed. */
  allUnfinished(): readonly Intent[] {
    return this.inScope().flatMap(([key, { of, noted }]) =>
      of === "an earlier run" ? [{ key, ...noted }] : [],
    );
  }

  /**
   * What processes that were killed meant to make for this owner, and no resource of this process has asked for. What an engine that
   * ended in order was told of is most likely in its state, and so never left over.
   */
  leftOver(owner: string): readonly Intent[] {
    return this.untold().filter(
      (intent) => intent.owner === owner && this.keeper(intent.key) !== "a resource",
    );
  }

  /** What is left over, whoever it was for, and in nobody's hands. */
  unattended(): readonly Intent[] {
    return this.untold().filter(({ key }) => this.keeper(key) === undefined);
  }

  /** Notes that what is left over under this key is in good hands. */
  announce(key: string): void {
    if (this.keeper(key) === undefined) this.ledger.keepers.set(this.prefix + key, "somebody");
  }

  /** Writes intents through to the disk before it returns. */
  intend(plans: readonly Plan[]): void {
    const at = new Date().toISOString();
    for (const { key, mark, owner } of plans) {
      const before = this.entry(key);
      const instead = before?.of === "this run" ? before.instead : before;
      const noted: Noted = { mark, at, owner, told: "nothing" };
      this.put(key, { of: "this run", noted, told: "nothing", instead });
    }
    this.ledger.file.append(
      plans.map(({ key, mark, owner }) => ({ intend: this.prefix + key, mark, at, owner })),
      { durable: true },
    );
  }

  /** Takes back an intent that is known to have done nothing; what it took the place of is open again. */
  withdraw(key: string): void {
    const entry = this.entry(key);
    if (entry?.of !== "this run" || entry.instead === undefined) {
      this.settle(key);
      return;
    }
    this.put(key, entry.instead);
    const { mark, at, owner, told } = entry.instead.noted;
    const full = this.prefix + key;
    this.ledger.file.append([{ intend: full, mark, at, owner }, ...toldLines(told, [full])], {
      durable: true,
    });
  }

  /** Notes what the engine learns next of the thing under this key. It is written down if the engine ends in order. */
  tell(key: string, told: "made" | "gone"): void {
    const entry = this.entry(key);
    if (entry !== undefined) this.put(key, { ...entry, told });
  }

  /** Forgets the intent under this key, because state confirms it or its object is gone. */
  settle(key: string): void {
    const full = this.prefix + key;
    this.ledger.keepers.set(full, "a resource");
    const entry = this.entry(key);
    if (entry === undefined) return;
    this.ledger.entries.delete(full);
    this.ledger.file.append([{ settle: full, at: entry.noted.at }], { durable: false });
  }

  /**
   * To be called when the engine ends this process in order: writes down what it was told, and forgets what nothing has asked for in
   * a long time. That the engine saves what it was told is likely and no more: it does so after this.
   */
  end(): void {
    const entries = this.inScope();
    const learned = (what: Told) =>
      entries.flatMap(([key, { told }]) => (told === what ? [this.prefix + key] : []));
    const forgotten = entries.flatMap(([key, { of, noted, told }]) => {
      const isAsked = of === "this run" || told !== "nothing" || this.keeper(key) !== undefined;
      const keptMs = noted.told === "gone" ? KEPT_MS.gone : KEPT_MS.otherwise;
      return !isAsked && ageOf(noted) > keptMs ? [{ settle: this.prefix + key, at: noted.at }] : [];
    });
    this.ledger.file.append(
      [...toldLines("made", learned("made")), ...toldLines("gone", learned("gone")), ...forgotten],
      { durable: true },
    );
  }

  private entry(key: string): Entry | undefined {
    return this.ledger.entries.get(this.prefix + key);
  }

  private put(key: string, entry: Entry): void {
    this.ledger.entries.set(this.prefix + key, entry);
  }

  private untold(): readonly Intent[] {
    return this.allUnfinished().filter(({ told }) => told === "nothing");
  }

  private keeper(key: string): "a resource" | "somebody" | undefined {
    return this.ledger.keepers.get(this.prefix + key);
  }

  /** The entries under this scope, with their keys in it. */
  private inScope(): readonly (readonly [string, Entry])[] {
    return [...this.ledger.entries]
      .filter(([key]) => key.startsWith(this.prefix))
      .map(([key, entry]) => [key.slice(this.prefix.length), entry] as const);
  }
}

function ageOf({ at }: Noted): number {
  return Date.now() - Date.parse(at);
}

function toldLines(told: Told, keys: readonly string[]): readonly Line[] {
  if (told === "nothing" || keys.length === 0) return [];
  return [told === "made" ? { saved: keys } : { gone: keys }];
}

/** What is left open after one more line. */
function learn(entries: Map<string, Unfinished>, line: Line): void {
  const tell = (keys: readonly string[], told: Told) => {
    for (const key of keys) {
      const entry = entries.get(key);
      if (entry !== undefined) entries.set(key, { ...entry, noted: { ...entry.noted, told } });
    }
  };
  if ("saved" in line) {
    tell(line.saved, "made");
  } else if ("gone" in line) {
    tell(line.gone, "gone");
  } else if ("settle" in line) {
    // Files are read one after the other, whichever of their processes wrote last.
    const isMeant = line.at === undefined || entries.get(line.settle)?.noted.at === line.at;
    if (isMeant) entries.delete(line.settle);
  } else {
    const { intend: key, mark, at, owner } = line;
    const noted: Noted = { mark, at, owner, told: "nothing" };
    entries.set(key, { of: "an earlier run", noted, told: "nothing" });
  }
}
