import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { bash } from "./bash.js";

/** How a step of a workflow ended. */
export interface StepResult {
  readonly name: string;
  readonly outcome: "success" | "failure" | "skipped";
  readonly output: string;
}

export interface WorkflowRun {
  readonly succeeded: boolean;
  readonly steps: readonly StepResult[];
}

export interface Surroundings {
  readonly cwd: string;
  /** What expressions stand for, such as `secrets.NRF_CLOUD_API_KEY`. One that is missing here is an error. */
  readonly expressions: Readonly<Record<string, string>>;
  readonly env: NodeJS.ProcessEnv;
  /** Steps that prepare a runner, by name: a test has what they bring. */
  readonly without: readonly string[];
}

interface Step {
  readonly name: string;
  readonly id: string | undefined;
  readonly if: string | undefined;
  readonly run: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs the `run` steps of a workflow's only job as a runner does, with bash; steps that use actions are passed over. */
export async function runWorkflow(file: string, surroundings: Surroundings): Promise<WorkflowRun> {
  const workflow: unknown = parse(readFileSync(file, "utf8"));
  const [job] = Object.values(recordOf(field(workflow, "jobs")));
  const outputs = new Map<string, string>();
  const evaluate = (text: string): string =>
    text.replaceAll(/\$\{\{ *([\w.]+) *\}\}/g, (_, name: string) => valueOf(name, surroundings, outputs));
  const common = { ...textsOf(field(workflow, "env")), ...textsOf(field(job, "env")) };

  let succeeded = true;
  const steps: StepResult[] = [];
  for (const step of stepsOf(job)) {
    if (step.run === undefined || surroundings.without.includes(step.name)) continue;
    if (!isDue(step.if, succeeded, surroundings, outputs)) {
      steps.push({ name: step.name, outcome: "skipped", output: "" });
      continue;
    }
    const env = Object.fromEntries(
      Object.entries({ ...common, ...step.env }).map(([name, value]) => [name, evaluate(value)]),
    );
    const ran = await runStep(evaluate(step.run), { ...surroundings.env, ...env }, surroundings.cwd);
    if (step.id !== undefined)
      for (const [name, value] of ran.outputs) outputs.set(`steps.${step.id}.outputs.${name}`, value);
    if (ran.status !== 0) succeeded = false;
    steps.push({ name: step.name, outcome: ran.status === 0 ? "success" : "failure", output: ran.output });
  }
  return { succeeded, steps };
}

async function runStep(script: string, env: NodeJS.ProcessEnv, cwd: string) {
  const outputFile = path.join(mkdtempSync(path.join(tmpdir(), "nrfcloud-step-")), "output");
  writeFileSync(outputFile, "");
  const { status, output } = await bash(script, { cwd, env: { ...env, GITHUB_OUTPUT: outputFile } });
  const outputs = readFileSync(outputFile, "utf8")
    .split("\n")
    .filter((line) => line.includes("="))
    .map((line): [string, string] => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
  return { status, output, outputs };
}

/** The conditions that the example uses; any other must be taught here, not guessed. */
function isDue(
  condition: string | undefined,
  succeeded: boolean,
  surroundings: Surroundings,
  outputs: ReadonlyMap<string, string>,
): boolean {
  if (condition === undefined) return succeeded;
  if (condition === "always()") return true;
  const compared = /^([\w.]+) (==|!=) '([^']*)'$/.exec(condition);
  if (compared === null) throw new Error(`the condition ${condition} is not understood`);
  const [, name = "", operator, wanted] = compared;
  return succeeded && (valueOf(name, surroundings, outputs) === wanted) === (operator === "==");
}

function valueOf(name: string, { expressions }: Surroundings, outputs: ReadonlyMap<string, string>): string {
  const value = outputs.get(name) ?? expressions[name];
  if (value === undefined) throw new Error(`nobody says what ${name} is`);
  return value;
}

function stepsOf(job: unknown): Step[] {
  const steps = field(job, "steps");
  return (Array.isArray(steps) ? (steps as unknown[]) : []).map((step) => ({
    name: textOf(field(step, "name")) ?? "",
    id: textOf(field(step, "id")),
    if: textOf(field(step, "if")),
    run: textOf(field(step, "run")),
    env: textsOf(field(step, "env")),
  }));
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(recordOf(value)).map(([key, text]) => [key, String(text)]));
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function field(value: unknown, key: string): unknown {
  return recordOf(value)[key];
}
