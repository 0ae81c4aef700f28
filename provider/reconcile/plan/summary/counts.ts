import { FIRST_GENERATION } from "../../../fleet/rotation.js";
import type { Row } from "../../table/row.js";
import { type Field, type RowChange, takesOut } from "../change.js";
import { orderedBy } from "../credentials/generations.js";
import { dangersOf, isDanger } from "./dangers.js";
import { CHANGES, type Turned } from "./fieldWords.js";
import { devices } from "./ids.js";
import type { Sign } from "./sign.js";

interface CountOfRow {
  readonly sign: Sign;
  readonly text: (n: number) => string;
}

/** The parts of a change that are not a danger. */
export function countsOf(change: RowChange): CountOfRow[] {
  switch (change.kind) {
    case "same":
    case "replace":
      return [];
    case "add":
      if (dangersOf(change).length > 0) return [];
      return [
        {
          sign: "+",
          text: (n) => `${devices(n)} ${change.adopted ? "to adopt" : ARRIVALS[change.after.way]}`,
        },
      ];
    case "remove":
      return takesOut(change)
        ? []
        : [{ sign: "-", text: (n) => `${devices(n)} to forget (nRF Cloud keeps the claim)` }];
    case "update":
      return change.fields
        .filter((field) => !isDanger(change.after, field))
        .map((field) => ({ sign: "~", text: (n) => countText(n, field, change) }));
  }
}

function countText(n: number, field: Field, change: RowChange & { readonly kind: "update" }): string {
  const { after } = change;
  const generation = orderedBy(after)?.rotation.generation ?? FIRST_GENERATION.generation;
  switch (field) {
    case "rotation":
      return `${devices(n)} will be ordered to make ${n === 1 ? "its key" : "their keys"} of generation ${generation}`;
    case "next":
      return `${devices(n)} will get ${n === 1 ? "its" : "their"} next certificate issued`;
    case "activation":
      return `${devices(n)} will activate generation ${generation}`;
    case "return":
      return `${devices(n)} will go back to generation ${generation}`;
    case "drop":
      return `${devices(n)} will drop ${n === 1 ? "its" : "their"} other kept credentials`;
    case "via":
    case "subType":
    case "firmwareTypes":
    case "credential":
    case "ca":
    case "validity":
    case "renewal":
    case "name":
    case "tags":
    case "config":
    case "phase":
    case "unclaim":
    case "securityTag":
    case "retired":
    case "adopt":
    case "protect":
    case "wait":
      return `${devices(n)} will ${becomes(field, change)}`;
  }
}

function becomes(
  field: Exclude<Field, Turned>,
  { before, after }: { readonly before: Row; readonly after: Row },
): string {
  if (field !== "retired" || (before.retired !== undefined && after.retired !== undefined))
    return `get ${CHANGES[field]}`;
  if (after.retired === undefined) return "not be retired any more";
  return `be retired, and deleted or released after ${after.retired.text}`;
}

const ARRIVALS: Readonly<Record<Row["way"], string>> = {
  preconnect: "to onboard",
  jitp: "to claim by ownership code",
  attestation: "to claim by attestation token",
};
