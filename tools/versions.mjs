// `.ci/versions`: installs the packed package in a project of its own, once for each version of Node and of Pulumi's SDK, and takes a
// fleet up and down. What there is no time for, or what the registry does not give, is named as skipped.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { build, installDependencies, root, step } from "./setup.mjs";

const run = promisify(execFile);

/** The oldest and the newest that users have. `node` is a major version; the registry's newest of it is taken. */
const COMBINATIONS = [
  { node: "20", sdk: "3.248.0" },
  { node: "22", sdk: "latest" },
  { node: "24", sdk: "latest" },
];

/** As in the README. */
const FILES = {
  "Pulumi.yaml": "name: versions\nruntime: nodejs\nmain: index.ts\n",
  "index.ts":
    'import { Fleet } from "pulumi-nrfcloud";\n\nexport const devices = new Fleet("lab", { file: "fleet.yaml" }).size;\n' +
    "export const node: string = process.version;\n",
  "tsconfig.json": '{ "compilerOptions": { "strict": true, "module": "node16", "target": "es2022" } }\n',
  "fleet.yaml":
    "apiVersion: nrfcloud.dev/v1\nkind: Fleet\nca: { subject: { commonName: Versions CA } }\n" +
    'groups: { lab: { ids: "lab-{1..3}", tags: [lab] } }\n',
};

const { values } = parseArgs({ options: { minutes: { type: "string", default: "20" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error("--minutes must be a number above 0.");
  process.exit(2);
}
const end = Date.now() + minutes * 60_000;

installDependencies();
build();
const { startEmulator } = await import("../dist/emulator/index.js");
const { ensureEngine } = await import("./engine/engine.mjs");

step("Finding a Pulumi CLI …");
const engine = await ensureEngine((line) => {
  console.log(`  ${line}`);
});
console.log(`  Pulumi ${engine.version} from ${engine.origin}`);

const scratch = await mkdtemp(path.join(tmpdir(), "nrfcloud-versions-"));
const emulator = await startEmulator();
/** @type {string[]} */
const failed = [];
/** @type {string[]} */
const skipped = [];
/** How long the longest took, so that none is started that can't end. */
let longest = 0;
try {
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", scratch], { cwd: root });
  const tarball = path.join(scratch, (await readdir(scratch)).find((name) => name.endsWith(".tgz")) ?? "");
  for (const combination of COMBINATIONS) {
    const what = `Node ${combination.node} with SDK ${combination.sdk}`;
    if (end - Date.now() <= longest) {
      skipped.push(`${what}: no time is left of ${minutes} minutes`);
      continue;
    }
    step(`${what} …`);
    const started = Date.now();
    const trouble = await attempt(combination, tarball);
    const took = Date.now() - started;
    longest = Math.max(longest, took);
    if (trouble.kind === "skipped") skipped.push(`${what}: ${trouble.because}`);
    if (trouble.kind === "failed") failed.push(what);
    if (trouble.kind !== "passed") console.log(trouble.because);
    else console.log(`  ${trouble.found}, ${Math.round(took / 1000)} s`);
  }
} finally {
  await emulator.close();
  await rm(scratch, { recursive: true, force: true });
}

step("Versions");
for (const line of skipped) console.log(`  skipped: ${line}`);
for (const line of failed) console.log(`  failed: ${line}`);
console.log(
  `${COMBINATIONS.length - failed.length - skipped.length} passed, ${failed.length} failed, ${skipped.length} skipped`,
);
process.exitCode = failed.length > 0 ? 1 : 0;

/**
 * @typedef {{ kind: "passed", found: string } | { kind: "failed" | "skipped", because: string }} Result
 * @param {{ node: string, sdk: string }} combination
 * @param {string} tarball
 * @returns {Promise<Result>}
 */
async function attempt({ node, sdk }, tarball) {
  const folder = path.join(scratch, `node-${node}`);
  const backend = path.join(scratch, `backend-${node}`);
  await mkdir(backend, { recursive: true });
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(FILES)) await writeFile(path.join(folder, name), text);
  const platform = process.platform === "win32" ? "win" : process.platform;
  // The package `node` only runs a script that installs this one, and package managers run no scripts unasked.
  const binary = `node-${platform}-${process.arch}`;
  const manifest = {
    name: "versions",
    private: true,
    dependencies: { "@pulumi/pulumi": sdk, "pulumi-nrfcloud": `file:${tarball}` },
    devDependencies: { typescript: "5.9.3", [binary]: node },
  };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));
  try {
    await run("npm", ["install", "--no-audit", "--no-fund"], { cwd: folder });
  } catch (error) {
    const because = wordsOf(error);
    const isUnreachable = /E404|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ETARGET|E403/.test(because);
    return { kind: isUnreachable ? "skipped" : "failed", because: `npm install: ${because}` };
  }

  const bin = path.join(folder, "node_modules", binary, "bin");
  const env = {
    ...process.env,
    PATH: [bin, engine.bin, process.env.PATH ?? ""].join(path.delimiter),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "versions",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    NRF_CLOUD_ENDPOINT: emulator.url,
    NRF_CLOUD_IDENTITY_ENDPOINT: emulator.identityUrl,
    NRF_CLOUD_API_KEY: emulator.apiKey,
  };
  /** @param {string[]} args */
  const pulumi = async (...args) => {
    const { stdout } = await run("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: folder,
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  };
  try {
    await pulumi("stack", "init", "dev");
    await pulumi("up", "--yes", "--skip-preview");
    /** @type {unknown} */
    const outputs = JSON.parse(await pulumi("stack", "output", "--json"));
    const ran = outputs instanceof Object && "node" in outputs ? String(outputs.node) : "";
    if (!ran.startsWith(`v${node}.`)) throw new Error(`the program ran on Node ${ran}`);
    await expectDevices(3);
    await pulumi("preview", "--expect-no-changes");
    await pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    await pulumi("destroy", "--yes", "--skip-preview");
    await expectDevices(0);
    /** @type {unknown} */
    const installed = JSON.parse(
      await readFile(path.join(folder, "node_modules/@pulumi/pulumi/package.json"), "utf8"),
    );
    const version = installed instanceof Object && "version" in installed ? String(installed.version) : "";
    return { kind: "passed", found: `Node ${ran}, SDK ${version}` };
  } catch (error) {
    return { kind: "failed", because: wordsOf(error) };
  }
}

/** @param {number} count */
async function expectDevices(count) {
  const response = await fetch(`${emulator.adminUrl}/devices`);
  /** @type {unknown} */
  const answer = await response.json();
  const items =
    answer instanceof Object && "items" in answer && Array.isArray(answer.items) ? answer.items : [];
  if (items.length !== count) throw new Error(`the account has ${items.length} devices, not ${count}`);
}

/** @param {unknown} error  What a command that failed said, its end first of all. */
function wordsOf(error) {
  if (!(error instanceof Error)) return String(error);
  const said = ["stdout", "stderr"].map((key) => (key in error ? String(Reflect.get(error, key)) : ""));
  return `${error.message.split("\n")[0] ?? ""}\n${said.join("\n").slice(-3000)}`.trim();
}
