// Every parser of what comes from outside, with inputs that it takes. They are read from dist/.

import { createRequire } from "node:module";
import { parse } from "../chaos/json.mjs";
import { archives, certificate, csr, encryptedKey, PACKED_KEY, PASSWORD, pkcs7, token } from "./samples.mjs";

/** @type {(path: string) => unknown} */
const load = createRequire(import.meta.url);

/**
 * @typedef {object} Parser
 * @property {string} name
 * @property {readonly (Buffer | string)[]} samples  Each is taken as it is.
 * @property {(input: Buffer) => unknown} parse  Reads an input, or throws one of the errors that are meant for people.
 */

/** Errors by which a parser says that an input is wrong. */
const expected = ["PkiError", "FleetFileError", "CommandError", "IdPatternError"];

/**
 * Whether a parser may throw this.
 * @param {unknown} error
 */
export function isExpected(error) {
  return error instanceof Error && expected.includes(error.name);
}

const NOW = new Date("2026-06-01T12:00:00Z");

const fleet = `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca: { subject: { commonName: Fuzz CA } }
defaults: { tags: &t [all] }
groups:
  sensors: { ids: ["lab-{00..09}", "x{1..3}"], name: "Sensor {id}" }
  bench: { tags: *t, devices: [one, { id: two, adopt: recertify }] }
  factory: { csv: f.csv }
`;
const csv = 'id,name,tags\na-1,"A ""1""",x|y\na-2,,\n';

/**
 * All parsers.
 * @returns {Parser[]}
 */
export function parsers() {
  const { takeOverCa } = /** @type {typeof import("../../provider/pki/ca.js")} */ (
    load("../../dist/provider/pki/ca.js")
  );
  const { describeCertificate } = /** @type {typeof import("../../provider/pki/certificate.js")} */ (
    load("../../dist/provider/pki/certificate.js")
  );
  const { otherContainer, otherThanPkcs12, severalCertificates } =
    /** @type {typeof import("../../provider/pki/container.js")} */ (
      load("../../dist/provider/pki/container.js")
    );
  const { parseCsr } = /** @type {typeof import("../../provider/pki/csr.js")} */ (
    load("../../dist/provider/pki/csr.js")
  );
  const { loadPrivateKey, parsePublicKey } = /** @type {typeof import("../../provider/pki/keys.js")} */ (
    load("../../dist/provider/pki/keys.js")
  );
  const { readPkcs12 } = /** @type {typeof import("../../provider/pki/pkcs12.js")} */ (
    load("../../dist/provider/pki/pkcs12.js")
  );
  const { parseAttestationToken } = /** @type {typeof import("../../provider/pki/attestationToken.js")} */ (
    load("../../dist/provider/pki/attestationToken.js")
  );
  const { keyPem, unpackCertificates, packCertificates, unpackKeys, packKeys } =
    /** @type {typeof import("../../provider/pki/pack.js")} */ (load("../../dist/provider/pki/pack.js"));
  const { loadFleet } = /** @type {typeof import("../../provider/fleet/load.js")} */ (
    load("../../dist/provider/fleet/load.js")
  );
  const { parseCodeList } = /** @type {typeof import("../../provider/fleet/codeList.js")} */ (
    load("../../dist/provider/fleet/codeList.js")
  );
  const { fleetContents } = /** @type {typeof import("../../provider/resources/fleetContents.js")} */ (
    load("../../dist/provider/resources/fleetContents.js")
  );
  const { readErrorSummary } = /** @type {typeof import("../../provider/cloud/bulkErrors.js")} */ (
    load("../../dist/provider/cloud/bulkErrors.js")
  );
  const { readEntry } = /** @type {typeof import("../../provider/journal/entry.js")} */ (
    load("../../dist/provider/journal/entry.js")
  );
  const { readPreview } = /** @type {typeof import("../../cli/report/digest.js")} */ (
    load("../../dist/cli/report/digest.js")
  );
  const { parseIdPatterns } = /** @type {typeof import("../../provider/fleet/idPatterns.js")} */ (
    load("../../dist/provider/fleet/idPatterns.js")
  );

  const certificatePem = pemOf("CERTIFICATE", certificate);
  const csrPem = pemOf("CERTIFICATE REQUEST", csr);
  const privateKeyPem = keyPem(PACKED_KEY);
  const { publicKeyPem } = describeCertificate(certificatePem);
  const text = (/** @type {(text: string) => unknown} */ parse) => (/** @type {Buffer} */ input) =>
    parse(input.toString());
  const fleetOf = (/** @type {Record<string, Buffer | string>} */ files) =>
    loadFleet("fleet.yaml", {
      readBytes: (/** @type {string} */ path) => {
        const content = files[path];
        if (content === undefined) throw Object.assign(new Error("not there"), { code: "ENOENT" });
        return Buffer.from(content);
      },
      checkReadable: () => undefined,
      env: () => undefined,
      contents: fleetContents(NOW),
    });

  return [
    { name: "certificate", samples: [certificatePem], parse: text(describeCertificate) },
    {
      name: "certificate's DER",
      samples: [certificate],
      parse: (der) => describeCertificate(pemOf("CERTIFICATE", der)),
    },
    {
      name: "CA",
      samples: [certificatePem],
      parse: text((pem) => takeOverCa({ certificatePem: pem, privateKeyPem })),
    },
    { name: "CSR", samples: [csrPem], parse: text(parseCsr) },
    { name: "CSR's DER", samples: [csr], parse: (der) => parseCsr(pemOf("CERTIFICATE REQUEST", der)) },
    { name: "public key", samples: [publicKeyPem], parse: text(parsePublicKey) },
    {
      name: "public key's DER",
      samples: [derOf(publicKeyPem)],
      parse: (der) => parsePublicKey(pemOf("PUBLIC KEY", der)),
    },
    {
      name: "private key",
      samples: [privateKeyPem, pemOf("ENCRYPTED PRIVATE KEY", encryptedKey)],
      parse: text((pem) => loadPrivateKey(pem, { password: PASSWORD })),
    },
    {
      name: "private key's DER",
      samples: [derOf(privateKeyPem)],
      parse: (der) => loadPrivateKey(pemOf("PRIVATE KEY", der)),
    },
    {
      name: "encrypted key's DER",
      samples: [encryptedKey],
      parse: (der) => loadPrivateKey(pemOf("ENCRYPTED PRIVATE KEY", der), { password: PASSWORD }),
    },
    { name: "PKCS#12", samples: archives, parse: (bytes) => readPkcs12(bytes, PASSWORD) },
    {
      name: "PKCS#12 in base64",
      samples: archives.map((bytes) => bytes.toString("base64")),
      parse: text((base64) => readPkcs12(base64, PASSWORD)),
    },
    {
      name: "other containers",
      samples: [...archives, pkcs7, certificate, csr, certificatePem + certificatePem],
      parse(bytes) {
        for (const wanted of /** @type {const} */ (["certificate", "csr", "publicKey", "privateKey"])) {
          otherContainer(bytes, wanted, "file");
          otherContainer(bytes.toString(), wanted);
        }
        severalCertificates(bytes.toString());
        otherThanPkcs12(bytes);
      },
    },
    { name: "attestation token", samples: [token], parse: text(parseAttestationToken) },
    {
      name: "packed certificates",
      samples: [packCertificates(new Map([["a", certificatePem]]))],
      parse: text(unpackCertificates),
    },
    { name: "packed keys", samples: [packKeys(new Map([["a", privateKeyPem]]))], parse: text(unpackKeys) },
    {
      name: "fleet file",
      samples: [fleet],
      parse: (bytes) => fleetOf({ "fleet.yaml": bytes, "f.csv": csv }),
    },
    {
      name: "CSV of devices",
      samples: [csv],
      parse: (bytes) => fleetOf({ "fleet.yaml": fleet, "f.csv": bytes }),
    },
    {
      name: "CSV of claims",
      samples: [`token\n${token}\n`],
      parse: (bytes) =>
        fleetOf({
          "fleet.yaml": "apiVersion: nrfcloud.dev/v1\nkind: Fleet\nclaims: { t: { csv: t.csv } }\n",
          "t.csv": bytes,
        }),
    },
    {
      name: "list of codes",
      samples: ["lot-1,secret-secret-secret\n352656100123457,other-secret-of-it\n"],
      parse: text(parseCodeList),
    },
    { name: "id patterns", samples: ["lab-{000..099}", "a*"], parse: text(parseIdPatterns) },
    {
      name: "error summary",
      samples: ['{"errors": ["[0]: no", "[1]: none"]}'],
      parse: text((json) => readErrorSummary(json, 10)),
    },
    {
      name: "entry of the journal",
      samples: [
        '{"kind":"started","seq":1,"revision":2,"at":"2026-06-01T12:00:00.000Z","step":"onboard","rows":[{"id":"a","line":"b"}]}',
      ],
      parse: text((json) => readEntry(jsonOf(json))),
    },
    {
      name: "preview",
      samples: [
        '{"steps":[{"op":"create","urn":"urn:pulumi:a::b::c::d","newState":{"inputs":{"privateKey":"x"}}}],"diagnostics":[],"changeSummary":{"same":1}}',
      ],
      parse: text(readPreview),
    },
  ];
}

/** @param {string} text */
function jsonOf(text) {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** @param {string} pem */
function derOf(pem) {
  return Buffer.from(pem.replace(/-----.*-----|\s/g, ""), "base64");
}

/**
 * @param {string} label
 * @param {Buffer} der
 */
function pemOf(label, der) {
  return `-----BEGIN ${label}-----\n${der.toString("base64")}\n-----END ${label}-----\n`;
}
