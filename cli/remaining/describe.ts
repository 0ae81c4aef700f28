import { idText } from "../fleet/idText.js";
import { counted } from "../report/things.js";
import { count, figure } from "../terminal.js";
import type { Outcome } from "../pulumi/operation.js";
import type { Failure, Remaining } from "./remaining.js";

type Operation = "apply" | "destroy";

/** What was done, what remains and why, and the next step for each, as paragraphs. */
export function describeRemaining(remaining: Remaining, operation: Operation, outcome: End): string {
  const { failures, errors, pending, keptCertificates, keptClaims } = remaining;
  return [
    headline(remaining, operation, outcome),
    ...failures.map(failure),
    ...errors.map((text) => `Error: ${text}`),
    ...list(
      remaining.unfinished,
      "resource was begun, and it is not known how that ended",
      "resources were begun, and it is not known how that ended",
      "The next run finds out, and takes up what is half done.",
    ),
    ...notBegun(remaining, operation, outcome),
    ...list(pending, "device waits for its first connect", "devices wait for their first connect", PENDING),
    ...list(
      keptCertificates,
      "just-in-time certificate was forgotten, but stays valid at nRF Cloud",
      "just-in-time certificates were forgotten, but stay valid at nRF Cloud",
      KEPT_CERTIFICATES,
    ),
    ...list(
      keptClaims,
      "device stays claimed by this team",
      "devices stay claimed by this team",
      KEPT_CLAIMS,
    ),
    ...remaining.warnings.map((text) => `Warning: ${text}`),
    ...remaining.remarks.map((text) => `Note: ${text}`),
  ].join("\n\n");
}

const PENDING =
  "Power them up where they have coverage; the next `nrfcloud-fleet apply` claims those that have connected.";
const KEPT_CERTIFICATES =
  "nRF Cloud can't take one back: whoever has it with its key can connect. To remove such a device from the platform, " +
  "delete it in the portal while it is claimed.";
const KEPT_CLAIMS =
  "A claim is given up only with `unclaimOnDestroy: true`, because nRF Cloud then deletes the device. To give it up now, unclaim " +
  "it in the portal.";

type End = Pick<Outcome, "ok" | "interrupted" | "changes">;

function headline({ done }: Remaining, operation: Operation, { ok, interrupted, changes }: End): string {
  const parts = Object.entries(done)
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${figure(number)} ${what}`);
  const did = parts.length === 0 ? "no resource was changed" : parts.join(", ");
  if (ok) return `Done: ${did}.`;
  const how = interrupted === "no" ? "Not everything was done" : "Interrupted";
  const saved =
    changes !== undefined && interrupted !== "stopped"
      ? "The state is saved"
      : "The engine did not get to its end, so the state may lack the latest of it";
  return `${how}: ${did}. ${saved}; run \`nrfcloud-fleet ${operation}\` again for the rest.`;
}

function failure({ kind, reason, subjects }: Failure): string {
  const who = counted(subjects.length, kind);
  return `Failed: ${who} (${idText(subjects)})\n${indented(reason)}`;
}

function notBegun({ notBegun: rest }: Remaining, operation: Operation, { interrupted }: End): string[] {
  const why =
    interrupted === "no"
      ? "After a failure the engine begins nothing new."
      : "The run was interrupted before.";
  return list(
    rest,
    "resource was not begun",
    "resources were not begun",
    `${why} Run \`nrfcloud-fleet ${operation}\` again.`,
  );
}

function list(subjects: readonly string[], one: string, many: string, next: string): string[] {
  if (subjects.length === 0) return [];
  return [`${count(subjects.length, one, many)} (${idText(subjects)})\n${indented(next)}`];
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
