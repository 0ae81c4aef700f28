import { ExpectedError } from "./errors.js";

/** Reads one configuration value by its full name, such as `nrfcloud:apiKey`. Secrets arrive in clear. */
export type ConfigReader = (key: string) => string | undefined;

let reader: ConfigReader | undefined;

/**
 * Keeps the configuration of this operation. The host calls it once for each resource type and does not wait for
 * it before the first other calls, so it only stores, synchronously; whatever needs I/O or may fail is done by
 * those who read.
 */
export function keepConfiguration(read: ConfigReader): void {
  reader = read;
}

/** The configuration of this operation. */
export function configuration(): ConfigReader {
  if (reader === undefined) throw new ExpectedError("The provider was used before the engine configured it.");
  return reader;
}
