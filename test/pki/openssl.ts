import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { PkiError, type PkiErrorKind } from "../../provider/pki/errors.js";

/** The real openssl, in a folder of its own that is gone after the test file. */
export class OpenSsl {
  readonly folder = mkdtempSync(join(tmpdir(), "pki-test-"));

  constructor() {
    afterAll(() => {
      rmSync(this.folder, { recursive: true });
    });
  }

  /** Runs `openssl` with these arguments and returns what it prints. */
  run(...args: string[]): string {
    try {
      return execFileSync("openssl", args, { cwd: this.folder, encoding: "utf8", stdio: "pipe" });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") {
        throw new Error("These tests need the openssl program (3.0 or later) on the PATH.", { cause: error });
      }
      throw error;
    }
  }

  write(name: string, content: string): string {
    writeFileSync(join(this.folder, name), content);
    return name;
  }

  writeBytes(name: string, content: Buffer, mode = 0o644): void {
    writeFileSync(join(this.folder, name), content, { mode });
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  readBytes(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }

  /** A new private key in PKCS#8 PEM, e.g. `key("EC", "ec_paramgen_curve:P-256")`. */
  key(algorithm: string, ...options: string[]): string {
    return this.run("genpkey", "-algorithm", algorithm, ...options.flatMap((option) => ["-pkeyopt", option]));
  }

  p256Key(): string {
    return this.key("EC", "ec_paramgen_curve:P-256");
  }

  /** A CSR of this key; more `openssl req` options may follow. */
  csr(keyPem: string, subject = "/CN=device-1", ...options: string[]): string {
    return this.run("req", "-new", "-key", this.write("csr.key", keyPem), "-subj", subject, ...options);
  }

  /** A self-signed certificate of this key; more `openssl req` options may follow. */
  selfSigned(keyPem: string, subject: string, ...options: string[]): string {
    return this.csr(keyPem, subject, "-x509", "-days", "100", ...options);
  }
}

/** Runs `action` and returns the PkiError it must throw, after looking at its kind and that it says what to do. */
export function pkiError(action: () => unknown, kind: PkiErrorKind): PkiError {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(PkiError);
  if (!(thrown instanceof PkiError)) throw new Error("unreachable");
  expect(thrown.kind, thrown.message).toBe(kind);
  expect(thrown.problem).toMatch(/^\S.*\.$/s);
  expect(thrown.remedy).toMatch(/^\S.*\.$/s);
  return thrown;
}

/** Fails when a text shows any piece of these secrets. */
export function expectNoSecret(text: string, ...secrets: string[]): void {
  for (const secret of secrets) {
    for (const line of secret.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("-----"))) {
      expect(text.includes(line.slice(0, 12)), "an error shows a secret").toBe(false);
    }
  }
}
