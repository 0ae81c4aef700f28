import type { Command } from "commander";
import { allowing } from "../pulumi/guard.js";
import { preview } from "../pulumi/plan.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { readCount, withTarget } from "./options.js";
import { showPlan } from "./showPlan.js";

/** There is something to do. 2 is for wrong use. */
const CHANGES = 4;

interface Options extends TargetOptions {
  readonly allowDeletes?: number;
  readonly detailedExitcode?: true;
}

/** Registers `plan`: shows what an apply would do, and changes nothing. */
export function registerPlan(program: Command): void {
  withTarget(program.command("plan"))
    .description("show what an apply would do; nothing is changed")
    .option(
      "--allow-deletes <count>",
      "let so many devices leave the account, whatever maxDeletes says",
      readCount,
    )
    .option("--detailed-exitcode", `end with ${CHANGES} when there is anything to do`)
    .action(plan);
}

async function plan(options: Options): Promise<void> {
  const found = await preview(targetOf(options), allowing(options.allowDeletes));
  showPlan(found);
  if (options.detailedExitcode === true && found.changes > 0) process.exitCode = CHANGES;
}
