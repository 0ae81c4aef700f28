import { describe, expect, it } from "vitest";
import { createCa } from "../../provider/pki/ca.js";
import {
  children,
  content,
  encodeDer,
  explicit,
  explicitChild,
  integer,
  octetString,
  oid,
  parseDer,
  sequence,
  tags,
  type Node,
} from "../../provider/pki/der.js";
import { readPkcs12 } from "../../provider/pki/pkcs12.js";
import { Rounds } from "../../provider/pki/rounds.js";
import { withRounds } from "./withRounds.js";
import { expectNoSecret, OpenSsl, pkiError } from "./openssl.js";

const openssl = new OpenSsl();
const password = "correct-horse";
const ca = createCa({ subject: { commonName: "Example CA" }, validity: { notBefore: new Date(), days: 30 } });
const rsaKey = openssl.key("RSA", "rsa_keygen_bits:2048");
const rsaRoot = openssl.selfSigned(rsaKey, "/O=Ægir/CN=Root", "-utf8");
const p384Root = openssl.selfSigned(openssl.key("EC", "ec_paramgen_curve:P-384"), "/CN=Other root");
openssl.write("ca.key", ca.privateKeyPem);
openssl.write("ca.pem", ca.certificatePem);
openssl.write("chain.pem", rsaRoot + p384Root);

/** A PKCS#12 file of the CA, by these more `openssl pkcs12 -export` options. */
function exported(word: string, ...options: string[]): Buffer {
  openssl.run(
    "pkcs12",
    "-export",
    "-inkey",
    "ca.key",
    "-in",
    "ca.pem",
    "-out",
    "ca.p12",
    "-passout",
    `pass:${word}`,
    ...options,
  );
  return openssl.readBytes("ca.p12");
}

const threeDes = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"];

const inClear = ["-keypbe", "NONE", "-certpbe", "NONE", "-nomac"];

/** One file with the contents of several that are in clear. */
function joined(files: Buffer[]): Buffer {
  const contents = files.flatMap((file) => children(parseDer(content(authSafe(file), tags.octetString))));
  const safe = octetString(encodeDer(sequence(...contents)));
  return encodeDer(sequence(integer("03"), sequence(oid("1.2.840.113549.1.7.1"), explicit(0, safe))));
}

function authSafe(file: Buffer): Node {
  const [, contentInfo] = children(parseDer(file));
  const [, tagged] = children(contentInfo);
  if (!tagged) throw new Error("not PKCS#12");
  return explicitChild(tagged);
}

describe("readPkcs12", () => {
  it.each([
    ["by OpenSSL 3's defaults", password, []],
    ["by older defaults (RC2 and 3DES)", password, ["-legacy"]],
    ["with 3DES", password, threeDes],
    ["with a friendly name", password, ["-name", "Ægir's CA"]],
    ["with a SHA-512 checksum and more iterations", password, ["-macalg", "sha512", "-iter", "5000"]],
    ["without a checksum", password, ["-nomac"]],
    ["with certificates in clear", password, ["-certpbe", "NONE"]],
    ["with certificates and key in clear", password, ["-certpbe", "NONE", "-keypbe", "NONE"]],
    ["with an empty password", "", []],
    ["with an empty password and 3DES", "", threeDes],
    ["with a password beyond ASCII", "blåbær-日本-🔑", []],
    ["with a password beyond ASCII and 3DES", "blåbær-日本-🔑", threeDes],
  ])("reads a file made %s", (_, word, options) => {
    expect(readPkcs12(exported(word, ...options), word)).toEqual({
      certificatePem: ca.certificatePem,
      privateKeyPem: ca.privateKeyPem,
      chainPem: [],
    });
  });

  it("reads base64 text, wrapped or not", () => {
    const base64 = exported(password).toString("base64");
    expect(readPkcs12(base64, password).privateKeyPem).toBe(ca.privateKeyPem);
    expect(readPkcs12(base64.replace(/.{76}/g, "$&\r\n"), password).privateKeyPem).toBe(ca.privateKeyPem);
  });

  it("separates the key's certificate from its chain, unchanged", () => {
    expect(readPkcs12(exported(password, "-certfile", "chain.pem"), password)).toEqual({
      certificatePem: ca.certificatePem,
      privateKeyPem: ca.privateKeyPem,
      chainPem: [rsaRoot, p384Root],
    });
  });

  it.each([
    ["OpenSSL 3's defaults", [], "wrong-password"],
    ["3DES", threeDes, "wrong-password"],
    ["no checksum", ["-nomac"], "malformed-pkcs12"],
  ] as const)("says that the password is wrong, with %s", (_, options, kind) => {
    const file = exported(password, ...options);
    for (const wrong of ["incorrect-horse", "", "feil-passord-æøå"]) {
      const error = pkiError(() => readPkcs12(file, wrong), kind);
      expect(error.message).toMatch(/password (of the PKCS#12 file )?is wrong/);
      expectNoSecret(
        `${error.message}${error.stack ?? ""}${JSON.stringify(error)}`,
        "incorrect-horse",
        password,
        "feil-passord-æøå",
      );
    }
  });

  it("refuses a file without a key", () => {
    openssl.run(
      "pkcs12",
      "-export",
      "-nokeys",
      "-in",
      "ca.pem",
      "-out",
      "nokey.p12",
      "-passout",
      `pass:${password}`,
    );
    pkiError(() => readPkcs12(openssl.readBytes("nokey.p12"), password), "no-private-key");
  });

  it("refuses a file without the key's certificate", () => {
    exportKey("none.p12", "-nocerts");
    pkiError(() => readPkcs12(openssl.readBytes("none.p12"), password), "no-certificate");
  });

  it("refuses a file with several keys", () => {
    const file = exported(password, ...inClear);
    const error = pkiError(() => readPkcs12(joined([file, file]), password), "several-private-keys");
    expect(error.message).toContain("2 private keys");
  });

  it("refuses a key with the certificate of another", () => {
    const other = createCa({
      subject: { commonName: "Other" },
      validity: { notBefore: new Date(), days: 30 },
    });
    exportKey("key.p12", "-nocerts", ...inClear);
    const certificate = openssl.write("mine.pem", other.certificatePem);
    openssl.run(
      "pkcs12",
      "-export",
      "-nokeys",
      "-in",
      certificate,
      "-out",
      "mine.p12",
      "-passout",
      "pass:x",
      ...inClear,
    );
    const file = joined([openssl.readBytes("key.p12"), openssl.readBytes("mine.p12")]);
    pkiError(() => readPkcs12(file, password), "key-mismatch");
  });

  it("refuses an RSA key, and an EC key of another curve", () => {
    for (const [pem, name] of [
      [rsaKey, "RSA"],
      [openssl.key("EC", "ec_paramgen_curve:P-384"), "secp384r1"],
    ] as const) {
      const certificate = openssl.selfSigned(pem, "/CN=x");
      openssl.run(
        "pkcs12",
        "-export",
        "-inkey",
        openssl.write("other.key", pem),
        "-in",
        openssl.write("other.pem", certificate),
        "-out",
        "other.p12",
        "-passout",
        `pass:${password}`,
      );
      const error = pkiError(() => readPkcs12(openssl.readBytes("other.p12"), password), "unsupported-key");
      expect(error.message).toContain(name);
    }
  });

  it.each([
    ["a truncated file", /damaged/, exported(password).subarray(0, 400)],
    ["an empty file", /damaged/, Buffer.alloc(0)],
    ["another DER file", /./, Buffer.from(ca.certificatePem.replace(/-----.*-----|\n/g, ""), "base64")],
    ["PEM", /PKCS#12 text is PEM/, ca.certificatePem],
    ["a file name", /not base64/, "./secrets/ca.p12"],
    ["an unsupported encryption", /not supported/, exported(password, "-keypbe", "ARIA-128-CBC")],
  ] as const)("refuses %s", (_, message, file) => {
    expect(pkiError(() => readPkcs12(file, password), "malformed-pkcs12").message).toMatch(message);
  });

  it.each([
    ["a checksum", ["-nokeys", ...inClear.slice(0, 4)]],
    ["AES", ["-nomac"]],
    ["3DES", [...threeDes, "-nomac"]],
    ["RC2", ["-certpbe", "PBE-SHA1-RC2-40", "-nomac"]],
  ])("refuses one whose key for %s takes for ever to derive, at once", (_, options) => {
    const file = withRounds(exported(password, ...options), 2n ** 40n);
    const started = performance.now();
    const error = pkiError(() => readPkcs12(file, password), "too-many-rounds");
    expect(error.message).toContain("The PKCS#12 file asks for more than ten million rounds");
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("counts the rounds of all parts of a file together", () => {
    const rounds = new Rounds("The file");
    rounds.spend(6_000_000);
    rounds.spend(4_000_000);
    pkiError(() => {
      rounds.spend(1);
    }, "too-many-rounds");
  });

  it("reads a file with more rounds than usual", () => {
    expect(readPkcs12(exported(password, "-iter", "300000"), password).privateKeyPem).toBe(ca.privateKeyPem);
  });

  function exportKey(out: string, ...options: string[]): void {
    openssl.run(
      "pkcs12",
      "-export",
      "-inkey",
      "ca.key",
      "-in",
      "ca.key",
      "-out",
      out,
      "-passout",
      `pass:${password}`,
      ...options,
    );
  }
});
