import { randomBytes } from "node:crypto";
import { PkiError } from "./errors.js";

const RANDOM_BYTES = 16;
/** RFC 5280 allows 20 octets including the sign bit. */
const MAX_OCTETS = 20;

/** A new serial number: 16 random bytes, positive, as 32 lower-case hex digits. */
export function randomSerialNumber(): string {
  const bytes = randomBytes(RANDOM_BYTES);
  // Positive and never shorter than its length: top bit clear, the next one set.
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString("hex");
}

/**
 * Reads a serial number in the forms that tools print: hex digits in either case, with or without `0x` and colons.
 * @returns lower-case hex, an even number of digits, no leading zero bytes
 * @throws PkiError invalid-serial-number when it is not hex, zero, or over 20 octets
 */
export function parseSerialNumber(text: string): string {
  const digits = text.trim().replace(/^0x/i, "").replaceAll(":", "").toLowerCase();
  if (!/^[0-9a-f]+$/.test(digits)) {
    throw invalid("is not a hexadecimal number");
  }
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const hex = even.replace(/^(00)+/, "");
  if (hex === "") throw invalid("is zero");
  const octets = hex.length / 2 + (Number.parseInt(hex.slice(0, 2), 16) > 0x7f ? 1 : 0);
  if (octets > MAX_OCTETS)
    throw invalid(`takes ${octets} octets in a certificate, over the limit of ${MAX_OCTETS}`);
  return hex;
}

function invalid(problem: string): PkiError {
  return new PkiError(
    "invalid-serial-number",
    `The serial number ${problem}.`,
    "Give 1 to 38 hex digits with a value above 0, or leave it out for a random one.",
  );
}
