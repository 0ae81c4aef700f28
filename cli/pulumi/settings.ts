import { count } from "../terminal.js";

/** What is about to be done: a look only, an operation with so many changes, or the end of the stack. */
export type Work =
  | { readonly kind: "look" }
  | { readonly kind: "change"; readonly changes: number; readonly creates: number }
  | { readonly kind: "destroy" };

/** Where the stack's state is kept: by Pulumi Cloud, which is sent changes only, or by yourself, which is sent all of it. */
export type Backend = "Pulumi Cloud" | "self-managed";

/** Settings of the engine for a fleet, and why. */
export interface EngineSettings {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A line each, in words. */
  readonly reasons: readonly string[];
}

/** nRF Cloud's limit of rows in a bulk job; more at once gain nothing. */
const PARALLEL = 1000;

/** Up to so many changes, saving the state after each of them costs little. */
const A_HANDFUL = 100;

/** Chooses the settings as docs/scale.md describes them; what the user's own environment says stands above. */
export function engineSettings(work: Work, backend: Backend, env: NodeJS.ProcessEnv): EngineSettings {
  const parts = [parallel(env), ...(work.kind === "look" ? [] : [checkpoints(work, backend, env)])];
  return {
    args: parts.flatMap(({ args = [] }) => args),
    env: Object.assign({}, ...parts.map((part) => part.env ?? {})) as Record<string, string>,
    reasons: parts.map(({ reason }) => reason),
  };
}

interface Setting {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly reason: string;
}

function parallel({ PULUMI_PARALLEL: own }: NodeJS.ProcessEnv): Setting {
  if (own !== undefined && own !== "") return { reason: `PULUMI_PARALLEL=${own}: from your environment` };
  return {
    args: ["--parallel", String(PARALLEL)],
    reason: `--parallel ${PARALLEL}: devices that are in flight together share bulk jobs and list pages`,
  };
}

function checkpoints(
  work: Exclude<Work, { kind: "look" }>,
  backend: Backend,
  { PULUMI_SKIP_CHECKPOINTS: own }: NodeJS.ProcessEnv,
): Setting {
  if (own !== undefined && own !== "")
    return { reason: `PULUMI_SKIP_CHECKPOINTS=${own}: from your environment` };
  if (backend === "Pulumi Cloud")
    return { reason: "state saved after every step: Pulumi Cloud is sent only what changed" };
  if (work.kind === "change" && work.changes <= A_HANDFUL) {
    return { reason: `state saved after every step: ${count(work.changes, "change is", "changes are")} few` };
  }
  return { env: { PULUMI_SKIP_CHECKPOINTS: "true" }, reason: `PULUMI_SKIP_CHECKPOINTS=true: ${why(work)}` };
}

function why(work: Exclude<Work, { kind: "look" }>): string {
  if (work.kind === "destroy")
    return "the state is saved once, at the end; a deletion that was not saved is done again";
  const keys =
    work.creates > 0
      ? ` If the run is killed, ${count(work.creates, "new resource is", "new resources are")} recognised and certified again by the next one; Ctrl-C once loses nothing.`
      : "";
  return `${count(work.changes, "change")}, so the state is saved once, at the end.${keys}`;
}
