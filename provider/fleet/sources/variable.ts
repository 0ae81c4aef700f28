/** Environment variables that a fleet refers to. */
import { textAt } from "../data.js";
import { type Violation } from "../rules.js";

/** The variable that a definition names. An invalid name may be the secret itself, so no message may quote it. */
export function variableOf(definition: unknown): string | undefined {
  const name = textAt(definition, "env");
  return name !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : undefined;
}

export function variableMissing(name: string): Violation {
  return { message: `the environment variable ${name} is not set`, fix: "set it, or correct the name" };
}
