import { CommandError } from "../commandError.js";
import { idText } from "../fleet/idText.js";
import { deletedBy, type Losses } from "../state/losses.js";
import type { StateResource } from "../state/export.js";
import { count, tell } from "../terminal.js";
import { pulumiOutput, type Target } from "./target.js";

/** Lets so many devices leave the account in one operation, whatever the fleet file says. */
export function allowing(deletes: number | undefined): Record<string, string> {
  return deletes === undefined ? {} : { NRF_CLOUD_ALLOW_DELETES: String(deletes) };
}

/**
 * Refuses a destroy that the fleet file or the program forbids, before anything is asked or done.
 * @param allowed how many devices may leave the account, where the user has said so
 * @throws CommandError that says what is protected and how to lift it
 */
export function requireAllowed(losses: Losses, allowed: number | undefined): void {
  const most = deletedBy(losses);
  const { protectedRows } = losses;
  if (protectedRows.length > 0) {
    throw new CommandError(
      `${count(protectedRows.length, "device is", "devices are")} protected (${idText(protectedRows)}), so this stack can't be destroyed. ` +
        "Nothing was changed.\nTake `protect: true` out of the group in the fleet file, run `nrfcloud-fleet apply`, and destroy then. " +
        "To leave them in the account, name them with --keep.",
    );
  }
  if (losses.protected.length > 0) {
    throw new CommandError(
      `${count(losses.protected.length, "resource is", "resources are")} protected (${idText(losses.protected.map(({ subject }) => subject))}), so ` +
        "this stack can't be destroyed. Nothing was changed.\nTake `protect` out of the program, run `nrfcloud-fleet apply`, and destroy then.",
    );
  }
  if (allowed === undefined && losses.guarded.length > 0) {
    throw new CommandError(
      `The fleet file limits what may be deleted at once (maxDeletes), and this would take ${count(most, "device")} out of the account. ` +
        `Nothing was changed.\nIf that is meant, run again with --allow-deletes ${most}.`,
    );
  }
  if (allowed !== undefined && most > allowed) {
    throw new CommandError(
      `This would take ${count(most, "device")} out of the account, and --allow-deletes says ${allowed}. Nothing was changed.\n` +
        `If that is meant, run again with --allow-deletes ${most}.`,
    );
  }
}

/** Takes the engine's protection off guarded sets, and off nothing else. The provider still counts what leaves the account. */
export async function liftProtection(target: Target, guarded: readonly StateResource[]): Promise<void> {
  for (const { urn } of guarded) await pulumiOutput(target, ["state", "unprotect", urn, "--yes"]);
  if (guarded.length > 0) tell("The limit of the fleet file is lifted for this destroy.");
}
