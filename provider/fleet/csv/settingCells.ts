/** The cells `state`, `keepFor` and `config`, which all kinds of devices can have. */
import type { Cells } from "./cells.js";
import { inspect, isRecord } from "../data.js";
import { checkedConfig, tooManyLevels, type DeviceConfig } from "../config.js";
import { readDuration } from "../duration.js";
import { programOrigin, Report } from "../problems.js";
import type { Retirement } from "../retirement.js";
import { quote, type Violation } from "../rules.js";
import type { ReadResult } from "../readResult.js";

export type SettingColumn = "state" | "keepFor" | "config";

export const settingNames = ["state", "keepFor", "config"] as const;

/** By the names that a header may use. */
export const settingColumns: readonly (readonly [string, SettingColumn])[] = [
  ["state", "state"],
  ["keepfor", "keepFor"],
  ["config", "config"],
];

export interface SettingCells {
  readonly retirement: Retirement;
  /** A `null` removes a key of the group. */
  readonly config?: DeviceConfig;
}

/** Reads the cells. If one is empty, the settings of the group apply. */
export function readSettingCells<Column extends string>({
  cell,
  read,
}: Cells<Column | SettingColumn>): SettingCells {
  const [state, keepFor] = [cell("state", checkState), cell("keepFor", checkKeepFor)];
  const config = read("config", readConfigText);
  return {
    retirement: {
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
    ? { message: `${quote(text)} is not a duration`, fix: 'write one such as "30d"' }
    : undefined;
}

/** Reads a JSON object, by the rules of the fleet file. */
function readConfigText(text: string): ReadResult<DeviceConfig> {
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
    ? checkedConfig(value)
    : { ok: false, message: problem.message, fix: problem.fix };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
