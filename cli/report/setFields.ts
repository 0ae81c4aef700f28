import type { Properties, Step } from "./digest.js";
import type { Action } from "./things.js";
import { differences, type FieldChange } from "./values.js";

/** What of a set is told by its rows, or says nothing to a reviewer. */
const NOT_TOLD: readonly string[] = ["name", "devices", "caPrivateKey", "journalKey"];

/** What differs of a set itself, its rows apart. */
export function setFields(
  { before, after, differing, diffReasons }: Step,
  {
    action,
    hasRows,
    cas,
  }: { readonly action: Action; readonly hasRows: boolean; readonly cas: ReadonlyMap<string, string> },
): FieldChange[] {
  if (action === "drift") return [];
  // What devices bring is told where it is all that changes; else the rows say more of it.
  const silent = hasRows ? [...NOT_TOLD, "materials"] : NOT_TOLD;
  const paths = [...differing, ...diffReasons].filter((path) => !silent.includes(topOf(path)));
  const fields = differences(without(before?.inputs, silent), without(after?.inputs, silent), paths, cas);
  const isSilent = action === "update" && fields.length === 0 && !hasRows;
  return isSilent ? [TRIED_AGAIN] : fields;
}

/** Nothing declared differs: something failed, waits, drifted, or is left from an interrupted run. */
const TRIED_AGAIN: FieldChange = {
  field: "what failed, waits or differs in the account",
  after: "is tried again",
  alone: true,
};

function topOf(path: string): string {
  return path.split(/[.[]/)[0] ?? "";
}

function without(bag: Properties = {}, keys: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(bag).filter(([key]) => !keys.includes(key)));
}
