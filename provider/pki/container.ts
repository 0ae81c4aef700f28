/** Detects other formats where one PEM block is expected, and suggests the command that converts them. */
import { pem } from "node-forge";
import * as der from "./der.js";
import { certificatesInPkcs7, kindOfDer, type DerKind } from "./derKind.js";
import { PkiError } from "./errors.js";
import { readCertificate } from "./x509.js";

export type Wanted = "certificate" | "csr" | "publicKey" | "privateKey";

const words: Readonly<
  Record<Wanted, { readonly noun: string; readonly file: string; readonly openssl: string }>
> = {
  certificate: { noun: "certificate", file: "cert", openssl: "openssl x509" },
  csr: { noun: "CSR", file: "device", openssl: "openssl req" },
  publicKey: { noun: "public key", file: "public", openssl: "openssl pkey -pubin" },
  privateKey: { noun: "private key", file: "key", openssl: "openssl pkey" },
};

const derWords: Readonly<Record<DerKind, string>> = {
  certificate: "a certificate",
  csr: "a certificate signing request",
  publicKey: "a public key",
  privateKey: "a private key",
  encryptedPrivateKey: "an encrypted private key",
  pkcs7: "PKCS#7",
  pkcs12: "PKCS#12",
};

interface Finding {
  /** For example "DER, not PEM". */
  readonly is: string;
  /** A sentence. */
  readonly remedy: string;
}

/**
 * Detects formats other than the expected PEM: DER, PKCS#7, PKCS#12, OpenSSL's trusted certificates, OpenSSH keys, or any of these in
 * base64.
 * @param content a file's bytes, or a string
 * @param file the file's name for the command that converts it
 */
export function otherContainer(
  content: Buffer | string,
  wanted: Wanted,
  file?: string,
): PkiError | undefined {
  const { noun } = words[wanted];
  const found =
    typeof content === "string"
      ? (lossy(content, wanted, file) ?? textual(content, wanted, file))
      : (binary(content, wanted, file) ?? textual(content.toString("latin1"), wanted, file));
  return found && new PkiError("malformed-pem", `The ${noun} is ${found.is}.`, found.remedy);
}

/**
 * Detects formats other than a PKCS#12 archive.
 * @param content a file's bytes, or base64
 * @param file the file's name for the command that converts it
 */
export function otherThanPkcs12(content: Buffer | string, file?: string): PkiError | undefined {
  const text = content.toString("latin1");
  if (text.includes("-----BEGIN")) {
    return new PkiError(
      "malformed-pkcs12",
      `The PKCS#12 ${typeof content === "string" ? "text" : "file"} is PEM.`,
      "Give it as `certificate` and `privateKey`.",
    );
  }
  const isBase64 = isBase64Text(text);
  if (typeof content === "string") {
    if (isBase64) return undefined;
    return new PkiError(
      "malformed-pkcs12",
      "The PKCS#12 text is not base64.",
      "Give the base64 of the .p12 file (`openssl base64 -A -in ca.p12`).",
    );
  }
  if (!isBase64) return undefined;
  const from = file ?? "ca.p12.txt";
  const to = `${from.replace(/\.\w{1,6}$/, "")}.decoded.p12`;
  return new PkiError(
    "malformed-pkcs12",
    "The PKCS#12 file is base64 of one.",
    convert(`${base64Command(text, shellWord(from))} -out ${shellWord(to)}`),
  );
}

export function nounOf(wanted: Wanted): string {
  return words[wanted].noun;
}

/**
 * Detects several certificates where one is expected. The remedy has the command that extracts the one that signed none of the others.
 * @param file the file's name for the command
 */
export function severalCertificates(text: string, file?: string): PkiError | undefined {
  const count = labelsIn(text).filter((label) => label === "CERTIFICATE").length;
  if (count < 2 || labelsIn(text).length > count) return undefined;
  const { from, to } = names("certificate", file, "pem");
  return new PkiError(
    "several-blocks",
    `It holds ${count} certificates where exactly one is allowed.`,
    `Take out the one that signed none of the others with \`${select(leafOf(blocks(text)), "", from, to)}\`.`,
  );
}

/** The beginning of P-256 keys (public and SEC1) in DER, whose length is printable. */
const shortDer = ["0Y0\u0013", "0w\u0002\u0001"];

/** Detects binary data that was read as text. It can't be restored, but its beginning reveals the format. */
function lossy(text: string, wanted: Wanted, file: string | undefined): Finding | undefined {
  if (/^\uFFFD{0,2}(?:-\0|\0-)/.test(text)) {
    const { from, to } = names(wanted, file, "pem");
    return { is: "UTF-16, read as UTF-8", remedy: convert(`iconv -f UTF-16 -t UTF-8 ${from} > ${to}`) };
  }
  if (!/^0[\uFFFD\x80-\x83]/.test(text) && !shortDer.some((beginning) => text.startsWith(beginning)))
    return undefined;
  const { openssl } = words[wanted];
  const { from, to } = names(wanted, file, "der");
  return {
    is: "binary (DER), read as text",
    remedy: convert(`${openssl} -inform DER -in ${from} -out ${to}`),
  };
}

function binary(bytes: Buffer, wanted: Wanted, file: string | undefined): Finding | undefined {
  const kind = kindOfDer(bytes);
  if (kind === undefined) return undefined;
  const { from, to } = names(wanted, file, "der");
  return ofDer(kind, bytes, wanted, `-in ${from} `, to, "");
}

/** @param before the beginning of the pipe, if the command does not read the file itself */
function ofDer(
  kind: DerKind,
  bytes: Buffer,
  wanted: Wanted,
  input: string,
  to: string,
  before: string,
): Finding {
  const is = kind === wanted ? "DER, not PEM" : `${derWords[kind]} in DER, not PEM`;
  if (kind === wanted || (kind === "encryptedPrivateKey" && wanted === "privateKey"))
    return { is, remedy: convert(`${before}${words[wanted].openssl} -inform DER ${input}-out ${to}`) };
  if (kind === "pkcs7" && wanted === "certificate") {
    const print = `${before}openssl pkcs7 -inform DER ${input}-print_certs | `;
    return { is: "PKCS#7, not PEM", remedy: convert(select(leafOfPkcs7(bytes), print, "", to)) };
  }
  if (kind === "pkcs12" && wanted === "certificate" && before === "")
    return { is: "PKCS#12, not PEM", remedy: convert(`openssl pkcs12 ${input}-nokeys -clcerts -out ${to}`) };
  if (kind === "pkcs12" && wanted === "privateKey")
    return {
      is: "PKCS#12, not PEM",
      remedy: "Give it as `pkcs12` with its `password`, without the certificate.",
    };
  return { is: is.replace("not PEM", `not a ${words[wanted].noun}`), remedy: giveThe(wanted) };
}

function textual(text: string, wanted: Wanted, file: string | undefined): Finding | undefined {
  const { from, to } = names(wanted, file, "pem");
  if (text.includes("-----BEGIN ")) return armored(text, wanted, from, to);
  if (/^ecdsa-sha2-|^ssh-/.test(text.trim()) && wanted === "publicKey")
    return { is: "OpenSSH's, not PEM", remedy: convert(`ssh-keygen -e -m PKCS8 -f ${from} > ${to}`) };
  return ofBase64(text, wanted, from, to);
}

function armored(text: string, wanted: Wanted, from: string, to: string): Finding | undefined {
  const labels = labelsIn(text);
  if (labels.includes("OPENSSH PRIVATE KEY") && wanted === "privateKey") {
    // ssh-keygen overwrites its file, so the command copies it first.
    const command = `cp ${from} ${to} && chmod 600 ${to} && ssh-keygen -p -m PKCS8 -f ${to}`;
    return { is: "OpenSSH's, not PEM of OpenSSL", remedy: convert(command) };
  }
  if (wanted !== "certificate") return undefined;
  const old = labels.find((label) => label === "TRUSTED CERTIFICATE" || label === "X509 CERTIFICATE");
  if (old !== undefined && labels.length === 1)
    return { is: `a ${old} of OpenSSL's own`, remedy: convert(`openssl x509 -in ${from} -out ${to}`) };
  if (labels.length === 1 && labels[0] === "PKCS7") {
    const [block] = blocks(text);
    const leaf = block === undefined ? 1 : leafOfPkcs7(block);
    return {
      is: "PKCS#7",
      remedy: convert(select(leaf, `openssl pkcs7 -in ${from} -print_certs | `, "", to)),
    };
  }
  return undefined;
}

function ofBase64(text: string, wanted: Wanted, from: string, to: string): Finding | undefined {
  if (!isBase64Text(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  const decode = base64Command(text, from);
  if (bytes.toString("latin1").includes("-----BEGIN "))
    return { is: "PEM in base64", remedy: convert(`${decode} -out ${to}`) };
  const kind = kindOfDer(bytes);
  if (kind === undefined) return undefined;
  const finding = ofDer(kind, bytes, wanted, "", to, `${decode} | `);
  return { ...finding, is: `base64 of ${finding.is}` };
}

function isBase64Text(text: string): boolean {
  return /^[A-Za-z0-9+/]{40,}={0,2}$/.test(text.replace(/\s+/g, ""));
}

/** The command that decodes a base64 text, which has one line or several. */
function base64Command(text: string, from: string): string {
  return `openssl base64 -d ${text.trim().includes("\n") ? "" : "-A "}-in ${from}`;
}

function labelsIn(text: string): string[] {
  return [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map((match) => match[1] ?? "");
}

function blocks(text: string): Buffer[] {
  try {
    return pem.decode(text).map(({ body }) => Buffer.from(body, "latin1"));
  } catch {
    return [];
  }
}

/** The command that extracts the nth certificate. */
function select(nth: number, before: string, from: string, to: string): string {
  if (nth === 1) return `${before}openssl x509 ${from === "" ? "" : `-in ${from} `}-out ${to}`;
  const skip = `awk '/-BEGIN/{n++} n==${nth}'${from === "" ? "" : ` ${from}`}`;
  return `${before}${skip} | openssl x509 -out ${to}`;
}

function leafOfPkcs7(bytes: Buffer): number {
  return der.reading(
    () => leafOf(certificatesInPkcs7(bytes)),
    () => new PkiError("malformed-pem", "The PKCS#7 file is damaged.", "Export it again."),
  );
}

/** The number of the only leaf, from 1; the first certificate if there is not exactly one leaf. */
function leafOf(ders: readonly Buffer[]): number {
  try {
    const all = ders.map((bytes) => {
      const { subject, issuer } = readCertificate(bytes);
      return { subject: der.encodeDer(subject), issuer: der.encodeDer(issuer) };
    });
    const leaves = all.flatMap(({ subject }, index) =>
      all.some((other, at) => at !== index && other.issuer.equals(subject)) ? [] : [index + 1],
    );
    const [leaf, ...others] = leaves;
    return leaf !== undefined && others.length === 0 ? leaf : 1;
  } catch (error) {
    if (error instanceof der.DerError) return 1;
    throw error;
  }
}

/** The names of the file and of the converted file, quoted for a shell. */
function names(wanted: Wanted, file: string | undefined, extension: string): { from: string; to: string } {
  const from = file ?? `${words[wanted].file}.${extension}`;
  const stem = from.replace(/\.\w{1,5}$/, "");
  const to = `${stem}.pem` === from ? `${stem}-converted.pem` : `${stem}.pem`;
  return { from: shellWord(from), to: shellWord(to) };
}

/** @internal */
export function shellWord(text: string): string {
  return /^[\w./][\w./-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function convert(command: string): string {
  return `Convert it with \`${command}\`.`;
}

function giveThe(wanted: Wanted): string {
  return `Give the ${words[wanted].noun} as PEM.`;
}
