import { pem } from "node-forge";
import { nounOf, otherContainer, severalCertificates, type Wanted } from "./container.js";
import { PkiError } from "./errors.js";

/** One `-----BEGIN …-----` block. */
export interface PemBlock {
  readonly label: string;
  /** The block as text, if its RFC 1421 headers say that it is encrypted (OpenSSL's traditional private keys). */
  readonly encryptedText: string | undefined;
  readonly der: Buffer;
}

export interface PemExpectation {
  readonly wanted: Wanted;
  readonly label: string;
  /** The remedy for more than one block. */
  readonly ifSeveral: string;
}

/** All blocks of a text, which must have at least one. Text around blocks is ignored, line endings don't matter. */
export function pemBlocks(text: string, wanted: Wanted, label: string): PemBlock[] {
  try {
    return pem.decode(text.replace(/\r\n?/g, "\n")).map((block) => ({
      label: block.type,
      encryptedText: block.procType === null ? undefined : pem.encode(block),
      der: Buffer.from(block.body, "latin1"),
    }));
  } catch {
    throw otherContainer(text, wanted) ?? notPem(text, nounOf(wanted), label);
  }
}

/** The DER of a text that must be exactly one block with the expected label. */
export function singlePemBlock(text: string, { wanted, label, ifSeveral }: PemExpectation): Buffer {
  const blocks = pemBlocks(text, wanted, label);
  const [block, ...others] = blocks;
  if (!block || others.length > 0) {
    const several = severalCertificates(text);
    throw new PkiError(
      "several-blocks",
      `The ${nounOf(wanted)} text holds ${blocks.length} PEM blocks where exactly one is allowed.`,
      wanted === "certificate" && several ? `${ifSeveral} ${several.remedy}` : ifSeveral,
    );
  }
  if (block.label !== label) {
    const other = otherContainer(text, wanted);
    if (other) throw other;
    throw new PkiError(
      "malformed-pem",
      `The ${nounOf(wanted)} text holds a "${block.label}" block.`,
      `Give the text between (and with) "-----BEGIN ${label}-----" and "-----END ${label}-----".`,
    );
  }
  return block.der;
}

/** The first certificate of a bundle, normalized. @throws PkiError malformed-pem */
export function firstCertificate(bundle: string): string {
  const [first] = certificatesIn(bundle);
  if (first === undefined) throw notPem(bundle, "certificate", "CERTIFICATE");
  return first;
}

/** The certificates of a bundle, normalized; other blocks are left out. @throws PkiError malformed-pem */
export function certificatesIn(bundle: string): string[] {
  return pemBlocks(bundle, "certificate", "CERTIFICATE")
    .filter(({ label }) => label === "CERTIFICATE")
    .map(({ label, der }) => toPem(label, der));
}

/** The blocks of a text in normal form, with nothing around them. @throws PkiError malformed-pem */
export function rewrapped(text: string, wanted: Wanted, label: string): string {
  return pemBlocks(text, wanted, label)
    .map(({ label, der }) => toPem(label, der))
    .join("");
}

/** The labels of the blocks of a text, such as `CERTIFICATE`. @throws PkiError malformed-pem */
export function labelsIn(text: string): string[] {
  return pemBlocks(text, "certificate", "CERTIFICATE").map(({ label }) => label);
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
      "Give the file's content, not its name.",
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
