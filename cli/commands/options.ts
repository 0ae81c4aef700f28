import { InvalidArgumentError, type Command } from "commander";
import { NO_ROLLOUT, parseRollout, rolloutText } from "../../provider/fleet/rollout.js";
import { readIdPatterns } from "../fleet/idPatterns.js";
import { allowing } from "../pulumi/guard.js";

/** Options of every command that works on a stack. */
export function withTarget(command: Command): Command {
  return command
    .option("-s, --stack <name>", "the stack to work on (default: the selected one)")
    .option("-C, --cwd <folder>", "folder of the Pulumi project (default: the current one)");
}

/** Limits of a plan or an apply. */
export interface ChoiceOptions {
  readonly only?: readonly string[];
  readonly allowDeletes?: number;
  readonly rollout?: string;
}

/** Options that change what an apply does. */
export function withChoice(command: Command): Command {
  return withAllowedDeletes(
    command
      .option("--only <ids...>", "change these devices only, such as lab-{000..099} or lab-*")
      .option(
        "--rollout <amounts>",
        "change the devices in batches, such as first=10,batch=10%,stopAfter=2%; with none, all at once",
        readRolloutText,
      ),
  );
}

/** Allows more deletions than the fleet file does. */
export function withAllowedDeletes(command: Command): Command {
  return command.option(
    "--allow-deletes <count>",
    "delete or release at most this many devices, instead of maxDeletes",
    readCount,
  );
}

/** Options for private keys that only the state has. */
export function withKeys(command: Command): Command {
  return command
    .option(
      "--credentials <folder>",
      "first write the certificates and keys of devices that leave the state to files",
    )
    .option("--lose-keys", "lose the private keys that only this state has");
}

/** The environment variables for the program and the provider. @throws CommandError (2) for an invalid pattern of ids */
export function environmentOf({
  only,
  allowDeletes,
  rollout,
}: ChoiceOptions): Readonly<Record<string, string>> {
  if (only !== undefined) readIdPatterns(only, "--only");
  return {
    ...allowing(allowDeletes),
    ...(only === undefined ? {} : { NRF_CLOUD_ONLY: only.join(", ") }),
    ...(rollout === undefined ? {} : { NRF_CLOUD_ROLLOUT: rollout }),
  };
}

function readRolloutText(text: string): string {
  if (text === NO_ROLLOUT) return text;
  try {
    return rolloutText(parseRollout(text));
  } catch (thrown) {
    throw new InvalidArgumentError(thrown instanceof Error ? `${thrown.message}.` : String(thrown));
  }
}

function readCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number, such as 40.");
}
