import { afterAll, afterEach, beforeAll } from "vitest";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../emulator/index.js";
import { Stack, type StackOptions } from "./stack.js";
import { askAdmin } from "./adminApi.js";

/** A device as the emulator's admin API shows it, at once and with what the API would hide. */
export interface AdminDevice {
  readonly id: string;
  readonly name: string;
  readonly subType?: string;
  readonly tags: readonly string[];
  /** Absent for a just-in-time device that nobody has claimed. */
  readonly tenantId?: string;
  readonly certificate?: { readonly fingerprint: string };
}

/** An emulated nRF Cloud and the stacks that are pointed at it. */
export interface World {
  readonly emulator: Emulator;
  /** Makes a stack that is removed after the test. */
  stack(options?: Partial<StackOptions>): Promise<Stack>;
  /** All devices on the platform, sorted by id. */
  devices(): Promise<AdminDevice[]>;
  /** The devices that a team owns, sorted by id. */
  ownedDevices(): Promise<AdminDevice[]>;
  /** An API key of another team. */
  readonly otherTeamKey: string;
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
}

/** A world for the tests of one file: started before them, empty after each, gone after them. */
export function useWorld(options: EmulatorOptions = {}): World {
  const stacks: Stack[] = [];
  let running: Emulator | undefined;
  const emulator = (): Emulator => {
    if (running === undefined) throw new Error("the emulator runs only while the tests do");
    return running;
  };

  const admin = (method: string, path: string, body?: unknown) => askAdmin(emulator(), method, path, body);

  beforeAll(async () => {
    // The times of the real service, shortened: reads lag behind writes, and bulk jobs take a while.
    running = await startEmulator({ consistencyDelayMs: 100, bulkDelayMs: 50, ...options });
  });
  afterEach(async () => {
    for (const stack of stacks.splice(0)) stack.remove();
    await admin("POST", "/reset");
  });
  afterAll(() => running?.close());

  const devices = async () => {
    const { items } = (await admin("GET", "/devices")) as { items: AdminDevice[] };
    return items.sort((one, other) => (one.id < other.id ? -1 : 1));
  };

  return {
    devices,
    async ownedDevices() {
      return (await devices()).filter(({ tenantId }) => tenantId !== undefined);
    },
    get otherTeamKey() {
      return emulator().teams[1]?.apiKeys[0]?.key ?? "";
    },
    get emulator() {
      return emulator();
    },
    admin,
    async stack(given = {}) {
      const stack = await Stack.create({ endpoint: emulator().url, apiKey: emulator().apiKey, ...given });
      stacks.push(stack);
      return stack;
    },
  };
}

/** A fleet file with one group of devices. */
export function fleetFile(group: string, more = ""): string {
  return `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca:
  subject: { commonName: Test CA }
${more}groups:
  lab: ${group}
`;
}
