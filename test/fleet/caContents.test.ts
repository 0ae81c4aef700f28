import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { afterAll, describe, expect, it } from "vitest";
import { loadFleetFile } from "../../provider/fleet/disk.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import { createCa } from "../../provider/pki/ca.js";
import { fleetContents } from "../../provider/resources/fleetContents.js";
import { openingWithoutCa } from "./io.js";

const folder = mkdtempSync(join(tmpdir(), "fleet-ca-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
mkdirSync(join(folder, "my cas"));

const now = new Date();
const validity = { notBefore: now, days: 30 };
const ca = createCa({ subject: { commonName: "Own CA" }, validity });
const other = createCa({ subject: { commonName: "Other CA" }, validity });
const write = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
};
const run = (command: string): string =>
  execFileSync("bash", ["-c", command], { cwd: folder, encoding: "utf8", stdio: "pipe" });

write("ca.pem", ca.certificatePem);
write("ca.key", ca.privateKeyPem);
write("other.pem", other.certificatePem);
write("chain.pem", other.certificatePem + ca.certificatePem);
run(
  "openssl req -x509 -key ca.key -subj /CN=leaf -addext basicConstraints=critical,CA:FALSE -days 9 -out leaf.pem",
);
write("utf16.pem", Buffer.from(`\uFEFF${ca.certificatePem}`, "utf16le"));
write("utf16-bare.key", Buffer.from(ca.privateKeyPem, "utf16le"));
run("openssl ec -in ca.key -aes128 -passout pass:geheim -out 'my cas/encrypted.key' 2>/dev/null");
run("openssl x509 -in ca.pem -outform DER -out 'my cas/ca.cer'");
run("openssl pkey -in ca.key -outform DER -out key.der");
const exporting = "openssl pkcs12 -export -inkey ca.key -in ca.pem";
run(`${exporting} -passout pass:geheim -out ca.p12 && ${exporting} -passout pass: -out empty.p12`);
run(`${exporting} -keypbe NONE -certpbe NONE -nomac -passout pass: -out clear.p12`);
run("openssl base64 -in ca.p12 -out ca.p12.b64");
write("pw-bom.txt", "\uFEFFgeheim");
write("pw-line.txt", "geheim\r\n");
write("pw-utf16.txt", Buffer.from("\uFEFFgeheim\r\n", "utf16le"));
write("pw-empty.txt", "\n");
write("pw-wrong.txt", "gehaim");

/** What is wrong with a fleet that takes over this CA, a line each. */
function problemsOf(definition: string, env: Readonly<Record<string, string>> = {}): string[] {
  write("fleet.yaml", `${openingWithoutCa}ca: ${definition}\ngroups: { lab: { ids: a } }\n`);
  Object.assign(process.env, env);
  try {
    loadFleetFile(join(folder, "fleet.yaml"), fleetContents(now));
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(FleetFileError);
    return error instanceof FleetFileError ? error.message.replaceAll(`${folder}/`, "").split("\n") : [];
  } finally {
    for (const name of Object.keys(env)) Reflect.deleteProperty(process.env, name);
  }
}

describe("an existing CA is accepted", () => {
  it.each([
    ["from PEM", "{ certificate: { file: ca.pem }, privateKey: { file: ca.key } }"],
    [
      "with a password beside a key that needs none",
      "{ certificate: { file: ca.pem }, privateKey: { file: ca.key }, password: { file: pw-line.txt } }",
    ],
    [
      "with an encrypted key",
      "{ certificate: { file: ca.pem }, privateKey: { file: my cas/encrypted.key }, password: { file: pw-line.txt } }",
    ],
    [
      "with a password behind a byte order mark",
      "{ pkcs12: { file: ca.p12 }, password: { file: pw-bom.txt } }",
    ],
    ["with a password before a line break", "{ pkcs12: { file: ca.p12 }, password: { file: pw-line.txt } }"],
    ["with a password in UTF-16", "{ pkcs12: { file: ca.p12 }, password: { file: pw-utf16.txt } }"],
    ["with an empty password of a variable", "{ pkcs12: { file: empty.p12 }, password: { env: EMPTY } }"],
    ["with an empty password of a file", "{ pkcs12: { file: empty.p12 }, password: { file: pw-empty.txt } }"],
    ["with no password for an empty one", "{ pkcs12: { file: empty.p12 } }"],
    ["with no password for a file in clear", "{ pkcs12: { file: clear.p12 } }"],
    ["with a password that the configuration has", "{ pkcs12: { file: ca.p12 }, password: { config: pw } }"],
  ])("%s", (_, definition) => {
    expect(problemsOf(definition, { EMPTY: "" })).toEqual([]);
  });
});

describe("problems of an existing CA are reported at its line", () => {
  it.each<[string, string, RegExp]>([
    [
      "a certificate in DER",
      "{ certificate: { file: my cas/ca.cer }, privateKey: { file: ca.key } }",
      /^fleet\.yaml:3:20 ca\.certificate: the certificate is DER, not PEM → fix: convert it with `openssl x509 -inform DER -in '.*my cas\/ca\.cer' -out '.*my cas\/ca\.pem'`$/,
    ],
    [
      "a key in DER",
      "{ certificate: { file: ca.pem }, privateKey: { file: key.der } }",
      /ca\.privateKey: the private key is DER, not PEM → fix: convert it with `openssl pkey -inform DER -in key\.der -out key\.pem`$/,
    ],
    [
      "a certificate in UTF-16",
      "{ certificate: { file: utf16.pem }, privateKey: { file: ca.key } }",
      /ca\.certificate: the file "utf16\.pem" is UTF-16 text, not UTF-8 → fix: convert it with iconv -f UTF-16 -t UTF-8 "utf16\.pem" > "utf16\.utf8\.pem"$/,
    ],
    [
      "a key in UTF-16 without a mark",
      "{ certificate: { file: ca.pem }, privateKey: { file: utf16-bare.key } }",
      /ca\.privateKey: .* → fix: convert it with iconv -f UTF-16LE -t UTF-8 "utf16-bare\.key" > /,
    ],
    [
      "a chain",
      "{ certificate: { file: chain.pem }, privateKey: { file: ca.key } }",
      /ca\.certificate: it holds 2 certificates .* → fix: take out .* `openssl x509 -in chain\.pem -out chain-converted\.pem`$/,
    ],
    [
      "a certificate above it that did not sign it",
      "{ certificate: { file: ca.pem }, signer: { command: [a] }, chain: { file: other.pem } }",
      /ca\.chain: the chain has certificates that did not sign the one below, "CN=Own CA": "CN=Other CA"/,
    ],
    [
      "a signer for a certificate of a device",
      "{ certificate: { file: leaf.pem }, signer: { command: [a] } }",
      /ca\.certificate: .* not a CA/,
    ],
    [
      "an encrypted key without its password",
      "{ certificate: { file: ca.pem }, privateKey: { file: my cas/encrypted.key } }",
      /ca\.privateKey: the private key is encrypted → fix: give its `password`, or decrypt it with `openssl pkey -in '.*encrypted\.key' -out decrypted\.pem`$/,
    ],
    [
      "the wrong password of a key",
      "{ certificate: { file: ca.pem }, privateKey: { file: my cas/encrypted.key }, password: { file: pw-wrong.txt } }",
      /^fleet\.yaml:3:\d+ ca\.password: the password of the private key is wrong/,
    ],
    [
      "the key of another",
      "{ certificate: { file: other.pem }, privateKey: { file: ca.key } }",
      /ca\.privateKey: the private key does not belong to the CA certificate/,
    ],
    [
      "an archive in base64",
      "{ pkcs12: { file: ca.p12.b64 }, password: { file: pw-line.txt } }",
      /ca\.pkcs12: the PKCS#12 file is base64 of one → fix: convert it with `openssl base64 -d -in ca\.p12\.b64 -out ca\.p12\.decoded\.p12`$/,
    ],
    [
      "an archive that is PEM",
      "{ pkcs12: { file: ca.pem } }",
      /ca\.pkcs12: the PKCS#12 file is PEM → fix: give it as `certificate` and `privateKey`$/,
    ],
    [
      "the wrong password of an archive",
      "{ pkcs12: { file: ca.p12 }, password: { file: pw-wrong.txt } }",
      /ca\.password: the password of the PKCS#12 file is wrong/,
    ],
    [
      "an archive without its password",
      "{ pkcs12: { file: ca.p12 } }",
      /ca\.pkcs12: the PKCS#12 file is protected by a password, and none is given → fix: give its `password`$/,
    ],
    [
      "a variable that is not set",
      "{ pkcs12: { file: ca.p12 }, password: { env: NOT_SET } }",
      /ca\.password: the environment variable NOT_SET is not set/,
    ],
  ])("%s", (_, definition, expected) => {
    const problems = problemsOf(definition);
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems.join()).not.toMatch(/geheim|gehaim/);
  });

  it("the fix for UTF-16 creates a readable file", () => {
    const [problem = ""] = problemsOf("{ certificate: { file: utf16.pem }, privateKey: { file: ca.key } }");
    run(/with (iconv .*)$/.exec(problem)?.[1] ?? "false");
    expect(problemsOf("{ certificate: { file: utf16.utf8.pem }, privateKey: { file: ca.key } }")).toEqual([]);
  });
});
