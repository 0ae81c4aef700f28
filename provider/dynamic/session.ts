import { appendFileSync, existsSync } from "node:fs";
import path from "node:path";
import { systemClock } from "../engine/clock.js";
import { collectGarbageSooner } from "../engine/heap.js";
import type { ConfigReader, HostOptions } from "../engine/host.js";
import { Notices } from "../engine/notices.js";
import { exitWithEngine } from "../engine/orphan.js";
import { Progress } from "../engine/progress.js";
import { folderOfProvider, projectName } from "../engine/projectFolder.js";
import { Shutdown } from "../engine/shutdown.js";
import { expectedErrors } from "../lifecycle/session/expectedErrors.js";
import { SETTINGS } from "../lifecycle/session/knownSettings.js";
import { openSession, type Session } from "../lifecycle/session/session.js";
import { STEP_WORDS } from "../reconcile/run/stepWords.js";

// When this module loads. Before the first resource, the process has not loaded any code of this package.
exitWithEngine(process.argv[2], () => process.exit(1));
collectGarbageSooner();

/**
 * The session of this process. All resource types share it, since request limits and bulk jobs belong to the account. The engine starts a
 * process for each run.
 */
let shared: Session | undefined;

function session(config: ConfigReader, wayToProject: string | undefined): Session {
  return (shared ??= build(config, wayToProject));
}

function build(config: ConfigReader, wayToProject: string | undefined): Session {
  const { env } = process;
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const notices = new Notices(print);
  const write = writerOf(env[SETTINGS.progress.variable]);
  const project = env.PULUMI_PROJECT;
  const folder = folderOfProvider({ cwd: process.cwd(), project }, wayToProject);
  const opened = openSession({
    env,
    config,
    clock: systemClock,
    notices,
    progress: new Progress(systemClock, {
      // A program that reads the progress shows it to users itself.
      print: write === undefined ? print : () => undefined,
      write,
      words: STEP_WORDS,
    }),
    isStopped: () => isThere(env[SETTINGS.stop.variable]),
    projectFolder: folder,
    project: project ?? projectName(folder) ?? "",
    pkcs11Program: path.join(__dirname, "../signers/pkcs11/main.js"),
  });
  new Shutdown(process).add(() => {
    opened.signers.close();
    notices.flush();
  });
  return opened;
}

/** Shows progress. A broken output must not fail an operation. */
function writerOf(file: string | undefined): ((line: string) => void) | undefined {
  if (file === undefined || file === "") return undefined;
  return (line) => {
    try {
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
    } catch {
      // Later lines may still be written.
    }
  };
}

function isThere(file: string | undefined): boolean {
  return file !== undefined && file !== "" && existsSync(file);
}

export const hosted: HostOptions<Session> = { session, expected: expectedErrors };
