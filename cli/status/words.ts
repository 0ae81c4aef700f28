import type { Way } from "../../provider/reconcile/table/row.js";
import { idText } from "../fleet/idText.js";
import { count } from "../terminal.js";
import type { ManagedDevice, Condition } from "./devices.js";

/** A condition in a column, by the word of docs/glossary.md. */
export const CONDITIONS: Readonly<Record<Condition, string>> = {
  present: "in the account",
  adopted: "adopted",
  waiting: "waiting",
  renewing: "renewing",
  failed: "failed",
  hidden: "hidden",
  foreign: "foreign",
  missing: "missing",
  retired: "retired",
  deleted: "deleted",
  "not attempted": "not attempted",
};

/** The meaning of each condition that needs attention. */
export const MEANINGS: Readonly<Record<Exclude<Condition, "present" | "adopted">, string>> = {
  waiting: "wait for their first connect",
  renewing: "are in the account, and have not made their new key yet",
  failed: "failed; the next apply retries them",
  hidden: "are hidden from this API key",
  foreign: "were created again by somebody else; an apply does not change them",
  retired: "are retired, and are deleted or released when their time is over",
  deleted: "were retired, and are deleted or released",
  "not attempted": "were not attempted, because a roll-out stopped; the next apply changes them",
  missing: "are missing in the account; the next apply onboards or claims them again",
};

export const WAYS: Readonly<Record<Way, string>> = {
  preconnect: "pre-connect",
  jitp: "just in time",
  attestation: "attestation",
};

/** The day of a time; empty without a time. */
export function dayOf(time: string | undefined): string {
  return time?.slice(0, 10) ?? "";
}

/** What is said of some devices, with their ids, in one line; none without devices. */
export function deviceLines(ids: readonly string[], text: string): readonly string[] {
  return ids.length === 0 ? [] : [`  ${count(ids.length, "device")} (${idText(ids)}): ${text}.`];
}

/** Rows of text in columns. The first row has the titles. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<readonly number[]>(
    (most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A device for JSON, without its certificate, which `show` prints. */
export function deviceJson(device: ManagedDevice): Readonly<Record<string, unknown>> {
  return { ...device, certificate: undefined };
}
