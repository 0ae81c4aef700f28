import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRecord } from "../http/json.js";

const collections = [
  "devices",
  "credentials",
  "jitp",
  "jobs",
  "claims",
  "provisioningRules",
  "provisioningTags",
] as const;
export type Collection = (typeof collections)[number];

/** Stores the changes of the stores. */
export interface Journal {
  /** Records a new value, or a deletion. Writes nothing before the next flush. */
  record(collection: Collection, key: string, value: object | undefined): void;
}

/** The contents of a journal file: the last value of each record. */
export type Contents = ReadonlyMap<Collection, ReadonlyMap<string, unknown>>;

const fileName = "state.ndjson";

/** The longest time for which a change is in memory only. A `kill -9` can lose these changes. */
const flushAfterMs = 200;

/** Lines of history that are worth a rewrite, if most of them are out of date. */
const compactAfterLines = 100_000;

export const noJournal: Journal = { record: () => undefined };

/**
 * A journal as JSON lines, one per change, appended in batches. The last line of a record applies. Opening and closing rewrite the
 * file with one line per record, through a temporary file.
 */
export class JournalFile implements Journal {
  private pending = new Map<string, string | undefined>();
  private records = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private lines = 0;

  private constructor(private readonly path: string) {}

  /** Reads the state of a directory, creating it if need be. A last line cut short by a kill is ignored. */
  static async open(directory: string): Promise<{ journal: JournalFile; contents: Contents }> {
    await mkdir(directory, { recursive: true });
    const journal = new JournalFile(join(directory, fileName));
    const contents = await journal.read();
    await journal.compact();
    return { journal, contents };
  }

  record(collection: Collection, key: string, value: object | undefined): void {
    const line = value === undefined ? undefined : JSON.stringify({ collection, key, value });
    this.pending.set(recordName(collection, key), line);
    this.timer ??= setTimeout(() => {
      this.flush().catch((error: unknown) => {
        process.emitWarning(`the emulator cannot save its state: ${String(error)}`);
      });
    }, flushAfterMs);
  }

  /** Writes all pending changes in one piece. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const changes = this.pending;
    this.pending = new Map();
    // After a failed write, such as on a full disk, later writes must still be tried.
    const earlier = this.writing.catch(() => undefined);
    this.writing = earlier.then(async () => {
      if (changes.size === 0) return;
      const lines: string[] = [];
      for (const [name, line] of changes) {
        if (line === undefined) {
          this.records.delete(name);
          lines.push(`${tombstone(name)}\n`);
        } else {
          this.records.set(name, line);
          lines.push(`${line}\n`);
        }
      }
      await appendFile(this.path, lines.join(""));
      this.lines += lines.length;
      if (this.lines > compactAfterLines && this.lines > 3 * this.records.size) await this.compact();
    });
    return this.writing;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.compact();
  }

  private async compact(): Promise<void> {
    const temporary = `${this.path}.tmp`;
    await writeFile(temporary, [...this.records.values()].map((line) => `${line}\n`).join(""));
    await rename(temporary, this.path);
    this.lines = this.records.size;
  }

  private async read(): Promise<Contents> {
    const contents = new Map<Collection, Map<string, unknown>>(collections.map((name) => [name, new Map()]));
    const lines = (await readFileIfAny(this.path)).split("\n");
    for (const [index, line] of lines.entries()) {
      if (line === "") continue;
      const change = parseLine(line);
      if (change === undefined) {
        if (index === lines.length - 1) break;
        throw new Error(
          `${this.path}, line ${index + 1}: not a line of this emulator's state; delete the file to start empty`,
        );
      }
      const { collection, key, value } = change;
      const name = recordName(collection, key);
      if (value === undefined) {
        contents.get(collection)?.delete(key);
        this.records.delete(name);
      } else {
        contents.get(collection)?.set(key, value);
        this.records.set(name, line);
      }
    }
    return contents;
  }
}

const recordName = (collection: Collection, key: string) => `${collection} ${key}`;

function tombstone(name: string): string {
  const space = name.indexOf(" ");
  return JSON.stringify({ collection: name.slice(0, space), key: name.slice(space + 1) });
}

function parseLine(line: string): { collection: Collection; key: string; value: unknown } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(parsed)) return undefined;
  const { collection: name, key, value } = parsed;
  const collection = collections.find((candidate) => candidate === name);
  return collection === undefined || typeof key !== "string" ? undefined : { collection, key, value };
}

async function readFileIfAny(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
