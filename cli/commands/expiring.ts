import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { parseDuration } from "../duration.js";
import { describeExpiring, remedy } from "../expiry/describe.js";
import { certificatesIn, endingBy, type Expiring } from "../expiry/expiring.js";
import { belowPolicy, demandedRemaining } from "../expiry/policy.js";
import { idText } from "../fleet/idText.js";
import type { TargetOptions } from "../pulumi/target.js";
import type { StateResource } from "../state/export.js";
import { readState } from "../state/readState.js";
import { tablesIn } from "../state/sets.js";
import { count, print, printText, printNote } from "../terminal.js";
import { AGAINST_POLICY } from "./exitCodes.js";
import { withTarget } from "./options.js";

/** The exit code if a certificate ends within the time. */
const EXPIRING = 4;

interface Options extends TargetOptions {
  readonly within?: string;
  readonly check?: true;
  readonly json?: true;
  readonly exitCode?: true;
}

/** `nrfcloud-fleet expiring`: lists the certificates in a stack's state that end soon. */
export function expiringCommand(): Command {
  return withTarget(new Command("expiring"))
    .description("List the CAs and device certificates in the state that end soon.")
    .argument("[file]", "the output of `pulumi stack export`, instead of the stack; - is standard input")
    .option("--within <time>", "how soon: 36h, 90d, 12w or 1y")
    .option(
      "--check",
      `list certificates with less time left than \`policy.minRemaining\`, and exit with ${AGAINST_POLICY} for any`,
    )
    .option("--json", "print JSON")
    .option("--exit-code", `exit with ${EXPIRING} if any certificate expires`)
    .action(expiring);
}

async function expiring(file: string | undefined, options: Options): Promise<void> {
  if (file !== undefined && (options.stack !== undefined || options.cwd !== undefined))
    throw new CommandError("Give a file or a stack, not both.", 2);
  if ((options.within === undefined) === (options.check === undefined))
    throw new CommandError("Give --within <time> or --check, one of the two.", 2);
  const now = new Date();
  const horizon =
    options.within === undefined
      ? undefined
      : new Date(now.getTime() + parseDuration(options.within, "--within"));
  const state = await readState(file, options);
  const { known, unknown } = certificatesIn(state);
  const found = horizon === undefined ? againstPolicy(state, known, now) : endingBy(known, horizon);
  if (options.json === true) {
    const entries = found.map((each) => ({
      kind: each.origin,
      id: each.subject,
      validUntil: each.validUntil,
      ended: Date.parse(each.validUntil) < now.getTime(),
      ...(each.renewedFrom === undefined ? {} : { renewedFrom: each.renewedFrom }),
      remedy: remedy(each, now),
    }));
    const until = horizon === undefined ? {} : { until: horizon.toISOString() };
    print(JSON.stringify({ ...until, expiring: entries, notKnown: unknown }, undefined, 2));
  } else {
    printText(
      found.length === 0
        ? `Of ${count(known.length, "certificate")} none ${noneEnds(horizon)}.`
        : describeExpiring(found, now),
    );
    if (unknown.length > 0) {
      printNote(
        `The state does not have ${count(unknown.length, "certificate")} of adopted devices (${idText(unknown)}).`,
      );
    }
  }
  if (found.length === 0) return;
  if (options.check === true) process.exitCode = AGAINST_POLICY;
  else if (options.exitCode === true) process.exitCode = EXPIRING;
}

function noneEnds(horizon: Date | undefined): string {
  return horizon === undefined
    ? "has less time left than its policy requires"
    : `ends by ${horizon.toISOString().slice(0, 10)}`;
}

function againstPolicy(
  state: readonly StateResource[],
  known: readonly Expiring[],
  now: Date,
): readonly Expiring[] {
  const demanded = demandedRemaining(tablesIn(state));
  if (demanded.ofCas === undefined) {
    throw new CommandError(
      "No set in the state has a policy with `minRemaining`. Declare one and apply it, or give --within.",
      2,
    );
  }
  return belowPolicy(known, demanded, now);
}
