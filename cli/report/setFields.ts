import type { Properties, Step } from "./digest.js";
import type { Action } from "./things.js";
import { differences, type FieldChange } from "./values.js";

/** Inputs of a set that its rows show already, or that a reviewer does not need. */
const NOT_SHOWN: readonly string[] = ["name", "devices", "caPrivateKey", "nextCaPrivateKey", "journalKey"];

/** The differences of a set itself, without its rows. */
export function setFields(
  { before, after, differing, diffReasons }: Step,
  {
    action,
    hasRows,
    cas,
  }: { readonly action: Action; readonly hasRows: boolean; readonly cas: ReadonlyMap<string, string> },
): FieldChange[] {
  if (action === "drift") return [];
  // Changed rows show their credentials, codes and tokens in more detail.
  const silent = hasRows ? [...NOT_SHOWN, "materials"] : NOT_SHOWN;
  const paths = [...differing, ...diffReasons].filter((path) => !silent.includes(topOf(path)));
  const fields = differences(without(before?.inputs, silent), without(after?.inputs, silent), paths, cas);
  const isSilent = action === "update" && fields.length === 0 && !hasRows;
  return isSilent ? [RETRIED] : fields;
}

/** An update without a declared difference: rows failed, wait or drifted, or an interrupted run has unfinished work. */
const RETRIED: FieldChange = {
  field: "rows that failed, wait or drifted",
  after: "will be retried",
  alone: true,
};

function topOf(path: string): string {
  return path.split(/[.[]/)[0] ?? "";
}

function without(bag: Properties = {}, keys: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(bag).filter(([key]) => !keys.includes(key)));
}
