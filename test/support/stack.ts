import { execFile, spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { inject } from "vitest";
import { LEAN } from "../../tools/engine/engine.mjs";
import { linkPackages } from "../../tools/engine/project.mjs";
import { endOf, FLEET_MAIN } from "./fleetCommand.js";
import { copyNewStack, PASSPHRASE, settingsFile } from "./newStack.js";

const run = promisify(execFile);

/** The program of three lines that a user writes. */
const FLEET_PROGRAM = `
const { Fleet } = require("pulumi-nrfcloud");
new Fleet("fleet", { file: "fleet.yaml" });
`;

/** How a command of the CLI ended, and all it printed. */
export interface Run {
  readonly code: number;
  readonly output: string;
}

/** How a run of `nrfcloud-fleet` ended: what it gave, and what it said beside. */
export interface FleetRun extends Run {
  readonly stdout: string;
  readonly stderr: string;
}

export interface StackOptions {
  /** URL of the emulator, with its version. */
  readonly endpoint: string;
  readonly apiKey: string;
  /** JavaScript of the program. Default: declares the fleet in `fleet.yaml`. */
  readonly program?: string;
  /** More files of the project folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Name of the stack. Default `dev`. */
  readonly name?: string;
  /** Folder of a backend that stacks share, which stays. Default: one of its own. */
  readonly backend?: string;
  /** What is in `node_modules` of the project. Default: links to this checkout and its SDK. */
  readonly folder?: string;
}

/** A project folder with a stack on a file backend, driven by the real Pulumi CLI as a user drives it. */
export class Stack {
  readonly folder: string;
  private readonly name: string;
  private readonly backend: string;
  private readonly isAlone: boolean;
  private readonly env: NodeJS.ProcessEnv;

  private constructor(options: StackOptions) {
    this.folder = options.folder ?? mkdtempSync(path.join(tmpdir(), "nrfcloud-stack-"));
    this.name = options.name ?? "dev";
    this.backend = options.backend ?? mkdtempSync(path.join(tmpdir(), "nrfcloud-backend-"));
    this.isAlone = options.backend === undefined;
    const bin = inject("engineBin");
    this.env = {
      ...process.env,
      PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}`,
      PULUMI_BACKEND_URL: `file://${this.backend}`,
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // What somebody has installed is run as it is.
      ...(options.folder === undefined ? LEAN : {}),
      NRF_CLOUD_ENDPOINT: options.endpoint,
      NRF_CLOUD_IDENTITY_ENDPOINT: options.endpoint.replace("/v1", "/provisioning/v1"),
      NRF_CLOUD_API_KEY: options.apiKey,
      ...options.env,
    };
    this.write("Pulumi.yaml", "name: test\nruntime:\n  name: nodejs\n  options: { typescript: false }\n");
    this.write("index.js", options.program ?? FLEET_PROGRAM);
    for (const [name, text] of Object.entries(options.files ?? {})) this.write(name, text);
    if (options.folder === undefined) {
      linkPackages(this.folder);
      this.write("package.json", JSON.stringify({ name: "test", private: true }));
    }
  }

  static async create(options: StackOptions): Promise<Stack> {
    const stack = new Stack(options);
    // A copy has the salt of others, which must not help where a secret goes from one stack to another of the same backend.
    if (stack.isAlone && options.files?.[settingsFile(stack.name)] === undefined)
      copyNewStack(inject("newStack"), stack.name, stack.folder, stack.backend);
    else await stack.pulumi("stack", "init", stack.name);
    return stack;
  }

  write(name: string, text: string): void {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** From now on, as with another key in the shell. */
  useApiKey(apiKey: string): void {
    this.env.NRF_CLOUD_API_KEY = apiKey;
  }

  /** From now on, as exported in the shell; `undefined` as unset. */
  setEnv(name: string, value: string | undefined): void {
    this.env[name] = value;
  }

  up(...args: string[]): Promise<Run> {
    return this.pulumi("up", "--yes", "--skip-preview", ...args);
  }

  preview(...args: string[]): Promise<Run> {
    return this.pulumi("preview", ...args);
  }

  refresh(...args: string[]): Promise<Run> {
    return this.pulumi("refresh", "--yes", "--skip-preview", ...args);
  }

  destroy(...args: string[]): Promise<Run> {
    return this.pulumi("destroy", "--yes", "--skip-preview", ...args);
  }

  /** What a preview would do, resource by resource: `update device-1`. Resources that stay as they are are left out. */
  async plannedSteps(): Promise<string[]> {
    const { code, output } = await this.pulumi("preview", "--json");
    if (code !== 0) throw new Error(`preview failed:\n${output}`);
    const digest: unknown = JSON.parse(output.slice(output.indexOf("{")));
    return stepsOf(digest).sort();
  }

  /** Runs the CLI and gives back how it ended; a failure is not thrown. */
  async pulumi(...args: string[]): Promise<Run> {
    try {
      const { stdout, stderr } = await run("pulumi", this.arguments(args), {
        cwd: this.folder,
        env: this.env,
        maxBuffer: 256 * 1024 * 1024,
      });
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      if (error instanceof Error && "stdout" in error && "stderr" in error && "code" in error) {
        return { code: Number(error.code), output: String(error.stdout) + String(error.stderr) };
      }
      throw error;
    }
  }

  /** Starts the CLI as a process group of its own, to be interrupted or killed. */
  start(...args: string[]): ChildProcess {
    return spawn("pulumi", this.arguments(args), {
      cwd: this.folder,
      env: this.env,
      detached: true,
      stdio: "ignore",
    });
  }

  /** Runs `nrfcloud-fleet` in the project, without a terminal, as a user or a workflow would. */
  async fleet(command: string, ...args: string[]): Promise<FleetRun> {
    const { code, stdout, stderr } = await endOf(this.startFleet(command, ...args));
    return { code: code ?? 1, output: stdout + stderr, stdout, stderr };
  }

  /** Starts `nrfcloud-fleet` as a process group of its own, as a terminal does. */
  startFleet(command: string, ...args: string[]): ChildProcessByStdio<null, Readable, Readable> {
    return spawn(process.execPath, [FLEET_MAIN, command, "--stack", this.name, ...args], {
      cwd: this.folder,
      env: this.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** The stack's state as the backend keeps it, secrets encrypted. */
  state(): string {
    const folder = path.join(this.backend, ".pulumi", "stacks", "test");
    return readFileSync(path.join(folder, `${this.name}.json`), "utf8");
  }

  /** The state as `pulumi stack export` prints it, secrets encrypted. */
  exported(): string {
    return JSON.stringify(this.present());
  }

  /** What the provider's journals hold. */
  journal(): string {
    return filesBelow(path.join(this.folder, ".nrfcloud"))
      .map((file) => readFileSync(file, "utf8"))
      .join("");
  }

  /** As on another machine. */
  forgetJournal(): void {
    rmSync(path.join(this.folder, ".nrfcloud"), { recursive: true, force: true });
  }

  /** Everything that any run left on disk, but for the program itself and its dependencies. */
  leftOnDisk(): string {
    return [this.backend, path.join(this.folder, ".nrfcloud")]
      .flatMap(filesBelow)
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
  }

  /** An output of a resource, secrets in clear. */
  async output(resourceName: string, property: string): Promise<unknown> {
    const { output } = await this.pulumi("stack", "export", "--show-secrets");
    const exported: unknown = JSON.parse(output);
    for (const resource of resourcesOf(exported)) {
      // A component may have the name of the resource in it.
      if (resource.custom && resource.urn.endsWith(`::${resourceName}`))
        return decoded(resource.outputs[property]);
    }
    throw new Error(`no resource ${resourceName} in state`);
  }

  /** Names of the resources in state, without the stack and its provider. */
  resourceNames(): string[] {
    return resourcesOf(this.present())
      .filter(({ custom, type }) => custom && !type.startsWith("pulumi:"))
      .map(({ urn }) => urn.split("::").at(-1) ?? "");
  }

  /** Puts resources of an earlier export back into the state, as if an operation had never come to their deletion. */
  async bringBack(earlier: string, names: readonly string[]): Promise<void> {
    const exported = this.present();
    const deployment = objectOf(exported.deployment);
    const present = Array.isArray(deployment.resources) ? (deployment.resources as unknown[]) : [];
    const before = field(field(JSON.parse(earlier), "deployment"), "resources");
    const lost = (Array.isArray(before) ? (before as unknown[]) : []).filter((resource) =>
      names.some((name) => String(field(resource, "urn")).endsWith(`::${name}`)),
    );
    const state = JSON.stringify({
      ...exported,
      deployment: { ...deployment, resources: [...present, ...lost] },
    });
    this.write("state.json", state);
    await this.pulumi("stack", "import", "--file", "state.json");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
    if (this.isAlone) rmSync(this.backend, { recursive: true, force: true });
  }

  private present(): { readonly version: number; readonly deployment: unknown } {
    const { checkpoint } = JSON.parse(this.state()) as { checkpoint: { latest: unknown } };
    return { version: 3, deployment: checkpoint.latest };
  }

  private arguments(args: string[]): string[] {
    const [command = "", ...rest] = args;
    const stack = command === "stack" && rest[0] === "init" ? [] : ["--stack", this.name];
    return [command, ...rest, ...stack, "--non-interactive", "--color", "never"];
  }
}

/** Fails the test with everything that a command printed, unless it succeeded. */
export function succeeded({ code, output }: Run): void {
  if (code !== 0) throw new Error(`the command ended with ${code}:\n${output}`);
}

/** Waits until a process has ended. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly outputs: Readonly<Record<string, unknown>>;
}

function resourcesOf(exported: unknown): StateResource[] {
  const resources = field(field(exported, "deployment"), "resources");
  return (Array.isArray(resources) ? resources : []).map((resource: unknown) => ({
    urn: String(field(resource, "urn")),
    type: String(field(resource, "type")),
    custom: field(resource, "custom") === true,
    outputs: objectOf(field(resource, "outputs")),
  }));
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function stepsOf(digest: unknown): string[] {
  const steps = field(digest, "steps");
  return (Array.isArray(steps) ? steps : [])
    .map(
      (step: unknown) =>
        `${String(field(step, "op"))} ${String(field(step, "urn")).split("::").at(-1) ?? ""}`,
    )
    .filter((step) => !step.startsWith("same "));
}

/** Secrets are exported as an envelope around JSON text. */
function decoded(value: unknown): unknown {
  const plaintext = field(value, "plaintext");
  return typeof plaintext === "string" ? JSON.parse(plaintext) : value;
}

function field(value: unknown, key: string): unknown {
  return objectOf(value)[key];
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
