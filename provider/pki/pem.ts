import { pem } from "node-forge";
import { PkiError } from "./errors.js";

/** One `-----BEGIN …-----` block. */
export interface PemBlock {
  readonly label: string;
  /** Has RFC 1421 headers that say it is encrypted (OpenSSL's traditional private keys). */
  readonly encrypted: boolean;
  readonly der: Buffer;
}

/** What a text should hold, in words for errors. */
export interface PemExpectation {
  /** e.g. "certificate" */
  readonly what: string;
  readonly label: string;
  /** What to do when there is more than one block. */
  readonly ifSeveral: string;
}

/** All blocks of a text, which must have at least one. Text around blocks is ignored, line endings don't matter. */
export function pemBlocks(text: string, what: string, label: string): PemBlock[] {
  try {
    return pem.decode(text.replace(/\r\n?/g, "\n")).map((block) => ({
      label: block.type,
      encrypted: Boolean(block.procType),
      der: Buffer.from(block.body, "latin1"),
    }));
  } catch {
    throw notPem(text, what, label);
  }
}

/** The DER of a text that must be exactly one block with the expected label. */
export function singlePemBlock(text: string, { what, label, ifSeveral }: PemExpectation): Buffer {
  const [block, ...others] = pemBlocks(text, what, label);
  if (!block || others.length > 0) {
    throw new PkiError(
      "several-blocks",
      `The ${what} text holds ${others.length + 1} PEM blocks where exactly one is allowed.`,
      ifSeveral,
    );
  }
  if (block.label !== label) {
    throw new PkiError(
      "malformed-pem",
      `The ${what} text holds a "${block.label}" block.`,
      `Give the text between (and with) "-----BEGIN ${label}-----" and "-----END ${label}-----".`,
    );
  }
  return block.der;
}

/** The first certificate of a bundle, normalised. @throws PkiError malformed-pem */
export function firstCertificate(bundle: string): string {
  const [first] = certificatesIn(bundle);
  if (first === undefined) throw notPem(bundle, "certificate", "CERTIFICATE");
  return first;
}

/** The certificates of a bundle, normalised; other blocks are left out. @throws PkiError malformed-pem */
export function certificatesIn(bundle: string): string[] {
  return pemBlocks(bundle, "certificate", "CERTIFICATE")
    .filter(({ label }) => label === "CERTIFICATE")
    .map(({ label, der }) => toPem(label, der));
}

/** Lines of 64 characters, LF, one final newline. */
export function toPem(label: string, der: Buffer): string {
  const lines = der.toString("base64").replaceAll(/.{64}(?=.)/g, "$&\n");
  return [`-----BEGIN ${label}-----`, ...(lines === "" ? [] : [lines]), `-----END ${label}-----`, ""].join(
    "\n",
  );
}

function notPem(text: string, what: string, label: string): PkiError {
  if (text.trim() === "") {
    return new PkiError(
      "malformed-pem",
      `The ${what} text is empty.`,
      `Give the content of a PEM file that starts with "-----BEGIN ${label}-----".`,
    );
  }
  if (!text.includes("-----BEGIN")) {
    return new PkiError(
      "malformed-pem",
      `The ${what} text is not PEM: it has no "-----BEGIN ${label}-----" line.`,
      "Give the file's content, not its name, and convert DER files with openssl (-inform DER -outform PEM).",
    );
  }
  if (text.includes("\\n")) {
    return new PkiError(
      "malformed-pem",
      `The ${what} text has backslash-n where line breaks should be.`,
      "Store the text with real line breaks, for example with a YAML block scalar (|).",
    );
  }
  return new PkiError(
    "malformed-pem",
    `The ${what} text is damaged PEM: its lines or its "-----END ${label}-----" line cannot be read.`,
    "Copy the file's content again, complete and unchanged.",
  );
}
