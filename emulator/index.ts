import { join } from "node:path";
import { BulkJobs } from "./bulk/jobs.js";
import { UploadsInMemory, UploadsOnDisk, type Uploads } from "./bulk/uploads.js";
import type { Cloud } from "./cloud.js";
import { createServer } from "./server.js";
import { defaultSettings, type Settings } from "./settings.js";
import { CredentialRegister } from "./store/credentialRegister.js";
import { JournalFile, noJournal, type Contents, type Journal } from "./store/journal.js";
import { lockDirectory } from "./store/lock.js";
import { Registry } from "./store/registry.js";
import { callersByKey, defaultTeams, type Team } from "./teams.js";

export { defaultSettings, type Settings } from "./settings.js";
export { defaultTeams, type ApiKey, type Role, type Team } from "./teams.js";

export interface EmulatorOptions extends Partial<Settings> {
  /** 0 (the default) picks a free one. */
  readonly port?: number;
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string;
  /** Where the state is kept over restarts; undefined keeps it in memory only. */
  readonly dataDir?: string | undefined;
  /** Default: {@link defaultTeams}, two teams with one key each. */
  readonly teams?: readonly Team[];
  /** Is told of every request, in one line. */
  readonly log?: (line: string) => void;
}

/** A running emulator. */
export interface Emulator {
  /** Base URL of the device API, such as `http://127.0.0.1:8787/v1`. */
  readonly url: string;
  /** Base URL of the admin door. */
  readonly adminUrl: string;
  readonly teams: readonly Team[];
  /** The first API key of the first team. */
  readonly apiKey: string;
  /** Stops listening, halts bulk jobs and saves the state. */
  close(): Promise<void>;
}

/**
 * Starts an nRF Cloud emulator in this process. Rejects if the port is taken or the data directory is in use or not
 * readable. Several can run side by side, each with its own data directory.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port = 0, host = "127.0.0.1", dataDir, teams = defaultTeams, log, ...given } = options;
  const callers = callersByKey(teams);
  const initialSettings: Settings = { ...defaultSettings, ...given };
  const storage = dataDir === undefined ? memory() : await openDirectory(dataDir);
  const settings = { ...initialSettings };
  const registry = new Registry(settings, storage.journal);
  const credentials = new CredentialRegister(storage.journal);
  const jobs = new BulkJobs({ settings, registry, credentials }, storage.journal, storage.uploads);
  const cloud: Cloud = { settings, registry, credentials, jobs };
  const app = createServer(cloud, { callers, initialSettings, log });
  try {
    registry.restore(storage.contents.get("devices")?.values() ?? []);
    credentials.restore(storage.contents.get("credentials") ?? []);
    await jobs.restore(storage.contents.get("jobs")?.values() ?? []);
    const address = await app.listen({ port, host });
    return {
      url: `${address}/v1`,
      adminUrl: `${address}/_emulator`,
      teams,
      apiKey: teams[0]?.apiKeys[0]?.key ?? "",
      close: async () => {
        await app.close();
        await jobs.stop();
        await storage.close();
      },
    };
  } catch (error) {
    await jobs.stop();
    await storage.close();
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new Error(`port ${port} of ${host} is in use: choose another one, or 0 for any that is free`, {
        cause: error,
      });
    }
    throw error;
  }
}

interface Storage {
  readonly journal: Journal;
  readonly uploads: Uploads;
  readonly contents: Contents;
  close(): Promise<void>;
}

const memory = (): Storage => ({
  journal: noJournal,
  uploads: new UploadsInMemory(),
  contents: new Map(),
  close: () => Promise.resolve(),
});

async function openDirectory(directory: string): Promise<Storage> {
  const unlock = await lockDirectory(directory);
  try {
    const { journal, contents } = await JournalFile.open(directory);
    const uploads = await UploadsOnDisk.open(join(directory, "uploads"));
    return {
      journal,
      uploads,
      contents,
      close: async () => {
        try {
          await journal.close();
        } finally {
          await unlock();
        }
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
