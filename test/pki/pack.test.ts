import { beforeAll, describe, expect, it } from "vitest";
import { createCa } from "../../provider/pki/ca.js";
import { createSigner } from "../support/deviceSigner.js";
import { generateKeyPair, parsePrivateKey } from "../../provider/pki/keys.js";
import {
  keyPem,
  packCertificates,
  packKeys,
  unpackCertificates,
  unpackKeys,
} from "../../provider/pki/pack.js";
import { expectNoSecret, OpenSsl, pkiError } from "./openssl.js";

const openssl = new OpenSsl();
const notBefore = new Date("2026-01-01T00:00:00Z");
const ca = createCa({ subject: { commonName: "Pack CA" }, validity: { notBefore, days: 7300 } });
const signer = createSigner(ca);

function certificate(commonName: string): string {
  return signer.sign({
    commonName,
    publicKeyPem: generateKeyPair().publicKeyPem,
    validity: { notBefore, days: 3650 },
  }).certificatePem;
}

describe("packed certificates", () => {
  it("are none where there are none", () => {
    expect(packCertificates(new Map())).toBe("");
    expect(unpackCertificates("")).toEqual(new Map());
  });

  it("come back as they were, one or several of a device, whatever its id", () => {
    const certificates = new Map([
      ["lab-1", certificate("lab-1")],
      ["kit-1", certificate("kit-1") + ca.certificatePem],
      ["352656100000001", certificate("352656100000001")],
      ["__proto__", certificate("__proto__")],
    ]);
    expect([...unpackCertificates(packCertificates(certificates))]).toEqual([...certificates]);
  });

  it("come back normalized", () => {
    const pem = certificate("lab-1");
    const others = `subject=lab-1\r\n${pem.replaceAll("\n", "\r\n")}`;
    expect(unpackCertificates(packCertificates(new Map([["lab-1", others]]))).get("lab-1")).toBe(pem);
  });

  it.each(["", "no PEM at all", "-----BEGIN CERTIFICATE-----\n?"])(
    "lose no text that is no certificate: %j",
    (text) => {
      const certificates = new Map([
        ["a", certificate("a")],
        ["b", text],
        ["c", certificate("c")],
      ]);
      expect(unpackCertificates(packCertificates(certificates))).toEqual(certificates);
    },
  );

  const packed = packCertificates(new Map([["lab-1", certificate("lab-1")]]));
  it.each([
    ["cut short", packed.slice(0, -40)],
    ["of no bytes", "AAAA"],
    ["something else", "hello"],
    ["a text", "-----BEGIN CERTIFICATE-----"],
  ])("can't be read when they are %s", (_, text) => {
    const { message } = pkiError(() => unpackCertificates(text), "malformed-pack");
    expect(message).toContain("pulumi stack export --version");
  });
});

describe("packed keys", () => {
  it("are none where there are none", () => {
    expect(packKeys(new Map())).toBe("");
    expect([...unpackKeys("").ids()]).toEqual([]);
  });

  it("take 43 characters for a P-256 key", () => {
    const packed = packKeys(new Map([["lab-1", generateKeyPair().privateKeyPem]]));
    expect(packed).toMatch(/^\{"lab-1":"[A-Za-z0-9_-]{43}"\}$/);
  });

  it("come back as they were made", () => {
    // Of so many some have a scalar or a coordinate that begins with zeros.
    const keys = new Map(
      Array.from({ length: 1000 }, (_, i) => [`lab-${i}`, generateKeyPair().privateKeyPem]),
    );
    const back = unpackKeys(packKeys(keys));
    expect([...back.ids()]).toEqual([...keys.keys()]);
    for (const [id, pem] of keys) expect(back.get(id)).toBe(pem);
    expect(back.get("lab-1000")).toBeUndefined();
  });

  it("come back in the same form, whatever form a P-256 key had", () => {
    const pkcs8 = openssl.write("key.pem", openssl.p256Key());
    const normal = parsePrivateKey(openssl.read(pkcs8)).privateKeyPem;
    const forms = {
      sec1: openssl.run("pkey", "-in", pkcs8, "-traditional"),
      compressed: openssl.run("pkey", "-in", pkcs8, "-ec_conv_form", "compressed"),
      crlf: normal.replaceAll("\n", "\r\n"),
    };
    for (const form of Object.values(forms)) expect(form).not.toBe(normal);
    const back = unpackKeys(packKeys(new Map(Object.entries(forms))));
    expect([...back.ids()].map((id) => back.get(id))).toEqual([normal, normal, normal]);
  });

  it("lose nothing of a key of another kind, or of a text that is no key", () => {
    const keys = new Map([
      ["rsa", openssl.key("RSA", "rsa_keygen_bits:2048")],
      ["p384", openssl.key("EC", "ec_paramgen_curve:P-384")],
      ["damaged", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"],
      ["text", "what the service gave"],
    ]);
    const back = unpackKeys(packKeys(keys));
    for (const [id, text] of keys) expect(back.get(id)).toBe(text);
  });

  it("are packed again as they are", () => {
    const keys = new Map([
      ["lab-1", generateKeyPair().privateKeyPem],
      ["p384", openssl.key("EC", "ec_paramgen_curve:P-384")],
    ]);
    const packed = packKeys(keys);
    const back = unpackKeys(packed);
    const raw = new Map([...back.ids()].map((id) => [id, back.raw(id) ?? ""]));
    expect(packKeys(raw)).toBe(packed);
    expect(keyPem(raw.get("lab-1") ?? "")).toBe(keys.get("lab-1"));
  });

  const secret = generateKeyPair().privateKeyPem;
  it.each([
    ["cut short", packKeys(new Map([["lab-1", secret]])).slice(0, -4)],
    ["a key alone", secret],
    ["a list", '["x"]'],
    ["numbers", '{"lab-1":5}'],
  ])("can't be read when they are %s", (_, text) => {
    const error = pkiError(() => unpackKeys(text), "malformed-pack");
    expectNoSecret(error.message, secret, text);
  });

  it("say of a number that is no key of the curve that it can't be read", () => {
    const keys = unpackKeys(JSON.stringify({ "lab-1": "_".repeat(43) }));
    pkiError(() => keys.get("lab-1"), "malformed-pack");
  });
});

describe("a thousand devices of one CA", () => {
  const certificates = new Map<string, string>();
  const keys = new Map<string, string>();

  beforeAll(() => {
    for (let i = 0; i < 1_000; i++) {
      const id = `nrf-${350_000_000_000_000 + i}`;
      const { publicKeyPem, privateKeyPem } = generateKeyPair();
      const signed = signer.sign({ commonName: id, publicKeyPem, validity: { notBefore, days: 3650 } });
      certificates.set(id, signed.certificatePem);
      keys.set(id, privateKeyPem);
    }
  });

  it("have certificates of well under 400 characters each, all of which come back", () => {
    const packed = packCertificates(certificates);
    expect(packed.length / certificates.size).toBeLessThan(350);
    expect(unpackCertificates(packed)).toEqual(certificates);
  });

  it("have keys of less than 80 characters each, with their ids", () => {
    expect(packKeys(keys).length / keys.size).toBeLessThan(80);
  });
});
