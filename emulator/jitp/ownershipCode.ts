import { createHash } from "node:crypto";
import { invalid } from "../errors.js";
import { textBody } from "../http/json.js";
import type { ThingStore } from "../cloud.js";

const maximalLength = 128;

/**
 * Reads an ownership code from a body, whatever its content type says. Clients in use send it as plain text, or as
 * JSON with quotes around it. 42200 if there is none; the message does not repeat it.
 */
export function parseOwnershipCode(body: unknown): string {
  const code = trimmedCode(body);
  if (code === "" || code.length > maximalLength) {
    throw invalid([`the body must be an ownership code of 1 to ${maximalLength} characters`]);
  }
  return code;
}

/** The same where a code is not required; empty if there is none. */
export function trimmedCode(body: unknown): string {
  const text = textBody(body).trim();
  const [, quoted] = /^"(.*)"$/s.exec(text) ?? [];
  return (quoted ?? text).trim();
}

/** The stored form of a code. */
export const codeDigest = (deviceId: string, code: string) =>
  createHash("sha256").update(`${deviceId}\n${code}`).digest("hex");

/** Ids of Nordic's own products, whose codes are printed on them rather than chosen. */
export const isNordicId = (deviceId: string) => deviceId.startsWith("nrf-");

export const isNordicProduct = (
  { nordicProducts }: ThingStore["settings"],
  deviceId: string,
  code: string,
): boolean =>
  nordicProducts.some((product) => product.deviceId === deviceId && product.ownershipCode === code);

/** Whether a code is the one of a device that has been registered. */
export const isCodeOf = ({ settings, jitp }: ThingStore, deviceId: string, code: string): boolean =>
  isNordicId(deviceId)
    ? isNordicProduct(settings, deviceId, code)
    : jitp.registered(deviceId)?.codeDigest === codeDigest(deviceId, code);
