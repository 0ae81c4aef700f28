import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { CommandError } from "../commandError.js";
import { setupProblem } from "./setupProblems.js";

/** The stack that a command works on, in the user's Pulumi CLI. */
export interface Target {
  /** Folder of the Pulumi project. */
  readonly cwd: string;
  /** Name of the stack; `undefined` is the selected one. */
  readonly stack: string | undefined;
}

/** State of 100,000 devices is about 60 MB. */
const MOST_OUTPUT_BYTES = 1024 ** 3;

const NO_PULUMI =
  "The PATH has no Pulumi CLI (`pulumi`). Install it (https://www.pulumi.com/docs/install/), open a new shell, then run again.";

/** The options of every command that runs Pulumi. */
export interface TargetOptions {
  readonly cwd?: string;
  readonly stack?: string;
}

/** @throws CommandError if the folder does not exist */
export function targetOf({ cwd = process.cwd(), stack }: TargetOptions): Target {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new CommandError(`The folder does not exist: ${cwd}. Check --cwd.`, 2);
  return { cwd, stack };
}

/** Arguments for the CLI: the stack, without questions and without colors. */
export function targetArguments({ stack }: Target): string[] {
  return [...(stack === undefined ? [] : ["--stack", stack]), "--non-interactive", "--color", "never"];
}

/**
 * The output of a short command of the Pulumi CLI.
 * @throws CommandError with the error output of the CLI, or if the CLI is not installed. Never with its standard output, which may
 *   hold secrets
 */
export function pulumiOutput(target: Target, args: readonly string[]): Promise<string> {
  return run(target, args, undefined);
}

/** Sends a text to the standard input of a short command of the Pulumi CLI. @throws CommandError as `pulumiOutput` */
export async function pulumiInput(target: Target, args: readonly string[], text: string): Promise<void> {
  await run(target, args, text);
}

function run(target: Target, args: readonly string[], input: string | undefined): Promise<string> {
  const all = [...args, ...targetArguments(target)];
  return new Promise((resolve, reject) => {
    const child = execFile(
      "pulumi",
      all,
      { cwd: target.cwd, env: quiet(process.env), maxBuffer: MOST_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(failure(error, args, stderr, target));
      },
    );
    // A command that ends before it has read its input reports the reason itself.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** The environment of the CLI, without its notes on newer versions, which would mix with our output. */
export function quiet(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { PULUMI_SKIP_UPDATE_CHECK: "true", ...env };
}

/** The message for a CLI that could not start, or that failed. */
export function failure(
  error: Error,
  args: readonly string[],
  errorOutput: string,
  target: Target,
): CommandError {
  if ("code" in error && error.code === "ENOENT") return new CommandError(NO_PULUMI);
  const problem = setupProblem(errorOutput, target);
  if (problem !== undefined) return new CommandError(problem);
  const words = errorOutput.trim();
  return new CommandError(
    `\`pulumi ${args.join(" ")}\` failed${words === "" ? `: ${error.message}` : `:\n${words}`}`,
  );
}
