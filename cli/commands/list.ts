import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { readIdPatterns } from "../fleet/idPatterns.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { exportState } from "../state/export.js";
import { devicesIn } from "../status/devices.js";
import { generationText } from "../status/rotation.js";
import { columns, dayOf, deviceJson, CONDITIONS, WAYS } from "../status/words.js";
import { print } from "../terminal.js";
import { withTarget } from "./options.js";

interface Options extends TargetOptions {
  readonly json?: true;
}

/** `nrfcloud-fleet list`: lists the devices in the state of a stack, one line each. */
export function listCommand(): Command {
  return withTarget(new Command("list"))
    .description("List the devices in the state of the stack.")
    .argument("[ids...]", "only these devices, such as lab-{000..099} or lab-*")
    .option("--json", "print JSON")
    .action(list);
}

async function list(ids: readonly string[], options: Options): Promise<void> {
  const isMeant = ids.length === 0 ? () => true : readIdPatterns(ids, "list");
  const devices = devicesIn(await exportState(targetOf(options))).filter(({ id }) => isMeant(id));
  if (options.json === true) {
    print(JSON.stringify({ devices: devices.map(deviceJson) }, undefined, 2));
    return;
  }
  if (devices.length === 0) {
    throw new CommandError(
      ids.length === 0 ? "The stack has no devices." : `The stack has no device ${ids.join(", ")}.`,
    );
  }
  // Most fleets never rotate, and do not need the column.
  const isRotating = devices.some(({ rotation }) => rotation !== undefined);
  print(
    columns([
      ["ID", "STATUS", "WAY IN", "CERTIFICATE ENDS", ...(isRotating ? ["GENERATION"] : []), "TAGS"],
      ...devices.map((device) => [
        device.id,
        CONDITIONS[device.condition],
        device.way === undefined ? "" : WAYS[device.way],
        dayOf(device.validUntil),
        ...(isRotating ? [generationText(device)] : []),
        device.tags.join(", "),
      ]),
    ]),
  );
}
