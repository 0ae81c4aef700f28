import * as pulumi from "@pulumi/pulumi";
import { closest } from "../fleet/suggest.js";

/** The keys of all members of a union. */
type KeyOf<Args> = Args extends unknown ? keyof Args : never;

/** All arguments that there are, and whether a resource can do without. */
export type Known<Args> = Readonly<Record<KeyOf<Args> & string, "required" | "optional">>;

/**
 * Sees to it that a program without types gives the arguments that there are.
 *
 * @param subject as messages name it, such as `Device lamp`
 * @throws pulumi.RunError naming what is unknown, with what was probably meant, and what is missing
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
    const meant = closest(unknown, names);
    throw new pulumi.RunError(
      `${subject} has no argument ${unknown}. ` +
        (meant === undefined ? `Use ${names.join(", ")}.` : `Write ${meant}.`),
    );
  }
  const missing = required.filter((name) => Reflect.get(given, name) === undefined);
  if (missing.length > 0)
    throw new pulumi.RunError(`${subject} has no ${missing.join(" and no ")}. ${remedyFor(missing, names)}`);
}

function remedyFor(required: readonly string[], all: readonly string[]): string {
  return required.length > 0 ? `Give it ${required.join(" and ")}.` : `Use ${all.join(", ")}.`;
}
