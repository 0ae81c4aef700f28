import { InvalidArgumentError, type Command } from "commander";
import { NO_ROLLOUT, parseRollout, rolloutText } from "../../provider/fleet/rollout.js";
import { readIdPatterns } from "../fleet/idPatterns.js";
import { allowing } from "../pulumi/guard.js";

/** Options that every command has which works on a stack. */
export function withTarget(command: Command): Command {
  return command
    .option("-s, --stack <name>", "the stack to work on (default: the one that is selected)")
    .option("-C, --cwd <folder>", "folder of the Pulumi project (default: the present one)");
}

/** What a plan and an apply are limited to, or freed from. */
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
        "change the devices in batches, such as first=10,batch=10%,stopAfter=2%; none: all together",
        readRolloutText,
      ),
  );
}

/** Lets more devices leave than the fleet file does. */
export function withAllowedDeletes(command: Command): Command {
  return command.option(
    "--allow-deletes <count>",
    "let so many devices leave the account, whatever maxDeletes says",
    readCount,
  );
}

/** What becomes of private keys that only the state has. */
export function withKeys(command: Command): Command {
  return command
    .option(
      "--credentials <folder>",
      "write the certificates and keys of devices that leave the state into files first",
    )
    .option("--lose-keys", "let private keys leave the state that no other place has");
}

/** The environment by which program and provider are told. @throws CommandError (2) for what is no pattern of ids */
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

/** A count, such as of deletions. */
function readCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number, such as 40.");
}
