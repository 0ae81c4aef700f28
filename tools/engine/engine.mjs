// Finds a real Pulumi CLI, or gets one. `node tools/engine/engine.mjs` prints the folder that holds it.
//
// Tried in this order, the cheapest and most trusted first:
//   1. a `pulumi` on PATH that is new enough,
//   2. the cache of the npm package `pulumi` ($PULUMI_HOME/versions/<version>/bin),
//   3. our own cache of an earlier download or build,
//   4. the official installer, through Pulumi's own Automation API,
//   5. a build from pinned Go modules, for networks that reach a Go module proxy but not the download site.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, constants, copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const run = promisify(execFile);

/** The engine that the project is tested with. The two go.mod files beside this one pin the same. */
const ENGINE_VERSION = "3.276.0";
const LANGUAGE_HOST_VERSION = "3.68.0";
const OLDEST_ACCEPTED = [3, 200];

const windows = process.platform === "win32";
const exe = windows ? ".exe" : "";
const cacheRoot = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"),
  "pulumi-nrfcloud",
  "engine",
  ENGINE_VERSION,
);

/** Environment of commands under test: less of what they load and never use, see `lean.cjs`, and no garbage is collected before it is much. */
export const LEAN = {
  NODE_OPTIONS: `--require ${JSON.stringify(path.join(here, "lean.cjs"))}`,
  GOGC: "off",
  GOMEMLIMIT: "512MiB",
};

/**
 * @typedef {{ bin: string, version: string, origin: string }} Engine
 *   `bin`: the folder to put first on PATH; `origin`: where the CLI came from, for people to read.
 */

/**
 * @param {(line: string) => void} say  Told about each step that takes time.
 * @returns {Promise<Engine>}
 */
export async function ensureEngine(say = () => undefined) {
  const pulumiHome = process.env.PULUMI_HOME ?? path.join(homedir(), ".pulumi");
  const known = [
    ...(process.env.PATH ?? "")
      .split(path.delimiter)
      .filter((folder) => folder !== "" && !folder.includes("node_modules"))
      .map((bin) => ({ bin, origin: "PATH" })),
    { bin: path.join(pulumiHome, "versions", ENGINE_VERSION, "bin"), origin: "the npm wrapper's cache" },
    { bin: path.join(cacheRoot, "download", "bin"), origin: "an earlier download" },
    { bin: path.join(cacheRoot, "build", "bin"), origin: "an earlier build" },
  ];
  for (const { bin, origin } of known) {
    const version = await usableVersion(bin);
    if (version !== undefined) return { bin, version, origin };
  }

  const errors = [];
  for (const [origin, get] of /** @type {const} */ ([
    ["the official download", download],
    ["a build from Go modules", build],
  ])) {
    try {
      const bin = await get(say);
      const version = await usableVersion(bin);
      if (version !== undefined) return { bin, version, origin };
      errors.push(`${origin}: the CLI it gave does not run`);
    } catch (error) {
      errors.push(`${origin}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    [
      "No Pulumi CLI could be had. What was tried after PATH and the caches:",
      ...errors.map((line) => `  - ${line}`),
      "Install Pulumi (https://www.pulumi.com/docs/install/) so that `pulumi version` works, or install Go 1.26 or newer,",
      "then run this command again.",
    ].join("\n"),
  );
}

/** @param {string} bin */
async function usableVersion(bin) {
  const cli = path.join(bin, `pulumi${exe}`);
  try {
    await access(cli, constants.X_OK);
    const { stdout } = await run(cli, ["version"], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    const version = stdout.trim().replace(/^v/, "");
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const [oldestMajor = 0, oldestMinor = 0] = OLDEST_ACCEPTED;
    return major === oldestMajor && minor >= oldestMinor ? version : undefined;
  } catch {
    return undefined;
  }
}

/** @param {(line: string) => void} say */
async function download(say) {
  const site = "https://get.pulumi.com/install.sh";
  await fetch(site, { method: "HEAD", signal: AbortSignal.timeout(10_000) }).catch(() => {
    throw new Error(`${site} can't be reached from here`);
  });
  say(`Downloading Pulumi ${ENGINE_VERSION} …`);
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  const { SemVer } = await import("semver");
  const root = path.join(cacheRoot, "download");
  await PulumiCommand.install({ root, version: new SemVer(ENGINE_VERSION) });
  return path.join(root, "bin");
}

/** @param {(line: string) => void} say */
async function build(say) {
  await run("go", ["version"]).catch(() => {
    throw new Error("there is no `go` on PATH to build it with");
  });
  await mkdir(cacheRoot, { recursive: true });
  const staging = await mkdtemp(path.join(cacheRoot, "building-"));
  try {
    say(`Building Pulumi ${ENGINE_VERSION} from its Go modules (about 5 minutes, only this once) …`);
    await goBuild(say, {
      module: "cli",
      command: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      version: ENGINE_VERSION,
      tags: "osusergo,grpcnotrace",
      output: path.join(staging, `pulumi${exe}`),
    });
    await goBuild(say, {
      module: "language-nodejs",
      command: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      version: LANGUAGE_HOST_VERSION,
      tags: "",
      output: path.join(staging, `pulumi-language-nodejs${exe}`),
    });
    // The host of dynamic providers is a script that ships inside the Node SDK.
    const script = windows ? "pulumi-resource-pulumi-nodejs.cmd" : "pulumi-resource-pulumi-nodejs";
    const sdk = path.dirname(require.resolve("@pulumi/pulumi/package.json"));
    await copyFile(path.join(sdk, script), path.join(staging, script));
    await chmod(path.join(staging, script), 0o755);

    const bin = path.join(cacheRoot, "build", "bin");
    await mkdir(path.dirname(bin), { recursive: true });
    await rm(bin, { recursive: true, force: true });
    await rename(staging, bin);
    return bin;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/**
 * @param {(line: string) => void} say
 * @param {{ module: string, command: string, version: string, tags: string, output: string }} target
 */
async function goBuild(say, { module, command, version, tags, output }) {
  const child = spawn(
    "go",
    [
      "build",
      "-mod=readonly",
      "-trimpath",
      ...(tags === "" ? [] : ["-tags", tags]),
      "-ldflags",
      `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`,
      "-o",
      output,
      command,
    ],
    { cwd: path.join(here, module), stdio: ["ignore", "ignore", "pipe"] },
  );
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    complaint = (complaint + text).slice(-4000);
  });
  const started = Date.now();
  const heartbeat = setInterval(() => {
    say(`  … still building ${path.basename(output)} (${Math.round((Date.now() - started) / 1000)} s)`);
  }, 30_000);
  /** @type {[number | null]} */
  const [code] = await /** @type {Promise<[number | null]>} */ (once(child, "close")).finally(() => {
    clearInterval(heartbeat);
  });
  if (code !== 0) throw new Error(`go build of ${command} failed:\n${complaint.trim()}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const engine = await ensureEngine((line) => {
      console.error(line);
    });
    console.error(`Pulumi ${engine.version} from ${engine.origin}`);
    console.log(engine.bin);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
