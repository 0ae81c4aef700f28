import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals lines of one log: encrypted and authenticated, bound to the log's name and to their place in it, so that a line can be neither
 * read, forged, moved nor repeated by somebody without the key.
 */
export class Seal {
  private readonly key: Buffer;

  /** @param key 32 bytes, base64. Secret. */
  constructor(
    key: string,
    private readonly name: string,
  ) {
    this.key = Buffer.from(key, "base64");
  }

  /** First digits of the SHA-256 of a key, by which its logs are known. */
  static idOf(key: string): string {
    return createHash("sha256").update(key).digest("hex").slice(0, 8);
  }

  seal(place: number, value: unknown): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, iv).setAAD(this.aad(place));
    const sealed = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(value))), cipher.final()]);
    return `${place} ${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64")}`;
  }

  /** What a line says, and its place; `undefined` for one that was not sealed with this key for this log. */
  unseal(line: string): { readonly place: number; readonly value: unknown } | undefined {
    const [, digits = "", text = ""] = /^(\d{1,12}) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
    const bytes = Buffer.from(text, "base64");
    if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
    try {
      const place = Number(digits);
      const decipher = createDecipheriv(CIPHER, this.key, bytes.subarray(0, IV_BYTES))
        .setAAD(this.aad(place))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const packed = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return { place, value: JSON.parse(inflateRawSync(packed).toString()) as unknown };
    } catch {
      return undefined;
    }
  }

  private aad(place: number): Buffer {
    return Buffer.from(`${this.name}\n${place}`);
  }
}
