import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { noFaults, type FaultPlan } from "./faults/fault.js";
import { maximalMs } from "./faults/fields.js";
import { parsePlan } from "./faults/plan.js";
import { defaultTeams, startEmulator, type Emulator, type EmulatorOptions, type Team } from "./index.js";
import { parseTeams } from "./teams.js";

const help = `nRF Cloud emulator: the nRF Cloud device API and MQTT broker on this machine.

  node dist/emulator/main.js [options]

  --port <number>               port to listen on; 0 picks a free one (default 8787)
  --mqtt-port <number>          port of the MQTT broker; 0 picks a free one (default 8883)
  --host <address>              address to listen on (default 127.0.0.1); any other opens it to the network
  --data <directory>            keep the state here over restarts (default: in memory only)
  --api-key <key>               API key of the first built-in team (default ${defaultTeams[0]?.apiKeys[0]?.key ?? ""})
  --teams <file.json>           the teams, instead of the built-in two:
                                [{"tenantId","name","apiKeys":[{"key","role"?,"groups"?}],
                                "organization"?:{"slug","project","token"}}]
  --consistency-delay <ms>      time until reads see a write (default 300)
  --bulk-delay <ms>             duration of a bulk job (default 200)
  --mqtt-delay <ms>             time until cloudMqttEnabled follows a certificate (default 1000)
  --jitp-delay <ms>             time from a just-in-time device's first connection to its registration (default 2000)
  --device-limit <number>       devices a team's plan allows (default 1000000)
  --lenient-cn                  accept certificates whose common name is not the device id
  --lenient-signature           accept P-256 certificates whatever they are signed with
  --latency <ms>                time that each request waits before it is handled (default: none)
  --faults <file.json>          the faults: {"seed","rules":[{"operations"?,"probability","times"?,"fault"}]};
                                emulator/FIDELITY.md lists the kinds of faults
  --verbose                     print every request
  --help                        print this

The page at / of the port shows devices, claims, jobs, requests and faults in a browser.
The Identity and Provisioning service is at /provisioning/v1 of the same port.
The admin API is at /_emulator (devices, connections, identity, requests, settings, faults, reset); GET /_emulator/mqtt gives the
broker's address and root certificate, and dist/emulator/simulator/main.js connects devices to it. emulator/FIDELITY.md says what the
emulator imitates.
`;

/** A mistake in the command line, with a message for the person who made it. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { values } = readArguments();
  if (values.help === true) {
    console.log(help);
    return;
  }
  if (values.teams !== undefined && values["api-key"] !== undefined) {
    throw new UsageError("--api-key is for the built-in teams: put the keys into the file of --teams");
  }
  const options: EmulatorOptions = {
    port: wholeNumber("port", values.port ?? "8787", 65_535),
    mqttPort: wholeNumber("mqtt-port", values["mqtt-port"] ?? "8883", 65_535),
    host: values.host ?? "127.0.0.1",
    dataDir: values.data,
    teams: values.teams === undefined ? builtInTeams(values["api-key"]) : await readTeams(values.teams),
    consistencyDelayMs: wholeNumber("consistency-delay", values["consistency-delay"] ?? "300"),
    bulkDelayMs: wholeNumber("bulk-delay", values["bulk-delay"] ?? "200"),
    mqttEnableDelayMs: wholeNumber("mqtt-delay", values["mqtt-delay"] ?? "1000"),
    jitpDelayMs: wholeNumber("jitp-delay", values["jitp-delay"] ?? "2000"),
    deviceLimit: wholeNumber("device-limit", values["device-limit"] ?? "1000000"),
    faults: await readFaults(values.faults, values.latency),
    strictCn: values["lenient-cn"] !== true,
    strictSignature: values["lenient-signature"] !== true,
    ...(values.verbose === true
      ? {
          log: (line: string) => {
            console.log(line);
          },
        }
      : {}),
  };
  const emulator = await startEmulator(options);
  closeOnSignals(emulator);
  const names = emulator.teams.map(({ name }) => name);
  const broker =
    emulator.mqtt === undefined ? "" : ` and mqtts://${emulator.mqtt.host}:${emulator.mqtt.port}`;
  console.log(
    `nRF Cloud emulator: ${emulator.url}${broker} (team ${names[0] ?? ""})\nOpen ${emulator.pageUrl} to see it in a browser.`,
  );
  if (!isLoopback(options.host)) console.log(openToOthers(options.host));
}

const isLoopback = (host = "") => /^(?:localhost|127\.[\d.]+|::1)$/.test(host);

const openToOthers = (host = "") =>
  `The emulator listens on ${host}. Everybody who reaches this machine by network can read, change and delete the emulated account ` +
  "without a key, at /_emulator. Keep no real keys, codes or tokens in it, or leave out --host.";

function readArguments() {
  try {
    return parseArgs({
      options: {
        port: { type: "string" },
        "mqtt-port": { type: "string" },
        host: { type: "string" },
        data: { type: "string" },
        "api-key": { type: "string" },
        teams: { type: "string" },
        "consistency-delay": { type: "string" },
        "bulk-delay": { type: "string" },
        "mqtt-delay": { type: "string" },
        "jitp-delay": { type: "string" },
        "device-limit": { type: "string" },
        latency: { type: "string" },
        faults: { type: "string" },
        "lenient-cn": { type: "boolean" },
        "lenient-signature": { type: "boolean" },
        verbose: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function wholeNumber(name: string, text: string, maximum = 1_000_000_000): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > maximum) {
    throw new UsageError(
      `--${name} must be a whole number from 0 to ${maximum}, not ${JSON.stringify(text)}`,
    );
  }
  return value;
}

function builtInTeams(apiKey: string | undefined): readonly Team[] {
  if (apiKey === undefined) return defaultTeams;
  return defaultTeams.map((team, index) =>
    index === 0 ? { ...team, apiKeys: [{ key: apiKey, role: "owner" }] } : team,
  );
}

async function readTeams(path: string): Promise<Team[]> {
  try {
    return parseTeams(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    throw new UsageError(`--teams ${path}: ${messageOf(error)}`);
  }
}

/** The faults of the file, and the latency of --latency. */
async function readFaults(
  path: string | undefined,
  latency: string | undefined,
): Promise<FaultPlan | undefined> {
  if (path === undefined && latency === undefined) return undefined;
  const plan = path === undefined ? noFaults : await readPlan(path);
  if (latency === undefined) return plan;
  const ms = wholeNumber("latency", latency, maximalMs);
  return { ...plan, rules: [...plan.rules, { probability: 1, fault: { kind: "latency", ms } }] };
}

async function readPlan(path: string): Promise<FaultPlan> {
  try {
    return parsePlan(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    throw new UsageError(`--faults ${path}: ${messageOf(error)}`);
  }
}

/** Saves the state and leaves on the first signal; leaves at once on the second. */
function closeOnSignals(emulator: Emulator): void {
  let closing = false;
  const close = () => {
    if (closing) process.exit(1);
    closing = true;
    emulator.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`nRF Cloud emulator: could not save its state: ${messageOf(error)}`);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", close);
  process.on("SIGINT", close);
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

main().catch((error: unknown) => {
  const hint = error instanceof UsageError ? "\nTry --help." : "";
  console.error(`nRF Cloud emulator: ${messageOf(error)}${hint}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
