/** The cells of a CSV row that any kind of device can have: whether it is retired, for how long it is kept, and its configuration. */
import type { Cells } from "./cells.js";
import { inspect, isRecord } from "./data.js";
import { judgedConfig, tooManyLevels, type DeviceConfig } from "./config.js";
import { readDuration } from "./duration.js";
import { programOrigin, Report } from "./problems.js";
import type { Standing } from "./retired.js";
import { quote, type Violation } from "./rules.js";
import type { Read } from "./sources.js";

/** Columns that all CSV files can have. */
export type SettingColumn = "state" | "keepFor" | "config";

export const settingNames = ["state", "keepFor", "config"] as const;

/** By the names that a header may give them. */
export const settingColumns: readonly (readonly [string, SettingColumn])[] = [
  ["state", "state"],
  ["keepfor", "keepFor"],
  ["config", "config"],
];

/** What the cells of a row say. */
export interface SettingCells {
  readonly standing: Standing;
  /** With the nulls that remove what the group says. */
  readonly config?: DeviceConfig;
}

/** Reads them. Without a text, the settings of the group apply. */
export function readSettingCells<Column extends string>({
  cell,
  read,
}: Cells<Column | SettingColumn>): SettingCells {
  const [state, keepFor] = [cell("state", checkState), cell("keepFor", checkKeepFor)];
  const config = read("config", readConfigText);
  return {
    standing: {
      ...(isState(state) && { state }),
      ...(keepFor !== undefined && { keepFor }),
    },
    ...(config && { config }),
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

/** Reads a JSON object, by the rules of the fleet file. */
function readConfigText(text: string): Read<DeviceConfig> {
  const value = parsed(text);
  if (!isRecord(value)) {
    return {
      ok: false,
      message: value === undefined ? "config is not JSON" : "config is not a JSON object",
      fix: 'write an object such as {"interval": 60}. Put the cell in double quotes, and double each quote in it',
    };
  }
  const deep = tooManyLevels(value);
  if (deep !== undefined) return { ok: false, ...deep };
  const report = new Report(programOrigin);
  inspect(value, report);
  const [problem] = report.problems;
  return problem === undefined
    ? judgedConfig(value)
    : { ok: false, message: problem.message, fix: problem.fix };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
