#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { CommandError } from "./commandError.js";
import { addExport } from "./commands/export.js";
import { version } from "./version.js";

/** `nrfcloud-fleet`: reviews, runs and inspects fleets that Pulumi manages with this package. */
const program = new Command("nrfcloud-fleet")
  .description("Review, run and inspect nRF Cloud fleets that Pulumi manages.")
  .version(version())
  .showHelpAfterError("(--help tells what there is)")
  .exitOverride();

addExport(program);

program.parseAsync().catch((error: unknown) => {
  // Commander has said what was wrong already.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof CommandError) {
    console.error(`nrfcloud-fleet: ${error.message}`);
    process.exitCode = error.exitCode;
  } else throw error;
});
