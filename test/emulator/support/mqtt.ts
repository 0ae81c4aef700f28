import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { expect, onTestFinished } from "vitest";
import type { Emulator, EmulatorOptions, MqttAddress } from "../../../emulator/index.js";
import {
  simulateDevice,
  type SimulatedDevice,
  type SimulatedDeviceOptions,
} from "../../../emulator/simulator/device.js";
import { admin, emulate, field, ourClient, row, text, until, type Client } from "./client.js";
import { identityFor } from "./certificates.js";

export interface Identity {
  readonly clientId: string;
  readonly cert: string;
  readonly key: string;
}

export const code = "PIN-123456";

/** An emulator with a broker. */
export const emulateBroker = (options: EmulatorOptions = {}): Promise<Emulator> =>
  emulate({ mqttPort: 0, ...options });

function addressOf({ mqtt }: Emulator): MqttAddress {
  if (mqtt === undefined) throw new Error("the emulator has no broker");
  return mqtt;
}

const brokerOf = (emulator: Emulator) => {
  const { host, port, caCert } = addressOf(emulator);
  return { host, port, ca: caCert };
};

/** Connects once; undefined if the broker closes the connection instead. */
export async function connectOnce(
  emulator: Emulator,
  identity: Identity,
  options: IClientOptions = {},
): Promise<MqttClient | undefined> {
  const client = connect({
    ...brokerOf(emulator),
    ...identity,
    protocol: "mqtts",
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...options,
  });
  client.on("error", () => undefined);
  onTestFinished(async () => {
    await client.endAsync(true);
  });
  const connected = await Promise.race([
    new Promise<true>((resolve) =>
      client.once("connect", () => {
        resolve(true);
      }),
    ),
    new Promise<false>((resolve) =>
      client.once("close", () => {
        resolve(false);
      }),
    ),
  ]);
  return connected ? client : undefined;
}

/** The same for those that must be let in. */
export async function connected(
  emulator: Emulator,
  identity: Identity,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const client = await connectOnce(emulator, identity, options);
  if (client === undefined) {
    throw new Error(`${identity.clientId} was refused: ${(await refusals(emulator)).join("; ")}`);
  }
  return client;
}

/** Resolves when the broker has dropped a connection. */
export const dropped = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => {
    client.once("close", () => {
      resolve();
    });
  });

/** For what follows from an event without an answer that could be waited for. */
export const eventually = <Value>(value: () => Value) =>
  expect.poll(value, { timeout: 60_000, interval: 10 });

/** The next message on one of the topics that a client is subscribed to. */
export const nextMessage = (client: MqttClient): Promise<{ topic: string; message: unknown }> =>
  new Promise((resolve) => {
    client.once("message", (topic, payload) => {
      resolve({ topic, message: JSON.parse(payload.toString("utf8")) as unknown });
    });
  });

/** Starts a device that is closed when the test ends. It is less patient than real ones. */
export function simulate(
  emulator: Emulator,
  identity: Identity,
  options: Partial<SimulatedDeviceOptions> = {},
): SimulatedDevice {
  const device = simulateDevice({ ...brokerOf(emulator), ...identity, retryAfterMs: 20, ...options });
  onTestFinished(() => device.close());
  return device;
}

/** Why connections were refused or dropped, in order. */
export async function refusals(emulator: Emulator): Promise<string[]> {
  const { body } = await admin(emulator).get("/connections");
  const refused = field(body, "refused");
  return Array.isArray(refused) ? refused.map((item: unknown) => text(item, "reason")) : [];
}

export async function connectedIds(emulator: Emulator): Promise<unknown[]> {
  const items = field((await admin(emulator).get("/connections")).body, "items");
  return Array.isArray(items) ? items.map((item: unknown) => field(item, "deviceId")) : [];
}

/** Waits until nobody but these is connected. */
export const onlyConnected = (emulator: Emulator, ...expected: string[]) =>
  until(async () => {
    const present = (await connectedIds(emulator)).sort();
    return JSON.stringify(present) === JSON.stringify([...expected].sort()) ? present : undefined;
  });

/** Has a just-in-time certificate issued. */
export async function issue(client: Client, deviceId: string, ownershipCode = code): Promise<Identity> {
  const { status, body } = await client.send(`/devices/${deviceId}/certificates`, {
    method: "POST",
    body: ownershipCode,
    type: "text/plain",
  });
  expect(status).toBe(201);
  return { clientId: deviceId, cert: text(body, "clientCert"), key: text(body, "privateKey") };
}

export const associate = (client: Client, deviceId: string, ownershipCode = code, query = "") =>
  client.send(`/association/${deviceId}${query}`, { method: "PUT", body: ownershipCode, type: "text/plain" });

/** A just-in-time device that has connected and is not associated. */
export async function provisioned(emulator: Emulator, deviceId: string): Promise<Identity> {
  const identity = await issue(ourClient(emulator), deviceId);
  expect(await connectOnce(emulator, identity)).toBeUndefined();
  await (await connected(emulator, identity)).endAsync();
  return identity;
}

/** A device onboarded with a certificate of the customer's own. */
export async function onboarded(emulator: Emulator, deviceId: string): Promise<Identity> {
  const identity = { clientId: deviceId, ...identityFor(deviceId) };
  expect(await ourClient(emulator).bulk([row(deviceId, identity.cert)])).toMatchObject({
    status: "SUCCEEDED",
  });
  return identity;
}
