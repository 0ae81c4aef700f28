// Inputs that other programs made. They stay as they are, so that the same seed damages them in the same way.

import { readFileSync } from "node:fs";
import { listOf, objectOf, parse, textOf } from "../chaos/json.mjs";

/** Of what is encrypted in them. */
export const PASSWORD = "fuzz";

/** The private key in them: 32 bytes 0x11, as keys are packed. It is nobody's. */
export const PACKED_KEY = Buffer.alloc(32, 0x11).toString("base64url");

const made = objectOf(parse(readFileSync(new URL("samples.json", import.meta.url), "utf8")));
const bytes = (/** @type {unknown} */ base64) => Buffer.from(textOf(base64) ?? "", "base64");

/** By openssl 3, with one round of key derivation; each is DER. */
export const certificate = bytes(made.certificate);
export const csr = bytes(made.csr);
export const encryptedKey = bytes(made.encryptedKey);
/** With AES; with 3DES; in clear; with AES and without a checksum. */
export const archives = listOf(made.archives).map(bytes);
export const pkcs7 = bytes(made.pkcs7);

/** As a modem writes it, of a device that does not exist. */
export const token = [
  "d9d9f7850150" + "5036315439314480".repeat(2) + `0650${"a1".repeat(16)}50${"b2".repeat(16)}`,
  `d28443a10126a1044121f65840${"c3".repeat(64)}`,
]
  .map((hex) => Buffer.from(hex, "hex").toString("base64url"))
  .join(".");
