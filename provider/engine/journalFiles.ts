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

/** What one line of a journal says. These lines are read by later versions, so they only ever gain forms. */
export type Line =
  | {
      readonly intend: string;
      readonly mark: string;
      readonly at: string;
      readonly owner?: string | undefined;
    }
  /** `at`: of the intent that is meant. Earlier versions did not say. */
  | { readonly settle: string; readonly at?: string | undefined }
  | { readonly saved: readonly string[] }
  | { readonly gone: readonly string[] };

/** The files in which earlier processes wrote their lines. */
export interface EarlierFiles {
  /** In the order in which they were written. */
  readonly lines: readonly Line[];
  /** Removes them, but for those that a process still writes to. */
  remove(): void;
}

/** Reads what earlier processes left in `folder`, which need not exist. */
export function earlierFiles(folder: string): EarlierFiles {
  const files = filesIn(folder).map((file) => ({ file, text: textOf(file) }));
  return {
    lines: files.flatMap(({ text }) => text.split("\n").flatMap(parseLine)),
    remove() {
      for (const { file, text } of files) removeUnlessGrown(file, text);
    },
  };
}

/** The file of this process, which is made with its first line. */
export class JournalFile {
  private readonly file: string;

  constructor(private readonly folder: string) {
    this.file = path.join(folder, `${Date.now()}-${process.pid}.jsonl`);
  }

  /** @param durable whether the lines are to be on the disk when it returns */
  append(lines: readonly Line[], { durable }: { readonly durable: boolean }): void {
    if (lines.length === 0) return;
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
    if ("settle" in line && typeof line.settle === "string") {
      const at = "at" in line && typeof line.at === "string" ? line.at : undefined;
      return [{ settle: line.settle, at }];
    }
    if ("saved" in line && Array.isArray(line.saved)) return [{ saved: textsIn(line.saved) }];
    if ("gone" in line && Array.isArray(line.gone)) return [{ gone: textsIn(line.gone) }];
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

function textsIn(list: readonly unknown[]): readonly string[] {
  return list.filter((each) => typeof each === "string");
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
