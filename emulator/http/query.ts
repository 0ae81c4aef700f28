import { invalid } from "../errors.js";
import { isRecord } from "./json.js";

/** The query parameters of a request, read as the API defines them. */
export class Query {
  private readonly parameters: Record<string, unknown>;

  constructor(query: unknown) {
    this.parameters = isRecord(query) ? query : {};
  }

  has(name: string): boolean {
    return this.parameters[name] !== undefined;
  }

  text(name: string): string | undefined {
    return this.values(name)[0];
  }

  /** An array parameter: repeated, comma-joined or both. Undefined if it was not given. */
  list(name: string): ReadonlySet<string> | undefined {
    if (!this.has(name)) return undefined;
    return new Set(this.values(name).flatMap((value) => value.split(",")));
  }

  flag(name: string): boolean {
    const value = this.text(name) ?? "false";
    if (value !== "true" && value !== "false") throw invalid([`${name} must be true or false`]);
    return value === "true";
  }

  /** One of the given words. */
  choice<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw invalid([`${name} must be one of ${words.join(", ")}`]);
    return word;
  }

  /** An ISO-8601 date or date and time, as epoch milliseconds. */
  time(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const time = Date.parse(value);
    if (Number.isNaN(time)) throw invalid([`${name} must be an ISO-8601 date`]);
    return time;
  }

  private values(name: string): string[] {
    const value = this.parameters[name];
    if (typeof value === "string") return [value];
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  }
}
