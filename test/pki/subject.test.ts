import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCa } from "../../provider/pki/ca.js";
import { parseCsr } from "../../provider/pki/csr.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { subjectProblems, type Subject } from "../../provider/pki/subject.js";
import { OpenSsl, pkiError } from "./openssl.js";

const openssl = new OpenSsl();
const { privateKeyPem } = generateKeyPair();

function certify(subject: Subject) {
  return createCa({ subject, validity: { notBefore: new Date(), days: 1 }, privateKeyPem });
}

const word = (maxLength: number) =>
  fc
    .array(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), { minLength: 1, maxLength })
    .map((characters) => characters.filter((character) => !/\p{Control}/u.test(character)).join(""))
    .filter((text) => text.trim() !== "");
const country = fc.stringMatching(/^[A-Za-z]{2}$/);
const email = fc.stringMatching(/^[!-~]{1,60}@[!-~]{1,60}$/);
const anySubject: fc.Arbitrary<Subject> = fc
  .record(
    {
      country,
      state: word(128),
      locality: word(128),
      organization: word(64),
      organizationalUnit: word(64),
      commonName: word(64),
      emailAddress: email,
    },
    { requiredKeys: [] },
  )
  .filter((subject) => Object.keys(subject).length > 0);

describe("a subject", () => {
  it("is the same in the certificate", () => {
    fc.assert(
      fc.property(anySubject, (subject) => {
        expect(subjectProblems(subject)).toEqual([]);
        expect(certify(subject).subject).toEqual(subject);
      }),
    );
  });

  it("is written in the order and the string types that tools expect", () => {
    const { certificatePem } = certify({
      emailAddress: "iot@example.com",
      commonName: "Fjord 🛰",
      organizationalUnit: "Måling",
      organization: "Ægir AS",
      locality: "Trondheim",
      state: "Trøndelag",
      country: "NO",
    });
    const file = openssl.write("named.pem", certificatePem);
    expect(
      openssl
        .run("x509", "-in", file, "-noout", "-subject", "-nameopt", "RFC2253,show_type,utf8,-esc_msb")
        .trim(),
    ).toBe(
      "subject=emailAddress=IA5STRING:iot@example.com,CN=UTF8STRING:Fjord 🛰,OU=UTF8STRING:Måling,O=UTF8STRING:Ægir AS,L=UTF8STRING:Trondheim,ST=UTF8STRING:Trøndelag,C=PRINTABLESTRING:NO",
    );
  });

  it("is read from the older string types too, leaving unknown attributes out and taking the last of repeated ones", () => {
    const csr = (...options: string[]) =>
      parseCsr(
        openssl.csr(privateKeyPem, "/O=Ægir/OU=first/OU=second/serialNumber=7/CN=Fjord", "-utf8", ...options),
      );
    const expected = { organization: "Ægir", organizationalUnit: "second", commonName: "Fjord" };
    for (const mask of ["default", "pkix", "utf8only", "nombstr", "MASK:0x800", "MASK:0x100"]) {
      const config = openssl.write("mask.cnf", `[req]\ndistinguished_name=dn\nstring_mask=${mask}\n[dn]\n`);
      expect(csr("-config", config).subject, mask).toEqual(expected);
    }
  });

  it("accepts exactly the X.520 lengths, counted in characters", () => {
    expect(subjectProblems({ commonName: "🛰".repeat(64), state: "ø".repeat(128) })).toEqual([]);
    const problems = subjectProblems({
      commonName: "🛰".repeat(65),
      organization: "x".repeat(65),
      state: "ø".repeat(129),
    });
    expect(problems.map(({ problem }) => problem)).toEqual([
      "The subject's state has 129 characters, over the X.520 limit of 128.",
      "The subject's organization has 65 characters, over the X.520 limit of 64.",
      "The subject's commonName has 65 characters, over the X.520 limit of 64.",
    ]);
  });

  it.each([
    [{ country: "Norway" }, /two-letter/],
    [{ country: "N" }, /two-letter/],
    [{ country: "ÅÅ" }, /two-letter/],
    [{ commonName: "" }, /empty/],
    [{ commonName: "  " }, /empty/],
    [{ commonName: "a\nb" }, /control characters/],
    [{ commonName: "a\0b" }, /control characters/],
    [{ commonName: "\ud800" }, /broken Unicode/],
    [{ emailAddress: "nobody" }, /not an address/],
    [{ emailAddress: "kåre@example.com" }, /not an address/],
    [{ emailAddress: `a@${"b".repeat(254)}` }, /limit of 255/],
  ] as const)("is refused as %j", (subject, message) => {
    expect(subjectProblems(subject)).toHaveLength(1);
    expect(pkiError(() => certify(subject), "invalid-subject").message).toMatch(message);
  });

  it("of a CA cannot be empty", () => {
    expect(pkiError(() => certify({}), "invalid-subject").message).toContain("commonName");
  });
});
