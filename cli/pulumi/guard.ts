import { CommandError } from "../commandError.js";
import { idText } from "../fleet/idText.js";
import { deletedBy, type Losses } from "../state/losses.js";
import type { StateResource } from "../state/export.js";
import { count, printNote } from "../terminal.js";
import { pulumiOutput, type Target } from "./target.js";

/** The environment variable that allows this many deletions in one operation, instead of the fleet file's limit. */
export function allowing(deletes: number | undefined): Record<string, string> {
  return deletes === undefined ? {} : { NRF_CLOUD_ALLOW_DELETES: String(deletes) };
}

/** The number of deletions that an environment allows; `undefined` without a valid number. */
export function allowedIn({ NRF_CLOUD_ALLOW_DELETES: text = "" }: NodeJS.ProcessEnv): number | undefined {
  return /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : undefined;
}

/**
 * Refuses a destroy that the fleet file or the program forbids, before the command asks or changes anything.
 * @param allowed the number of deletions that the user allows, if given
 * @throws CommandError that names what is protected, and how to lift the protection
 */
export function requireAllowed(losses: Losses, allowed: number | undefined): void {
  const most = deletedBy(losses);
  const { protectedRows } = losses;
  if (protectedRows.length > 0) {
    throw new CommandError(
      `The fleet file protects ${count(protectedRows.length, "device")} (${idText(protectedRows)}) from a destroy. Nothing was changed.\n` +
        "Remove `protect: true` from the group in the fleet file, run `nrfcloud-fleet apply`, then destroy. " +
        "To keep the devices in the account, name them with --keep.",
    );
  }
  if (losses.protected.length > 0) {
    throw new CommandError(
      `The program protects ${count(losses.protected.length, "resource")} (${idText(losses.protected.map(({ subject }) => subject))}) from a destroy. ` +
        "Nothing was changed.\nRemove `protect` from the program, run `nrfcloud-fleet apply`, then destroy.",
    );
  }
  if (allowed === undefined && losses.retired.length > 0) {
    throw new CommandError(
      `The program keeps ${count(losses.retired.length, "retired device")} (${idText(losses.retired)}) until their time is over. Nothing was changed.\n` +
        `To delete or release them now, run again with --allow-deletes ${most}.`,
    );
  }
  if (allowed === undefined && losses.guarded.length > 0) {
    throw new CommandError(
      `The fleet file limits deletions (maxDeletes), and this destroy would delete or release ${count(most, "device")}. ` +
        `Nothing was changed.\nTo allow it, run again with --allow-deletes ${most}.`,
    );
  }
  if (allowed !== undefined && most > allowed) {
    throw new CommandError(
      `This destroy would delete or release ${count(most, "device")}, and --allow-deletes allows ${allowed}. Nothing was changed.\n` +
        `To allow it, run again with --allow-deletes ${most}.`,
    );
  }
}

/** Removes the engine's protection from guarded sets only. The provider still checks the number of deletions. */
export async function liftProtection(target: Target, guarded: readonly StateResource[]): Promise<void> {
  for (const { urn } of guarded) await pulumiOutput(target, ["state", "unprotect", urn, "--yes"]);
  if (guarded.length > 0) printNote("This destroy lifts the limit of the fleet file.");
}
