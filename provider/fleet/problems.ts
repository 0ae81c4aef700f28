/** What is wrong with a fleet, all of it at once, said so that a person can go to the line and mend it. */
import type { FilePosition, FleetProblem, Place } from "./fleet.js";
import { quote, type Violation } from "./rules.js";

/** Steps from the top of the definition: keys, and indices of lists. */
export type Path = readonly (string | number)[];

/** What a definition was read from: a file, which knows the position of everything in it, or a program's object. */
export interface Origin {
  readonly file?: string;
  locate(path: Path, part: "key" | "value"): FilePosition | undefined;
  /** A number as it is written, which may have digits that its value lacks; undefined for all else. */
  numberAt(path: Path): string | undefined;
}

/** The origin of a definition that a program passes as an object. */
export const programOrigin: Origin = { locate: () => undefined, numberAt: () => undefined };

/** Problems printed in full; the rest are counted. A factory's file may be wrong in every row of a lot. */
const shownProblems = 500;
/** Problems kept. Nobody reads more, and a file that was made to hurt has millions. */
const keptProblems = 10_000;

/**
 * A fleet that can't be used. The message names the first 500 problems and counts the rest; `problems` has them all, up to
 * ten thousand.
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

/** One line a problem; beyond the first 500 only their number. */
export function formatProblems(problems: readonly FleetProblem[]): string {
  const lines = problems.slice(0, shownProblems).map(formatProblem);
  const rest = problems.length - lines.length;
  return rest > 0 ? [...lines, `… and ${rest} more`].join("\n") : lines.join("\n");
}

/** Where a thing is, in few words for the middle of a sentence. */
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

/** Collects problems while a definition is worked through. A place is reported once for each thing wrong there. */
export class Report {
  readonly #problems: FleetProblem[] = [];
  readonly #remarks: FleetProblem[] = [];
  readonly #known = new Set<string>();
  readonly #refused = new Set<string>();

  constructor(readonly origin: Origin) {}

  /** The place of a path: of its value, or of its key where that is what's wrong. */
  place(path: Path, part: "key" | "value" = "value"): Place {
    const at = this.origin.locate(path, part);
    return { path: formatPath(path), ...(at && { at }) };
  }

  add(place: Place, violation: Violation): void {
    this.#keep(this.#problems, place, violation);
  }

  /** Reports what does not make the fleet unusable by itself. */
  remark(place: Place, violation: Violation): void {
    this.#keep(this.#remarks, place, violation);
  }

  /** Reports a problem after which nothing else about this place, or what is below it, is worth saying. */
  refuse(place: Place, violation: Violation): void {
    this.add(place, violation);
    this.#refused.add(place.path);
  }

  #keep(list: FleetProblem[], { path, at }: Place, { message, fix }: Violation): void {
    if (list.length >= keptProblems || this.#isRefused(path)) return;
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

  /** Everything to be mended if the fleet can't be used, in order; empty if it can. */
  get problems(): readonly FleetProblem[] {
    return this.#problems.length === 0 ? [] : this.#sorted([...this.#problems, ...this.#remarks]);
  }

  /** All remarks, in order. */
  get remarks(): readonly FleetProblem[] {
    return this.#sorted(this.#remarks);
  }

  /** Those of the definition first, then those of other files, each by line and column. */
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
