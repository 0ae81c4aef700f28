import { readFile, stat } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { isRecord, isText } from "../http/json.js";
import { simulateDevice, type DeviceState, type Goal, type SimulatedDevice } from "./device.js";
import { parseIdentities, readIdentityFolder, type DeviceIdentity } from "./identities.js";

const help = `nRF Cloud device simulator: connects devices by MQTT, as their firmware would.

  node dist/emulator/simulator/main.js --devices <path> [options]

  --devices <path>        the devices: a folder with their certificates and keys (.pem), as \`nrfcloud-fleet credentials\` writes them;
                          or a JSON file, or - for standard input: [{"clientId","cert","key"}], or replies of CreateDeviceCertificate
  --emulator <url>        the emulator to connect to (default http://127.0.0.1:8787)
  --host <name>           another broker, together with --port (default 8883) and --ca
  --port <number>
  --ca <file.pem>         the root certificate to verify the broker
  --until <goal>          end once all devices are "connected" or "paired"; without it, only a signal ends it
  --timeout <seconds>     how long a device tries to connect (default 60), and how long all may take with --until
  --message <text>        each device sends this when it is paired
  --help                  print this

Ends with 0 if the goal was reached or a signal came, 1 if a device gave up, 2 if the command line is wrong.
`;

/** A mistake in the command line, with a message for the person who made it. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { values } = readArguments();
  if (values.help === true) {
    console.log(help);
    return;
  }
  const goal = readGoal(values.until);
  if (goal === "connected" && values.message !== undefined) {
    throw new UsageError("--message is sent when a device is paired: use it with --until paired or alone");
  }
  const timeout = positive("timeout", values.timeout ?? "60") * 1000;
  const identities = await readIdentities(values.devices);
  const broker = await findBroker(values);
  const gone = new Gone(identities.length);
  const devices = identities.map((identity) =>
    simulateDevice({
      ...broker,
      ...identity,
      giveUpAfterMs: timeout,
      onState: (state) => {
        console.log(`${identity.clientId}: ${described(state)}`);
        if (state.kind === "gave up") gone.add(`${identity.clientId}: ${state.reason}`);
      },
    }),
  );
  const work = Promise.allSettled(devices.map((device) => play(device, goal ?? "connected", values.message)));
  const ended = goal === undefined ? gone.all : unfinished(work, goal, devices, timeout);
  const failures = await Promise.race([ended, signalled()]);
  await Promise.all(devices.map((device) => device.close()));
  for (const failure of failures) console.error(`nRF Cloud device simulator: ${failure}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

/** Waits until a device reaches its goal, and sends its message when it is paired. */
async function play(device: SimulatedDevice, goal: Goal, message: string | undefined): Promise<void> {
  await device.reached(goal);
  if (message === undefined) return;
  await device.reached("paired");
  await device.publish(message);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        devices: { type: "string" },
        emulator: { type: "string" },
        host: { type: "string" },
        port: { type: "string" },
        ca: { type: "string" },
        until: { type: "string" },
        timeout: { type: "string" },
        message: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function readGoal(goal: string | undefined): Goal | undefined {
  if (goal === undefined || goal === "connected" || goal === "paired") return goal;
  throw new UsageError(`--until must be connected or paired, not ${JSON.stringify(goal)}`);
}

function positive(name: string, text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) === 0) {
    throw new UsageError(`--${name} must be a whole number of 1 or more, not ${JSON.stringify(text)}`);
  }
  return Number(text);
}

async function readIdentities(path: string | undefined): Promise<DeviceIdentity[]> {
  if (path === undefined) throw new UsageError("--devices is missing");
  try {
    if (path === "-") return parseIdentities(await text(process.stdin));
    if ((await stat(path)).isDirectory()) return await readIdentityFolder(path);
    return parseIdentities(await readFile(path, "utf8"));
  } catch (error) {
    throw new UsageError(`--devices ${path}: ${messageOf(error)}`);
  }
}

interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
}

async function findBroker(values: {
  emulator?: string;
  host?: string;
  port?: string;
  ca?: string;
}): Promise<BrokerAddress> {
  const { host, port, ca, emulator = "http://127.0.0.1:8787" } = values;
  if (host === undefined && port === undefined && ca === undefined) return askEmulator(emulator);
  if (host === undefined || ca === undefined) throw new UsageError("--host and --ca belong together");
  if (values.emulator !== undefined) throw new UsageError("--emulator knows its own host, port and ca");
  try {
    return { host, port: positive("port", port ?? "8883"), ca: await readFile(ca, "utf8") };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`--ca ${ca}: ${messageOf(error)}`);
  }
}

async function askEmulator(emulator: string): Promise<BrokerAddress> {
  let reply: unknown;
  try {
    const response = await fetch(new URL("/_emulator/mqtt", emulator));
    reply = await response.json();
  } catch (error) {
    throw new Error(`no emulator answers at ${emulator}: start it, or give its --emulator`, { cause: error });
  }
  if (isRecord(reply) && isText(reply.host) && typeof reply.port === "number" && isText(reply.caCert)) {
    return { host: reply.host, port: reply.port, ca: reply.caCert };
  }
  throw new Error(`the emulator at ${emulator} has no MQTT broker`);
}

/** Why devices did not reach their goal, one line each; empty if all did. */
async function unfinished(
  work: Promise<PromiseSettledResult<void>[]>,
  goal: Goal,
  devices: readonly SimulatedDevice[],
  timeout: number,
): Promise<string[]> {
  const results = await Promise.race([work, setTimeout(timeout, undefined, { ref: false })]);
  if (results !== undefined) {
    return results.flatMap((result) => (result.status === "rejected" ? [messageOf(result.reason)] : []));
  }
  return devices
    .filter(({ state }) => state.kind !== "paired" && (goal === "paired" || state.kind !== "not associated"))
    .map(({ clientId, state }) => `${clientId}: not ${goal} within ${timeout / 1000} s: ${described(state)}`);
}

/** The devices that gave up. */
class Gone {
  private readonly reasons: string[] = [];
  private resolve: (reasons: string[]) => void = () => undefined;
  /** Resolves with the reason of each device when all have ended. */
  readonly all = new Promise<string[]>((resolve) => {
    this.resolve = resolve;
  });

  constructor(private readonly devices: number) {}

  add(reason: string): void {
    this.reasons.push(reason);
    if (this.reasons.length === this.devices) this.resolve(this.reasons);
  }
}

const signalled = (): Promise<string[]> =>
  new Promise((resolve) => {
    const done = () => {
      resolve([]);
    };
    process.once("SIGINT", done);
    process.once("SIGTERM", done);
  });

function described(state: DeviceState): string {
  switch (state.kind) {
    case "not associated":
      return "connected, waits to be associated";
    case "paired":
      return "connected and paired";
    case "gave up":
      return `gave up, ${state.reason}`;
    case "connecting":
    case "disconnected":
    case "closed":
      return state.kind;
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

main().then(
  () => process.exit(),
  (error: unknown) => {
    const hint = error instanceof UsageError ? "\nTry --help." : "";
    console.error(`nRF Cloud device simulator: ${messageOf(error)}${hint}`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
