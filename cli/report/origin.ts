/** The origin of a report: the commit and the run of CI. */
import { CommandError } from "../commandError.js";
import { isRecord } from "../../provider/fleet/data.js";

export interface Origin {
  readonly commit: Link | undefined;
  readonly run: Link | undefined;
}

/** A text, with a link if it has an address. */
export interface Link {
  readonly text: string;
  /** An https address. */
  readonly address: string | undefined;
}

export const NO_ORIGIN: Origin = { commit: undefined, run: undefined };

/**
 * Reads the variables that GitHub Actions and GitLab CI set. Other CI systems give no origin.
 * @param readText reads the file with the event of GitHub
 */
export function originIn(env: Environment, readText: (file: string) => string): Origin {
  if (env.GITHUB_ACTIONS === "true") return githubOrigin(env, readText);
  return env.GITLAB_CI === "true" ? gitlabOrigin(env) : NO_ORIGIN;
}

/** The normalized address, if it is safe to show as a link; else `undefined`. */
export function httpsAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, password, href } = new URL(text);
  return protocol === "https:" && username === "" && password === "" ? href : undefined;
}

/** Reads the address of the HTML page. @throws CommandError (2) for an address that is not safe to link */
export function readPageUrl(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const address = httpsAddress(given);
  if (address !== undefined) return address;
  throw new CommandError(
    `--page-url is ${JSON.stringify(given)}. Give an https address, such as https://ci.example.com/report.html.`,
    2,
  );
}

type Environment = Readonly<Record<string, string | undefined>>;

function githubOrigin(env: Environment, readText: (file: string) => string): Origin {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_NUMBER, GITHUB_SHA } = env;
  const repository = `${GITHUB_SERVER_URL ?? ""}/${GITHUB_REPOSITORY ?? ""}`;
  return {
    // CI tests a pull request after a merge. Users do not know that merge commit, so show the head.
    commit: commitOf(headOfPullRequest(env, readText) ?? GITHUB_SHA, `${repository}/commit`),
    run: runOf(GITHUB_RUN_NUMBER, `${repository}/actions/runs/${GITHUB_RUN_ID ?? ""}`),
  };
}

function gitlabOrigin(env: Environment): Origin {
  const { CI_COMMIT_SHA, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA, CI_PROJECT_URL, CI_JOB_ID, CI_JOB_URL } = env;
  // Set for merged results only. Users do not know the merge commit, so show the head.
  const head = CI_MERGE_REQUEST_SOURCE_BRANCH_SHA === "" ? undefined : CI_MERGE_REQUEST_SOURCE_BRANCH_SHA;
  return {
    commit: commitOf(head ?? CI_COMMIT_SHA, `${CI_PROJECT_URL ?? ""}/-/commit`),
    run: runOf(CI_JOB_ID, CI_JOB_URL ?? ""),
  };
}

function commitOf(hash: string | undefined, folder: string): Link | undefined {
  if (hash === undefined || !/^[0-9a-f]{7,64}$/.test(hash)) return undefined;
  return { text: hash.slice(0, 10), address: httpsAddress(`${folder}/${hash}`) };
}

function runOf(number: string | undefined, address: string): Link | undefined {
  if (number === undefined || !/^\d{1,20}$/.test(number)) return undefined;
  return { text: `run ${number}`, address: httpsAddress(address) };
}

function headOfPullRequest(env: Environment, readText: (file: string) => string): string | undefined {
  const { GITHUB_EVENT_PATH } = env;
  if (GITHUB_EVENT_PATH === undefined) return undefined;
  try {
    const event: unknown = JSON.parse(readText(GITHUB_EVENT_PATH));
    const pullRequest = isRecord(event) ? event.pull_request : undefined;
    const head = isRecord(pullRequest) ? pullRequest.head : undefined;
    return isRecord(head) && typeof head.sha === "string" ? head.sha : undefined;
  } catch {
    // Without a readable event the report shows the commit of the run.
    return undefined;
  }
}
