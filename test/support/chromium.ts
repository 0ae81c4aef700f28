import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";

const run = promisify(execFile);

/** Starts a real Chromium; a machine without one gets Debian's. @throws Error telling how to get one by hand */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await ensureChromium(),
    // Chromium refuses to lock itself in as root.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
}

async function ensureChromium(): Promise<string> {
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined) {
    if (existsSync(given)) return given;
    throw new Error(`CHROMIUM_PATH is ${given}, and there is nothing.`);
  }
  return findChromium() ?? installChromium();
}

function findChromium(): string | undefined {
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(path.delimiter)];
  return ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    .flatMap((name) => folders.map((folder) => path.join(folder, name)))
    .find((file) => existsSync(file));
}

async function installChromium(): Promise<string> {
  const byHand = "Install Chromium or Chrome, or set CHROMIUM_PATH to where it is.";
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`The HTML report is tested in a real browser, and there is none. ${byHand}`);
  }
  process.stderr.write("Getting Chromium from Debian …\n");
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update"], { env });
    await run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], {
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Debian's Chromium can't be installed: ${why}\n${byHand}`, { cause: error });
  }
  const installed = findChromium();
  if (installed === undefined) throw new Error(`Debian's Chromium is installed, but not found. ${byHand}`);
  return installed;
}
