import { InvalidArgumentError, type Command } from "commander";

/** Options that every command has which works on a stack. */
export function withTarget(command: Command): Command {
  return command
    .option("-s, --stack <name>", "the stack to work on (default: the one that is selected)")
    .option("-C, --cwd <folder>", "folder of the Pulumi project (default: the present one)");
}

/** A count, such as of deletions. */
export function readCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number, such as 40.");
}
