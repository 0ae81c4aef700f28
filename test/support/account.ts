import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator/index.js";
import { systemClock, type Clock } from "../../provider/engine/clock.js";
import type { HostOptions } from "../../provider/engine/host.js";
import { Notices } from "../../provider/engine/notices.js";
import { Progress } from "../../provider/engine/progress.js";
import { expectedErrors } from "../../provider/lifecycle/session/expectedErrors.js";
import { openSession, type Session } from "../../provider/lifecycle/session/session.js";
import { askAdmin } from "./adminApi.js";

/** A device as the emulator's admin API shows it. */
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
  /** Folder of the redo logs. */
  readonly journalFolder: string;
  /** How resources are hosted that work on this account. All of one run share a session. */
  readonly hosted: HostOptions<Session>;
  /** As `hosted`, but each host is a run of its own. */
  readonly alone: HostOptions<Session>;
  /** What the run has told people so far. */
  readonly told: readonly string[];
  /** Begins another run: resources that are hosted from now on share another session. */
  newRun(env?: Readonly<Record<string, string>>): void;
  /** Lets time pass for the runs that begin from now on (milliseconds). The emulator's clock stays. */
  later(ms: number): void;
  /** Whether the user has pressed Ctrl-C. */
  isInterrupted: boolean;
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  devices(): Promise<ReadonlyMap<string, AccountDevice>>;
}

/** @param env settings of the provider process, besides those that lead to the emulator */
export function useAccount(
  options: EmulatorOptions = {},
  env: Readonly<Record<string, string>> = {},
): Account {
  const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-account-"));
  const journalFolder = path.join(folder, "journal");
  let told: string[] = [];
  let session: Session | undefined;
  let settings = env;
  let aheadMs = 0;
  let isInterrupted = false;
  let running: Emulator | undefined;
  const emulator = (): Emulator => {
    if (running === undefined) throw new Error("the emulator runs only while the tests do");
    return running;
  };
  const admin = (method: string, path: string, body?: unknown) => askAdmin(emulator(), method, path, body);
  beforeAll(async () => {
    running = await startEmulator(options);
  });
  afterAll(async () => {
    await running?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = (): Session => {
    // What an earlier run says late is not of this one.
    const ofThisRun = told;
    const print = (text: string) => ofThisRun.push(text);
    const ahead = aheadMs;
    const clock: Clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + ahead) };
    return openSession({
      env: {
        // Signers find their programs by it.
        PATH: process.env.PATH,
        NRF_CLOUD_API_KEY: emulator().apiKey,
        NRF_CLOUD_ENDPOINT: emulator().url,
        NRF_CLOUD_IDENTITY_ENDPOINT: emulator().identityUrl,
        NRF_CLOUD_JOURNAL: journalFolder,
        ...settings,
      },
      config: () => undefined,
      clock,
      notices: new Notices(print),
      isStopped: () => isInterrupted,
      progress: new Progress(clock, { print }),
      projectFolder: folder,
      project: "project",
      pkcs11Program: path.resolve(__dirname, "../../dist/provider/signers/pkcs11/main.js"),
    });
  };
  return {
    get emulator() {
      return emulator();
    },
    journalFolder,
    hosted: { session: () => (session ??= open()), expected: expectedErrors },
    alone: { session: open, expected: expectedErrors },
    get told() {
      session?.notices.flush();
      return told;
    },
    newRun(changed = {}) {
      session = undefined;
      told = [];
      settings = { ...env, ...changed };
    },
    later(ms) {
      aheadMs += ms;
    },
    get isInterrupted() {
      return isInterrupted;
    },
    set isInterrupted(pressed) {
      isInterrupted = pressed;
    },
    admin,
    async devices() {
      const { items } = (await admin("GET", "/devices")) as { items: AccountDevice[] };
      return new Map(items.map((device) => [device.id, device]));
    },
  };
}
