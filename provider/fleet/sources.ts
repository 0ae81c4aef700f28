/** Texts that a fleet names rather than contains: files, environment variables, configuration keys. */
import { isAbsolute, join } from "node:path";
import { textAt } from "./data.js";
import type { SecretSource, TextSource } from "./fleet.js";
import { toPemForm } from "./pemForms.js";
import { quote, type Violation } from "./rules.js";
import { decodeText } from "./textFile.js";
import { UnreadableFile } from "./unreadableFile.js";

/** The world outside, as far as loading a fleet needs it. Errors are thrown; a missing file's has code `ENOENT`. */
export interface FleetIo {
  /** Content of a file of at most `maxBytes`. */
  readBytes(path: string, maxBytes: number): Buffer;
  /** Throws unless the file is there and may be read. */
  checkReadable(path: string): void;
  /** Value of an environment variable. */
  env(name: string): string | undefined;
  /**
   * What is inside of tokens and credentials. Without it, a fleet whose tokens would have to be read is refused, and
   * credentials are taken unread.
   */
  contents?: Contents;
}

/** Reads what only those can read who know keys. */
export interface Contents {
  readonly decodeToken: DecodeToken;
  readonly judgeCredential: JudgeCredential;
  readonly recognise: Recognise;
  readonly judgeCa: JudgeCa;
}

/** Reads an attestation token: the lower-case UUID of its device, or why it is none, without a word of the token. */
export type DecodeToken = (text: string) => Read<{ readonly uuid: string }>;

/**
 * What a content is that is not what is read here: DER, say, where PEM belongs. The remedy has the command that converts
 * the file, where the content is a file's.
 */
export type Recognise = (
  kind: PemKind | "privateKey" | "pkcs12",
  content: Buffer | string,
  path?: string,
) => Violation | undefined;

/** Why an authority can't be taken over, and the entry that has to change; undefined if it can. */
export type JudgeCa = (ca: GivenCa) => (Violation & { readonly key: string }) | undefined;

/** What a fleet gives of an authority: PEM, or the bytes of an archive or their base64 text. */
export type GivenCa = { readonly password: string | undefined; readonly chain: string | undefined } & (
  | { readonly certificate: string; readonly privateKey: string; readonly privateKeyFile: string | undefined }
  | { readonly pkcs12: Buffer | string }
  /** Somebody else has its key. */
  | { readonly certificate: string }
);

/** Why a PEM text can't be the credential of a device, which may be unknown; undefined if it can. */
export type JudgeCredential = (kind: PemKind, pem: string, deviceId?: string) => Judgement | undefined;

export interface Judgement extends Violation {
  /** True for a certificate that has only expired: a device that is in the account already may keep it. */
  readonly ended: boolean;
}

export type Read<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Violation);

/** Limits in bytes, each far above what a real fleet needs. */
export const limits = {
  fleetFile: 10_000_000,
  csvFile: 100_000_000,
  pemFile: 64_000,
  archiveFile: 1_000_000,
  passwordFile: 4_000,
  codeFile: 4_000,
  tokenFile: 4_000,
} as const;

/** What a PEM text may hold, and how each kind begins. */
const pemKinds = {
  certificate: { labels: ["CERTIFICATE"], noun: "certificate" },
  csr: { labels: ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"], noun: "certificate signing request" },
  publicKey: { labels: ["PUBLIC KEY"], noun: "public key" },
} as const;

export type PemKind = keyof typeof pemKinds;

/** A path as written, made ready to open: relative ones start at the folder of the file that names them. */
export function resolvePath(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** Reads a file. A byte order mark is dropped, and line ends of all kinds become LF. */
export function readFile(path: string, maxBytes: number, io: FleetIo): Read<string> {
  return reading(path, () => toText(readBytes(path, maxBytes, io), path));
}

function readBytes(path: string, maxBytes: number, io: FleetIo): Buffer {
  const bytes = io.readBytes(path, maxBytes);
  if (bytes.length > maxBytes) throw tooLarge(path, maxBytes);
  return bytes;
}

function toText(bytes: Buffer, path: string): string {
  return decodeText(bytes, path).replace(/\r\n?/g, "\n");
}

function reading<T>(path: string, read: () => T): Read<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return { ok: false, ...explainFailure(path, error) };
  }
}

/** The error for a file beyond its limit. */
export function tooLarge(path: string, maxBytes: number): UnreadableFile {
  const limit = maxBytes < 1_000_000 ? `${maxBytes / 1000} kB` : `${maxBytes / 1_000_000} MB`;
  return new UnreadableFile(
    `the file ${quote(path)} is larger than ${limit}`,
    "check that it is the right file, or split it",
  );
}

/** The error for a file that is not there. @param path absolute, so that it says where was looked */
export function missingFile(path: string): UnreadableFile {
  return new UnreadableFile(`the file ${quote(path)} ${noSuchFile.message}`, noSuchFile.fix);
}

function explainFailure(path: string, error: unknown): Violation {
  if (error instanceof UnreadableFile) return { message: error.message, fix: error.fix };
  const code = textAt(error, "code") ?? "";
  const known = readFailures.get(code);
  if (known) return { message: `the file ${quote(path)} ${known.message}`, fix: known.fix };
  return {
    message: `the file ${quote(path)} can't be read${code === "" ? "" : ` (${code})`}`,
    fix: "check the path",
  };
}

const noSuchFile: Violation = {
  message: "does not exist",
  fix: "correct the path (those in a file start at that file's folder)",
};
const notPermitted: Violation = {
  message: "may not be read",
  fix: "give yourself permission to read the file",
};
const readFailures: ReadonlyMap<string, Violation> = new Map([
  ["ENOENT", noSuchFile],
  ["ENOTDIR", noSuchFile],
  ["EACCES", notPermitted],
  ["EPERM", notPermitted],
  ["EISDIR", { message: "is a folder", fix: "name a file" }],
]);

/**
 * Reads the public text that a definition gives as itself, `{ file }` or `{ env }`, and checks that it is one PEM block
 * of the right kind. Undefined if the definition is malformed, which the schema reports.
 */
export function readPem(
  definition: unknown,
  kind: PemKind,
  folder: string,
  io: FleetIo,
): Read<string> | undefined {
  if (typeof definition === "string") return checkText(definition, kind, io);
  const file = textAt(definition, "file");
  if (file !== undefined) return readPemFile(resolvePath(folder, file), kind, io);
  const name = variableOf(definition);
  if (name === undefined) return undefined;
  const value = io.env(name);
  return value === undefined || value === ""
    ? { ok: false, ...variableMissing(name) }
    : checkText(value, kind, io);
}

function checkText(text: string, kind: PemKind, io: FleetIo): Read<string> {
  const other = io.contents?.recognise(kind, text);
  return other ? { ok: false, ...other } : checkPem(text, kind);
}

/** Reads a file that must hold one PEM block. */
export function readPemFile(path: string, kind: PemKind, io: FleetIo): Read<string> {
  const bytes = reading(path, () => readBytes(path, limits.pemFile, io));
  if (!bytes.ok) return bytes;
  const other = io.contents?.recognise(kind, bytes.value, path);
  if (other) return { ok: false, ...other };
  const text = reading(path, () => toText(bytes.value, path));
  return text.ok ? checkPem(text.value, kind) : text;
}

/** The authority's certificate: as `readPem`, or a configuration key. */
export function readCaCertificate(
  definition: unknown,
  folder: string,
  io: FleetIo,
): Read<TextSource> | undefined {
  const key = textAt(definition, "config");
  if (key !== undefined) return { ok: true, value: { kind: "config", key } };
  const read = readPem(definition, "certificate", folder, io);
  return read?.ok ? { ok: true, value: { kind: "text", text: read.value } } : read;
}

/** A secret's reference. Its file or variable must be there, but its content stays where it is. */
export function readSecretSource(
  definition: unknown,
  folder: string,
  io: FleetIo,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): Read<SecretSource> | undefined {
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

/** A secret's reference, which is looked up only where the secret is needed. */
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

/** Public certificates that a definition gives as themselves, `{ file }` or `{ env }`: several PEM blocks, which are not parsed. */
export function readCertificates(definition: unknown, folder: string, io: FleetIo): Read<string> | undefined {
  const read = readPublicText(definition, folder, io);
  if (!read?.ok) return read;
  if (read.value.includes("PRIVATE KEY-----"))
    return {
      ok: false,
      message: "a private key stands where certificates belong",
      fix: "remove the private key",
    };
  if (!read.value.includes("-----BEGIN CERTIFICATE-----"))
    return { ok: false, message: "it has no certificate in PEM", fix: "give certificates in PEM" };
  return read;
}

function readPublicText(definition: unknown, folder: string, io: FleetIo): Read<string> | undefined {
  if (typeof definition === "string") return { ok: true, value: definition };
  const file = textAt(definition, "file");
  if (file !== undefined) return readFile(resolvePath(folder, file), limits.pemFile, io);
  const name = variableOf(definition);
  if (name === undefined) return undefined;
  const value = io.env(name);
  return value === undefined || value === "" ? { ok: false, ...variableMissing(name) } : { ok: true, value };
}

/** The bytes of the secret behind a reference; undefined if it lives in the stack's configuration, which loading can't read. */
export function readSecretBytes(
  source: SecretSource,
  maxBytes: number,
  io: FleetIo,
): Read<Buffer> | undefined {
  switch (source.kind) {
    case "config":
      return undefined;
    case "env":
      return { ok: true, value: Buffer.from(io.env(source.name) ?? "") };
    case "file":
      return reading(source.path, () => readBytes(source.path, maxBytes, io));
  }
}

/** Such bytes as text. That of a file is read as all files are. */
export function secretText(source: SecretSource, bytes: Buffer): Read<string> {
  return source.kind === "file"
    ? reading(source.path, () => toText(bytes, source.path))
    : { ok: true, value: bytes.toString() };
}

/** The text of the secret behind a reference, as `readSecretBytes`. */
export function readSecretText(
  source: SecretSource,
  maxBytes: number,
  io: FleetIo,
): Read<string> | undefined {
  const bytes = readSecretBytes(source, maxBytes, io);
  return bytes?.ok === true ? secretText(source, bytes.value) : bytes;
}

/** The variable that a definition names. What is no name at all may be the secret itself, and is never used as one. */
function variableOf(definition: unknown): string | undefined {
  const name = textAt(definition, "env");
  return name !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : undefined;
}

function variableMissing(name: string): Violation {
  return { message: `the environment variable ${name} is not set`, fix: "set it, or correct the name" };
}

/**
 * One PEM block of a kind, as nRF Cloud wants it: nothing around it, LF line ends, a final line break. Texts around the
 * block (as `openssl x509 -text` prints them) are dropped, and other forms of Nordic's tools are read. The content is not
 * parsed.
 */
export function checkPem(given: string, kind: PemKind): Read<string> {
  const text = toPemForm(given, kind);
  const { labels, noun } = pemKinds[kind];
  if (text.includes("PRIVATE KEY-----")) {
    return {
      ok: false,
      message: `a private key stands where a ${noun} belongs`,
      fix: `remove the private key and give only the ${noun}`,
    };
  }
  const begins = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map((match) => match[1] ?? "");
  const [label] = begins;
  if (label === undefined) {
    return {
      ok: false,
      message: `it is not a ${noun} in PEM`,
      fix: `give the text from "-----BEGIN ${labels[0]}-----" on, or { file: … } for a file`,
    };
  }
  if (begins.length > 1) {
    return {
      ok: false,
      message: `it holds ${begins.length} PEM blocks, and nRF Cloud takes exactly one`,
      fix: `keep only the device's own ${noun}, without its chain`,
    };
  }
  if (!(labels as readonly string[]).includes(label)) {
    return { ok: false, message: `it holds a ${label}, not a ${noun}`, fix: fixForLabel(label, noun) };
  }
  const content = contentOfPem(text, label);
  if (content === undefined) {
    return {
      ok: false,
      message: `the PEM block of the ${noun} is damaged`,
      fix: "copy it again, whole and with its line breaks",
    };
  }
  return { ok: true, value: `-----BEGIN ${label}-----\n${content.join("\n")}\n-----END ${label}-----\n` };
}

/** The lines between the two marks of the only block; undefined if they are not what belongs there. */
function contentOfPem(text: string, label: string): readonly string[] | undefined {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  const start = lines.findIndex((line) => line.endsWith(`-----BEGIN ${label}-----`));
  const end = lines.findIndex((line) => line.startsWith(`-----END ${label}-----`));
  const content = lines.slice(start + 1, Math.max(end, 0)).filter((line) => line !== "");
  const isWhole =
    start >= 0 && content.length > 0 && content.every((line) => /^[A-Za-z0-9+/=\s]+$/.test(line));
  return isWhole ? content : undefined;
}

function fixForLabel(label: string, noun: string): string {
  const entry = Object.entries(pemKinds).find(([, { labels }]) =>
    (labels as readonly string[]).includes(label),
  );
  return entry ? `write it under ${entry[0]}, or give a ${noun}` : `give a ${noun}`;
}
