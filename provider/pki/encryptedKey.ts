import { createPrivateKey, type KeyObject } from "node:crypto";
import * as der from "./der.js";
import { PkiError } from "./errors.js";
import { DecryptionError, decryptByPassword, formsOf, UnknownMethodError } from "./passwordEncryption.js";
import type { PemBlock } from "./pem.js";
import { Rounds } from "./rounds.js";

/**
 * Decrypts a private key of any kind: PKCS#8, or the older form of OpenSSL with headers.
 * @throws PkiError wrong-password, too-many-rounds, unsupported-encryption, malformed-key; never with the password in it
 */
export function decryptPrivateKey(block: PemBlock, password: string): KeyObject {
  try {
    return createPrivateKey(
      block.encryptedText === undefined
        ? { key: decryptPkcs8(block.der, password), format: "der", type: "pkcs8" }
        : { key: block.encryptedText, format: "pem", passphrase: password },
    );
  } catch (error) {
    if (error instanceof PkiError) throw error;
    if (error instanceof UnknownMethodError || isUnsupported(error)) throw unsupported();
    if (error instanceof der.DerError) throw damaged();
    // All other errors come from bytes that were decrypted with a wrong password.
    throw wrongPassword();
  }
}

/** node:crypto would derive the key however long that takes, so it is not used. */
function decryptPkcs8(bytes: Buffer, password: string): Buffer {
  const [algorithm, encrypted] = der.children(der.parseBer(bytes));
  const rounds = new Rounds("The private key");
  const content = der.octets(encrypted);
  const [form, ...others] = formsOf(password);
  try {
    return decryptByPassword(algorithm, content, form, rounds);
  } catch (error) {
    const [other] = others;
    if (!(error instanceof DecryptionError) || other === undefined) throw error;
    return decryptByPassword(algorithm, content, other, rounds);
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof Error && /unsupported/i.test(error.message);
}

function wrongPassword(): PkiError {
  return new PkiError(
    "wrong-password",
    "The password of the private key is wrong.",
    "Check it with `openssl pkey -noout -in key.pem`, which asks for it.",
  );
}

function unsupported(): PkiError {
  return new PkiError(
    "unsupported-encryption",
    "The private key is encrypted by a method that is not supported.",
    "Encrypt it again with `openssl pkey -in key.pem -aes256 -out new.pem`.",
  );
}

function damaged(): PkiError {
  return new PkiError(
    "malformed-key",
    "The encrypted private key is damaged.",
    "Check it with `openssl pkey -noout -in key.pem`.",
  );
}
