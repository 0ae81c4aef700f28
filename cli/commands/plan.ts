import { readFileSync } from "node:fs";
import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { parseDuration } from "../duration.js";
import { writeOutput } from "../output.js";
import { allowedIn } from "../pulumi/guard.js";
import { preview, type Plan } from "../pulumi/plan.js";
import { targetOf, type TargetOptions } from "../pulumi/target.js";
import { originIn, readPageUrl } from "../report/origin.js";
import { CHANGES, WAITING } from "./exitCodes.js";
import { environmentOf, withChoice, withTarget, type ChoiceOptions } from "./options.js";
import { showPlan } from "./showPlan.js";

interface Options extends TargetOptions, ChoiceOptions {
  readonly markdown?: string;
  readonly html?: string;
  readonly json?: string;
  readonly title?: string;
  readonly pageUrl?: string;
  readonly within: string;
  readonly detailedExitcode?: true;
}

const help = `
Exit codes:
  0  the plan is shown; with --detailed-exitcode: nothing to do
  1  an apply will fail, or the plan itself failed; the reports are still written, and say why
  2  wrong use
  ${CHANGES}  an apply has something to do (only with --detailed-exitcode)
  ${WAITING}  devices wait for their first connect, and an apply has nothing else to do (only with --detailed-exitcode)`;

/** `nrfcloud-fleet plan`: shows what an apply would do, and changes nothing. */
export function planCommand(): Command {
  return withChoice(withTarget(new Command("plan")))
    .description("Show what an apply would do, and change nothing.")
    .option(
      "--markdown <file>",
      "write a report as Markdown, for the comment of a pull request; - is standard output",
    )
    .option("--html <file>", "write a report as one HTML page, with search and filters")
    .option("--json <file>", "write the plan as `pulumi preview --json` prints it")
    .option("--title <text>", "heading of the reports")
    .option("--page-url <url>", "https address of the HTML page; the Markdown links to it")
    .option("--within <time>", "report CAs and certificates that end within this time", "90d")
    .option(
      "--detailed-exitcode",
      `exit with ${CHANGES} if an apply has something to do, with ${WAITING} if devices only wait for their first connect`,
    )
    .addHelpText("after", help)
    .action(plan);
}

async function plan(options: Options): Promise<void> {
  const withinMs = parseDuration(options.within, "--within");
  const page = readPageUrl(options.pageUrl);
  const env = environmentOf(options);
  const found = await preview(targetOf(options), {
    title: options.title,
    origin: originIn(process.env, (name) => readFileSync(name, "utf8")),
    page,
    allowedDeletes: allowedIn({ ...process.env, ...env }),
    horizon: { now: new Date(), withinMs },
    env,
  });
  await writeReports(found, options);
  // A report on standard output must not be mixed with the short plan.
  const usesStandardOutput = [options.markdown, options.html, options.json].includes("-");
  if (!usesStandardOutput) showPlan(found);
  if (!found.outcome.ok) throw new CommandError("The plan failed. Nothing was changed.");
  if (found.report.refusals.length > 0) throw new CommandError("An apply of this plan will fail.");
  if (options.detailedExitcode === true) process.exitCode = detailedExitCode(found);
}

function detailedExitCode({ changes, rows }: Plan): number {
  if (changes > 0) return CHANGES;
  return rows.waiting.length > 0 ? WAITING : 0;
}

async function writeReports(plan: Plan, { markdown, html, json }: Options): Promise<void> {
  const { markdownOf } = await import("../report/markdown.js");
  const { htmlOf } = await import("../report/html.js");
  const { withReported } = await import("../report/reported.js");
  const isRead = markdown !== undefined || html !== undefined;
  const report = isRead ? await withReported(plan.report) : plan.report;
  if (markdown !== undefined) writeOutput(markdown, markdownOf(report), "--markdown");
  if (html !== undefined) writeOutput(html, htmlOf(report), "--html");
  if (json !== undefined) writeOutput(json, plan.digest, "--json");
}
