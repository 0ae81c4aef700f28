import { InvalidArgumentError, type Command } from "commander";
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
}

/** Options that change what an apply does. */
export function withChoice(command: Command): Command {
  return withAllowedDeletes(
    command.option("--only <ids...>", "change these devices only, such as lab-{000..099} or lab-*"),
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
export function environmentOf({ only, allowDeletes }: ChoiceOptions): Readonly<Record<string, string>> {
  if (only === undefined) return allowing(allowDeletes);
  readIdPatterns(only, "--only");
  return { ...allowing(allowDeletes), NRF_CLOUD_ONLY: only.join(", ") };
}

/** A count, such as of deletions. */
function readCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number, such as 40.");
}
