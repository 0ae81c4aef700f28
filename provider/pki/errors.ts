/** The kind of problem, for callers that handle some of them. */
export type PkiErrorKind =
  | "invalid-subject"
  | "invalid-serial-number"
  | "invalid-validity"
  | "invalid-extension"
  | "malformed-pem"
  | "several-blocks"
  | "malformed-certificate"
  | "malformed-csr"
  | "malformed-key"
  | "encrypted-key"
  | "unsupported-key"
  | "unsupported-encryption"
  | "unsupported-signature"
  | "bad-signature"
  | "key-mismatch"
  | "not-a-ca"
  | "broken-chain"
  | "ca-expired"
  | "wrong-subject"
  | "ended"
  | "wrong-password"
  | "malformed-pkcs12"
  | "too-many-rounds"
  | "no-private-key"
  | "several-private-keys"
  | "no-certificate"
  | "malformed-pack"
  | "malformed-token";

/**
 * The error of all functions in this folder. Its message is the problem and the remedy, and never contains key material or a password.
 */
export class PkiError extends Error {
  override readonly name = "PkiError";

  /**
   * @param kind machine-readable category
   * @param problem what is wrong: one sentence, ending in a full stop
   * @param remedy what to do next: one sentence, ending in a full stop
   */
  constructor(
    readonly kind: PkiErrorKind,
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`${problem} ${remedy}`);
  }
}
