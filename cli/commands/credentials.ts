import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { CommandError } from "../commandError.js";
import { bundlesIn, keptBundlesIn, type Bundle } from "../credentials/bundle.js";
import { stemOf, writeBundles } from "../credentials/files.js";
import { flashingFor } from "../credentials/flashing.js";
import { LARGEST_SECURITY_TAG, NRF_CLOUD_SECURITY_TAG } from "../../provider/fleet/securityTag.js";
import { readServerRoot, requireServerRoot, rootText, type ServerRoot } from "../credentials/serverRoot.js";
import { withExpectedErrors } from "../expectedErrors.js";
import { readWhole } from "../export/files.js";
import { readIdPatterns } from "../fleet/idPatterns.js";
import { idText } from "../fleet/idText.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { exportState } from "../state/export.js";
import { count, printText, printNote } from "../terminal.js";
import { withTarget } from "./options.js";

interface Options extends TargetOptions {
  readonly out: string;
  readonly all?: true;
  readonly next?: true;
  readonly overwrite?: true;
  readonly secTag: number;
  readonly serverRoot?: string;
  readonly coap?: true;
}

/** `nrfcloud-fleet credentials`: writes the credentials of devices from the stack's state into files, for flashing. */
export function credentialsCommand(): Command {
  return withTarget(new Command("credentials"))
    .description("Write certificates, private keys and the server's root into files, for flashing.")
    .argument("[ids...]", "the devices, such as lab-{000..099} or lab-*")
    .requiredOption("-o, --out <folder>", "folder for the files; the command creates a missing one")
    .option("--all", "every device whose credentials are in the state")
    .option("--next", "the next credentials of a rotation, which nRF Cloud does not have yet")
    .option("--overwrite", "replace files that exist")
    .option(
      "--sec-tag <tag>",
      "security tag of the modem for the credentials",
      readSecurityTag,
      NRF_CLOUD_SECURITY_TAG,
    )
    .option("--server-root <file>", "PEM file with the root of a server that is not nRF Cloud")
    .option("--coap", "add the root of nRF Cloud's CoAP server")
    .action((ids: readonly string[], options: Options) =>
      withExpectedErrors(() => credentials(ids, options)),
    );
}

async function credentials(ids: readonly string[], options: Options): Promise<void> {
  if ((ids.length === 0) === (options.all === undefined))
    throw new CommandError("Name the devices, or give --all.", 2);
  if (options.serverRoot !== undefined && options.coap === true)
    throw new CommandError(
      "Give --server-root or --coap. The file of --server-root can hold several roots.",
      2,
    );
  const namedRoot =
    options.serverRoot === undefined
      ? undefined
      : readServerRoot(readWhole(options.serverRoot), options.serverRoot, new Date());
  const target = targetOf(options);
  const state = await exportState(target, { showSecrets: true });
  const bundles = bundlesIn(state);
  const available = options.next === true ? keptBundlesIn(state, "next") : bundles;
  const selected =
    options.all === true
      ? [...available.values()]
      : [...new Set(ids.flatMap((id) => bundlesMatching(available, id, options)))];
  if (selected.length === 0)
    throw new CommandError(
      options.next === true
        ? "The state holds no next credentials. Declare a later generation of `rotation` with `phase: issue`, and run `up`."
        : "The state holds no credentials of any device.",
    );
  if (namedRoot !== undefined) requireServerRoot(namedRoot, selected);
  const { secTag: securityTag, coap = false } = options;
  const flashing = await flashingFor(target, bundles, { securityTag, given: namedRoot, coap });
  if (flashing.serverRoot === undefined) throw new CommandError(NO_SERVER_ROOT, 2);
  writeBundles(options.out, selected, flashing, { overwrite: options.overwrite === true });
  describe(selected, flashing.serverRoot, options);
}

const NO_SERVER_ROOT =
  "NRF_CLOUD_ENDPOINT (or nrfcloud:endpoint) names a server that is not nRF Cloud, and the state does not have the root of that server. " +
  "Name a file with the root: --server-root <file>. (An emulator shows its root at /_emulator/mqtt.) Nothing was written.";

function describe(selected: readonly Bundle[], serverRoot: ServerRoot, { out, secTag, next }: Options): void {
  const deviceIds = selected.map(({ deviceId }) => deviceId);
  const [first = ""] = deviceIds;
  const what = next === true ? "next credentials" : "credentials";
  printText(`Wrote the ${what} of ${count(selected.length, "device")} (${idText(deviceIds)}) to ${out}.`);
  printText(`Server root: ${rootText(serverRoot)}. Security tag: ${secTag}.`);
  printText(
    `To flash a device, send its AT commands to the modem, such as ${path.join(out, `${stemOf(first)}_cmng.at`)}. ` +
      "Or run a command of Nordic's tools: the manifest of each device has them.",
  );
  const keyless = selected.filter(({ privateKey }) => privateKey === undefined);
  if (keyless.length > 0) {
    printNote(
      `Without a private key, because the device made its own: ${idText(keyless.map(({ deviceId }) => deviceId))}.`,
    );
  }
  printNote(
    "These files are not encrypted. Keep them out of version control, and delete them after you have flashed the devices.",
  );
}

function bundlesMatching(
  bundles: ReadonlyMap<string, Bundle>,
  pattern: string,
  { next }: Pick<Options, "next">,
): readonly Bundle[] {
  const isMeant = readIdPatterns([pattern], "credentials");
  const found = [...bundles.values()].filter(({ deviceId }) => isMeant(deviceId));
  if (found.length > 0) return found;
  if (next === true)
    throw new CommandError(
      `The state holds no next certificate of ${JSON.stringify(pattern)}: no such device is in \`phase: issue\` of a rotation. ` +
        "Nothing was written.",
    );
  throw new CommandError(
    `The state holds no certificate of ${JSON.stringify(pattern)}. The stack does not have this device, or the device has a certificate ` +
      "or key that you brought. Nothing was written.",
  );
}

function readSecurityTag(text: string): number {
  const tag = /^\d{1,10}$/.test(text) ? Number(text) : Infinity;
  if (tag <= LARGEST_SECURITY_TAG) return tag;
  throw new InvalidArgumentError(`Give a whole number from 0 to ${LARGEST_SECURITY_TAG}.`);
}
