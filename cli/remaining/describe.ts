import { idText } from "../fleet/idText.js";
import { kindWords } from "../fleet/kinds.js";
import { count } from "../terminal.js";
import type { Outcome } from "../pulumi/operation.js";
import type { Failure, Remaining } from "./remaining.js";

/** What the words at the end depend on. */
interface Circumstances {
  readonly operation: "apply" | "destroy";
  readonly ok: boolean;
  readonly interrupted: boolean;
  /** Whether the engine got to its end, where it saves the state. */
  readonly orderly: boolean;
}

/** What was done, what remains and why, and the next step for each, as paragraphs. */
export function describeRemaining(
  remaining: Remaining,
  operation: "apply" | "destroy",
  { ok, interrupted, changes }: Pick<Outcome, "ok" | "interrupted" | "changes">,
): string {
  const circumstances = { operation, ok, interrupted, orderly: changes !== undefined };
  const { failures, errors, pending, keptCertificates, keptClaims } = remaining;
  return [
    headline(remaining, circumstances),
    ...failures.map(failure),
    ...errors.map((text) => `Error: ${text}`),
    ...notBegun(remaining, circumstances),
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

function headline({ done }: Remaining, { ok, interrupted, operation, orderly }: Circumstances): string {
  const parts = Object.entries(done)
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${number.toLocaleString("en")} ${what}`);
  const did = parts.length === 0 ? "nothing was changed" : parts.join(", ");
  if (ok) return `Done: ${did}.`;
  const how = interrupted ? "Interrupted" : "Not everything was done";
  const saved = orderly
    ? "The state is saved"
    : "The engine ended before it could say that the state is saved";
  return `${how}: ${did}. ${saved}; run \`nrfcloud-fleet ${operation}\` again for the rest.`;
}

function failure({ kind, reason, subjects }: Failure): string {
  const who = count(subjects.length, ...kindWords(kind));
  return `Failed: ${who} (${idText(subjects)})\n${indented(reason)}`;
}

function notBegun({ notBegun: rest }: Remaining, { interrupted, operation }: Circumstances): string[] {
  const why = interrupted
    ? "The run was interrupted before."
    : "After a failure the engine begins nothing new.";
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
