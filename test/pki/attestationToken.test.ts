import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { encode, Tag } from "cbor2";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bareAttestationToken, parseAttestationToken } from "../../provider/pki/attestationToken.js";
import { expectNoSecret, pkiError } from "./openssl.js";

/** Published in github.com/nRFCloud/utils, tests/test_claim_and_provision_device.py. */
const published =
  "2dn3hQFQUDYxVDkxRPCAIhIbZAFifQNQGv86y_GmR2SiY0wmRsHGVFDT791_BPH8YOWFiyCHND1q" +
  ".0oRDoQEmoQRBIfZYQGuXwJliinHc6xDPruiyjsaXyXZbZVpUuOhHG9YS8L05VuglCcJhMN4EUhWVGpaHgNnHHno6ahi-d5tOeZmAcNY";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const token = (body: Uint8Array, cose: Uint8Array) => `${base64url(body)}.${base64url(cose)}`;

// Plain byte arrays: the library writes Buffers as what their toJSON gives.
const hex = (digits: string) => new Uint8Array(Buffer.from(digits, "hex"));
const random = (length: number) => new Uint8Array(randomBytes(length));

const device = hex("50503354393144f08022121b6401627d");
const firmware = hex("00112233445566778899aabbccddeeff");

/** The fields of an identity message; those that are given replace a modem's. */
const identity = (fields: unknown[] = [1, device, 6, firmware, random(16)]) => encode(new Tag(55799, fields));

interface Cose {
  tag?: number;
  header?: unknown;
  unprotected?: unknown;
  payload?: unknown;
  signature?: unknown;
  others?: unknown[];
}

/** A signature over a body, as COSE (RFC 9052) has it for payloads that are elsewhere. */
function signed(body: Uint8Array, change: Cose = {}): Uint8Array {
  const header = hex("a10126");
  const content = encode(["Signature1", header, new Uint8Array(), body]);
  const signature = new Uint8Array(sign("sha256", content, { key: privateKey, dsaEncoding: "ieee-p1363" }));
  const { tag = 18, unprotected = new Map([[4, hex("21")]]), payload = null, others = [] } = change;
  return encode(
    new Tag(tag, [change.header ?? header, unprotected, payload, change.signature ?? signature, ...others]),
  );
}

const modemToken = (body = identity()) => token(body, signed(body));

describe("an attestation token", () => {
  it("as published by Nordic is read", () => {
    expect(parseAttestationToken(published)).toEqual({
      deviceUuid: "50363154-3931-44f0-8022-121b6401627d",
      deviceType: { number: 3, name: "nRF9160" },
      firmwareUuid: "1aff3acb-f1a6-4764-a263-4c2646c1c654",
    });
  });

  it("has the same device whatever its nonce", () => {
    const [first, second] = [modemToken(), modemToken()];
    expect(first).not.toBe(second);
    expect(parseAttestationToken(first)).toEqual(parseAttestationToken(second));
    expect(parseAttestationToken(first)).toEqual({
      deviceUuid: "50503354-3931-44f0-8022-121b6401627d",
      deviceType: { number: 6, name: "nRF9151" },
      firmwareUuid: "00112233-4455-6677-8899-aabbccddeeff",
    });
  });

  it.each([
    [1, "nRF9160"],
    [2, "nRF9160"],
    [3, "nRF9160"],
    [4, "nRF9161"],
    [5, "nRF9131"],
    [6, "nRF9151"],
    [0, "unknown (0)"],
    [7, "unknown (7)"],
    [300, "unknown (300)"],
  ])("of device type %i is of an %s", (number, name) => {
    const body = identity([1, device, number, firmware, random(16)]);
    expect(parseAttestationToken(modemToken(body)).deviceType).toEqual({ number, name });
  });

  it.each([
    [`  ${published}\r\n`],
    [`"${published}"`],
    [`'${published}'`],
    [` " ${published} " `],
    [`\n${published}\n`],
  ])("may have white space and quotes around it: %#", (text) => {
    expect(bareAttestationToken(text)).toBe(published);
    expect(parseAttestationToken(text)).toEqual(parseAttestationToken(published));
  });

  it("is read for any device, type and firmware", () => {
    const id = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(id, fc.nat(0xffff_ffff), id, id, (uuid, type, firmwareId, nonce) => {
        const read = parseAttestationToken(modemToken(identity([1, uuid, type, firmwareId, nonce])));
        expect(read.deviceUuid.replaceAll("-", "")).toBe(Buffer.from(uuid).toString("hex"));
        expect(read.firmwareUuid.replaceAll("-", "")).toBe(Buffer.from(firmwareId).toString("hex"));
        expect(read.deviceType.number).toBe(type);
      }),
      { numRuns: 50 },
    );
  });
});

describe("what is no attestation token", () => {
  const body = identity();
  const cose = signed(body);
  const [first = "", second = ""] = published.split(".");
  const keygen = encode(new Tag(55799, [9, device, encode(16842753), random(32), random(16)]));
  const withBody = (fields: unknown[]) => token(identity(fields), cose);
  const withCose = (change: Cose) => token(body, signed(body, change));
  const nonce = random(16);

  it.each<[what: string, text: string, problem: RegExp]>([
    ["nothing", " \n", /is empty/],
    ["empty quotes", '""', /is empty/],
    ["the first part alone", first, /has no dot/],
    ["an empty first part", `.${second}`, /nothing in its first part/],
    ["an empty second part", `${first}.`, /nothing in its second part/],
    ["a JWT", "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJkZXYtMSJ9.c2ln", /has 3 parts/],
    ["padded base64", `${first}.${second}==`, /second part that is not base64url/],
    ["plain base64", `${first.replaceAll("_", "/")}.${second}`, /first part that is not base64url/],
    ["the whole answer of the modem", `%ATTESTTOKEN: "${published}"`, /not base64url/],
    ["a line break in the middle", `${first}.${second.slice(0, 40)}\n${second.slice(40)}`, /not base64url/],
    ["an end cut off by one", published.slice(0, -1), /second part/],
    ["an end cut off by many", published.slice(0, -40), /second part of \d+ bytes that is not CBOR/],
    [
      "a first part that is cut short",
      `${first.slice(0, 40)}.${second}`,
      /first part of 30 bytes that is not CBOR/,
    ],
    ["parts in the wrong order", `${second}.${first}`, /of another kind/],
    ["a text", token(Buffer.from("hello, world"), cose), /first part of 12 bytes that is not CBOR/],
    ["something after the body", token(Buffer.concat([body, Buffer.from([0])]), cose), /not CBOR/],
    ["something after the signature", token(body, Buffer.concat([cose, Buffer.from([0])])), /not CBOR/],
    [
      "an answer to AT%KEYGEN",
      token(hex("3059301306072a86"), signed(body, { payload: keygen })),
      /AT%KEYGEN/,
    ],
    ["a body without its tag", token(encode([1, device, 6, firmware, nonce]), cose), /of another kind/],
    [
      "a body with another tag",
      token(encode(new Tag(18, [1, device, 6, firmware, nonce])), cose),
      /of another kind/,
    ],
    ["a body that is no list", token(encode(new Tag(55799, 1)), cose), /of another kind/],
    ["another message", withBody([2, device, 6, firmware, nonce]), /of another kind/],
    ["an empty message", withBody([]), /of another kind/],
    ["a field too few", withBody([1, device, 6, firmware]), /five fields/],
    ["a field too many", withBody([1, device, 6, firmware, nonce, 0]), /five fields/],
    ["a UUID that is too short", withBody([1, device.subarray(1), 6, firmware, nonce]), /five fields/],
    ["a UUID that is a text", withBody([1, "x".repeat(16), 6, firmware, nonce]), /five fields/],
    ["a device type that is negative", withBody([1, device, -1, firmware, nonce]), /five fields/],
    ["a device type that is a fraction", withBody([1, device, 1.5, firmware, nonce]), /not CBOR/],
    ["a device type that is too large", withBody([1, device, 2 ** 32, firmware, nonce]), /five fields/],
    ["a nonce that is too short", withBody([1, device, 6, firmware, nonce.subarray(1)]), /five fields/],
    ["a number in more bytes than it needs", token(longNumber(body), cose), /not CBOR/],
    ["another COSE message", withCose({ tag: 17 }), /not a signature/],
    ["a signature with more to it", withCose({ others: [1] }), /not a signature/],
    ["a second part that is no list", token(body, encode(new Tag(18, "x"))), /not a signature/],
    ["a signature that holds its message", withCose({ payload: body }), /AT%KEYGEN/],
    ["another algorithm", withCose({ header: hex("a1013822") }), /not signed with ES256/],
    ["no algorithm", withCose({ header: new Uint8Array() }), /not signed with ES256/],
    ["another key", withCose({ unprotected: new Map([[4, hex("23")]]) }), /identity key/],
    ["no key", withCose({ unprotected: new Map() }), /identity key/],
    [
      "two keys",
      withCose({
        unprotected: new Map([
          [4, hex("21")],
          [5, hex("21")],
        ]),
      }),
      /identity key/,
    ],
    ["a short signature", withCose({ signature: random(63) }), /not 64 bytes/],
    ["a signature in DER", withCose({ signature: random(71) }), /not 64 bytes/],
  ])("%s is refused", (_what, text, problem) => {
    const error = pkiError(() => parseAttestationToken(text), "malformed-token");
    expect(error.problem).toMatch(problem);
    expect(error.remedy).toMatch(/AT%ATTESTTOKEN.*2\.0\.0.*%CLAIMTOKEN/);
    expectNoSecret(
      error.message,
      ...text
        .trim()
        .split(/[."]/)
        .filter((part) => part.length > 30),
    );
  });

  it("is refused without showing any of it, however it was damaged", () => {
    const bytes = [...body, ...cose];
    const typeAt = 22;
    const ranges = [
      [6, 22],
      [24, 40],
      [41, 57],
    ] as const;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ flip : byte)));
        const text = token(damaged.subarray(0, body.length), damaged.subarray(body.length));
        // Ids, nonce and signature are any bytes, and the type is any number: there damage does not show.
        const isOpen =
          ranges.some(([from, to]) => at >= from && at < to) ||
          (at === typeAt && (damaged[at] ?? 0) < 24) ||
          at >= bytes.length - 64;
        if (isOpen) expect(parseAttestationToken(text)).not.toEqual(undefined);
        else
          expectNoSecret(
            pkiError(() => parseAttestationToken(text), "malformed-token").message,
            ...text.split("."),
          );
      }),
      { numRuns: 500 },
    );
  });

  it("is refused with a PkiError, whatever text it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.uint8Array().map(base64url)), (text) => {
        pkiError(() => parseAttestationToken(`${text}.${text}`), "malformed-token");
      }),
    );
  });
});

/** The device type, 6, written in two bytes. */
function longNumber(body: Uint8Array): Uint8Array {
  const at = body.indexOf(6, 22);
  expect(at).toBe(22);
  return Buffer.concat([body.subarray(0, at), Buffer.from([0x18, 6]), body.subarray(at + 1)]);
}
