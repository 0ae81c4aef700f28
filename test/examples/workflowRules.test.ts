import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

/** The rules of docs/security.md, "Pull requests and CI", read off the workflows that users copy. */

const example = path.resolve("examples/pull-request");
const folder = path.join(example, ".github/workflows");
const names = readdirSync(folder);
const textOf = (name: string) => readFileSync(path.join(folder, name), "utf8");

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflowOf = (name: string) => parse(textOf(name)) as Workflow;
const jobsOf = (name: string) => Object.values(workflowOf(name).jobs);
const stepsOf = (name: string) => jobsOf(name).flatMap(({ steps }) => steps);
const secretsIn = (value: unknown) =>
  [...JSON.stringify(value ?? {}).matchAll(/secrets\.(\w+)/g)].map(([, name = ""]) => name);

/** Commands that reach nRF Cloud or open the state. All others can do without secrets. */
const needsSecrets = /^ *(?:pulumi|npx nrfcloud-fleet (?:plan|apply|destroy)) /m;

describe.each(names)("%s", (name) => {
  test("names actions by commit, with the version beside it", () => {
    const uses = textOf(name).match(/^.*\buses:.*$/gm) ?? [];
    expect(uses.length).toBeGreaterThan(2);
    for (const line of uses) expect(line).toMatch(/uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("leaves no token of the repository in the checkout", () => {
    const checkouts = stepsOf(name).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts).toHaveLength(jobsOf(name).length);
    for (const checkout of checkouts) expect(checkout.with).toEqual({ "persist-credentials": false });
  });

  test("installs what the lock file says, without running its scripts, and pipes no download into a shell", () => {
    const scripts = stepsOf(name).flatMap(({ run }) => run ?? []);
    const installs = scripts.flatMap((script) => script.match(/npm (?:ci|i|install|exec)\b.*/g) ?? []);
    expect(installs).toEqual(jobsOf(name).map(() => "npm ci --ignore-scripts"));
    for (const script of scripts) expect(script).not.toMatch(/\|\s*(?:ba|z|da)?sh\b|\bcurl\b|\bwget\b/);
  });

  test("gives secrets to those steps only that need them", () => {
    const { jobs, ...rest } = workflowOf(name);
    expect(secretsIn(rest)).toEqual([]);
    for (const { steps, ...job } of Object.values(jobs)) {
      expect(secretsIn(job)).toEqual([]);
      for (const { env, ...step } of steps) {
        expect(secretsIn(step), step.name).toEqual([]);
        expect(secretsIn(env).length > 0, step.name).toBe(needsSecrets.test(step.run ?? ""));
      }
    }
  });

  test("lets only the reviewed environment write to the fleet", () => {
    for (const { environment, steps } of jobsOf(name)) {
      const keys = new Set(secretsIn(steps).filter((secret) => secret.endsWith("API_KEY")));
      const allowed = {
        preview: "NRF_CLOUD_READ_ONLY_API_KEY",
        production: "NRF_CLOUD_API_KEY",
        test: "NRF_CLOUD_TEST_API_KEY",
      };
      expect([...keys]).toEqual(
        Object.entries(allowed).flatMap(([of, key]) => (of === environment ? key : [])),
      );
      expect(keys.size).toBe(1);
      const writes = steps.some(({ run }) =>
        /nrfcloud-fleet (?:apply|destroy)|pulumi (?:up|destroy)/.test(run ?? ""),
      );
      expect(writes).toBe(environment !== "preview");
      if (environment === "production") expect(workflowOf(name).on).toEqual({ push: { branches: ["main"] } });
    }
  });

  test("says what its own token may do, and puts nothing of an event into a script", () => {
    const { contents, ...more } = workflowOf(name).permissions ?? {};
    expect(contents).toBe("read");
    expect(Object.keys(more).length).toBeLessThan(2);
    for (const { run } of stepsOf(name)) expect(run ?? "").not.toContain("${{");
  });

  test("keeps the inventory under that name, for a week, and nothing else", () => {
    for (const step of stepsOf(name).filter(({ uses }) => uses?.startsWith("actions/upload-artifact@"))) {
      expect(step.with).toEqual({
        name: expect.stringMatching(/^device-inventory-/) as string,
        path: expect.stringMatching(/^[a-z]+\.html$/) as string,
        "retention-days": 7,
      });
    }
  });
});

test("a pull request of a fork is not previewed", () => {
  for (const name of names) {
    expect(textOf(name)).not.toContain("pull_request_target");
    if (JSON.stringify(workflowOf(name).on).includes("pull_request")) {
      for (const job of jobsOf(name))
        expect(job.if).toBe("github.event.pull_request.head.repo.full_name == github.repository");
    }
  }
  expect(workflowOf("preview.yml").on).toBe("pull_request");
});

describe(".gitlab-ci.yml", () => {
  interface GitlabJob {
    readonly extends?: string;
    readonly stage?: string;
    readonly rules?: readonly { readonly if: string; readonly when?: string }[];
    readonly environment?: string | { readonly name: string };
    readonly before_script?: readonly string[];
    readonly script?: readonly string[];
    readonly artifacts?: Readonly<Record<string, unknown>>;
  }
  const text = readFileSync(path.join(example, ".gitlab-ci.yml"), "utf8");
  const pipeline = parse(text) as Readonly<Record<string, GitlabJob>>;
  const jobs = Object.entries(pipeline)
    .filter(([, { stage }]) => stage !== undefined)
    .map(([name, job]) => ({ name, ...(job.extends === undefined ? {} : pipeline[job.extends]), ...job }));
  const environmentOf = ({ environment }: GitlabJob) =>
    typeof environment === "string" ? environment : environment?.name;

  test("each job has an environment, whose variables are all the secrets that it gets", () => {
    expect(Object.fromEntries(jobs.map((job) => [job.name, environmentOf(job)]))).toEqual({
      preview: "preview",
      note: "notes",
      up: "production",
      drift: "preview",
      issue: "notes",
      test: "test",
    });
    for (const { name, script, ...job } of jobs) {
      const commands = (script ?? []).join("\n");
      // The token that writes notes never meets the code of the merge request, nor the keys of the fleet.
      expect(commands.includes("GITLAB_TOKEN"), name).toBe(environmentOf(job) === "notes");
      if (environmentOf(job) === "notes")
        expect(`${commands}${String(job.before_script)}`).not.toMatch(/npm|npx|pulumi/);
      if (environmentOf(job) === "preview") expect(commands).not.toMatch(/apply|destroy|pulumi up/);
    }
    expect(text).not.toMatch(/NRF_CLOUD_API_KEY: /);
  });

  test("a merge request of a fork is not previewed, and a person starts what writes", () => {
    for (const { name, rules } of jobs) {
      for (const { if: condition, when } of rules ?? []) {
        if (condition.includes("merge_request_event"))
          expect(condition, name).toContain("&& $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID");
        if (name === "up") expect({ condition, when }).toMatchObject({ when: "manual" });
      }
      expect(rules, name).toHaveLength(1);
    }
  });

  test("installs what the lock file says, without running its scripts, and pipes no download into a shell", () => {
    expect(text.match(/npm (?:ci|i|install)\b.*/g)).toEqual(["npm ci --ignore-scripts"]);
    expect(text).not.toMatch(/\|\s*(?:ba|z|da)?sh\b/);
    expect(text).toMatch(/name: pulumi\/pulumi-nodejs-22:\d+\.\d+\.\d+$/m);
  });

  test("tests of a firmware run without the secrets", () => {
    const [line] = /^.*npm test.*$/m.exec(text) ?? [];
    for (const secret of ["NRF_CLOUD_API_KEY", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"])
      expect(line).toContain(`-u ${secret} `);
  });

  test("keeps the inventory under that name, for developers, for a week", () => {
    for (const { artifacts, script } of jobs) {
      if (artifacts === undefined) continue;
      expect(artifacts).toMatchObject({ access: "developer", expire_in: "1 week" });
      const page = /--html (\S+)/.exec((script ?? []).join("\n"))?.[1];
      expect(page).toMatch(/^device-inventory-/);
      expect(artifacts.paths).toContain(page);
    }
  });
});

test("git takes no redo log, key, code, token or inventory", () => {
  const checkout = mkdtempSync(path.join(tmpdir(), "nrfcloud-ignored-"));
  try {
    cpSync(path.join(example, ".gitignore"), path.join(checkout, ".gitignore"));
    execFileSync("git", ["init", "--quiet", checkout]);
    const isIgnored = (file: string): boolean => {
      try {
        execFileSync("git", ["-C", checkout, "check-ignore", "--quiet", file]);
        return true;
      } catch {
        return false;
      }
    };
    const secret = [
      ".nrfcloud/journal/fleet.production.log",
      "keys/lab-1.key.pem",
      "flashing/lab-1_prv.pem",
      "flashing/lab-1_cmng.at",
      "ca.p12",
      "ca.pfx",
      "ca.key",
      "attestation_tokens.csv",
      "ownership-codes.csv",
      "import.json",
      ".env",
      "preview.json",
      "report.html",
    ];
    expect(secret.filter((file) => !isIgnored(file))).toEqual([]);
    const shared = ["fleet.yaml", "Pulumi.production.yaml", "package-lock.json", "ca.pem", "lab-1.csr"];
    expect(shared.filter(isIgnored)).toEqual([]);
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
});
