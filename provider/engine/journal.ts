import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import path from "node:path";

/** A remote change that a run meant to make and that no saved state has confirmed yet. */
export interface Intent {
  readonly key: string;
  /** What the run was about to make, to tell it from an earlier or later one (a fingerprint, never a secret). */
  readonly mark: string;
  /** When (ISO 8601). */
  readonly at: string;
  /** For whom it is made, where it was not there before. Whoever that is may take it away again when nobody wants it. */
  readonly owner?: string | undefined;
}

/** What is to be written down before something is made. */
export type Plan = Pick<Intent, "key" | "mark" | "owner">;

type Line =
  | ({ readonly intend: string } & Omit<Intent, "key">)
  | { readonly settle: string }
  | { readonly saved: readonly string[] };

/** A journal, or the part of one under a scope. */
export type ScopedJournal = Pick<
  Journal,
  | "unfinished"
  | "unfinishedKeys"
  | "leftOver"
  | "announce"
  | "unattended"
  | "intend"
  | "withdraw"
  | "handOver"
  | "settleInTheEnd"
  | "settle"
>;

/**
 * A write-ahead journal beside the program. Before something is created remotely the intent is written to disk; once
 * a later run sees the result in its state, the entry is settled. What is left tells a `create` that it meets
 * the half-done work of a run that was killed before the engine saved its state.
 *
 * Every process appends to a file of its own, so runs of several stacks side by side don't disturb each other.
 * Files in which everything is settled are removed when a journal is opened.
 */
export class Journal {
  private readonly unsettled = new Map<string, Intent>();
  /** Intents of this process. They are no half-done work: whoever had them still runs. */
  private readonly own = new Set<string>();
  /** What intents of this process took the place of. */
  private readonly replaced = new Map<string, Intent>();
  /** What this process made and the engine was told of. */
  private readonly handedOver = new Set<string>();
  /** What this process took away and the engine was told of. */
  private readonly settledInTheEnd = new Set<string>();
  /** What engines that ended in order were told of, so that they have saved it. */
  private readonly saved = new Set<string>();
  /** Keys that a resource of this process asked about or settled: something still declares them. */
  private readonly asked = new Set<string>();
  /** What is left over, and whose end this process has told. */
  private readonly announced = new Set<string>();
  private readonly file: string;

  private constructor(private readonly folder: string) {
    this.file = path.join(folder, `${Date.now()}-${process.pid}.jsonl`);
  }

  /** Reads what earlier processes left in `folder`, which need not exist. */
  static open(folder: string): Journal {
    const journal = new Journal(folder);
    const files = filesIn(folder).map((file) => ({ file, text: textOf(file) }));
    for (const line of files.flatMap(({ text }) => text.split("\n").flatMap(parseLine))) journal.learn(line);
    // Newer files may hold the settlements of older ones: keep all until none has anything open.
    if (journal.unsettled.size === 0) for (const { file, text } of files) removeUnlessGrown(file, text);
    return journal;
  }

  private learn(line: Line): void {
    if ("saved" in line) {
      for (const key of line.saved) this.saved.add(key);
    } else if ("settle" in line) {
      this.unsettled.delete(line.settle);
    } else {
      const { intend: key, ...intent } = line;
      this.unsettled.set(key, { key, ...intent });
      this.saved.delete(key);
    }
  }

  /** The intent of an earlier process under this key that no saved state has confirmed. */
  unfinished(key: string): Intent | undefined {
    this.asked.add(key);
    return this.unsettled.get(key);
  }

  /** Every key under which an earlier process left an intent that no saved state has confirmed. */
  unfinishedKeys(): readonly string[] {
    return [...this.unsettled.keys()];
  }

  /**
   * What processes that were killed meant to make for this owner, and nothing in this process has asked for. Whatever an
   * engine that ended in order was told of is in its state, and not left over.
   */
  leftOver(owner: string): readonly Intent[] {
    return this.forgotten().filter((intent) => intent.owner === owner);
  }

  /** Notes that what is left over under this key is in good hands. */
  announce(key: string): void {
    this.announced.add(key);
  }

  /** What is left over, whoever it was for, and in nobody's hands. */
  unattended(): readonly Intent[] {
    return this.forgotten().filter(({ key }) => !this.announced.has(key));
  }

  private forgotten(): readonly Intent[] {
    return [...this.unsettled.values()].filter(({ key }) => !this.saved.has(key) && !this.asked.has(key));
  }

  /** Writes intents through to the disk before it returns. */
  intend(intents: readonly Plan[]): void {
    if (intents.length === 0) return;
    const at = new Date().toISOString();
    for (const { key } of intents) {
      const before = this.unsettled.get(key);
      if (before !== undefined) this.replaced.set(key, before);
      this.own.add(key);
      this.unsettled.delete(key);
      this.handedOver.delete(key);
    }
    this.append(
      intents.map(({ key, mark, owner }) => ({ intend: key, mark, at, owner })),
      { durable: true },
    );
  }

  /** Notes that what was made under this key has an id, and so will be saved if the engine ends in order. */
  handOver(key: string): void {
    if (this.own.has(key) || this.unsettled.has(key)) this.handedOver.add(key);
  }

  /** Settles what was taken away as soon as the engine has saved that, which it has if it ends in order. */
  settleInTheEnd(key: string): void {
    this.settledInTheEnd.add(key);
  }

  /** Writes down what the engine has saved, when it ends in order. */
  end(): void {
    const saved = this.handedOver.size > 0 ? [{ saved: [...this.handedOver] }] : [];
    const settled = [...this.settledInTheEnd].map((key) => ({ settle: key }));
    if (saved.length + settled.length > 0) this.append([...saved, ...settled], { durable: true });
    this.handedOver.clear();
    this.settledInTheEnd.clear();
  }

  /** Takes back an intent that is known to have done nothing; what it took the place of is open again. */
  withdraw(key: string): void {
    const before = this.replaced.get(key);
    if (before === undefined) {
      this.settle(key);
      return;
    }
    this.replaced.delete(key);
    this.own.delete(key);
    this.unsettled.set(key, before);
    const { key: intend, ...intent } = before;
    const saved = this.saved.has(key) ? [{ saved: [key] }] : [];
    this.append([{ intend, ...intent }, ...saved], { durable: true });
  }

  /** The entries under one scope, as a journal of their own. No part of a scope may hold a slash. */
  within(...scope: readonly string[]): ScopedJournal {
    const prefix = scope.map((part) => `${part}/`).join("");
    const scoped = (intents: readonly Intent[]): readonly Intent[] =>
      intents
        .filter(({ key }) => key.startsWith(prefix))
        .map((intent) => ({ ...intent, key: intent.key.slice(prefix.length) }));
    return {
      unfinished: (key) => this.unfinished(prefix + key),
      unfinishedKeys: () =>
        this.unfinishedKeys()
          .filter((key) => key.startsWith(prefix))
          .map((key) => key.slice(prefix.length)),
      leftOver: (owner) => scoped(this.leftOver(owner)),
      announce: (key) => {
        this.announce(prefix + key);
      },
      unattended: () => scoped(this.unattended()),
      intend: (intents) => {
        this.intend(intents.map((intent) => ({ ...intent, key: prefix + intent.key })));
      },
      withdraw: (key) => {
        this.withdraw(prefix + key);
      },
      handOver: (key) => {
        this.handOver(prefix + key);
      },
      settleInTheEnd: (key) => {
        this.settleInTheEnd(prefix + key);
      },
      settle: (key) => {
        this.settle(prefix + key);
      },
    };
  }

  /** Forgets the intent under this key, because state confirms it or its object is gone. */
  settle(key: string): void {
    this.asked.add(key);
    const left = this.unsettled.delete(key);
    const own = this.own.delete(key);
    this.handedOver.delete(key);
    this.settledInTheEnd.delete(key);
    if (left || own) this.append([{ settle: key }], { durable: false });
  }

  private append(lines: readonly Line[], { durable }: { readonly durable: boolean }): void {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    mkdirSync(this.folder, { recursive: true });
    const handle = openSync(this.file, "a", 0o600);
    try {
      appendFileSync(handle, text);
      if (durable) fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .sort()
      .map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

/** A process that was killed may have left a last line in part; it describes something that was never started. */
function parseLine(text: string): Line[] {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line !== "object" || line === null) return [];
    if ("settle" in line && typeof line.settle === "string") return [{ settle: line.settle }];
    if ("saved" in line && Array.isArray(line.saved))
      return [{ saved: line.saved.filter((key) => typeof key === "string") }];
    if ("intend" in line && "mark" in line && "at" in line) {
      const { intend, mark, at } = line;
      const owner = "owner" in line && typeof line.owner === "string" ? line.owner : undefined;
      if (typeof intend === "string" && typeof mark === "string" && typeof at === "string")
        return [{ intend, mark, at, owner }];
    }
    return [];
  } catch {
    return [];
  }
}

/** Another process that found everything settled may just have removed the file. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

/** Another process may be writing to its file right now. */
function removeUnlessGrown(file: string, read: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.size === Buffer.byteLength(read))
    rmSync(file, { force: true });
}
