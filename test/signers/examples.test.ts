import { execFileSync } from "node:child_process";
import { generateKeyPairSync, verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { digestOf } from "../../provider/pki/signer.js";

const folder = mkdtempSync(path.join(tmpdir(), "signers-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = path.join(folder, "ca.key");
writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });

/**
 * A step-kms-plugin as its sources of 2026 read its command line: \`sign [flags] <uri>\`, a binary digest on standard input, a line of base64
 * out. The real one is not in any registry that the tests may use.
 */
const STEP_KMS_PLUGIN = `#!/bin/sh
[ "$1" = sign ] && [ "$2" = --format ] && [ "$3" = base64 ] && [ "$4" = --kms ] && [ $# -eq 6 ] || { echo "Usage: $*" >&2; exit 1; }
[ "$5 $6" = "$KMS_CALL" ] || { echo "failed to load key manager: $5" >&2; exit 1; }
openssl pkeyutl -sign -inkey ${key} | openssl base64 -A; echo
`;
writeFileSync(path.join(folder, "step-kms-plugin"), STEP_KMS_PLUGIN, { mode: 0o700 });

const env = { ...process.env, PATH: `${folder}:${process.env.PATH ?? ""}` };

/** Has a script of the examples sign two texts, and checks its answers. */
function expectSigned(script: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const texts = ["one", "two"].map((text) => Buffer.from(text));
  const answers = execFileSync(path.resolve("examples/signer", script), args, {
    input: texts.map((text, i) => `${i + 5} ${digestOf(text).toString("base64")}\n`).join(""),
    encoding: "utf8",
    env: { ...env, ...more },
  });
  const lines = answers.split("\n");
  expect(lines).toHaveLength(3);
  for (const [i, text] of texts.entries()) {
    const [id, signature = ""] = lines[i]?.split(" ") ?? [];
    expect(id).toBe(String(i + 5));
    expect(verify("sha256", text, publicKey, Buffer.from(signature, "base64"))).toBe(true);
  }
}

it("openssl.sh signs with a key file", () => {
  expectSigned("openssl.sh", [key]);
});

it("step-kms.sh signs by step-kms-plugin: a key, and a key of a module", () => {
  const aws = "awskms:key-id=1234abcd";
  expectSigned("step-kms.sh", [aws], { KMS_CALL: `${aws} ${aws}` });
  const module = "pkcs11:module-path=/usr/lib/softhsm/libsofthsm2.so;token=fleet?pin-source=/run/pin";
  expectSigned("step-kms.sh", ["pkcs11:object=ca", module], { KMS_CALL: `${module} pkcs11:object=ca` });
});

it("the lines for the command line of AWS KMS, as the page has them, keep to the protocol with one that takes the documented arguments", () => {
  const aws = `#!/bin/sh
[ "$1 $2 $3 $4 $5" = "kms sign --key-id alias/ca --message" ] || { echo "usage: $*" >&2; exit 252; }
digest=$6; shift 6
[ "$*" = "--message-type DIGEST --signing-algorithm ECDSA_SHA_256 --query Signature --output text" ] || exit 252
printf %s "$digest" | openssl base64 -d -A | openssl pkeyutl -sign -inkey ${key} | openssl base64 -A; echo
`;
  writeFileSync(path.join(folder, "aws"), aws, { mode: 0o700 });
  const page = readFileSync("docs/signer.md", "utf8");
  const [, script = ""] = /```sh\n(#!\/bin\/sh\n[^`]*aws kms sign[^`]*)```/.exec(page) ?? [];
  const file = path.join(folder, "aws-kms.sh");
  writeFileSync(file, script, { mode: 0o700 });
  expectSigned(file, ["alias/ca"]);
});

it.each([
  ["openssl.sh", path.join(folder, "no-such.key")],
  ["step-kms.sh", "awskms:key-id=unknown"],
])("%s ends when its tool does not sign", (script, argument) => {
  const sign = () =>
    execFileSync(path.resolve("examples/signer", script), [argument], {
      input: `1 ${digestOf(Buffer.from("x")).toString("base64")}\n`,
      env,
      stdio: "pipe",
    });
  expect(sign).toThrow(/failed to load key manager|Could not open|can't open|No such file/i);
});
