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
}

type Line =
  { readonly intend: string; readonly mark: string; readonly at: string } | { readonly settle: string };

/** A journal, or the part of one under a scope. */
export type ScopedJournal = Pick<Journal, "unfinished" | "unfinishedKeys" | "intend" | "withdraw" | "settle">;

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
  private readonly file: string;

  private constructor(private readonly folder: string) {
    this.file = path.join(folder, `${Date.now()}-${process.pid}.jsonl`);
  }

  /** Reads what earlier processes left in `folder`, which need not exist. */
  static open(folder: string): Journal {
    const journal = new Journal(folder);
    const files = filesIn(folder).map((file) => ({ file, text: textOf(file) }));
    for (const line of files.flatMap(({ text }) => text.split("\n").flatMap(parseLine))) {
      if ("settle" in line) journal.unsettled.delete(line.settle);
      else journal.unsettled.set(line.intend, { key: line.intend, mark: line.mark, at: line.at });
    }
    // Newer files may hold the settlements of older ones: keep all until none has anything open.
    if (journal.unsettled.size === 0) for (const { file, text } of files) removeUnlessGrown(file, text);
    return journal;
  }

  /** The intent of an earlier process under this key that no saved state has confirmed. */
  unfinished(key: string): Intent | undefined {
    return this.unsettled.get(key);
  }

  /** Every key under which an earlier process left an intent that no saved state has confirmed. */
  unfinishedKeys(): readonly string[] {
    return [...this.unsettled.keys()];
  }

  /** Writes intents through to the disk before it returns. */
  intend(intents: readonly { readonly key: string; readonly mark: string }[]): void {
    if (intents.length === 0) return;
    const at = new Date().toISOString();
    for (const { key } of intents) {
      const before = this.unsettled.get(key);
      if (before !== undefined) this.replaced.set(key, before);
      this.own.add(key);
      this.unsettled.delete(key);
    }
    this.append(
      intents.map(({ key, mark }) => ({ intend: key, mark, at })),
      { durable: true },
    );
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
    this.append([{ intend: key, mark: before.mark, at: before.at }], { durable: true });
  }

  /** The entries under one scope, as a journal of their own. No part of a scope may hold a slash. */
  within(...scope: readonly string[]): ScopedJournal {
    const prefix = scope.map((part) => `${part}/`).join("");
    return {
      unfinished: (key) => this.unfinished(prefix + key),
      unfinishedKeys: () =>
        this.unfinishedKeys()
          .filter((key) => key.startsWith(prefix))
          .map((key) => key.slice(prefix.length)),
      intend: (intents) => {
        this.intend(intents.map(({ key, mark }) => ({ key: prefix + key, mark })));
      },
      withdraw: (key) => {
        this.withdraw(prefix + key);
      },
      settle: (key) => {
        this.settle(prefix + key);
      },
    };
  }

  /** Forgets the intent under this key, because state confirms it or its object is gone. */
  settle(key: string): void {
    const left = this.unsettled.delete(key);
    const own = this.own.delete(key);
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
    if ("intend" in line && "mark" in line && "at" in line) {
      const { intend, mark, at } = line;
      if (typeof intend === "string" && typeof mark === "string" && typeof at === "string")
        return [{ intend, mark, at }];
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
