import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { X509Certificate } from "node:crypto";
import { afterAll, afterEach, expect, it } from "vitest";
import { systemClock } from "../../provider/engine/clock.js";
import { createCa } from "../../provider/pki/ca.js";
import { Signers } from "../../provider/signers/signers.js";
import { parseUri, uriProblem } from "../../provider/signers/pkcs11/uri.js";

const validity = { notBefore: new Date(), days: 30 };
const ca = createCa({ subject: { commonName: "Token CA" }, validity });
const folder = mkdtempSync(path.join(tmpdir(), "pkcs11-"));
const open: Signers[] = [];
afterEach(() => {
  for (const signers of open.splice(0)) signers.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/**
 * A package pkcs11js with two tokens, for machines without SoftHSM: a session that signs can't begin another signature, and private keys are
 * seen after a login only. test/signers/softhsm.test.ts has the real one.
 */
const FAKE = `
const { spawn } = require("node:child_process");
const slots = ["fleet", "spare"];
let loggedIn = false, last = 0;
const signing = new Set();
class PKCS11 {
  load(file) { if (!require("node:fs").existsSync(file)) throw new Error("no such library"); }
  C_Initialize() {}
  C_GetSlotList() { return slots.map((_, i) => { const slot = Buffer.alloc(8); slot[0] = i; return slot; }); }
  C_GetTokenInfo(slot) { return { label: slots[slot[0]].padEnd(32), serialNumber: "5e" + slot[0] }; }
  C_OpenSession(slot) { return Buffer.from([last++, slot[0]]); }
  C_Login(session, user, pin) { if (pin !== "1234") throw new Error("CKR_PIN_INCORRECT"); loggedIn = true; }
  C_FindObjectsInit(session, template) { this.wanted = template; }
  C_FindObjects() {
    const label = this.wanted.find(({ type }) => type === 3)?.value;
    const keys = loggedIn ? ["ca", "twin", "twin"] : [];
    return keys.filter((key) => label === undefined || key === label).map((key) => Buffer.from(key));
  }
  C_FindObjectsFinal() {}
  C_SignInit(session) {
    if (signing.has(session[0])) throw new Error("CKR_OPERATION_ACTIVE");
    signing.add(session[0]);
  }
  async C_SignAsync(session, digest) {
    const child = spawn("openssl", ["pkeyutl", "-sign", "-inkey", process.env.TOKEN_KEY]);
    child.stdin.end(digest);
    const chunks = [];
    for await (const chunk of child.stdout) chunks.push(chunk);
    signing.delete(session[0]);
    const der = Buffer.concat(chunks);
    const first = der.subarray(4, 4 + der[3]);
    const second = der.subarray(6 + der[3]);
    return Buffer.concat([first, second].map((number) => Buffer.concat([Buffer.alloc(32), number]).subarray(-32)));
  }
}
module.exports = { PKCS11 };
`;

const module = path.join(folder, "token.so");
const key = path.join(folder, "ca.key");
mkdirSync(path.join(folder, "node_modules", "pkcs11js"), { recursive: true });
writeFileSync(path.join(folder, "node_modules", "pkcs11js", "index.js"), FAKE);
writeFileSync(path.join(folder, "package.json"), "{}");
writeFileSync(path.join(folder, "pin"), "1234\n");
writeFileSync(module, "");
writeFileSync(key, ca.privateKeyPem, { mode: 0o600 });

function signersIn(projectFolder: string): Signers {
  const signers = new Signers({
    env: { PATH: process.env.PATH, TOKEN_KEY: key, WRONG: "secret-9" },
    config: () => undefined,
    project: "project",
    projectFolder,
    clock: systemClock,
    pkcs11Program: path.resolve("dist/provider/signers/pkcs11/main.js"),
  });
  open.push(signers);
  return signers;
}

const token = {
  kind: "pkcs11",
  uri: "pkcs11:token=fleet;object=ca",
  module,
  pin: { kind: "file", path: "pin" },
  inFlight: 10,
  timeoutSeconds: 30,
} as const;

it("a token signs more at a time than it has sessions, and each signature is of what was asked", async () => {
  const certify = signersIn(folder).certifier({
    certificatePem: ca.certificatePem,
    key: { kind: "outside", signer: token },
  });
  const made = await Promise.all(
    Array.from({ length: 25 }, (_, i) =>
      certify({ commonName: `device-${i}`, publicKeyPem: ca.publicKeyPem, validity }),
    ),
  );
  const { publicKey } = new X509Certificate(ca.certificatePem);
  for (const [i, { certificatePem }] of made.entries()) {
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.subject).toBe(`CN=device-${i}`);
    expect(certificate.verify(publicKey)).toBe(true);
  }
});

it.each([
  ["a token that is not there", { uri: "pkcs11:token=nobody;object=ca" }, "names no token that is there"],
  [
    "a key that is not there",
    { uri: "pkcs11:slot-id=0;object=nobody" },
    "names no private key that is there",
  ],
  [
    "two keys",
    { uri: "pkcs11:serial=5e1;object=twin" },
    "names more than one private key: make it more exact",
  ],
  ["a key that needs a PIN", { pin: undefined }, "names no private key without a PIN that is there"],
  ["a wrong PIN", { pin: { kind: "env", name: "WRONG" } }, "The token refused the PIN: CKR_PIN_INCORRECT"],
] as const)("%s ends the run, and no message shows a PIN", async (_, changed, words) => {
  const failure = await signersIn(folder)
    .test({ certificatePem: ca.certificatePem, key: { kind: "outside", signer: { ...token, ...changed } } })
    .then(
      () => "nothing failed",
      (error: unknown) => String(error),
    );
  expect(failure).toContain(words);
  expect(failure).not.toMatch(/1234|secret-9/);
});

it("what is missing is known without a signature", () => {
  expect(signersIn(folder).problem(token)).toBeUndefined();
  expect(signersIn(folder).problem({ ...token, pin: { kind: "env", name: "NOT_SET" } })).toBe(
    "The PIN of the signer is missing: set the environment variable NOT_SET.",
  );
  expect(signersIn(folder).problem({ ...token, pin: { kind: "config", key: "pin" } })).toContain(
    "run `pulumi config set --secret pin`",
  );
  expect(signersIn(path.join(folder, "..")).problem(token)).toContain(
    "needs the package pkcs11js, which is not installed. Run `npm install pkcs11js`",
  );
});

it("a PKCS#11 URI names a token and a private key, percent-encoded", () => {
  expect(parseUri("pkcs11:token=My%20Token;id=%01%ff;object=K%C3%A9y")).toEqual({
    token: "My Token",
    id: Buffer.of(1, 255),
    object: "Kéy",
  });
  expect(parseUri("pkcs11:slot-id=7;serial=a1;type=private;object=ca")).toEqual({
    slotId: 7,
    serial: "a1",
    object: "ca",
  });
});

it.each([
  ["p11:token=a;object=b", /^must be a PKCS#11 URI/],
  ["pkcs11:object=b", /^must name the token/],
  ["pkcs11:token=a", /^must name the key/],
  ["pkcs11:token=a;object=b?pin-value=1234", /^must not hold a PIN(?!.*1234)/],
  ["pkcs11:token=a;object=b?module-path=x", /give the library as `module`$/],
  ["pkcs11:token=a;object=b;manufacturer=x", /^can't have the attribute manufacturer/],
  ["pkcs11:token=a;token=b;object=b", /^has the attribute token twice$/],
  ["pkcs11:token=a;object=%4", /^has a % that two hexadecimal digits do not follow$/],
  ["pkcs11:token=a;object=b;type=cert", /^must be that of a private key/],
  ["pkcs11:slot-id=x;object=b", /^must have a number as slot-id$/],
  ["pkcs11:token;object=b", /^must have name=value pairs/],
])("the URI %s is refused", (uri, words) => {
  expect(uriProblem(uri)).toMatch(words);
});
