import { Command } from "commander";
import { connectIfConfigured } from "../cloud.js";
import { CommandError } from "../commandError.js";
import { withExpectedErrors } from "../expectedErrors.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { casIn, summaryOf, type CaSummary } from "../state/cas.js";
import { exportState } from "../state/export.js";
import { accountLines, accountStatus } from "../status/account.js";
import { configurationLines, configurations } from "../status/configuration.js";
import { byCondition, devicesIn, type ManagedDevice } from "../status/devices.js";
import { reportLines, rotationReports } from "../status/rotation.js";
import { caLines, stackLines } from "../status/stack.js";
import { print, printText, printNote } from "../terminal.js";
import { withTarget } from "./options.js";

/** The exit code if devices failed, are missing, belong to somebody else now, or were not attempted. */
const NOT_AS_DECLARED = 4;

interface Options extends TargetOptions {
  readonly json?: true;
  readonly exitCode?: true;
}

/** `nrfcloud-fleet status`: shows the account of an API key, and the condition of the stack's devices. */
export function statusCommand(): Command {
  return withTarget(new Command("status"))
    .description("Show the account of the API key, and the condition of the stack's devices.")
    .option("--json", "print JSON")
    .option(
      "--exit-code",
      `exit with ${NOT_AS_DECLARED} if devices failed, are missing, were replaced or were not attempted`,
    )
    .addHelpText(
      "after",
      "\nThe command reads the account with NRF_CLOUD_API_KEY (and NRF_CLOUD_ENDPOINT), and changes nothing. Without a Pulumi " +
        "project, it reports the account only.",
    )
    .action((options: Options) => withExpectedErrors(() => status(options)));
}

async function status(options: Options): Promise<void> {
  const connection = await connectIfConfigured();
  const account = connection === undefined ? undefined : await accountStatus(connection);
  const stack = await readStack(options);
  const configured =
    connection === undefined || typeof stack === "string"
      ? []
      : await configurations(
          connection.transport,
          stack.devices.filter(({ condition }) => condition !== "deleted"),
        );
  const reports =
    connection === undefined || typeof stack === "string"
      ? []
      : await rotationReports(connection.transport, stack.devices);
  if (account === undefined && typeof stack === "string") throw new CommandError(`${NO_KEY}\n${stack}`);
  if (options.json === true) {
    print(
      JSON.stringify(
        {
          account,
          stack: typeof stack === "string" ? undefined : stackJson(stack),
          ...(configured.length === 0 ? {} : { configuration: configured }),
          ...(reports.length === 0 ? {} : { rotation: reports }),
        },
        undefined,
        2,
      ),
    );
  } else {
    if (account !== undefined) printText(accountLines(account).join("\n"));
    if (typeof stack !== "string")
      printText(
        [
          ...stackLines(stack.devices),
          ...reportLines(reports),
          ...configurationLines(configured),
          ...caLines(stack.cas),
        ].join("\n"),
      );
  }
  if (account === undefined) printNote(NO_KEY);
  if (typeof stack === "string") printNote(`The stack was not read. ${stack}`);
  else if (options.exitCode === true && stack.devices.some(isNotAsDeclared))
    process.exitCode = NOT_AS_DECLARED;
}

const NO_KEY = "The account was not read: NRF_CLOUD_API_KEY is not set.";

/** What the state has of devices and CAs. */
interface Stack {
  readonly devices: readonly ManagedDevice[];
  readonly cas: readonly CaSummary[];
}

/** The stack, or why it can't be read: with a new key there may be none yet. */
async function readStack(options: Options): Promise<Stack | string> {
  const target = targetOf(options);
  try {
    const state = await exportState(target);
    return { devices: devicesIn(state), cas: casIn(state).map(summaryOf) };
  } catch (error) {
    if (error instanceof CommandError && options.stack === undefined && options.cwd === undefined)
      return error.message;
    throw error;
  }
}

function stackJson({ devices, cas }: Stack): Readonly<Record<string, unknown>> {
  const failures = devices.flatMap(({ id, reason }) => (reason === undefined ? [] : [[id, reason] as const]));
  return {
    devices: devices.length,
    ids: Object.fromEntries(byCondition(devices)),
    failures: Object.fromEntries(failures),
    cas,
  };
}

function isNotAsDeclared({ condition }: ManagedDevice): boolean {
  return ["failed", "missing", "foreign", "not attempted"].includes(condition);
}
