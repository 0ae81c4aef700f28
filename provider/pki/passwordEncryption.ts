import { createDecipheriv, pbkdf2Sync, scryptSync } from "node:crypto";
import { rc2, util } from "node-forge";
import * as der from "./der.js";
import { pkcs12Key, type Digest } from "./pkcs12Kdf.js";
import type { Rounds } from "./rounds.js";

/** A password in the two encodings of key derivation functions. */
export interface Password {
  /** UTF-8, for PBES2. */
  readonly utf8: Buffer;
  /** For older functions, see `Pkcs12Derivation`. */
  readonly pkcs12: Buffer;
}

/** The encryption method is not supported. */
export class UnknownMethodError extends Error {}

/** Decryption failed, nearly always because of a wrong password. */
export class DecryptionError extends Error {}

/** The possible encodings of a password. Some programs encode an empty password as no password. */
export function formsOf(password: string): readonly [Password, ...Password[]] {
  const utf8 = Buffer.from(password);
  const pkcs12 = Buffer.from(`${password}\0`, "utf16le").swap16();
  return password === ""
    ? [
        { utf8, pkcs12 },
        { utf8, pkcs12: utf8 },
      ]
    : [{ utf8, pkcs12 }];
}

interface Cipher {
  /** Bytes. */
  readonly key: number;
  readonly iv: number;
  readonly decrypt: (key: Buffer, iv: Buffer, encrypted: Buffer) => Buffer;
}

const native = (name: string, key: number, iv: number): Cipher => ({
  key,
  iv,
  decrypt(keyBytes, ivBytes, encrypted) {
    const decipher = createDecipheriv(name, keyBytes, ivBytes);
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  },
});

/** RC2. Old programs encrypt certificates with it, but node:crypto does not support it any more. */
const rc2Cipher = (bits: number): Cipher => ({
  key: bits / 8,
  iv: 8,
  decrypt(key, iv, encrypted) {
    const cipher = rc2.createDecryptionCipher(key.toString("latin1"), bits);
    cipher.start(iv.toString("latin1"));
    cipher.update(util.createBuffer(encrypted.toString("latin1")));
    if (!cipher.finish()) throw new DecryptionError();
    return Buffer.from(cipher.output.getBytes(), "latin1");
  },
});

/** By object identifier. */
const ciphers: ReadonlyMap<string, Cipher> = new Map([
  ["2.16.840.1.101.3.4.1.2", native("aes-128-cbc", 16, 16)],
  ["2.16.840.1.101.3.4.1.22", native("aes-192-cbc", 24, 16)],
  ["2.16.840.1.101.3.4.1.42", native("aes-256-cbc", 32, 16)],
  ["1.2.840.113549.3.7", native("des-ede3-cbc", 24, 8)],
]);

const pkcs12Ciphers: ReadonlyMap<string, Cipher> = new Map([
  ["1.2.840.113549.1.12.1.3", native("des-ede3-cbc", 24, 8)],
  ["1.2.840.113549.1.12.1.4", native("des-ede-cbc", 16, 8)],
  ["1.2.840.113549.1.12.1.5", rc2Cipher(128)],
  ["1.2.840.113549.1.12.1.6", rc2Cipher(40)],
]);

const pseudoRandomFunctions: ReadonlyMap<string, Digest> = new Map([
  ["1.2.840.113549.2.7", "sha1"],
  ["1.2.840.113549.2.8", "sha224"],
  ["1.2.840.113549.2.9", "sha256"],
  ["1.2.840.113549.2.10", "sha384"],
  ["1.2.840.113549.2.11", "sha512"],
]);

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const SCRYPT = "1.3.6.1.4.1.11591.4.11";
/** The memory limit for scrypt in bytes. Its usual parameters need 16 MB. */
const MOST_MEMORY = 256 * 1024 * 1024;

/**
 * Decrypts password-encrypted content of PKCS#8 and PKCS#12.
 * @param algorithm the AlgorithmIdentifier
 * @throws PkiError too-many-rounds, UnknownMethodError, DecryptionError, or DerError for a damaged algorithm
 */
export function decryptByPassword(
  algorithm: der.Node | undefined,
  encrypted: Buffer,
  password: Password,
  rounds: Rounds,
): Buffer {
  const [id, parameters] = der.children(algorithm);
  const method = der.readOid(id);
  const { cipher, key, iv } =
    method === PBES2
      ? pbes2(parameters, password, rounds)
      : pkcs12Method(method, parameters, password, rounds);
  if (iv.length !== cipher.iv) throw new der.DerError("not an initialization vector");
  try {
    return cipher.decrypt(key, iv, encrypted);
  } catch {
    throw new DecryptionError();
  }
}

interface Ready {
  readonly cipher: Cipher;
  readonly key: Buffer;
  readonly iv: Buffer;
}

function pbes2(parameters: der.Node | undefined, password: Password, rounds: Rounds): Ready {
  const [derivation, encryption] = der.children(parameters);
  const [cipherId, iv] = der.children(encryption);
  const cipher = known(ciphers.get(der.readOid(cipherId)));
  return {
    cipher,
    key: derived(derivation, password.utf8, cipher.key, rounds),
    iv: der.content(iv, der.tags.octetString),
  };
}

function derived(derivation: der.Node | undefined, password: Buffer, length: number, rounds: Rounds): Buffer {
  const [id, parameters] = der.children(derivation);
  const [saltNode, ...others] = der.children(parameters);
  const salt = der.content(saltNode, der.tags.octetString);
  switch (der.readOid(id)) {
    case PBKDF2: {
      const count = der.readCount(others[0]);
      const prf = others.slice(1).find((node) => der.tagOf(node) === der.tags.sequence);
      const digest =
        prf === undefined ? "sha1" : known(pseudoRandomFunctions.get(der.readOid(der.children(prf)[0])));
      rounds.spend(count);
      return pbkdf2Sync(password, salt, count, length, digest);
    }
    case SCRYPT: {
      const [N, r, p] = [der.readCount(others[0]), der.readCount(others[1]), der.readCount(others[2])];
      rounds.spend(N * r * p);
      try {
        return scryptSync(password, salt, length, { N, r, p, maxmem: MOST_MEMORY });
      } catch {
        throw new UnknownMethodError();
      }
    }
    default:
      throw new UnknownMethodError();
  }
}

function pkcs12Method(
  method: string,
  parameters: der.Node | undefined,
  { pkcs12: password }: Password,
  budget: Rounds,
): Ready {
  const cipher = known(pkcs12Ciphers.get(method));
  const [salt, count] = der.children(parameters);
  const rounds = der.readCount(count);
  budget.spend(rounds);
  const derivation = {
    digest: "sha1",
    password,
    salt: der.content(salt, der.tags.octetString),
    rounds,
  } as const;
  return {
    cipher,
    key: pkcs12Key(derivation, "key", cipher.key),
    iv: pkcs12Key(derivation, "iv", cipher.iv),
  };
}

function known<T>(method: T | undefined): T {
  if (method === undefined) throw new UnknownMethodError();
  return method;
}
