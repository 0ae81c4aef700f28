import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach } from "vitest";
import { simulateDevice, type SimulatedDevice } from "../../emulator/simulator/device.js";
import { parseIdentities, type DeviceIdentity } from "../../emulator/simulator/identities.js";
import type { Stack } from "./stack.js";
import type { World } from "./world.js";

/** Simulated devices, which connect over MQTT with mutual TLS as real ones do. */
export interface Devices {
  /** Connects devices, and waits until the broker has let each in. @throws Error when one is refused for so long */
  connect(identities: readonly DeviceIdentity[], withinSeconds?: number): Promise<SimulatedDevice[]>;
  /** Connects devices as soon as a flashing station, part of the stack's program, has written what they need. */
  connectWhenFlashed(stack: Stack, file: string): Promise<void>;
  disconnect(): Promise<void>;
}

/** Devices for the tests of one file; disconnected after each. */
export function useDevices(world: World): Devices {
  let connected: SimulatedDevice[] = [];
  const disconnect = async () => {
    const leaving = connected;
    connected = [];
    await Promise.all(leaving.map((device) => device.close()));
  };
  afterEach(disconnect);

  const connect = async (identities: readonly DeviceIdentity[], withinSeconds = 30) => {
    const { mqtt } = world.emulator;
    if (mqtt === undefined) throw new Error("the emulator runs without a broker");
    const devices = identities.map((identity) =>
      simulateDevice({
        host: mqtt.host,
        port: mqtt.port,
        ca: mqtt.caCert,
        ...identity,
        retryAfterMs: 200,
        giveUpAfterMs: withinSeconds * 1000,
      }),
    );
    connected.push(...devices);
    await Promise.all(devices.map((device) => device.reached("connected")));
    return devices;
  };

  return {
    connect,
    disconnect,
    async connectWhenFlashed(stack, name) {
      const file = path.join(stack.folder, name);
      while (!existsSync(file) || readFileSync(file, "utf8") === "") await sleep(50);
      await connect(parseIdentities(readFileSync(file, "utf8")));
    },
  };
}

/** What just-in-time devices need to connect, from the outputs of their certificates. */
export function deviceCredentials(stack: Stack, deviceIds: readonly string[]): Promise<DeviceIdentity[]> {
  return Promise.all(
    deviceIds.map(async (clientId) => ({
      clientId,
      cert: String(await stack.output(`${clientId}-certificate`, "certificateBundle")),
      key: String(await stack.output(`${clientId}-certificate`, "privateKey")),
    })),
  );
}
