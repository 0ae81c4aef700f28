/** The cells of a CSV row that say whether a device is retired, and for how long it is kept. */
import type { Cells } from "./cells.js";
import { readDuration } from "./duration.js";
import type { Standing } from "./retired.js";
import { quote, type Violation } from "./rules.js";

/** Columns that all CSV files can have. */
export type StandingColumn = "state" | "keepFor";

export const standingNames = ["state", "keepFor"] as const;

/** By the names that a header may give them. */
export const standingColumns: readonly (readonly [string, StandingColumn])[] = [
  ["state", "state"],
  ["keepfor", "keepFor"],
];

/** Reads them. Without a text, the settings of the group apply. */
export function readStandingCells<Column extends string>({ cell }: Cells<Column | StandingColumn>): Standing {
  const [state, keepFor] = [cell("state", checkState), cell("keepFor", checkKeepFor)];
  return {
    ...(isState(state) && { state }),
    ...(keepFor !== undefined && { keepFor }),
  };
}

function isState(text: string | undefined): text is "active" | "retired" {
  return text === "active" || text === "retired";
}

function checkState(text: string): Violation | undefined {
  return isState(text)
    ? undefined
    : { message: `${quote(text)} is not a state`, fix: "use active or retired, or leave the cell empty" };
}

function checkKeepFor(text: string): Violation | undefined {
  return readDuration(text) === undefined
    ? { message: `${quote(text)} is not a time`, fix: 'write a time such as "30d"' }
    : undefined;
}
