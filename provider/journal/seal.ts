import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { ExpectedError } from "../engine/errors.js";

const CIPHER = "aes-256-gcm";
/** 32 bytes, base64. */
const KEY = /^[A-Za-z0-9+/]{43}=$/;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Higher levels cost time without making keys and certificates smaller. */
const PACKING = { level: 1, memLevel: 9 } as const;

/**
 * Encrypts and authenticates the lines of a log, bound to the log's name and their place in it. Without the key, nobody can read, forge,
 * move or repeat a line.
 */
export class Seal {
  private readonly key: Buffer;

  /**
   * @param key 32 bytes, base64. Secret.
   * @throws ExpectedError for anything else
   */
  constructor(
    key: string,
    private readonly name: string,
  ) {
    if (!KEY.test(key)) {
      throw new ExpectedError(
        "The journal's key is not 32 bytes in base64. Give the resource the `key` of a JournalKey.",
      );
    }
    this.key = Buffer.from(key, "base64");
  }

  /** The first digits of a key's SHA-256, which are part of the names of its logs. */
  static idOf(key: string): string {
    return digest(key).slice(0, 8);
  }

  seal(place: number, value: unknown): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, iv).setAAD(this.aad(place));
    const packed = deflateRawSync(JSON.stringify(value), PACKING);
    const sealed = Buffer.concat([cipher.update(packed), cipher.final()]);
    return `${place} ${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64")}`;
  }

  /** The content and place of a line; `undefined` if it was not sealed with this key for this log. */
  unseal(line: string): { readonly place: number; readonly value: unknown } | undefined {
    const [, digits = "", text = ""] = /^(\d{1,12}) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
    const bytes = Buffer.from(text, "base64");
    if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
    try {
      const place = Number(digits);
      const decipher = createDecipheriv(CIPHER, this.key, bytes.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      })
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

/** SHA-256, hex. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
