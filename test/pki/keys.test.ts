import { createPublicKey, sign, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  generateKeyPair,
  loadPrivateKey,
  parsePrivateKey,
  parsePublicKey,
  toKeyPair,
} from "../../provider/pki/keys.js";
import { toPem } from "../../provider/pki/pem.js";
import { expectNoSecret, OpenSsl, pkiError } from "./openssl.js";
import { withRounds } from "./withRounds.js";

const openssl = new OpenSsl();
const pkcs8 = openssl.p256Key();
const publicPem = openssl.run("pkey", "-in", openssl.write("p256.key", pkcs8), "-pubout");

describe("generateKeyPair", () => {
  it("makes a P-256 pair that openssl finds consistent", () => {
    const { privateKeyPem, publicKeyPem } = generateKeyPair();
    const text = openssl.run(
      "pkey",
      "-in",
      openssl.write("new.key", privateKeyPem),
      "-noout",
      "-check",
      "-text",
    );
    expect(text).toContain("Key is valid");
    expect(text).toContain("prime256v1");
    expect(openssl.run("pkey", "-in", "new.key", "-pubout")).toBe(publicKeyPem);
    expect(
      verify("sha256", Buffer.from("x"), publicKeyPem, sign("sha256", Buffer.from("x"), privateKeyPem)),
    ).toBe(true);
  });

  it("makes another one each time", () => {
    expect(generateKeyPair().privateKeyPem).not.toBe(generateKeyPair().privateKeyPem);
  });
});

describe("parsePrivateKey", () => {
  it("reads PKCS#8 and derives the public key", () => {
    expect(parsePrivateKey(pkcs8)).toEqual({ privateKeyPem: pkcs8, publicKeyPem: publicPem });
  });

  it("reads SEC1, with and without the parameters that openssl writes before it", () => {
    const sec1 = openssl.run("pkey", "-in", "p256.key", "-traditional");
    const parameters = openssl.run("ecparam", "-name", "prime256v1");
    expect(parsePrivateKey(sec1)).toEqual(parsePrivateKey(pkcs8));
    expect(parsePrivateKey(parameters + sec1)).toEqual(parsePrivateKey(pkcs8));
  });

  it("reads a key with a compressed public key, CRLF and text around it", () => {
    const compressed = openssl.run("pkey", "-in", "p256.key", "-ec_conv_form", "compressed");
    expect(compressed).not.toBe(pkcs8);
    const text = `my key\r\n${compressed.replaceAll("\n", "\r\n")}\r\n\r\nthe end`;
    expect(parsePrivateKey(text)).toEqual(parsePrivateKey(pkcs8));
  });

  it("gives a curve that is spelled out its name", () => {
    const explicit = openssl.run("pkey", "-in", "p256.key", "-ec_param_enc", "explicit");
    expect(explicit.length).toBeGreaterThan(pkcs8.length);
    expect(parsePrivateKey(explicit)).toEqual(parsePrivateKey(pkcs8));
  });

  const rsa = openssl.key("RSA", "rsa_keygen_bits:2048");
  const p384 = openssl.key("EC", "ec_paramgen_curve:P-384");
  openssl.write("rsa.key", rsa);
  it.each([
    ["an RSA key", "unsupported-key", /RSA, not EC P-256/, rsa],
    [
      "an RSA key in PKCS#1",
      "unsupported-key",
      /"RSA PRIVATE KEY"/,
      openssl.run("rsa", "-in", "rsa.key", "-traditional"),
    ],
    ["a P-384 key", "unsupported-key", /secp384r1/, p384],
    ["an Ed25519 key", "unsupported-key", /ED25519/, openssl.key("ED25519")],
    [
      "an encrypted PKCS#8 key",
      "encrypted-key",
      /Give its `password`, or decrypt it with `openssl pkey/,
      openssl.run("pkcs8", "-topk8", "-in", "p256.key", "-passout", "pass:secret-word"),
    ],
    [
      "an encrypted traditional key",
      "encrypted-key",
      /Give its `password`, or decrypt it with `openssl pkey/,
      openssl.run("ec", "-in", "p256.key", "-aes128", "-passout", "pass:secret-word"),
    ],
    ["a public key", "no-private-key", /PUBLIC KEY/, publicPem],
    ["two private keys", "several-private-keys", /2 private keys/, pkcs8 + generateKeyPair().privateKeyPem],
    ["a truncated key", "malformed-key", /openssl pkey/, pkcs8.replace(/\n.{64}\n/, "\n")],
    ["a file name", "malformed-pem", /not its name/, "keys/ca.pem"],
    ["an empty text", "malformed-pem", /empty/, " \n"],
    ["a key on one line with backslash-n", "malformed-pem", /backslash-n/, pkcs8.replaceAll("\n", "\\n")],
    ["a key without its END line", "malformed-pem", /damaged/, pkcs8.replace(/-----END.*/, "")],
  ] as const)("refuses %s without showing it", (_, kind, message, pem) => {
    const error = pkiError(() => parsePrivateKey(pem), kind);
    expect(error.message).toMatch(message);
    expectNoSecret(`${error.message}${error.stack ?? ""}${JSON.stringify(error)}`, pem, "secret-word");
  });

  it("refuses a private key beside the public key of another", () => {
    const other = createPublicKey(generateKeyPair().publicKeyPem).export({ format: "der", type: "spki" });
    const der = Buffer.from(pkcs8.replace(/-----.*-----|\n/g, ""), "base64");
    other.copy(der, der.length - 64, other.length - 64);
    const pem = `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
    pkiError(() => parsePrivateKey(pem), "malformed-key");
  });
});

describe("parsePublicKey", () => {
  it("normalizes and takes the fingerprint of the DER", () => {
    openssl.run(
      "pkey",
      "-pubin",
      "-in",
      openssl.write("p256.pub", publicPem),
      "-outform",
      "DER",
      "-out",
      "p256.der",
    );
    const fingerprint = openssl.run("dgst", "-sha256", "-r", "p256.der").slice(0, 64);
    expect(parsePublicKey(publicPem.replaceAll("\n", "\r\n").trimEnd())).toEqual({
      publicKeyPem: publicPem,
      fingerprint,
    });
  });

  it("gives a curve that is spelled out its name", () => {
    const explicit = openssl.run("pkey", "-in", "p256.key", "-pubout", "-ec_param_enc", "explicit");
    expect(explicit.length).toBeGreaterThan(publicPem.length);
    expect(parsePublicKey(explicit)).toEqual(parsePublicKey(publicPem));
  });

  it("brings a compressed point into the usual form", () => {
    const compressed = openssl.run("pkey", "-in", "p256.key", "-pubout", "-ec_conv_form", "compressed");
    expect(compressed.length).toBeLessThan(publicPem.length);
    expect(parsePublicKey(compressed).publicKeyPem).toBe(publicPem);
  });

  it.each([
    [
      "an RSA key",
      "unsupported-key",
      /RSA key of 2048 bits/,
      openssl.run("pkey", "-in", "rsa.key", "-pubout"),
    ],
    ["a point that is not on the curve", "malformed-key", /not on the P-256 curve/, damagePoint(publicPem)],
    ["a private key", "malformed-pem", /"PRIVATE KEY" block/, pkcs8],
    ["two public keys", "several-blocks", /2 PEM blocks/, publicPem + publicPem],
    [
      "nonsense in a block",
      "unsupported-key",
      /cannot be read/,
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ],
  ] as const)("refuses %s", (_, kind, message, pem) => {
    expect(pkiError(() => parsePublicKey(pem), kind).message).toMatch(message);
  });
});

function damagePoint(pem: string): string {
  const der = Buffer.from(pem.replace(/-----.*-----|\n/g, ""), "base64");
  der.fill(0xff, 30, 60);
  return `-----BEGIN PUBLIC KEY-----\n${der.toString("base64")}\n-----END PUBLIC KEY-----\n`;
}

describe("a private key that is encrypted", () => {
  const word = "blåbær-日本";
  const read = (name: string, password: string) => loadPrivateKey(openssl.read(name), { password });
  const encrypted = (name: string, args: readonly string[], password = word): string => {
    openssl.run(...args, "-in", "p256.key", "-passout", `pass:${password}`, "-out", name);
    return name;
  };

  it.each([
    ["AES and PBKDF2", ["pkcs8", "-topk8"]],
    ["3DES and PBKDF2", ["pkcs8", "-topk8", "-v2", "des3", "-v2prf", "hmacWithSHA1"]],
    ["scrypt", ["pkcs8", "-topk8", "-scrypt"]],
    ["the older way of PKCS#12", ["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"]],
    ["AES in the older form of OpenSSL", ["ec", "-aes256"]],
    ["3DES in the older form of OpenSSL", ["ec", "-des3"]],
  ])("is read with its password: %s", (_, args) => {
    const name = encrypted("encrypted.key", args);
    expect(toKeyPair(read(name, word))).toEqual(parsePrivateKey(openssl.read("p256.key")));
    const error = pkiError(() => read(name, "another"), "wrong-password");
    expectNoSecret(`${error.message}${error.stack ?? ""}`, word, "another");
  });

  it("is refused when its key would take for ever to derive", () => {
    const pem = openssl.read(encrypted("slow.key", ["pkcs8", "-topk8"]));
    const bytes = Buffer.from(pem.replace(/-----.*-----|\s/g, ""), "base64");
    const slow = toPem("ENCRYPTED PRIVATE KEY", withRounds(bytes, 2n ** 40n));
    pkiError(() => loadPrivateKey(slow, { password: word }), "too-many-rounds");
  });
});
