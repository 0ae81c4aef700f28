import { execFileSync, spawn } from "node:child_process";
import { verify, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../provider/engine/clock.js";
import { createCa } from "../../provider/pki/ca.js";
import { digestOf } from "../../provider/pki/signer.js";
import type { SignerDescription } from "../../provider/signers/description.js";
import { Signers } from "../../provider/signers/signers.js";
import { findSoftHsm, SoftHsm } from "../support/softhsm.js";

// Runs where SoftHSM and pkcs11js are: test/support/softhsm.ts says how they are found.
const tools = findSoftHsm();
const validity = { notBefore: new Date(), days: 30 };
const ca = createCa({ subject: { commonName: "HSM CA" }, validity });
const other = createCa({ subject: { commonName: "Other CA" }, validity });
const publicKey = new X509Certificate(ca.certificatePem).publicKey;
/** With what configuration files of openssl take for something else. */
const PIN = String.raw`a b#c$d"e'f\g=`;

describe.skipIf(tools === undefined)("a PKCS#11 token, with SoftHSM and pkcs11js", () => {
  if (tools === undefined) return;
  const hsm = new SoftHsm(tools);
  const open: Signers[] = [];
  hsm.make("fleet", PIN, "ca", ca.privateKeyPem);
  hsm.make("second", PIN, "ca", other.privateKeyPem);
  afterEach(() => {
    for (const signers of open.splice(0)) signers.close();
  });
  afterAll(() => {
    hsm.remove();
  });

  function signersWith(env: Readonly<Record<string, string>> = { HSM_PIN: PIN }): Signers {
    const signers = new Signers({
      env: { PATH: process.env.PATH, ...hsm.env, ...env },
      config: (key) => (key === "project:pin" ? PIN : undefined),
      project: "project",
      projectFolder: path.dirname(tools?.pkcs11js ?? ""),
      clock: systemClock,
      pkcs11Program: path.resolve("dist/provider/signers/pkcs11/main.js"),
    });
    open.push(signers);
    return signers;
  }

  function token(
    uri: string,
    { pin = { kind: "env", name: "HSM_PIN" }, inFlight = 16 }: { pin?: Pin; inFlight?: number } = {},
  ): SignerDescription {
    const module = tools?.module ?? "";
    return {
      kind: "pkcs11",
      uri,
      module,
      pin: pin === "none" ? undefined : pin,
      inFlight,
      timeoutSeconds: 30,
    };
  }

  const signingCa = (signer: SignerDescription, { certificatePem } = ca) =>
    ({ certificatePem, key: { kind: "outside", signer } }) as const;

  async function failureOf(signer: SignerDescription, signers = signersWith()): Promise<string> {
    return signers.test(signingCa(signer)).then(
      () => "nothing failed",
      (error: unknown) => String(error),
    );
  }

  it("signs thousands of things in parallel, and each signature is of what was asked", async () => {
    const signers = signersWith();
    const signer = token("pkcs11:token=fleet;object=ca", { inFlight: 200 });
    const certify = signers.certifier(signingCa(signer));
    const { publicKeyPem } = createCa({ subject: { commonName: "device" }, validity });
    const made = await Promise.all(
      Array.from({ length: 3000 }, (_, i) => certify({ commonName: `device-${i}`, publicKeyPem, validity })),
    );
    const certificates = made.map(({ certificatePem }) => new X509Certificate(certificatePem));
    expect(certificates.map(({ subject }) => subject)).toEqual(made.map((_, i) => `CN=device-${i}`));
    expect(certificates.every((certificate) => certificate.verify(publicKey))).toBe(true);
  });

  it("is found by an id as well, and its PIN in the configuration", async () => {
    const signer = token("pkcs11:token=fleet;id=%01;type=private", { pin: { kind: "config", key: "pin" } });
    expect(await failureOf(signer, signersWith({}))).toBe("nothing failed");
  });

  it("refuses a wrong PIN, and never shows it", async () => {
    const failure = await failureOf(
      token("pkcs11:token=fleet;object=ca"),
      signersWith({ HSM_PIN: "secret-9" }),
    );
    expect(failure).toContain("It wrote: The token refused the PIN: CKR_PIN_INCORRECT");
    expect(failure).not.toContain("secret-9");
  });

  it.each([
    ["another token", "pkcs11:token=nobody;object=ca", "names no token that is there"],
    ["another label", "pkcs11:token=fleet;object=nobody", "names no private key that is there"],
    ["the key of another CA", "pkcs11:token=second;object=ca", "signed with another key than that of the CA"],
  ])("ends with %s", async (_, uri, words) => {
    expect(await failureOf(token(uri))).toContain(words);
  });

  it("shows a key that needs a login only to who has the PIN", async () => {
    expect(await failureOf(token("pkcs11:token=fleet;object=ca", { pin: "none" }))).toContain(
      "names no private key without a PIN that is there",
    );
  });

  it("ends with a library that is no PKCS#11 library", async () => {
    const signer = { ...token("pkcs11:token=fleet;object=ca"), module: path.resolve("package.json") };
    expect(await failureOf(signer)).toMatch(/The PKCS#11 library .*package\.json can't be loaded/);
  });

  describe("by the script of the examples", () => {
    const engine = "/usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so";
    const script = path.resolve("examples/signer/openssl-pkcs11.sh");
    const hasEngine = existsSync(engine) || process.env.OPENSSL_ENGINES !== undefined;

    it.skipIf(!hasEngine)(
      "signs by openssl and the engine of libp11, and leaves no file with the PIN",
      async () => {
        const text = Buffer.from("to be signed");
        const temporary = path.join(hsm.folder, "temporary");
        mkdirSync(temporary);
        const env = {
          ...process.env,
          ...hsm.env,
          PKCS11_MODULE_PATH: tools.module,
          HSM_PIN: PIN,
          TMPDIR: temporary,
        };
        const answer = execFileSync(script, ["pkcs11:token=fleet;object=ca"], {
          input: `7 ${digestOf(text).toString("base64")}\n`,
          encoding: "utf8",
          stdio: "pipe",
          env,
        });
        const [, signature = ""] = /^7 (\S+)\n$/.exec(answer) ?? [];
        expect(verify("sha256", text, publicKey, Buffer.from(signature, "base64"))).toBe(true);
        expect(readdirSync(temporary)).toEqual([]);
        const waits = spawn(script, ["pkcs11:token=fleet;object=ca"], { env });
        await vi.waitUntil(() => readdirSync(temporary).length > 0);
        waits.kill();
        await once(waits, "close");
        expect(readdirSync(temporary)).toEqual([]);
      },
    );
  });

  it("ends when the token is removed, during a run and in the next one", async () => {
    const signers = signersWith();
    const signer = token("pkcs11:token=fleet;object=ca");
    const certify = signers.certifier(signingCa(signer));
    const { publicKeyPem } = createCa({ subject: { commonName: "device" }, validity });
    await certify({ commonName: "before", publicKeyPem, validity });
    hsm.unplug();
    await expect(certify({ commonName: "after", publicKeyPem, validity })).rejects.toThrow(
      "It wrote: The token did not sign: CKR_",
    );
    expect(await failureOf(signer)).toContain("names no token that is there");
  });
});

type Pin =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "config"; readonly key: string }
  | "none";
