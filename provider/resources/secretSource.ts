import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { SecretSource } from "../fleet/sources/secretSource.js";
import type { TextSource } from "../fleet/caSpec.js";
import { decodePassword } from "../fleet/sources/textFile.js";

export function publicText(source: TextSource): pulumi.Input<string> {
  return source.kind === "text" ? source.text : configuration(source.key).require(keyOf(source.key));
}

/**
 * Reads a secret of a fleet.
 * @param fileEncoding how to decode the bytes of a file
 */
export function secretText(source: SecretSource, fileEncoding: "utf8" | "base64"): pulumi.Output<string> {
  return pulumi.secret(readSecret(source, fileEncoding));
}

/** Reads a password of a fleet, without the byte order mark and line break that editors and shells add to a file. */
export function secretPassword(source: SecretSource): pulumi.Output<string> {
  return source.kind === "file"
    ? pulumi.secret(decodePassword(readFileSync(source.path)))
    : secretText(source, "utf8").apply((text) => decodePassword(Buffer.from(text)));
}

/** As `secretText`, but a plain string where possible, for values that become secret inputs anyway. */
export function readSecret(
  source: SecretSource,
  fileEncoding: "utf8" | "base64",
): string | pulumi.Output<string> {
  switch (source.kind) {
    case "config":
      return configuration(source.key).requireSecret(keyOf(source.key));
    case "env":
      return environment(source.name);
    case "file":
      return readFileSync(source.path).toString(fileEncoding);
  }
}

function environment(name: string): string {
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new pulumi.RunError(`The environment variable ${name} is not set, and the fleet refers to it.`);
}

/** A key is `key` of the project, or `namespace:key`. */
function configuration(key: string): pulumi.Config {
  return key.includes(":") ? new pulumi.Config(key.slice(0, key.indexOf(":"))) : new pulumi.Config();
}

function keyOf(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}
