import { idText } from "../fleet/idText.js";
import { counted } from "../report/things.js";
import { count } from "../terminal.js";
import type { Outcome } from "../pulumi/operation.js";
import type { Failure, Remaining } from "./remaining.js";
import type { RowFailure } from "./rows.js";

type Operation = "apply" | "destroy";

/** What was done, what remains and why, and the next steps, as paragraphs. */
export function describeRemaining(remaining: Remaining, operation: Operation, outcome: End): string {
  const { rows } = remaining;
  return [
    headline(remaining, operation, outcome),
    ...rows.failures.map(rowFailure),
    ...remaining.failures.map(failure),
    ...remaining.errors.map((text) => `Error: ${text}`),
    ...list(
      remaining.unfinished,
      "resource has an unknown outcome",
      "resources have an unknown outcome",
      "The run ended before nRF Cloud answered. The next run reads the account, and resumes them.",
    ),
    ...notDone(remaining, operation, outcome),
    ...list(rows.notAttempted, "device was not attempted", "devices were not attempted", NOT_ATTEMPTED),
    ...list(
      rows.waiting,
      "device waits for its first connect",
      "devices wait for their first connect",
      WAITING,
    ),
    ...list(
      rows.replaced,
      "device was created again by somebody else, so nothing of it was changed",
      "devices were created again by somebody else, so nothing of them was changed",
      REPLACED,
    ),
    ...list(rows.hidden, "device is hidden from the API key", "devices are hidden from the API key", HIDDEN),
    ...list(
      rows.keptCertificates,
      "just-in-time certificate was forgotten, but remains valid at nRF Cloud",
      "just-in-time certificates were forgotten, but remain valid at nRF Cloud",
      KEPT_CERTIFICATES,
    ),
    ...list(
      rows.keptClaims,
      "device remains claimed by this team",
      "devices remain claimed by this team",
      KEPT_CLAIMS,
    ),
    ...remaining.warnings.map((text) => `Warning: ${text}`),
    ...remaining.remarks.map((text) => `Note: ${text}`),
  ].join("\n\n");
}

const NOT_ATTEMPTED =
  "The roll-out stopped before these devices. If others failed, correct the cause. Then run `nrfcloud-fleet apply` again: it changes these too.\n" +
  "To continue in spite of these failures, run it with --rollout and a higher stopAfter.";
const WAITING =
  "Switch them on where they have coverage. The next `nrfcloud-fleet apply` claims those that have connected.";
const REPLACED = "Remove them from the fleet file, or declare `adopt: true` to manage the new devices.";
const HIDDEN = "The state keeps them and their keys. Use the API key of an owner or admin.";
const KEPT_CERTIFICATES =
  "nRF Cloud can't revoke one: anybody who has it with its key can connect. To remove such a device from nRF Cloud, " +
  "delete it in the portal while your team claims it.";
const KEPT_CLAIMS =
  "A destroy ends a claim only with `unclaimOnDestroy: true`, because nRF Cloud then deletes the device. To end it now, unclaim " +
  "the device in the portal.";

/** Whether a failed or interrupted operation has done all of its work. */
function isComplete({ rows, failures, errors, unfinished, notStarted }: Remaining): boolean {
  const open = [rows.failures, rows.open, rows.notAttempted, failures, errors, unfinished, notStarted];
  return open.every(({ length }) => length === 0);
}

const UNSAVED = "The engine did not finish, so the state may lack the latest changes";

type End = Pick<Outcome, "ok" | "interrupted" | "changes">;

function headline(remaining: Remaining, operation: Operation, { ok, interrupted, changes }: End): string {
  const { done, rows, unfinished } = remaining;
  const parts = [
    ...[...rows.done].map(([what, number]) => `${count(number, "device")} ${what}`),
    ...Object.entries(done)
      .filter(([, number]) => number > 0)
      .map(([what, number]) => `${count(number, "resource")} ${what}`),
  ];
  if (ok) return `Done: ${parts.length === 0 ? "nothing was changed" : parts.join(", ")}.`;
  const how = interrupted === "no" ? "Not everything was done" : "Interrupted";
  const saved = changes !== undefined && interrupted !== "stopped";
  const next =
    parts.length > 0 && isComplete(remaining)
      ? "All planned changes are done."
      : `Run \`nrfcloud-fleet ${operation}\` again for the rest.`;
  if (parts.length > 0)
    return `${how}: ${parts.join(", ")}. ${saved ? "The state is saved" : UNSAVED}. ${next}`;
  const nothing =
    saved || unfinished.length === 0 ? "nothing was changed" : "the state has no change of this run";
  return `${how}: ${nothing}. ${next}`;
}

function rowFailure({ reason, ids }: RowFailure): string {
  return `Failed: ${count(ids.length, "device")} (${idText(ids)})\n${indented(reason)}`;
}

function failure({ kind, reason, subjects }: Failure): string {
  return `Failed: ${counted(subjects.length, kind)} (${idText(subjects)})\n${indented(reason)}`;
}

function notDone({ notStarted, rows }: Remaining, operation: Operation, { interrupted }: End): string[] {
  const why =
    interrupted === "no" ? "The engine starts nothing new after a failure." : "The run was interrupted.";
  const next = `${why} Run \`nrfcloud-fleet ${operation}\` again.`;
  return [
    ...list(rows.open, "device is still to be done", "devices are still to be done", next),
    ...list(notStarted, "resource was not started", "resources were not started", next),
  ];
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
