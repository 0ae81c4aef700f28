import { readFileSync } from "node:fs";
import path from "node:path";
import { ExpectedError } from "../engine/errors.js";
import type { ConfigReader } from "../engine/host.js";
import { decodePassword } from "../fleet/sources/textFile.js";
import type { SecretReference } from "./description.js";

/** The sources of secrets. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: ConfigReader;
  /** The name of the Pulumi project. */
  readonly project: string;
  readonly projectFolder: string;
}

/** Reads a PIN. @throws ExpectedError if it is missing */
export function readPin(reference: SecretReference, sources: SecretSources): string {
  const pin = found(reference, sources);
  if (pin !== undefined && pin !== "") return pin;
  throw new ExpectedError(`The PIN of the signer is missing: ${MISSING[reference.kind](nameOf(reference))}`);
}

function found(reference: SecretReference, { env, config, project, projectFolder }: SecretSources) {
  switch (reference.kind) {
    case "env":
      return env[reference.name];
    case "config":
      return config(reference.key.includes(":") ? reference.key : `${project}:${reference.key}`);
    case "file":
      try {
        return decodePassword(readFileSync(path.resolve(projectFolder, reference.path)));
      } catch {
        return undefined;
      }
  }
}

const MISSING = {
  env: (name: string) => `set the environment variable ${name}.`,
  config: (key: string) => `run \`pulumi config set --secret ${key}\`.`,
  file: (name: string) => `the file ${name} can't be read or is empty.`,
} as const;

function nameOf(reference: SecretReference): string {
  switch (reference.kind) {
    case "env":
      return reference.name;
    case "config":
      return reference.key;
    case "file":
      return JSON.stringify(reference.path);
  }
}
