import { hash } from "node:crypto";

/** The purpose of a derived key, which is an input of the derivation (RFC 7292, appendix B.3). */
export const purposes = { key: 1, iv: 2, mac: 3 } as const;

/** The sizes of PKCS#12's digests in bytes. */
const sizes = {
  sha1: { digest: 20, block: 64 },
  sha224: { digest: 28, block: 64 },
  sha256: { digest: 32, block: 64 },
  sha384: { digest: 48, block: 128 },
  sha512: { digest: 64, block: 128 },
} as const;

export type Digest = keyof typeof sizes;

/** PKCS#12's own key derivation, from before it used PBKDF2 (RFC 7292, appendix B.2). */
export interface Pkcs12Derivation {
  readonly digest: Digest;
  /** UTF-16, big-endian, ending with two zero bytes; empty without a password. */
  readonly password: Buffer;
  readonly salt: Buffer;
  readonly rounds: number;
}

/** Derives `length` bytes. */
export function pkcs12Key(
  { digest, password, salt, rounds }: Pkcs12Derivation,
  purpose: keyof typeof purposes,
  length: number,
): Buffer {
  const { digest: digestSize, block } = sizes[digest];
  const diversifier = Buffer.alloc(block, purposes[purpose]);
  const input = Buffer.concat([repeated(salt, block), repeated(password, block)]);
  const parts: Buffer[] = [];
  for (let made = 0; made < length; made += digestSize) {
    let part = hash(digest, Buffer.concat([diversifier, input]), "buffer");
    for (let round = 1; round < rounds; round++) part = hash(digest, part, "buffer");
    parts.push(part);
    const addend = filled(part, block);
    for (let at = 0; at < input.length; at += block) addPlusOne(input.subarray(at, at + block), addend);
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** Repeats bytes to the next full block. Empty input gives empty output. */
function repeated(bytes: Buffer, block: number): Buffer {
  return filled(bytes, Math.ceil(bytes.length / block) * block);
}

function filled(bytes: Buffer, length: number): Buffer {
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes);
}

/** Adds a number and one to a number of the same length, both big-endian, in place. */
function addPlusOne(number: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let at = number.length - 1; at >= 0; at--) {
    const sum = number.readUInt8(at) + addend.readUInt8(at) + carry;
    number.writeUInt8(sum & 0xff, at);
    carry = sum >> 8;
  }
}
