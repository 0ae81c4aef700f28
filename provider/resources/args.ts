import * as pulumi from "@pulumi/pulumi";
import { closest } from "../fleet/suggest.js";

/** The keys of all members of a union. */
type KeyOf<Args> = Args extends unknown ? keyof Args : never;

/** All arguments of a resource, and whether each is required. */
export type Known<Args> = Readonly<Record<KeyOf<Args> & string, "required" | "optional">>;

/**
 * Checks the arguments of programs without types.
 *
 * @param subject the name of the resource in messages, such as `Device lamp`
 * @throws pulumi.RunError for an unknown argument, with a suggestion, or for a missing one
 */
export function checkArgs<Args extends object>(
  subject: string,
  args: Args | undefined,
  known: Known<Args>,
): void {
  const given: unknown = args;
  const names = Object.keys(known);
  const required = Object.entries(known).flatMap(([name, need]) => (need === "required" ? [name] : []));
  if (typeof given !== "object" || given === null)
    throw new pulumi.RunError(`${subject} has no arguments. ${remedyFor(required, names)}`);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const suggestion = closest(unknown, names);
    throw new pulumi.RunError(
      `${subject} has no argument ${unknown}. ` +
        (suggestion === undefined ? `Use ${names.join(", ")}.` : `Write ${suggestion}.`),
    );
  }
  const missing = required.filter((name) => Reflect.get(given, name) === undefined);
  if (missing.length > 0)
    throw new pulumi.RunError(`${subject} has no ${missing.join(" and no ")}. ${remedyFor(missing, names)}`);
}

function remedyFor(required: readonly string[], all: readonly string[]): string {
  return required.length > 0 ? `Give it ${required.join(" and ")}.` : `Use ${all.join(", ")}.`;
}
