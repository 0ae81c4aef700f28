import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Runs openssl on texts: each is written to a file first, and named by its key in the arguments. */
export function openssl(args: readonly string[], files: Readonly<Record<string, string>> = {}): string {
  return inFolder(files, (folder) =>
    execFileSync("openssl", [...args], { cwd: folder, encoding: "utf8", stdio: "pipe" }),
  );
}

/** Runs openssl commands one after the other, then reads the files they made. */
export function opensslMakes(commands: readonly string[], names: readonly string[]): Buffer[] {
  return inFolder({}, (folder) => {
    for (const command of commands)
      execFileSync("openssl", command.split(" "), { cwd: folder, stdio: "pipe" });
    return names.map((name) => readFileSync(path.join(folder, name)));
  });
}

function inFolder<T>(files: Readonly<Record<string, string>>, work: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-openssl-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
