import { Command, Option } from "commander";
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { diskIo } from "../../provider/fleet/disk.js";
import { maxDevices } from "../../provider/fleet/resolve/declaredDevices.js";
import { newJournalKey } from "../../provider/lifecycle/journalKey.js";
import { fleetContents } from "../../provider/resources/fleetContents.js";
import { connect, type Connection } from "../cloud.js";
import { CommandError } from "../commandError.js";
import { withExpectedErrors } from "../expectedErrors.js";
import { findUnselected, readAccount, type Selection } from "../export/account.js";
import { FleetFile } from "../export/fleetFile.js";
import { readWhole, requireNewSecret, rewrite, writeNew, writeSecret } from "../export/files.js";
import { requireNoLink } from "../files/place.js";
import { importFileText } from "../export/importFile.js";
import { readIdPatterns } from "../fleet/idPatterns.js";
import { classifyDevices } from "../export/inventory.js";
import { inventoryRemarks } from "../export/remarks.js";
import { readRules, rulesRemark } from "../export/rules.js";
import { pulumiOutput, targetOf, type Target } from "../pulumi/target.js";
import { UnsafeUpdate } from "../export/unsafeUpdate.js";
import { updateFleetFile, type Update } from "../export/update.js";
import { deviceCount } from "../export/words.js";
import { writeFleetFile } from "../export/write.js";

interface Options {
  readonly out?: string;
  readonly force?: true;
  readonly update?: string;
  readonly check?: true;
  readonly config?: true;
  readonly tag?: readonly string[];
  readonly subType?: readonly string[];
  readonly id?: readonly string[];
  readonly importFile?: string;
  readonly name?: string;
  readonly stack?: string;
  readonly cwd?: string;
}

/** `nrfcloud-fleet export`: writes a fleet file from the devices of the account, or updates one. */
export function exportCommand(): Command {
  return new Command("export")
    .description("Write a fleet file that adopts the devices of an account, or update one from the account.")
    .addOption(
      new Option("--out <file>", "write a new file (default: standard output)").conflicts([
        "update",
        "check",
      ]),
    )
    .option("--force", "with --out: replace an existing file")
    .addOption(
      new Option(
        "--update <file>",
        "update this fleet file from the account, and keep its comments and order",
      ).conflicts("force"),
    )
    .option("--check", "with --update: write nothing, and exit with 1 if the file and the account differ")
    .addOption(
      new Option(
        "--config",
        "also write the desired configuration from the shadows, without settings that look like secrets",
      ).conflicts("update"),
    )
    .option("--tag <tag...>", "only devices with one of these tags")
    .option("--sub-type <sub-type...>", "only devices with one of these sub-types")
    .option("--id <patterns...>", "only these devices, such as lab-{000..499} or lab-*")
    .option("--import-file <file>", "with --out: also write a file for `pulumi import --file`")
    .option("--name <name>", "with --import-file: name of the Fleet in the program", "fleet")
    .option("-s, --stack <name>", "with --import-file: the stack (default: the selected one)")
    .option(
      "-C, --cwd <folder>",
      "with --import-file: folder of the Pulumi project (default: the current one)",
    )
    .addHelpText(
      "after",
      "\nThe command reads the account of NRF_CLOUD_API_KEY (and NRF_CLOUD_ENDPOINT), and changes nothing there. See docs/export.md.",
    )
    .action((options: Options) => withExpectedErrors(() => run(options)));
}

async function run(options: Options): Promise<void> {
  const { out, update, tag, subType, id } = options;
  const selection: Selection = {
    ...(tag !== undefined && { tags: tag }),
    ...(subType !== undefined && { subTypes: subType }),
    ...(id !== undefined && { id: readIdPatterns(id, "--id") }),
  };
  const { importFile } = options;
  if (importFile !== undefined && out === undefined)
    throw new CommandError("--import-file needs --out <file>: it imports the devices of that fleet file.", 2);
  if (importFile === undefined && (options.stack ?? options.cwd) !== undefined)
    throw new CommandError("--stack and --cwd need --import-file <file>.", 2);
  if (update !== undefined) return runUpdate(update, selection, options.check === true);
  if (options.check) throw new CommandError("--check needs --update <file>.", 2);
  if (options.force && out === undefined) throw new CommandError("--force needs --out <file>.", 2);
  const force = options.force === true;
  const withConfig = options.config === true;
  if (out === undefined || importFile === undefined) {
    await runNew(await connect(), selection, { out, force, withConfig });
    return;
  }
  // Check the cheap causes of failure first: the files, then the stack, then the account.
  requireNewSecret(importFile, { force });
  const stack = await stackName(targetOf(options));
  const connection = await connect();
  const { text, found } = await runNew(connection, selection, {
    out,
    force,
    withConfig,
    mustLoad: true,
  });
  const { fleet } = new FleetFile(out, text, { ...diskIo, contents: fleetContents(new Date()) });
  const target = {
    stack,
    name: options.name ?? "fleet",
    team: connection.account.team.tenantId,
    journalKey: newJournalKey(),
  };
  writeSecret(importFile, await importFileText(fleet, found, target), { force });
  printLines(importSteps(importFile, stack));
}

/** The name of the stack as a program sees it: without organization and project. */
async function stackName(target: Target): Promise<string> {
  const name = target.stack ?? (await pulumiOutput(target, ["stack", "--show-name"])).trim();
  return name.split("/").at(-1) ?? name;
}

function importSteps(file: string, stack: string): string[] {
  return [
    `${file} is for the stack ${stack}, which must not have these resources yet. Import them with Pulumi CLI 3.254 or newer:`,
    `  pulumi import --file ${file} --protect=false --generate-code=false`,
    "The file holds a secret, the key of the journal. Only you can read the file. Do not commit it, and delete it after the import.",
  ];
}

interface NewFile {
  /** `undefined` is standard output. */
  readonly out: string | undefined;
  readonly force: boolean;
  /** Whether the file has the configurations in the shadows. */
  readonly withConfig: boolean;
  /** Refuses to write a file that the user has to complete before it loads. */
  readonly mustLoad?: true;
}

async function runNew(
  connection: Connection,
  selection: Selection,
  { out, force, withConfig, mustLoad }: NewFile,
): Promise<{ readonly text: string; readonly found: readonly CloudDevice[] }> {
  const found = await readAccount(connection, selection, { withConfig });
  const rules = await readRules(connection);
  const inventory = classifyDevices(found.devices, found.claims, found.team.tenantId);
  const remarks = [...inventoryRemarks(inventory).map(({ text }) => text), ...rulesRemark(rules)];
  const { devices: adopted, justInTime, claimed } = inventory;
  if (adopted.length === 0 && (mustLoad || justInTime.length + claimed.length === 0)) {
    const which = Object.keys(selection).length > 0 ? " of this selection" : "";
    throw new CommandError(
      [
        `The account has no device${which} that a fleet file can adopt, so the command wrote nothing.`,
        ...remarks,
      ].join("\n"),
    );
  }
  if (inventory.devices.length > maxDevices) {
    throw new CommandError(
      `The account has ${deviceCount(inventory.devices.length)}, more than the ${maxDevices.toLocaleString("en")} that a fleet may have. ` +
        "Export them in parts, with --tag, --sub-type or --id.",
    );
  }
  const text = writeFleetFile(inventory, found.team, rules);
  if (out === undefined) process.stdout.write(text);
  else writeNew(out, text, { force });
  printLines(remarks);
  const toFillIn = adopted.length === 0 ? " The file declares nothing before you complete its sections." : "";
  printLines([
    `The command wrote ${deviceCount(inventory.devices.length)}${out === undefined ? "" : ` to ${out}`}, and changed nothing in the account.${toFillIn}`,
  ]);
  return { text, found: found.devices };
}

async function runUpdate(file: string, selection: Selection, isCheck: boolean): Promise<void> {
  const text = readWhole(file);
  if (!isCheck) requireNoLink(file);
  const io = { ...diskIo, contents: fleetContents(new Date()) };
  // An invalid file is reported before the account is read.
  const known = new FleetFile(file, text, io).knownIds();
  const connection = await connect();
  const found = await readAccount(connection, selection, { known });
  const seen = new Set(found.devices.map(({ id }) => id));
  const unseen = [...known].filter((deviceId) => !seen.has(deviceId));
  const unselected =
    Object.keys(selection).length === 0 ? new Set<string>() : await findUnselected(connection, unseen);
  const update = orCommandError(() =>
    updateFleetFile(file, text, io, { ...found, tenantId: found.team.tenantId, unselected }),
  );
  printLines(update.changes);
  printLines(update.remarks.map((remark) => remark.text));
  if (isCheck) {
    reportCheck(file, update);
    return;
  }
  if (update.text !== text) rewrite(file, update.text);
  printLines([summary(file, update)]);
}

function orCommandError(work: () => Update): Update {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UnsafeUpdate)) throw error;
    throw new CommandError(
      `The command can't update the file: ${error.message}. It wrote nothing. Change the file by hand, with a new export ` +
        "(without --update) as a guide.",
    );
  }
}

/** @throws CommandError if file and account differ */
function reportCheck(file: string, { changes, remarks }: Update): void {
  const open = remarks.filter(({ kind }) => kind === "open").length;
  if (changes.length + open > 0) {
    throw new CommandError(
      `${file} and the account differ (${[...counted(changes.length, "change"), ...counted(open, "difference to resolve by hand", "differences to resolve by hand")].join(", ")}). ` +
        `To update the file, run again without --check.`,
    );
  }
  printLines([`${file} is up to date with the account.`]);
}

function summary(file: string, { changes, remarks }: Update): string {
  const open = remarks.filter(({ kind }) => kind === "open").length;
  const unresolved = open > 0 ? ` Resolve ${counted(open, "difference").join("")} by hand: see above.` : "";
  if (changes.length > 0)
    return `The command changed ${file} in ${counted(changes.length, "place").join("")}.${unresolved}`;
  return open > 0
    ? `The command did not change ${file}.${unresolved}`
    : `${file} is up to date with the account.`;
}

function counted(count: number, one: string, many = `${one}s`): string[] {
  return count === 0 ? [] : [`${count.toLocaleString("en")} ${count === 1 ? one : many}`];
}

function printLines(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
}
