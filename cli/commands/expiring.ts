import { Command } from "commander";
import { CommandError } from "../commandError.js";
import { parseDuration } from "../duration.js";
import { describeExpiring, remedy } from "../expiry/describe.js";
import { certificatesIn, endingBy } from "../expiry/expiring.js";
import { idText } from "../fleet/idText.js";
import type { TargetOptions } from "../pulumi/target.js";
import { readState } from "../state/readState.js";
import { count, print, say, tell } from "../terminal.js";
import { withTarget } from "./options.js";

/** Something ends within the time. */
const EXPIRING = 4;

interface Options extends TargetOptions {
  readonly within: string;
  readonly json?: true;
  readonly exitCode?: true;
}

/** `nrfcloud-fleet expiring`: lists the certificates in a stack's state that end soon. */
export function expiringCommand(): Command {
  return withTarget(new Command("expiring"))
    .description("List the CAs and device certificates in the state that end soon.")
    .argument(
      "[file]",
      "what `pulumi stack export` printed, instead of asking the stack; - is standard input",
    )
    .requiredOption("--within <time>", "how soon: 36h, 90d, 12w or 1y")
    .option("--json", "print JSON")
    .option("--exit-code", `end with ${EXPIRING} when any certificate expires`)
    .action(expiring);
}

async function expiring(file: string | undefined, options: Options): Promise<void> {
  if (file !== undefined && (options.stack !== undefined || options.cwd !== undefined))
    throw new CommandError("Give a file or a stack, not both.", 2);
  const now = new Date();
  const until = new Date(now.getTime() + parseDuration(options.within, "--within"));
  const { known, unknown } = certificatesIn(await readState(file, options));
  const found = endingBy(known, until);
  if (options.json === true) {
    const entries = found.map((each) => ({
      kind: each.origin,
      id: each.subject,
      validUntil: each.validUntil,
      ended: Date.parse(each.validUntil) < now.getTime(),
      ...(each.renewedFrom === undefined ? {} : { renewedFrom: each.renewedFrom }),
      remedy: remedy(each, now),
    }));
    print(JSON.stringify({ until: until.toISOString(), expiring: entries, notKnown: unknown }, undefined, 2));
  } else {
    say(
      found.length === 0
        ? `Of ${count(known.length, "certificate")} none ends by ${until.toISOString().slice(0, 10)}.`
        : describeExpiring(found, now),
    );
    if (unknown.length > 0) {
      tell(
        `Not known: ${count(unknown.length, "certificate")} of devices that were adopted as they were (${idText(unknown)}).`,
      );
    }
  }
  if (options.exitCode === true && found.length > 0) process.exitCode = EXPIRING;
}
