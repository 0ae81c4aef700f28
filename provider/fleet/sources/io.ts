/** What loading a fleet needs from outside: files, environment and cryptography. */
import { type Violation } from "../rules.js";
import type { ReadResult } from "../readResult.js";
import type { PemKind } from "./pem.js";

/** File system and environment. Methods throw; a missing file's error has the code `ENOENT`. */
export interface FleetIo {
  /** Reads a file of at most `maxBytes`. */
  readBytes(path: string, maxBytes: number): Buffer;
  /** Throws unless the file exists and is readable. */
  checkReadable(path: string): void;
  env(name: string): string | undefined;
  /**
   * Decodes tokens and credentials. Without it, a fleet whose tokens must be decoded is refused, and the content of
   * credentials is not checked.
   */
  contents?: Contents;
}

/** Decodes and checks the content of tokens and credentials, which needs cryptography. */
export interface Contents {
  readonly decodeToken: DecodeToken;
  readonly checkCredential: CheckCredential;
  readonly detectOtherFormat: DetectOtherFormat;
  readonly checkCa: CheckCa;
}

/** Decodes an attestation token to the lower-case UUID of its device. No message quotes the token. */
export type DecodeToken = (text: string) => ReadResult<{ readonly uuid: string }>;

/**
 * Detects content in another format, such as DER instead of PEM. With a path, the fix has the command that converts the file.
 */
export type DetectOtherFormat = (
  kind: PemKind | "privateKey" | "pkcs12",
  content: Buffer | string,
  path?: string,
) => Violation | undefined;

/** Checks an existing CA. A violation has the key of the `ca` section that has to change. */
export type CheckCa = (ca: GivenCa) => (Violation & { readonly key: string }) | undefined;

/** The content of an existing CA: PEM, or an archive as bytes or base64. */
export type GivenCa = { readonly password: string | undefined; readonly chain: string | undefined } & (
  | { readonly certificate: string; readonly privateKey: string; readonly privateKeyFile: string | undefined }
  | { readonly pkcs12: Buffer | string }
  /** A signer has its key. */
  | { readonly certificate: string }
);

/** Checks the credential of a device. Without a valid `deviceId`, the subject is not checked. */
export type CheckCredential = (
  kind: PemKind,
  pem: string,
  deviceId?: string,
) => CredentialViolation | undefined;

export interface CredentialViolation extends Violation {
  /** Whether the only problem is that the certificate has expired. A device that is in the account already may keep it. */
  readonly onlyExpired: boolean;
}
