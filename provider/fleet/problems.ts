/** Collects all problems of a fleet, each with its place and fix. */
import type { FilePosition, Place } from "./place.js";
import { quote, type Violation } from "./rules.js";

/** One problem: where, what, and its fix. */
export interface FleetProblem extends Place, Violation {}

/** Steps from the root of the definition: keys of maps, and indices of lists. */
export type Path = readonly (string | number)[];

/** The origin of a definition: a file, which locates each part, or an object of a program. */
export interface Origin {
  readonly file?: string;
  locate(path: Path, part: "key" | "value"): FilePosition | undefined;
  /** A number as the file writes it, which may have more digits than its value; undefined for anything else. */
  numberAt(path: Path): string | undefined;
}

export const programOrigin: Origin = { locate: () => undefined, numberAt: () => undefined };

/** The number of problems that a message prints. The others are counted: a CSV file may be wrong in every row. */
const maxShownProblems = 500;
/** The number of problems that are kept. A malicious file could have millions. */
const maxKeptProblems = 10_000;

/**
 * A fleet is invalid. The message prints the first 500 problems and counts the others; `problems` has up to ten thousand.
 */
export class FleetFileError extends Error {
  override readonly name = "FleetFileError";

  constructor(readonly problems: readonly FleetProblem[]) {
    super(formatProblems(problems));
  }
}

/** `fleet.yaml:12:5 groups.sensors.tags[1]: "a b" is not a tag: a space is not allowed → fix: …` */
export function formatProblem(problem: FleetProblem): string {
  const position = problem.at && `${problem.at.file}:${problem.at.line}:${problem.at.column}`;
  const place = [position, problem.path].filter((part) => part !== undefined && part !== "").join(" ");
  return `${place === "" ? "" : `${place}: `}${problem.message} → fix: ${problem.fix}`;
}

/** One line for each problem. Beyond the first 500, only their number is printed. */
export function formatProblems(problems: readonly FleetProblem[]): string {
  const lines = problems.slice(0, maxShownProblems).map(formatProblem);
  const rest = problems.length - lines.length;
  return rest > 0 ? [...lines, `… and ${rest} more`].join("\n") : lines.join("\n");
}

/** A place in short form, for use within a sentence. */
export function formatPlace(place: Place): string {
  return place.at ? `${place.at.file}:${place.at.line}` : place.path;
}

/** `["groups", "sensors", "tags", 1]` as `groups.sensors.tags[1]`; a key of other characters as `["my key"]`. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join("");
}

function formatStep(step: string | number, index: number): string {
  if (typeof step === "number") return `[${step}]`;
  if (!/^[\w<>-]{1,64}$/.test(step)) return `[${quote(step)}]`;
  return index === 0 ? step : `.${step}`;
}

/** Collects problems while a definition is checked. Repeated problems are reported once. */
export class Report {
  readonly #problems: FleetProblem[] = [];
  readonly #remarks: FleetProblem[] = [];
  readonly #known = new Set<string>();
  readonly #refused = new Set<string>();

  constructor(readonly origin: Origin) {}

  /** The place of a value, or of its key if the key is the problem. */
  place(path: Path, part: "key" | "value" = "value"): Place {
    const at = this.origin.locate(path, part);
    return { path: formatPath(path), ...(at && { at }) };
  }

  add(place: Place, violation: Violation): void {
    this.#keep(this.#problems, place, violation);
  }

  /** Reports a possible problem, which does not make the fleet invalid. */
  remark(place: Place, violation: Violation): void {
    this.#keep(this.#remarks, place, violation);
  }

  /** Reports a problem, and suppresses all later ones at or below its place. */
  refuse(place: Place, violation: Violation): void {
    this.add(place, violation);
    this.#refused.add(place.path);
  }

  #keep(list: FleetProblem[], { path, at }: Place, { message, fix }: Violation): void {
    if (list.length >= maxKeptProblems || this.#isRefused(path)) return;
    const problem = { path, ...(at && { at }), message, fix };
    const text = formatProblem(problem);
    if (!this.#known.has(text)) list.push(problem);
    this.#known.add(text);
  }

  #isRefused(path: string): boolean {
    if (this.#refused.size === 0) return false;
    const ends = [...path.matchAll(/[.[]/g)].map(({ index }) => index);
    return [...ends, path.length].some((end) => this.#refused.has(path.slice(0, end)));
  }

  /** All problems and remarks in order, if the fleet is invalid; else empty. */
  get problems(): readonly FleetProblem[] {
    return this.#problems.length === 0 ? [] : this.#sorted([...this.#problems, ...this.#remarks]);
  }

  get remarks(): readonly FleetProblem[] {
    return this.#sorted(this.#remarks);
  }

  /** The definition's own problems come first, then those of other files, each by line and column. */
  #sorted(problems: readonly FleetProblem[]): readonly FleetProblem[] {
    const isOther = (problem: FleetProblem) =>
      Number(problem.at !== undefined && problem.at.file !== this.origin.file);
    return [...problems].sort((one, other) => {
      if (isOther(one) !== isOther(other)) return isOther(one) - isOther(other);
      if (!one.at || !other.at) return 0;
      if (one.at.file !== other.at.file) return one.at.file < other.at.file ? -1 : 1;
      return one.at.line - other.at.line || one.at.column - other.at.column;
    });
  }
}
