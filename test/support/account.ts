import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator/index.js";
import { keepConfiguration } from "../../provider/engine/configuration.js";
import { askAdmin } from "./adminDoor.js";

/** A device as the emulator's admin door shows it. */
export interface AccountDevice {
  readonly id: string;
  readonly name: string;
  readonly subType?: string;
  readonly tags: readonly string[];
  readonly firmwareTypes: readonly string[];
  readonly createdAt: string;
  readonly tenantId?: string;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey?: string;
  readonly certificate?: { readonly fingerprint: string; readonly publicKey: string };
}

/** An emulated account that the lifecycles of this test file work on, over HTTP, in this process. */
export interface Account {
  readonly emulator: Emulator;
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  devices(): Promise<ReadonlyMap<string, AccountDevice>>;
}

/** The session of the lifecycles is one a process, and vitest gives each file modules of its own: one account a file. */
export function useAccount(options: EmulatorOptions = {}): Account {
  const journal = mkdtempSync(path.join(tmpdir(), "nrfcloud-property-"));
  let running: Emulator | undefined;
  const emulator = (): Emulator => {
    if (running === undefined) throw new Error("the emulator runs only while the tests do");
    return running;
  };
  const admin = (method: string, path: string, body?: unknown) => askAdmin(emulator(), method, path, body);
  beforeAll(async () => {
    running = await startEmulator(options);
    process.env.NRF_CLOUD_API_KEY = running.apiKey;
    process.env.NRF_CLOUD_ENDPOINT = running.url;
    process.env.NRF_CLOUD_IDENTITY_ENDPOINT = running.identityUrl;
    process.env.NRF_CLOUD_JOURNAL = journal;
    keepConfiguration(() => undefined);
  });
  afterAll(async () => {
    await running?.close();
    rmSync(journal, { recursive: true, force: true });
  });
  return {
    get emulator() {
      return emulator();
    },
    admin,
    async devices() {
      const { items } = (await admin("GET", "/devices")) as { items: AccountDevice[] };
      return new Map(items.map((device) => [device.id, device]));
    },
  };
}
