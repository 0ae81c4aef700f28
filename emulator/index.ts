import { join } from "node:path";
import { BulkJobs } from "./bulk/jobs.js";
import { UploadsInMemory, UploadsOnDisk, type Uploads } from "./bulk/uploads.js";
import type { Cloud, ThingStore } from "./cloud.js";
import { noFaults, type FaultPlan } from "./faults/fault.js";
import { Faults } from "./faults/faults.js";
import { parsePlan } from "./faults/plan.js";
import { IdentityKeys } from "./identity/identityKeys.js";
import { IdentityStore } from "./identity/identityStore.js";
import { JitpRegistrations } from "./jitp/registrations.js";
import { startBroker, type Broker } from "./mqtt/broker.js";
import { Authority } from "./pki/authority.js";
import { createServer, identityPrefix } from "./server.js";
import { defaultSettings, type Settings } from "./settings.js";
import { CredentialRegister } from "./store/credentialRegister.js";
import { StoreEvents } from "./store/events.js";
import { JitpRegister } from "./store/jitpRegister.js";
import { JournalFile, noJournal, type Contents, type Journal } from "./store/journal.js";
import type { Hindsight } from "./store/history.js";
import { lockDirectory } from "./store/lock.js";
import { Registry } from "./store/registry.js";
import { callersOf, defaultTeams, type Team } from "./teams.js";

export type { Fault, FaultPlan, FaultRule } from "./faults/fault.js";
export { defaultSettings, type NordicProduct, type Settings, type StatusUrl } from "./settings.js";
export { defaultTeams, type ApiKey, type Organization, type Role, type Team } from "./teams.js";

export interface EmulatorOptions extends Partial<Settings> {
  /** 0 (the default) picks a free one. */
  readonly port?: number;
  /** Port of the MQTT broker; 0 picks a free one, undefined (the default) means no broker. */
  readonly mqttPort?: number | undefined;
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string;
  /** The directory that keeps the state over restarts; `undefined` keeps it in memory only. */
  readonly dataDir?: string | undefined;
  /** Default: {@link defaultTeams}, two teams with one key each. */
  readonly teams?: readonly Team[];
  /** The faults at the start; the admin API can change them. Default: none. */
  readonly faults?: FaultPlan | undefined;
  /** Gets a line for every request. */
  readonly log?: (line: string) => void;
}

/** Where devices connect to by MQTT with TLS. */
export interface MqttAddress {
  readonly host: string;
  readonly port: number;
  /** The root certificate to verify the broker, in PEM. */
  readonly caCert: string;
}

/** A running emulator. */
export interface Emulator {
  /** Base URL of the device API, such as `http://127.0.0.1:8787/v1`. */
  readonly url: string;
  /** Base URL of the Identity and Provisioning service. */
  readonly identityUrl: string;
  /** Base URL of the admin API. */
  readonly adminUrl: string;
  /** Address of the page that shows the emulated account to people. */
  readonly pageUrl: string;
  /** Where devices connect to; undefined if there is no broker. */
  readonly mqtt: MqttAddress | undefined;
  readonly teams: readonly Team[];
  /** The first API key of the first team. */
  readonly apiKey: string;
  /** Stops listening, drops all connections, halts bulk jobs and saves the state. */
  close(): Promise<void>;
}

/**
 * Starts an nRF Cloud emulator in this process. Rejects if the port is taken, the data directory is in use or not
 * readable, or the plan of faults is not valid. Several can run side by side, each with its own data directory.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const {
    port = 0,
    mqttPort,
    host = "127.0.0.1",
    dataDir,
    teams = defaultTeams,
    log,
    faults: plan,
    ...given
  } = options;
  const hindsight: Hindsight = { ms: 0 };
  const faults = new Faults(hindsight);
  const initialFaults = plan === undefined ? noFaults : parsePlan(plan);
  const callers = callersOf(teams);
  const initialSettings: Settings = { ...defaultSettings, ...given };
  const storage = dataDir === undefined ? memory() : await openDirectory(dataDir);
  const settings = { ...initialSettings };
  const events = new StoreEvents();
  const registry = new Registry(settings, storage.journal, events, hindsight);
  const credentials = new CredentialRegister(storage.journal, events);
  const jitp = new JitpRegister(storage.journal, events);
  const store: ThingStore = { settings, registry, credentials, jitp, events };
  const identity = new IdentityStore(storage.identityKeys, storage.journal, hindsight);
  const registrations = new JitpRegistrations(store);
  const jobs = new BulkJobs(
    { settings, registry, credentials, identity },
    storage.journal,
    storage.uploads,
    hindsight,
  );
  let broker: Broker | undefined;
  const stop = async () => {
    await broker?.close();
    registrations.stop();
    await jobs.stop();
    await storage.close();
  };
  try {
    registry.restore(storage.contents.get("devices")?.values() ?? []);
    credentials.restore(storage.contents.get("credentials") ?? []);
    jitp.restore(storage.contents.get("jitp") ?? []);
    await jobs.restore(storage.contents.get("jobs")?.values() ?? []);
    identity.restore(storage.contents);
    registrations.restore();
    // Answers with a lag may show the restored state.
    faults.set(initialFaults);
    const { authority } = storage;
    if (mqttPort !== undefined) {
      broker = await listening(mqttPort, host, () =>
        startBroker({ store, registrations, authority, host, port: mqttPort, log }),
      );
    }
    const cloud: Cloud = { ...store, identity, jobs, authority, registrations, faults, broker };
    const app = createServer(cloud, { teams, callers, host, initialSettings, log });
    const address = await listening(port, host, () => app.listen({ port, host }));
    return {
      url: `${address}/v1`,
      identityUrl: `${address}${identityPrefix}`,
      adminUrl: `${address}/_emulator`,
      pageUrl: `${address}/`,
      mqtt: broker && { host: broker.host, port: broker.port, caCert: broker.caCert },
      teams,
      apiKey: teams[0]?.apiKeys[0]?.key ?? "",
      close: async () => {
        await app.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts a server, and explains why it can't listen. */
async function listening<Result>(port: number, host: string, listen: () => Promise<Result>): Promise<Result> {
  try {
    return await listen();
  } catch (error) {
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
  readonly authority: Authority;
  readonly identityKeys: IdentityKeys;
  close(): Promise<void>;
}

const memory = (): Storage => ({
  journal: noJournal,
  uploads: new UploadsInMemory(),
  contents: new Map(),
  authority: Authority.inMemory(),
  identityKeys: IdentityKeys.inMemory(),
  close: () => Promise.resolve(),
});

async function openDirectory(directory: string): Promise<Storage> {
  const unlock = await lockDirectory(directory);
  try {
    const { journal, contents } = await JournalFile.open(directory);
    const uploads = await UploadsOnDisk.open(join(directory, "uploads"));
    const authority = await Authority.open(directory);
    const identityKeys = await IdentityKeys.open(directory);
    return {
      journal,
      uploads,
      contents,
      authority,
      identityKeys,
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
