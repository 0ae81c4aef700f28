import { Command, Option } from "commander";
import type { CloudDevice } from "../../provider/cloud/answers.js";
import { diskIo } from "../../provider/fleet/disk.js";
import { maxDevices } from "../../provider/fleet/declaredDevices.js";
import { newJournalKey } from "../../provider/lifecycle/journalKey.js";
import { fleetContents } from "../../provider/resources/fleetContents.js";
import { connect, type Connection } from "../cloud.js";
import { CommandError } from "../commandError.js";
import { withExpectedErrors } from "../expectedErrors.js";
import { lookElsewhere, readAccount, type Wanted } from "../export/account.js";
import { FleetFile } from "../export/fleetFile.js";
import { readWhole, requireNewSecret, rewrite, writeNew, writeSecret } from "../export/files.js";
import { requireNoLink } from "../files/place.js";
import { importFileText } from "../export/importFile.js";
import { readIdPatterns } from "../fleet/idPatterns.js";
import { sortOut } from "../export/inventory.js";
import { inventoryRemarks } from "../export/remarks.js";
import { readRules, rulesRemark } from "../export/rules.js";
import { pulumiOutput, targetOf, type Target } from "../pulumi/target.js";
import { UnsafeUpdate } from "../export/unsafeUpdate.js";
import { updateFleetFile, type Update } from "../export/update.js";
import { devices } from "../export/words.js";
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

/** `nrfcloud-fleet export`: a fleet file from what is in the account, or one brought up to date with it. */
export function exportCommand(): Command {
  return new Command("export")
    .description("Write a fleet file that adopts the devices of an account, or bring one up to date with it.")
    .addOption(
      new Option("--out <file>", "write a new file (default: standard output)").conflicts([
        "update",
        "check",
      ]),
    )
    .option("--force", "with --out: replace a file that is there already")
    .addOption(
      new Option(
        "--update <file>",
        "bring this fleet file up to date, and keep its comments and order",
      ).conflicts("force"),
    )
    .option("--check", "with --update: write nothing, and end with 1 if file and account differ")
    .addOption(
      new Option(
        "--config",
        "also write what is desired of the devices in their shadows, without what looks like a secret",
      ).conflicts("update"),
    )
    .option("--tag <tag...>", "only devices with one of these tags")
    .option("--sub-type <sub-type...>", "only devices with one of these sub-types")
    .option("--id <patterns...>", "only these devices, such as lab-{000..499} or lab-*")
    .option("--import-file <file>", "with --out: also write a file for `pulumi import --file`")
    .option("--name <name>", "with --import-file: name of the Fleet in the program", "fleet")
    .option("-s, --stack <name>", "with --import-file: the stack (default: the one that is selected)")
    .option(
      "-C, --cwd <folder>",
      "with --import-file: folder of the Pulumi project (default: the present one)",
    )
    .addHelpText(
      "after",
      "\nThe account is that of NRF_CLOUD_API_KEY (and NRF_CLOUD_ENDPOINT). It is only read. See docs/export.md.",
    )
    .action((options: Options) => withExpectedErrors(() => run(options)));
}

async function run(options: Options): Promise<void> {
  const { out, update, tag, subType, id } = options;
  const wanted: Wanted = {
    ...(tag !== undefined && { tags: tag }),
    ...(subType !== undefined && { subTypes: subType }),
    ...(id !== undefined && { id: readIdPatterns(id, "--id") }),
  };
  const { importFile } = options;
  if (importFile !== undefined && out === undefined)
    throw new CommandError(
      "--import-file needs --out <file>: it is for the fleet file that is written there.",
      2,
    );
  if (importFile === undefined && (options.stack ?? options.cwd) !== undefined)
    throw new CommandError("--stack and --cwd need --import-file <file>.", 2);
  if (update !== undefined) return runUpdate(update, wanted, options.check === true);
  if (options.check) throw new CommandError("--check needs --update <file>.", 2);
  if (options.force && out === undefined) throw new CommandError("--force needs --out <file>.", 2);
  const force = options.force === true;
  const withConfig = options.config === true;
  if (out === undefined || importFile === undefined) {
    await runNew(await connect(), wanted, { out, force, withConfig });
    return;
  }
  // Which stack it is shows before the account is asked, and whether the files can be written before either is.
  requireNewSecret(importFile, { force });
  const stack = await stackName(targetOf(options));
  const connection = await connect();
  const { text, found } = await runNew(connection, wanted, {
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
  tell(importSteps(importFile, stack));
}

/** The name by which a program knows its stack: without organisation and project. */
async function stackName(target: Target): Promise<string> {
  const name = target.stack ?? (await pulumiOutput(target, ["stack", "--show-name"])).trim();
  return name.split("/").at(-1) ?? name;
}

function importSteps(file: string, stack: string): string[] {
  return [
    `${file} is for the stack ${stack}, which must have none of these resources yet. Pulumi CLI 3.254 or newer takes them over:`,
    `  pulumi import --file ${file} --protect=false --generate-code=false`,
    "It holds a secret, the key that will seal the redo log. Only you can read it. Delete it after the import; do not commit it.",
  ];
}

interface NewFile {
  /** Standard output if `undefined`. */
  readonly out: string | undefined;
  readonly force: boolean;
  /** Whether it has what is desired of the devices. */
  readonly withConfig: boolean;
  /** Whether a file that is still to be filled in is none. */
  readonly mustLoad?: true;
}

async function runNew(
  connection: Connection,
  wanted: Wanted,
  { out, force, withConfig, mustLoad }: NewFile,
): Promise<{ readonly text: string; readonly found: readonly CloudDevice[] }> {
  const found = await readAccount(connection, wanted, { withConfig });
  const rules = await readRules(connection);
  const inventory = sortOut(found.devices, found.claims, found.team.tenantId);
  const remarks = [...inventoryRemarks(inventory).map(({ text }) => text), ...rulesRemark(rules)];
  const { devices: adopted, justInTime, claimed } = inventory;
  if (adopted.length === 0 && (mustLoad || justInTime.length + claimed.length === 0)) {
    const which = Object.keys(wanted).length > 0 ? " that was asked for" : "";
    throw new CommandError(
      [
        `The account has no device${which} that a fleet file can adopt, so the command wrote nothing.`,
        ...remarks,
      ].join("\n"),
    );
  }
  if (inventory.devices.length > maxDevices) {
    throw new CommandError(
      `${devices(inventory.devices.length)} are more than the ${maxDevices.toLocaleString("en")} that a fleet may have. ` +
        "Export them in parts, with --tag, --sub-type or --id.",
    );
  }
  const text = writeFleetFile(inventory, found.team, rules);
  if (out === undefined) process.stdout.write(text);
  else writeNew(out, text, { force });
  tell(remarks);
  const toFillIn =
    adopted.length === 0 ? " The file declares nothing before its sections are filled in." : "";
  tell([
    `${devices(inventory.devices.length)} written${out === undefined ? "" : ` to ${out}`}. Nothing was changed in the account.${toFillIn}`,
  ]);
  return { text, found: found.devices };
}

async function runUpdate(file: string, wanted: Wanted, isCheck: boolean): Promise<void> {
  const text = readWhole(file);
  if (!isCheck) requireNoLink(file);
  const io = { ...diskIo, contents: fleetContents(new Date()) };
  // What is wrong with the file shows before the account is asked.
  const known = new FleetFile(file, text, io).knownIds();
  const connection = await connect();
  const found = await readAccount(connection, wanted, { known });
  const seen = new Set(found.devices.map(({ id }) => id));
  const unseen = [...known].filter((deviceId) => !seen.has(deviceId));
  const elsewhere =
    Object.keys(wanted).length === 0 ? new Set<string>() : await lookElsewhere(connection, unseen);
  const update = updated(() =>
    updateFleetFile(file, text, io, { ...found, tenantId: found.team.tenantId, elsewhere }),
  );
  tell(update.changes);
  tell(update.remarks.map((remark) => remark.text));
  if (isCheck) {
    report(file, update);
    return;
  }
  if (update.text !== text) rewrite(file, update.text);
  tell([summary(file, update)]);
}

function updated(work: () => Update): Update {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UnsafeUpdate)) throw error;
    throw new CommandError(
      `The file can't be brought up to date: ${error.message}. Nothing was written. Make the change by hand, with a new export ` +
        "(without --update) beside it.",
    );
  }
}

/** @throws CommandError if file and account differ */
function report(file: string, { changes, remarks }: Update): void {
  const open = remarks.filter(({ kind }) => kind === "open").length;
  if (changes.length + open > 0) {
    throw new CommandError(
      `${file} and the account differ (${[...numbered(changes.length, "change"), ...numbered(open, "difference that can't be written", "differences that can't be written")].join(", ")}). ` +
        `To work them into the file, run again without --check.`,
    );
  }
  tell([`${file} is up to date with the account.`]);
}

function summary(file: string, { changes, remarks }: Update): string {
  const open = remarks.filter(({ kind }) => kind === "open").length;
  const left =
    open > 0 ? ` ${numbered(open, "difference is", "differences are").join("")} left to you, see above.` : "";
  if (changes.length > 0) return `${file} was changed: ${numbered(changes.length, "place").join("")}.${left}`;
  return open > 0 ? `${file} was left as it is.${left}` : `${file} is up to date with the account.`;
}

function numbered(count: number, one: string, many = `${one}s`): string[] {
  return count === 0 ? [] : [`${count.toLocaleString("en")} ${count === 1 ? one : many}`];
}

function tell(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
}
