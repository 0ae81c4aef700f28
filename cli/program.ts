import { Command, CommanderError } from "commander";
import { CommandError, Interrupted } from "./commandError.js";
import { applyCommand } from "./commands/apply.js";
import { credentialsCommand } from "./commands/credentials.js";
import { destroyCommand } from "./commands/destroy.js";
import { expiringCommand } from "./commands/expiring.js";
import { exportCommand } from "./commands/export.js";
import { forgetCommand } from "./commands/forget.js";
import { listCommand } from "./commands/list.js";
import { moveCommand } from "./commands/move.js";
import { planCommand } from "./commands/plan.js";
import { reportCommand } from "./commands/report.js";
import { showCommand } from "./commands/show.js";
import { statusCommand } from "./commands/status.js";
import { printNote } from "./terminal.js";
import { version } from "./version.js";

/** `nrfcloud-fleet`: reviews, runs and inspects fleets that Pulumi manages with this package. */
const program = new Command("nrfcloud-fleet")
  .description("Review, run and inspect nRF Cloud fleets that Pulumi manages.")
  .version(version())
  .showHelpAfterError("(--help lists them all)")
  .exitOverride();
const commands = [
  statusCommand(),
  listCommand(),
  showCommand(),
  planCommand(),
  applyCommand(),
  destroyCommand(),
  forgetCommand(),
  moveCommand(),
  reportCommand(),
  expiringCommand(),
  credentialsCommand(),
  exportCommand(),
];
// Commands report wrong use in the same way as the program.
for (const command of commands) program.addCommand(command.copyInheritedSettings(program));

program.parseAsync().catch((error: unknown) => {
  // Commander has printed the message already.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof CommandError) {
    if (!(error instanceof Interrupted)) printNote(`nrfcloud-fleet: ${error.message}`);
    process.exitCode = error.exitCode;
  } else throw error;
});
