/** Secrets that a fleet refers to. */
import { textAt } from "../data.js";
import type { SecretSource } from "./secretSource.js";
import type { ReadResult } from "../readResult.js";
import type { FleetIo } from "./io.js";
import { resolvePath, readBytes, toText, tryRead, explainFailure } from "./file.js";
import { variableOf, variableMissing } from "./variable.js";

/** Reads a reference to a secret, and checks that its file or variable exists. The secret itself is not read. */
export function readSecretSource(
  definition: unknown,
  folder: string,
  io: FleetIo,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): ReadResult<SecretSource> | undefined {
  const key = textAt(definition, "config");
  if (key !== undefined) return { ok: true, value: { kind: "config", key } };
  const name = variableOf(definition);
  if (name !== undefined) {
    const value = io.env(name);
    if (value === undefined || (value === "" && !mayBeEmpty)) return { ok: false, ...variableMissing(name) };
    return { ok: true, value: { kind: "env", name } };
  }
  const file = textAt(definition, "file");
  if (file === undefined) return undefined;
  const path = resolvePath(folder, file);
  try {
    io.checkReadable(path);
    return { ok: true, value: { kind: "file", path } };
  } catch (error) {
    return { ok: false, ...explainFailure(path, error) };
  }
}

/** Reads a reference to a secret, and checks nothing, since not all runs need the secret. */
export function readSecretReference(definition: unknown, folder: string): SecretSource | undefined {
  const [key, name, file] = [
    textAt(definition, "config"),
    variableOf(definition),
    textAt(definition, "file"),
  ];
  if (key !== undefined) return { kind: "config", key };
  if (name !== undefined) return { kind: "env", name };
  return file === undefined ? undefined : { kind: "file", path: resolvePath(folder, file) };
}

/** Reads a secret; undefined if it is in the stack's configuration, which is unknown at load time. */
export function readSecretBytes(
  source: SecretSource,
  maxBytes: number,
  io: FleetIo,
): ReadResult<Buffer> | undefined {
  switch (source.kind) {
    case "config":
      return undefined;
    case "env":
      return { ok: true, value: Buffer.from(io.env(source.name) ?? "") };
    case "file":
      return tryRead(source.path, () => readBytes(source.path, maxBytes, io));
  }
}

/** Decodes a secret. A file's content is decoded as in `readFile`. */
export function secretText(source: SecretSource, bytes: Buffer): ReadResult<string> {
  return source.kind === "file"
    ? tryRead(source.path, () => toText(bytes, source.path))
    : { ok: true, value: bytes.toString() };
}

/** As `readSecretBytes`, decoded. */
export function readSecretText(
  source: SecretSource,
  maxBytes: number,
  io: FleetIo,
): ReadResult<string> | undefined {
  const bytes = readSecretBytes(source, maxBytes, io);
  return bytes?.ok === true ? secretText(source, bytes.value) : bytes;
}
