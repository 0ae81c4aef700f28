import { PkiError } from "./errors.js";

/** This many take seconds. OpenSSL's default is 2,048, and cautious users choose a million. */
const MOST_ROUNDS = 10_000_000;

/** Limits the rounds of key derivation for all parts of a file together. */
export class Rounds {
  private left = MOST_ROUNDS;

  /** @param file the file in messages, such as "The PKCS#12 file" */
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
