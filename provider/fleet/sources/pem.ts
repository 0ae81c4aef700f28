/** Certificates, CSRs and public keys that a fleet gives or refers to. */
import { textAt } from "../data.js";
import type { TextSource } from "../caSpec.js";
import { toPemForm } from "./pemForms.js";
import type { ReadResult } from "../readResult.js";
import type { FleetIo } from "./io.js";
import { limits, resolvePath, readFile, readBytes, toText, tryRead } from "./file.js";
import { variableOf, variableMissing } from "./variable.js";

/** The kinds of PEM in a fleet, with their PEM labels. */
const pemKinds = {
  certificate: { labels: ["CERTIFICATE"], noun: "certificate" },
  csr: { labels: ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"], noun: "certificate signing request" },
  publicKey: { labels: ["PUBLIC KEY"], noun: "public key" },
} as const;

export type PemKind = keyof typeof pemKinds;

/**
 * Reads a PEM that is given directly, or as `{ file }` or `{ env }`, and checks that it is one block of the right kind. Undefined if
 * the definition has the wrong shape, which the schema reports.
 */
export function readPem(
  definition: unknown,
  kind: PemKind,
  folder: string,
  io: FleetIo,
): ReadResult<string> | undefined {
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

function checkText(text: string, kind: PemKind, io: FleetIo): ReadResult<string> {
  const other = io.contents?.detectOtherFormat(kind, text);
  return other ? { ok: false, ...other } : checkPem(text, kind);
}

export function readPemFile(path: string, kind: PemKind, io: FleetIo): ReadResult<string> {
  const bytes = tryRead(path, () => readBytes(path, limits.pemFile, io));
  if (!bytes.ok) return bytes;
  const other = io.contents?.detectOtherFormat(kind, bytes.value, path);
  if (other) return { ok: false, ...other };
  const text = tryRead(path, () => toText(bytes.value, path));
  return text.ok ? checkPem(text.value, kind) : text;
}

/** Reads a CA's certificate: as `readPem`, or a configuration key. */
export function readCaCertificate(
  definition: unknown,
  folder: string,
  io: FleetIo,
): ReadResult<TextSource> | undefined {
  const key = textAt(definition, "config");
  if (key !== undefined) return { ok: true, value: { kind: "config", key } };
  const read = readPem(definition, "certificate", folder, io);
  return read?.ok ? { ok: true, value: { kind: "text", text: read.value } } : read;
}

/** Reads several certificates that are given directly, or as `{ file }` or `{ env }`. They are not parsed. */
export function readCertificates(
  definition: unknown,
  folder: string,
  io: FleetIo,
): ReadResult<string> | undefined {
  const read = readPublicText(definition, folder, io);
  if (!read?.ok) return read;
  if (read.value.includes("PRIVATE KEY-----"))
    return {
      ok: false,
      message: "a private key is among the certificates",
      fix: "remove the private key",
    };
  if (!read.value.includes("-----BEGIN CERTIFICATE-----"))
    return { ok: false, message: "it has no certificate in PEM", fix: "give certificates in PEM" };
  return read;
}

function readPublicText(definition: unknown, folder: string, io: FleetIo): ReadResult<string> | undefined {
  if (typeof definition === "string") return { ok: true, value: definition };
  const file = textAt(definition, "file");
  if (file !== undefined) return readFile(resolvePath(folder, file), limits.pemFile, io);
  const name = variableOf(definition);
  if (name === undefined) return undefined;
  const value = io.env(name);
  return value === undefined || value === "" ? { ok: false, ...variableMissing(name) } : { ok: true, value };
}

/**
 * Normalizes a PEM for nRF Cloud: one block, LF line ends, a final line break. Text around the block (as `openssl x509 -text` prints
 * it) is removed, and other forms of Nordic's tools are converted. The content is not parsed.
 */
export function checkPem(given: string, kind: PemKind): ReadResult<string> {
  const text = toPemForm(given, kind);
  const { labels, noun } = pemKinds[kind];
  if (text.includes("PRIVATE KEY-----")) {
    return {
      ok: false,
      message: `a private key is given instead of a ${noun}`,
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

/** The base64 lines of the only block; undefined if they are invalid. */
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
