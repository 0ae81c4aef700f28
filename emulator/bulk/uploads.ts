import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Keeps the files that bulk jobs were made from. */
export interface Uploads {
  save(id: string, text: string): Promise<void>;
  /** Undefined if there is none. */
  load(id: string): Promise<string | undefined>;
  clear(): Promise<void>;
}

export class UploadsInMemory implements Uploads {
  private readonly texts = new Map<string, string>();

  save(id: string, text: string): Promise<void> {
    this.texts.set(id, text);
    return Promise.resolve();
  }

  load(id: string): Promise<string | undefined> {
    return Promise.resolve(this.texts.get(id));
  }

  clear(): Promise<void> {
    this.texts.clear();
    return Promise.resolve();
  }
}

/** One file per job; ids come from the emulator, never from a request. */
export class UploadsOnDisk implements Uploads {
  private constructor(private readonly directory: string) {}

  static async open(directory: string): Promise<UploadsOnDisk> {
    await mkdir(directory, { recursive: true });
    return new UploadsOnDisk(directory);
  }

  async save(id: string, text: string): Promise<void> {
    await writeFile(this.path(id), text);
  }

  async load(id: string): Promise<string | undefined> {
    try {
      return await readFile(this.path(id), "utf8");
    } catch {
      return undefined;
    }
  }

  async clear(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
    await mkdir(this.directory, { recursive: true });
  }

  private path(id: string): string {
    return join(this.directory, `${id}.csv`);
  }
}
