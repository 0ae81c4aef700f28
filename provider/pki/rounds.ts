import { PkiError } from "./errors.js";

/** They take seconds; OpenSSL makes files with 2,048, careful people with a million. */
const MOST_ROUNDS = 10_000_000;

/** The rounds of key derivation that one file may ask for, all its parts together. */
export class Rounds {
  private left = MOST_ROUNDS;

  /** @param file what asks for them, as "The PKCS#12 file" */
  constructor(private readonly file: string) {}

  /**
   * Call it before a key is derived.
   * @throws PkiError too-many-rounds
   */
  spend(count: number): void {
    this.left -= count;
    if (this.left >= 0) return;
    throw new PkiError(
      "too-many-rounds",
      `${this.file} asks for more than ten million rounds of key derivation, which takes too long.`,
      "Export it again with fewer, as OpenSSL does unless `-iter` says more.",
    );
  }
}
