/** What is wrong, for callers that react differently to different mistakes. */
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
 * The one error of this room. Its message is the problem followed by the remedy, and never holds key material
 * or a password.
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
