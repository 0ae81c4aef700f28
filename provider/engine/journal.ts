import { earlierFiles, JournalFile, type Line } from "./journalFiles.js";

/** A remote change that a run meant to make and that no saved state has confirmed yet. */
export interface Intent {
  readonly key: string;
  /** What the run was about to make, to tell it from an earlier or later one (a fingerprint, never a secret). */
  readonly mark: string;
  /** When (ISO 8601). */
  readonly at: string;
  /** For whom it is made, where it was not there before. Whoever that is may take it away again when nobody wants it. */
  readonly owner?: string | undefined;
  /** Whether an engine that ended in order was told that it was made: then its state had it. */
  readonly saved: boolean;
}

/** What is to be written down before something is made. */
export type Plan = Pick<Intent, "key" | "mark" | "owner">;

/** What the engine was told of a key in this run; it saves that if it ends in order. */
type Told = "nothing" | "made" | "gone";

/** An intent of a process that has ended. */
interface Unfinished {
  readonly of: "an earlier run";
  readonly intent: Intent;
  readonly told: Told;
}

/** An intent of this process. It is no half-done work: whoever had it still runs. */
interface UnderWay {
  readonly of: "this run";
  /** What it took the place of. */
  readonly instead: Unfinished | undefined;
  readonly told: Told;
}

/** What the journals within one another share. */
interface Ledger {
  readonly entries: Map<string, Unfinished | UnderWay>;
  /** Who looks after a key in this run: a resource that declares it, or somebody who takes away what nothing declares. */
  readonly keepers: Map<string, "a resource" | "somebody">;
  readonly file: JournalFile;
}

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
    // Newer files may hold the settlements of older ones: keep all until none has anything open.
    if (entries.size === 0) earlier.remove();
    return new Journal({ entries, keepers: new Map(), file: new JournalFile(folder) }, "");
  }

  /** The entries under one scope, as a journal of their own. No part of a scope may hold a slash. */
  within(...scope: readonly string[]): Journal {
    return new Journal(this.ledger, this.prefix + scope.map((part) => `${part}/`).join(""));
  }

  /** The intent of an earlier process under this key that no saved state has confirmed. */
  unfinished(key: string): Intent | undefined {
    this.ledger.keepers.set(this.prefix + key, "a resource");
    const entry = this.entry(key);
    return entry?.of === "an earlier run" ? { ...entry.intent, key } : undefined;
  }

  /** Every key under which an earlier process left an intent that no saved state has confirmed. */
  unfinishedKeys(): readonly string[] {
    return this.earlier().map(({ key }) => key);
  }

  /**
   * What processes that were killed meant to make for this owner, and no resource of this process has asked for. Whatever
   * an engine that ended in order was told of is in its state, and not left over.
   */
  leftOver(owner: string): readonly Intent[] {
    return this.forgotten().filter(
      (intent) => intent.owner === owner && this.keeper(intent) !== "a resource",
    );
  }

  /** What is left over, whoever it was for, and in nobody's hands. */
  unattended(): readonly Intent[] {
    return this.forgotten().filter((intent) => this.keeper(intent) === undefined);
  }

  /** Notes that what is left over under this key is in good hands. */
  announce(key: string): void {
    if (this.keeper({ key }) === undefined) this.ledger.keepers.set(this.prefix + key, "somebody");
  }

  /** Writes intents through to the disk before it returns. */
  intend(intents: readonly Plan[]): void {
    const at = new Date().toISOString();
    for (const { key } of intents) {
      const before = this.entry(key);
      const instead = before?.of === "this run" ? before.instead : before;
      this.put(key, { of: "this run", instead, told: "nothing" });
    }
    this.ledger.file.append(
      intents.map(({ key, mark, owner }) => ({ intend: this.prefix + key, mark, at, owner })),
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
    const { mark, at, owner, saved } = entry.instead.intent;
    const line = { intend: this.prefix + key, mark, at, owner };
    this.ledger.file.append(saved ? [line, { saved: [line.intend] }] : [line], { durable: true });
  }

  /** Notes that what was made under this key has an id, and so will be saved if the engine ends in order. */
  handOver(key: string): void {
    this.tell(key, "made");
  }

  /** Settles what was taken away as soon as the engine has saved that, which it has if it ends in order. */
  settleInTheEnd(key: string): void {
    this.tell(key, "gone");
  }

  /** Forgets the intent under this key, because state confirms it or its object is gone. */
  settle(key: string): void {
    this.ledger.keepers.set(this.prefix + key, "a resource");
    const wasOpen = this.ledger.entries.delete(this.prefix + key);
    if (wasOpen) this.ledger.file.append([{ settle: this.prefix + key }], { durable: false });
  }

  /** Writes down what the engine has saved, when it ends in order. */
  end(): void {
    const told = (what: Told) =>
      [...this.ledger.entries].flatMap(([key, entry]) => (entry.told === what ? [key] : []));
    const made = told("made");
    const saved = made.length > 0 ? [{ saved: made }] : [];
    this.ledger.file.append([...saved, ...told("gone").map((settle) => ({ settle }))], { durable: true });
  }

  private entry(key: string): Unfinished | UnderWay | undefined {
    return this.ledger.entries.get(this.prefix + key);
  }

  private put(key: string, entry: Unfinished | UnderWay): void {
    this.ledger.entries.set(this.prefix + key, entry);
  }

  private tell(key: string, told: Told): void {
    const entry = this.entry(key);
    if (entry !== undefined) this.put(key, { ...entry, told });
  }

  private keeper({ key }: Pick<Intent, "key">): "a resource" | "somebody" | undefined {
    return this.ledger.keepers.get(this.prefix + key);
  }

  /** What earlier processes left under this scope, with their keys in it. */
  private earlier(): readonly Intent[] {
    return [...this.ledger.entries].flatMap(([key, entry]) =>
      entry.of === "an earlier run" && key.startsWith(this.prefix)
        ? [{ ...entry.intent, key: key.slice(this.prefix.length) }]
        : [],
    );
  }

  private forgotten(): readonly Intent[] {
    return this.earlier().filter(({ saved }) => !saved);
  }
}

/** What is left open after one more line. */
function learn(entries: Map<string, Unfinished>, line: Line): void {
  if ("saved" in line) {
    for (const key of line.saved) {
      const entry = entries.get(key);
      if (entry !== undefined) entries.set(key, { ...entry, intent: { ...entry.intent, saved: true } });
    }
  } else if ("settle" in line) {
    entries.delete(line.settle);
  } else {
    const { intend: key, ...intent } = line;
    entries.set(key, { of: "an earlier run", intent: { key, ...intent, saved: false }, told: "nothing" });
  }
}
