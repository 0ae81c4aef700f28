import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

/** What a test with a PKCS#11 token needs: SoftHSM (Debian: softhsm2), and the package pkcs11js. */
export interface SoftHsmTools {
  /** softhsm2-util. */
  readonly util: string;
  /** libsofthsm2.so. */
  readonly module: string;
  /** Where pkcs11js is to be found from: a file in the folder that has it in its node_modules. */
  readonly pkcs11js: string;
}

/**
 * Finds SoftHSM and pkcs11js where a package manager puts them, or where `SOFTHSM2_UTIL`, `SOFTHSM2_MODULE` and `PKCS11JS_FOLDER` (the folder
 * whose node_modules has it) say; `undefined` without one of them.
 */
export function findSoftHsm(env = process.env): SoftHsmTools | undefined {
  const folders = (env.PATH ?? "").split(path.delimiter);
  const util = found([env.SOFTHSM2_UTIL, ...folders.map((folder) => path.join(folder, "softhsm2-util"))]);
  const module = found([env.SOFTHSM2_MODULE, "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/libsofthsm2.so"]);
  const pkcs11js = path.join(env.PKCS11JS_FOLDER ?? process.cwd(), "package.json");
  if (util === undefined || module === undefined || !resolves(pkcs11js)) return undefined;
  return { util, module, pkcs11js };
}

function found(files: readonly (string | undefined)[]): string | undefined {
  return files.find((file) => file !== undefined && existsSync(file));
}

function resolves(from: string): boolean {
  try {
    createRequire(from).resolve("pkcs11js");
    return true;
  } catch {
    return false;
  }
}

/** Tokens in a folder of their own. */
export class SoftHsm {
  readonly folder = mkdtempSync(path.join(tmpdir(), "softhsm-"));
  readonly #tokens = path.join(this.folder, "tokens");
  /** What a process that uses the tokens needs in its environment. */
  readonly env: Readonly<Record<string, string>>;

  constructor(private readonly tools: SoftHsmTools) {
    const conf = path.join(this.folder, "softhsm2.conf");
    mkdirSync(this.#tokens);
    writeFileSync(
      conf,
      `directories.tokendir = ${this.#tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
    );
    this.env = { SOFTHSM2_CONF: conf };
  }

  /** Makes a token with a key. */
  make(token: string, pin: string, label: string, privateKeyPem: string): void {
    const file = path.join(this.folder, "import.key");
    writeFileSync(file, privateKeyPem, { mode: 0o600 });
    this.#run("--init-token", "--free", "--label", token, "--pin", pin, "--so-pin", "12345678");
    this.#run("--import", file, "--token", token, "--label", label, "--id", "01", "--pin", pin);
    rmSync(file);
  }

  /** Takes all tokens out, as of a reader. */
  unplug(): void {
    rmSync(this.#tokens, { recursive: true });
    mkdirSync(this.#tokens);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(...args: string[]): void {
    execFileSync(this.tools.util, ["--module", this.tools.module, ...args], {
      env: { ...process.env, ...this.env },
      stdio: "pipe",
    });
  }
}
