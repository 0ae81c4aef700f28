import { describe, expect, it } from "vitest";
import { loadFleet } from "../../provider/fleet/load.js";
import { createCa } from "../../provider/pki/ca.js";
import { parseCsr } from "../../provider/pki/csr.js";
import { fleetContents } from "../../provider/resources/fleetContents.js";
import { credentialsFor, csrs } from "../support/credentials.js";
import { memoryIo, opening, openingWithoutCa, problemsOf, type Texts } from "./io.js";
import { attestationToken } from "./tokens.js";

const one = "50363154-3931-44f0-8022-121b6401627d";
const two = "50503354-3931-44f0-8022-121b6401627d";
const [ofOne, ofTwo] = [attestationToken(one), attestationToken(two)];

/** With real contents: what is read must be sound. */
function load(text: string, files: Texts) {
  return loadFleet("fleet.yaml", {
    ...memoryIo({ ...files, "fleet.yaml": text }),
    contents: fleetContents(new Date()),
  });
}

describe("a file of attestation tokens", () => {
  const claims = `${openingWithoutCa}claims: { f: { csv: f.csv } }\n`;

  it.each([
    ["as memfault-cli takes it", `deviceId,attestationToken\n${one},${ofOne}\n${two},${ofTwo}\n`, [[], []]],
    [
      "as the service takes it",
      `"${ofOne}","nrf-cloud-onboarding,location=Oslo"\n"${ofTwo}"\n`,
      [["nrf-cloud-onboarding", "location=Oslo"], []],
    ],
    ["as the service takes it, tokens alone", `"${ofOne}"\n"${ofTwo}","a"\n`, [[], ["a"]]],
  ])("is read %s", (_, csv, tags) => {
    const found = load(claims, { "f.csv": csv }).claims;
    expect(found.map(({ uuid }) => uuid)).toEqual([one, two]);
    expect(found.map((claim) => claim.tags)).toEqual(tags);
  });

  it("has its device ids compared with the tokens", () => {
    const problems = problemsOf(claims, { "f.csv": `deviceId,attestationToken\n${two},${ofOne}\n` });
    expect(problems).toEqual([
      `f.csv:2:1 claims.f.csv: the token belongs to another device, "${one}" → fix: give the token of this device, or correct the uuid`,
    ]);
  });
});

describe("a CSV file for the organization API", () => {
  it("is read if it has certificates", () => {
    const { before } = credentialsFor("f-1");
    const csv = `deviceId,certificate\nf-1,"${before}"\n`;
    const { devices } = load(`${openingWithoutCa}groups: { f: { csv: f.csv } }\n`, { "f.csv": csv });
    expect(devices).toMatchObject([
      { deviceId: "f-1", credential: { kind: "certificate", certificate: before } },
    ]);
  });

  it.each([
    [
      "groups",
      "deviceId,onboardingToken\na,eyJ\n",
      "f.csv:1:10 groups.f.csv: the file has onboarding tokens (nRF93M1), which only nRF Cloud's organization API takes → fix: onboard these devices with memfault-cli nrfcloud device create",
    ],
    [
      "claims",
      "deviceId,onboardingToken\na,eyJ\n",
      "f.csv:1:10 claims.f.csv: the file has onboarding tokens (nRF93M1), which only nRF Cloud's organization API takes → fix: onboard these devices with memfault-cli nrfcloud device create",
    ],
    [
      "jitp",
      "deviceId,selfSignedCertificateAttestation\na,MII.0oR\n",
      "f.csv:1:10 jitp.f.csv: the file has attestations of self-signed certificates (AT%KEYGEN type 14,2), which only nRF Cloud's organization API takes → fix: claim the devices with attestation tokens under claims, or give each a csr and a ca that signs it",
    ],
    [
      "groups",
      `deviceId,attestationToken\n${one},${ofOne}\n`,
      "f.csv:1:10 groups.f.csv: the file has attestation tokens → fix: name it in a group under claims",
    ],
  ])("is refused by name under %s if its credentials have no way there", (section, csv, expected) => {
    const text = `${openingWithoutCa}${section}: { f: { csv: f.csv } }\n`;
    expect(problemsOf(text, { "f.csv": csv })).toEqual([expected]);
  });

  it("is read if that column is ignored", () => {
    const text = `${opening}groups: { f: { csv: f.csv, ignoreColumns: [attestationToken] } }\n`;
    expect(problemsOf(text, { "f.csv": `deviceId,attestationToken\n${one},${ofOne}\n` })).toEqual([]);
  });
});

describe("what a modem or Nordic's tool gives instead of PEM", () => {
  const [request] = csrs();
  const body = Buffer.from(request.replaceAll(/-----[^-]+-----|\s/g, ""), "base64").toString("base64url");
  const answer = `${body}.0oRDoQEmoQRBIVhP2dn3hQlQUDYxVDkxRPCAIhIbZAFifUEq`;
  const { before } = credentialsFor("a");
  const embedded = (pem: string) =>
    pem
      .trimEnd()
      .split("\n")
      .map((line) => `"${line}\\n"\n`)
      .join("");

  it.each<[string, string, Texts]>([
    ["a file with the answer to AT%KEYGEN", "{ file: a.csr }", { "a.csr": answer }],
    [
      "the same with the modem's words around it",
      "{ file: a.csr }",
      { "a.csr": `%KEYGEN: "${answer}"\nOK\n` },
    ],
    ["the answer itself", `"${answer}"`, {}],
    ["line breaks that are spelled", JSON.stringify(request.replaceAll("\n", "\\n")), {}],
  ])("is read as a CSR: %s", (_, csr, files) => {
    const { devices } = load(`${opening}groups: { f: { devices: [{ id: a, csr: ${csr} }] } }\n`, files);
    expect(devices).toHaveLength(1);
    const [{ credential } = { credential: undefined }] = devices;
    expect(credential?.kind === "csr" && parseCsr(credential.csr)).toEqual(parseCsr(request));
  });

  it("is read in a CSV", () => {
    const { devices } = load(`${opening}groups: { f: { csv: f.csv } }\n`, {
      "f.csv": `id,csr\na,${answer}\n`,
    });
    expect(devices).toMatchObject([{ credential: { kind: "csr" } }]);
  });

  it("is read from the files of --embed-save", () => {
    const text = `${openingWithoutCa}groups: { f: { devices: [{ id: a, certificate: { file: client-cert.pem } }] } }\n`;
    expect(load(text, { "client-cert.pem": embedded(before) }).devices).toMatchObject([
      { credential: { kind: "certificate", certificate: before } },
    ]);
  });

  it("is refused if it is a private key", () => {
    const { privateKeyPem } = createCa({
      subject: { commonName: "x" },
      validity: { notBefore: new Date(), days: 1 },
    });
    const text = `${openingWithoutCa}groups: { f: { devices: [{ id: a, certificate: { file: private-key.pem } }] } }\n`;
    const problems = problemsOf(text, { "private-key.pem": embedded(privateKeyPem) });
    expect(problems).toEqual([expect.stringContaining("a private key is given instead of a certificate")]);
  });
});
