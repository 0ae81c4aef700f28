import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { parseDuration } from "../duration.js";
import { CHANGES } from "./exitCodes.js";
import { writeOutput } from "../output.js";
import { allowedIn } from "../pulumi/guard.js";
import { originIn, readPageUrl } from "../report/origin.js";

interface Options {
  readonly markdown?: string;
  readonly html?: string;
  readonly title?: string;
  readonly stack?: string;
  readonly pageUrl?: string;
  readonly within: string;
  readonly failOnDanger?: true;
  readonly detailedExitcode?: true;
}

const help = `
Examples:
  pulumi preview --json 2>&1 | nrfcloud-fleet report
  nrfcloud-fleet report preview.json --markdown comment.md --html report.html
  pulumi destroy --preview-only --json 2>&1 | nrfcloud-fleet report --fail-on-danger

With NRF_CLOUD_API_KEY, the command reads what devices with a configuration report. Without the key, it contacts no server.

Exit codes:
  0  the report is written
  1  an apply will fail, or the preview itself failed; the report is still written, and says why
  2  wrong use
  3  the report found danger (only with --fail-on-danger)
  ${CHANGES}  an apply has something to do (only with --detailed-exitcode)`;

/** `nrfcloud-fleet report`: reports what an apply will do, for people who review it. */
export function reportCommand(): Command {
  return new Command("report")
    .description("Make a report from the output of `pulumi preview --json`.")
    .argument("[file]", "the output of the preview (default, and -: standard input)")
    .option(
      "--markdown <file>",
      "write Markdown for the comment of a pull request; - is standard output (the default)",
    )
    .option("--html <file>", "write one HTML page, with search and filters")
    .option("--title <text>", "heading of the report")
    .option("--stack <name>", "name of the stack, which identifies the comment (default: from the preview)")
    .option("--page-url <url>", "https address of the HTML page; the Markdown links to it")
    .option("--within <time>", "report CAs and certificates that end within this time", "90d")
    .option("--fail-on-danger", "exit with 3 if the report finds any danger")
    .option("--detailed-exitcode", `exit with ${CHANGES} if an apply has something to do`)
    .addHelpText("after", help)
    .action(async (file: string | undefined, options: Options) => {
      process.exitCode = await report(file, options);
    });
}

async function report(file: string | undefined, options: Options): Promise<number> {
  const withinMs = parseDuration(options.within, "--within");
  const page = readPageUrl(options.pageUrl);
  const printed = await readInput(file);
  // The reader of previews takes half a second to load, which would slow down all other commands.
  const { readPreview } = await import("../report/digest.js");
  const { applyFails, reportOf } = await import("../report/report.js");
  const { markdownOf } = await import("../report/markdown.js");
  const { htmlOf } = await import("../report/html.js");
  const { withReported } = await import("../report/reported.js");

  const made = await withReported(
    reportOf(readPreview(printed), {
      title: options.title,
      stack: options.stack,
      origin: originIn(process.env, (name) => readFileSync(name, "utf8")),
      page,
      allowedDeletes: allowedIn(process.env),
      horizon: { now: new Date(), withinMs },
    }),
  );
  if (options.html !== undefined) writeOutput(options.html, htmlOf(made), "--html");
  const markdown = options.markdown ?? (options.html === undefined ? "-" : undefined);
  if (markdown !== undefined) writeOutput(markdown, markdownOf(made), "--markdown");
  if (applyFails(made)) return 1;
  if (options.failOnDanger === true && made.dangers.length > 0) return 3;
  return options.detailedExitcode === true && made.changes.length > 0 ? CHANGES : 0;
}

async function readInput(file: string | undefined): Promise<string> {
  const piped = file === undefined || file === "-";
  if (piped && process.stdin.isTTY) {
    throw new CommandError(
      "The command has no preview to report on. Name the file with the output of `pulumi preview --json`, or send it to standard input.",
      2,
    );
  }
  try {
    return piped ? await text(process.stdin) : readFileSync(file, "utf8");
  } catch (error) {
    const tooLong = error instanceof Error && "code" in error && error.code === "ERR_STRING_TOO_LONG";
    throw new CommandError(
      tooLong
        ? "The preview is larger than the 512 MB that Node can read at once. Leave out --show-sames, or preview fewer devices with --target."
        : `The command can't read ${piped ? "standard input" : file}: ${messageOf(error)}`,
      2,
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
