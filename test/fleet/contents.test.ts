import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadFleet } from "../../provider/fleet/load.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import { createCa } from "../../provider/pki/ca.js";
import { createSigner } from "../support/deviceSigner.js";
import { generateKeyPair } from "../../provider/pki/keys.js";
import { toPem } from "../../provider/pki/pem.js";
import { fleetContents } from "../../provider/resources/fleetContents.js";
import { csrs } from "../support/credentials.js";
import { memoryIo, opening, type Texts } from "./io.js";

const now = new Date("2026-06-01T12:00:00Z");
const day = 24 * 60 * 60 * 1000;

const factory = createSigner(
  createCa({
    subject: { commonName: "Factory CA" },
    validity: { notBefore: new Date(now.getTime() - 100 * day), days: 1000 },
  }),
);

/** A certificate that ends so many days after now. */
function certificateFor(commonName: string, days = 30): string {
  return factory.sign({
    commonName,
    publicKeyPem: generateKeyPair().publicKeyPem,
    validity: { notBefore: new Date(now.getTime() - 90 * day), days: 90 + days },
  }).certificatePem;
}

function publicKeyOf(kind: "rsa" | "secp384r1"): string {
  const { publicKey } =
    kind === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: kind });
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}

/** A request of which the last bit of the signature was turned. */
function tampered(csr: string): string {
  const bytes = Buffer.from(csr.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
  const last = bytes.at(-1) ?? 0;
  bytes[bytes.length - 1] = last ^ 1;
  return toPem("CERTIFICATE REQUEST", bytes);
}

function loadAt(text: string, files: Texts = {}) {
  const io = { ...memoryIo({ ...files, "fleet.yaml": text }), contents: fleetContents(now) };
  return loadFleet("fleet.yaml", io);
}

function problemsOf(text: string, files: Texts = {}): string[] {
  try {
    loadAt(text, files);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(FleetFileError);
    return error instanceof FleetFileError ? error.message.split("\n") : [];
  }
}

describe("problems inside credentials", () => {
  it("are reported for all listed devices at once, each at its place", () => {
    const text = `${opening}groups:
  g:
    devices:
      - { id: mis-1, certificate: { file: 1.pem } }
      - { id: mis-2, certificate: { file: 2.pem } }
      - { id: rsa, publicKey: { file: rsa.pem } }
      - { id: curve, publicKey: { file: curve.pem } }
      - { id: csr, csr: { file: bad.csr } }
      - { id: junk, csr: { file: junk.csr } }
      - { id: late, certificate: { file: late.pem } }
      - { id: fine, certificate: { file: fine.pem } }
`;
    const files = {
      "1.pem": certificateFor("other-1"),
      "2.pem": certificateFor("MIS-2\u202E"),
      "rsa.pem": publicKeyOf("rsa"),
      "curve.pem": publicKeyOf("secp384r1"),
      "bad.csr": tampered(csrs()[0]),
      "junk.csr": toPem("CERTIFICATE REQUEST", Buffer.from("no request")),
      "late.pem": certificateFor("late", -1),
      "fine.pem": certificateFor("fine"),
    };
    expect(problemsOf(text, files)).toEqual([
      'fleet.yaml:7:35 groups.g.devices[0].certificate: the certificate names "other-1", not mis-1 → fix: give the device\'s own certificate: its common name must be the device id, or MQTT refuses it',
      'fleet.yaml:8:35 groups.g.devices[1].certificate: the certificate names "MIS-2\\u202e", not mis-2 → fix: give the device\'s own certificate: its common name must be the device id, or MQTT refuses it',
      expect.stringMatching(
        /^fleet.yaml:9:31 groups.g.devices\[2\].publicKey: the public key has an RSA key/,
      ),
      expect.stringMatching(
        /^fleet.yaml:10:33 groups.g.devices\[3\].publicKey: the public key has .*secp384r1/,
      ),
      expect.stringMatching(/^fleet.yaml:11:25 groups.g.devices\[4\].csr: the signature of the CSR is wrong/),
      expect.stringMatching(/^fleet.yaml:12:26 groups.g.devices\[5\].csr: the CSR is damaged/),
      "fleet.yaml:13:34 groups.g.devices[6].certificate: the certificate expired at 2026-05-31T12:00:00Z, so the device can't connect → fix: give the device another",
    ]);
  });

  it("are reported for all rows of a CSV file at once, with line and column", () => {
    const rows = Array.from({ length: 40 }, (_, index) => `f-${index},"${certificateFor(`g-${index}`)}"`);
    const csv = `id,certificate\n${rows.join("\n")}\nb c,"${publicKeyOf("rsa")}"\n`;
    const problems = problemsOf(`${opening}groups: { f: { csv: f.csv } }\n`, { "f.csv": csv });
    expect(problems).toHaveLength(42);
    // Signatures, and so certificates, differ in length.
    const lineOf = (index: number) =>
      ["id,certificate", ...rows.slice(0, index)].join("\n").split("\n").length + 1;
    for (const index of [0, 1, 39]) {
      const column = `f-${index},`.length + 1;
      expect(problems).toContainEqual(
        expect.stringContaining(
          `f.csv:${lineOf(index)}:${column} groups.f.csv: the certificate names "g-${index}", not f-${index}`,
        ),
      );
    }
  });

  it("are only a remark for an expired certificate, which an adopted device may keep", () => {
    const text = `${opening}groups: { g: { devices: [{ id: late, certificate: { file: late.pem } }] } }\n`;
    const fleet = loadAt(text, { "late.pem": certificateFor("late", -1) });
    expect(fleet.devices).toHaveLength(1);
    expect(fleet.remarks).toMatchObject([
      { path: "groups.g.devices[0].certificate", at: { file: "fleet.yaml", line: 4, column: 51 } },
    ]);
  });
});
