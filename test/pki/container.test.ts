import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { describeCertificate } from "../../provider/pki/certificate.js";
import {
  otherContainer,
  otherThanPkcs12,
  severalCertificates,
  type Wanted,
} from "../../provider/pki/container.js";
import { parseCsr } from "../../provider/pki/csr.js";
import type { PkiError } from "../../provider/pki/errors.js";
import { loadPrivateKey, parsePrivateKey, parsePublicKey } from "../../provider/pki/keys.js";
import { readPkcs12 } from "../../provider/pki/pkcs12.js";
import { OpenSsl } from "./openssl.js";

const openssl = new OpenSsl();
const key = openssl.p256Key();
const own = openssl.selfSigned(key, "/CN=device-1");
const csr = openssl.csr(key);
const publicKey = openssl.run("pkey", "-pubout", "-in", openssl.write("own.key", key));
const password = "geheim";
openssl.write("own.pem", own);
const [root, sub, leaf] = chain();
const exporting = ["pkcs12", "-export", "-inkey", "own.key", "-in", "own.pem", "-passout", "pass:", "-out"];
openssl.run(...exporting, "own.p12");

/** A root, a CA below it and the certificate of a device. */
function chain(): [string, string, string] {
  const made = ["root", "sub", "leaf"].map((name, nth, names) => {
    const request = openssl.write(`${name}.csr`, openssl.csr(openssl.p256Key(), `/CN=${name}`));
    openssl.write(`${name}.key`, openssl.read("csr.key"));
    const signer = names[nth - 1];
    const by =
      signer === undefined ? ["-key", `${name}.key`] : ["-CA", `${signer}.pem`, "-CAkey", `${signer}.key`];
    return openssl.read(
      openssl.write(`${name}.pem`, openssl.run("x509", "-req", "-in", request, "-days", "30", ...by)),
    );
  });
  const [first = "", second = "", third = ""] = made;
  return [first, second, third];
}

/** Runs the command of an advice as somebody would who copies it, and gives what is in the file that it makes. */
function followed(advice: PkiError | undefined): Buffer {
  const command = /`(.+)`/.exec(advice?.remedy ?? "")?.[1] ?? `false # ${String(advice?.remedy)}`;
  execFileSync("bash", ["-o", "pipefail", "-c", command], { cwd: openssl.folder, stdio: "pipe" });
  const word = /.*(?:-out|>|-f) (\S.*)$/.exec(command)?.[1] ?? "";
  return openssl.readBytes(execFileSync("bash", ["-c", `printf %s ${word}`], { encoding: "utf8" }));
}

const der = (pem: string): Buffer => Buffer.from(pem.replace(/-----.*-----|\s/g, ""), "base64");
const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString("base64");
const wrapped = (text: string): string => text.replace(/.{64}/g, "$&\n");
const bytesOf = (name: string, ...args: string[]): Buffer => {
  openssl.run(...args, "-out", name);
  return openssl.readBytes(name);
};

const isOwn: Readonly<Record<Wanted, (text: string) => boolean>> = {
  certificate: (text) => describeCertificate(text).certificatePem === describeCertificate(own).certificatePem,
  csr: (text) => parseCsr(text).publicKeyPem === publicKey,
  publicKey: (text) => parsePublicKey(text).publicKeyPem === publicKey,
  privateKey: (text) => parsePrivateKey(text).publicKeyPem === publicKey,
};

describe("what stands where PEM belongs is named, and the command that is given converts this very file", () => {
  it.each<[string, Wanted, string, () => Buffer | string, RegExp]>([
    ["a certificate in DER", "certificate", "d.cer", () => der(own), /is DER, not PEM/],
    ["a certificate in DER that is called PEM", "certificate", "d.pem", () => der(own), /is DER, not PEM/],
    ["a file with blanks in its name", "certificate", "my device's.cer", () => der(own), /is DER, not PEM/],
    ["a CSR in DER", "csr", "d.csr", () => der(csr), /is DER, not PEM/],
    ["a public key in DER", "publicKey", "d.pub", () => der(publicKey), /is DER, not PEM/],
    ["a PKCS#8 key in DER", "privateKey", "d.key", () => der(key), /is DER, not PEM/],
    [
      "a SEC1 key in DER",
      "privateKey",
      "s.key",
      () => bytesOf("sec1", "ec", "-in", "own.key", "-outform", "DER"),
      /is DER, not PEM/,
    ],
    ["a certificate's base64", "certificate", "c.txt", () => base64(der(own)), /is base64 of DER/],
    [
      "a certificate's base64 in lines",
      "certificate",
      "w.txt",
      () => wrapped(base64(der(own))),
      /is base64 of DER/,
    ],
    ["PEM in base64", "privateKey", "k.txt", () => base64(key), /is PEM in base64/],
    ["a CSR's base64", "csr", "r.txt", () => wrapped(base64(der(csr))), /is base64 of DER/],
    [
      "PKCS#7 in DER",
      "certificate",
      "d.p7b",
      () => bytesOf("p7", "crl2pkcs7", "-nocrl", "-certfile", "own.pem", "-outform", "DER"),
      /is PKCS#7/,
    ],
    [
      "PKCS#7 in PEM",
      "certificate",
      "e.p7b",
      () => bytesOf("p7", "crl2pkcs7", "-nocrl", "-certfile", "own.pem"),
      /is PKCS#7/,
    ],
    [
      "a trusted certificate",
      "certificate",
      "t.pem",
      () => bytesOf("trusted", "x509", "-in", "own.pem", "-trustout"),
      /is a TRUSTED CERTIFICATE/,
    ],
    [
      "an old certificate",
      "certificate",
      "x.pem",
      () => own.replaceAll("CERTIFICATE", "X509 CERTIFICATE"),
      /is a X509 CERTIFICATE/,
    ],
    ["a key of OpenSSH", "privateKey", "id_ecdsa", () => sshKey(), /is OpenSSH's/],
    ["a public key of OpenSSH", "publicKey", "id.pub", () => sshPublicKey(), /is OpenSSH's/],
  ])("%s", (_, wanted, name, make, says) => {
    const content = Buffer.from(make());
    openssl.writeBytes(name, content);
    const advice = otherContainer(content, wanted, name);
    expect(advice?.problem).toMatch(says);
    expect(isOwn[wanted](followed(advice).toString())).toBe(true);
    expect(openssl.readBytes(name)).toEqual(content);
  });

  it.each([
    ["a CA first, its root after it", () => [sub, root], "sub"],
    ["a root first, its CA after it", () => [root, sub], "sub"],
    ["a whole chain, the device's own last", () => [root, sub, leaf], "leaf"],
  ])("PEM with %s", (_, certificates, wanted) => {
    const text = certificates().join("");
    const advice = severalCertificates(text, openssl.write("chain.pem", text));
    expect(advice?.problem).toContain(`holds ${certificates().length} certificates`);
    expect(describeCertificate(followed(advice).toString()).subject.commonName).toBe(wanted);
  });

  it("PKCS#7 with a chain", () => {
    openssl.write("all.pem", root + sub + leaf);
    const content = bytesOf("all.p7b", "crl2pkcs7", "-nocrl", "-certfile", "all.pem", "-outform", "DER");
    const made = followed(otherContainer(content, "certificate", "all.p7b"));
    expect(describeCertificate(made.toString()).subject.commonName).toBe("leaf");
  });

  it.each([
    ["in one line", (text: string) => text],
    ["in lines", wrapped],
  ])("a PKCS#12 archive in base64 %s", (_, shape) => {
    const content = Buffer.from(shape(base64(openssl.readBytes("own.p12"))));
    openssl.writeBytes("p12.b64", content);
    const advice = otherThanPkcs12(content, "p12.b64");
    expect(advice?.problem).toContain("is base64");
    expect(isOwn.privateKey(readPkcs12(followed(advice), undefined).privateKeyPem)).toBe(true);
  });
});

describe("where no command helps, it is said what to give", () => {
  it.each<[string, Wanted, () => Buffer, RegExp]>([
    [
      "a CSR for a certificate",
      "certificate",
      () => der(csr),
      /is a certificate signing request in DER.* as PEM/,
    ],
    [
      "an archive for a key",
      "privateKey",
      () => openssl.readBytes("own.p12"),
      /PKCS#12.*`pkcs12` with its `password`/,
    ],
    [
      "a private key for a public one",
      "publicKey",
      () => der(key),
      /is a private key in DER, not a public key/,
    ],
  ])("%s", (_, wanted, content, expected) => {
    expect(otherContainer(content(), wanted)?.message).toMatch(expected);
  });

  it.each<[string, Wanted, () => string]>([
    ["DER that was read as text", "certificate", () => der(own).toString("utf8")],
    ["a key in DER that was read as text", "privateKey", () => der(key).toString("utf8")],
    [
      "UTF-16 that was read as text",
      "certificate",
      () => Buffer.from(`\uFEFF${own}`, "utf16le").toString("utf8"),
    ],
    [
      "UTF-16 without a mark that was read as text",
      "csr",
      () => Buffer.from(csr, "utf16le").toString("utf8"),
    ],
  ])("%s", (_, wanted, text) => {
    expect(otherContainer(text(), wanted)?.message).toMatch(
      /read as (text|UTF-8)\. Convert it with `(openssl|iconv) /,
    );
  });
});

it("PEM and unknown content are returned unchanged", () => {
  for (const text of [own, csr, publicKey, key, "", "device-1", "0", "./cert.pem", "A".repeat(100)]) {
    for (const wanted of ["certificate", "csr", "publicKey", "privateKey"] as const) {
      expect(otherContainer(text, wanted)).toBeUndefined();
      expect(otherContainer(Buffer.from(text), wanted)).toBeUndefined();
    }
  }
});

function sshKey(): Buffer {
  openssl.writeBytes("ssh", Buffer.from(key), 0o600);
  // It can't convert to its own format by name, but it does when it changes the (empty) password.
  execFileSync("ssh-keygen", ["-p", "-N", "", "-f", "ssh"], { cwd: openssl.folder, stdio: "pipe" });
  return openssl.readBytes("ssh");
}

function sshPublicKey(): string {
  openssl.writeBytes("ssh", Buffer.from(key), 0o600);
  return execFileSync("ssh-keygen", ["-y", "-f", "ssh"], { cwd: openssl.folder, encoding: "utf8" });
}

it("an encrypted private key is decrypted by the command that is given", () => {
  const made = [
    ["pkcs8.key", "pkcs8", "-topk8", "-v2", "aes-256-cbc"],
    ["sec1.key", "ec", "-aes128"],
    ["3des.key", "ec", "-des3"],
  ] as const;
  for (const [name, ...args] of made) {
    openssl.run(...args, "-in", "own.key", "-passout", `pass:${password}`, "-out", name);
    const command = commandFor(name);
    execFileSync("bash", ["-c", command.replace("-out", `-passin pass:${password} -out`)], {
      cwd: openssl.folder,
      stdio: "pipe",
    });
    expect(isOwn.privateKey(openssl.read("decrypted.pem"))).toBe(true);
  }
});

function commandFor(name: string): string {
  try {
    loadPrivateKey(openssl.read(name), { file: name });
  } catch (error) {
    return /decrypt it with `(.+)`/.exec(String(error))?.[1] ?? "false";
  }
  return "false";
}
