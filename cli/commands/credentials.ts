import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { bundlesIn, type Bundle } from "../credentials/bundle.js";
import { writeBundles } from "../credentials/files.js";
import { readIdPatterns } from "../fleet/idPatterns.js";
import { idText } from "../fleet/idText.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { exportState } from "../state/export.js";
import { count, say, tell } from "../terminal.js";
import { withTarget } from "./options.js";

interface Options extends TargetOptions {
  readonly out: string;
  readonly all?: true;
  readonly overwrite?: true;
}

/** `nrfcloud-fleet credentials`: writes certificates and keys of devices from the stack's state into files, for flashing. */
export function credentialsCommand(): Command {
  return withTarget(new Command("credentials"))
    .description("Write certificates and private keys of devices from the state into files, for flashing.")
    .argument("[ids...]", "the devices, such as lab-{000..099} or lab-*")
    .requiredOption("-o, --out <folder>", "folder for the files; it is made where there is none")
    .option("--all", "every device whose credentials are in the state")
    .option("--overwrite", "replace files that are there already")
    .action(credentials);
}

async function credentials(ids: readonly string[], options: Options): Promise<void> {
  if ((ids.length === 0) === (options.all === undefined))
    throw new CommandError("Name the devices, or give --all.", 2);
  const state = await exportState(targetOf(options), { showSecrets: true });
  const bundles = bundlesIn(state);
  const wanted =
    options.all === true ? [...bundles.values()] : [...new Set(ids.flatMap((id) => named(bundles, id)))];
  if (wanted.length === 0) throw new CommandError("The state holds no credentials of any device.");
  writeBundles(options.out, wanted, { overwrite: options.overwrite === true });

  const deviceIds = wanted.map(({ deviceId }) => deviceId);
  say(
    `Wrote the credentials of ${count(wanted.length, "device")} (${idText(deviceIds)}) to ${options.out}: for each <id>.cert.pem, ` +
      "<id>.key.pem and <id>.ca.pem, as far as the state has them.",
  );
  const keyless = wanted.filter(({ privateKey }) => privateKey === undefined);
  if (keyless.length > 0) {
    tell(
      `Without a key, because the device made its own: ${idText(keyless.map(({ deviceId }) => deviceId))}.`,
    );
  }
  tell(
    "These files are not encrypted: keep them out of version control, and remove them once the devices have them.",
  );
}

function named(bundles: ReadonlyMap<string, Bundle>, pattern: string): readonly Bundle[] {
  const isMeant = readIdPatterns([pattern], "credentials");
  const found = [...bundles.values()].filter(({ deviceId }) => isMeant(deviceId));
  if (found.length > 0) return found;
  throw new CommandError(
    `The state holds no certificate of ${JSON.stringify(pattern)}. Either this stack has no such device, or it was brought to the stack ` +
      "with a certificate or key of its own. Nothing was written.",
  );
}
