import { existsSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";

const FILES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/**
 * The nearest folder at or above `from` with a `Pulumi.yaml`, which is how Pulumi's CLI finds its project.
 *
 * @param project the required name of the project; default: any
 */
export function nearestProject(from: string, project?: string): string | undefined {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const isProject = FILES.some((name) => existsSync(path.join(folder, name)));
    if (isProject && (project === undefined || projectName(folder) === project)) return folder;
    if (path.dirname(folder) === folder) return undefined;
  }
}

/** As `nearestProject`, but `from` itself if no project is found. */
export function projectFolder(from: string): string {
  return nearestProject(from) ?? from;
}

/** The name in a folder's `Pulumi.yaml`; `undefined` without one. The engine validates the rest of the file. */
export function projectName(folder: string): string | undefined {
  const file = FILES.map((name) => path.join(folder, name)).find((each) => existsSync(each));
  const name: unknown =
    file === undefined ? undefined : parseDocument(readFileSync(file, "utf8")).get("name");
  return typeof name === "string" ? name : undefined;
}

/** What a process knows that the engine started. */
export interface ProcessLocation {
  /** The working directory: the folder of the program's `main`, with links resolved. It may be outside of the project. */
  readonly cwd: string;
  /** The project's name; `undefined` from engines that do not send it. */
  readonly project: string | undefined;
}

/** What a program knows in addition. */
export interface ProgramLocation extends ProcessLocation {
  /** The project's folder from the engine. Older language hosts give a relative path. */
  readonly root: string;
  /** The working directory of the shell that called the engine. */
  readonly shell: string | undefined;
}

/** The project's folder, for a program. Without one (an inline program has none), the working directory. */
export function folderOfProgram({ root, cwd, shell, project }: ProgramLocation): string {
  if (path.isAbsolute(root)) return root;
  return (
    nearestProject(cwd, project) ?? (shell === undefined ? undefined : nearestProject(shell, project)) ?? cwd
  );
}

/**
 * The key of each resource under which a program puts the path from the working directory to the project's folder. The state keeps it for
 * refresh and destroy, which do not run the program.
 */
export const WAY_TO_PROJECT = "__wayToProject";

/**
 * The relative path by which the provider, which only knows its working directory, finds the project's folder. It is the same on all
 * machines with the same layout. `undefined` if the project's folder is at or above the working directory.
 */
export function wayToProject(folder: string, cwd: string): string | undefined {
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  const way = path.relative(cwd, real);
  const isAbove = way.split(path.sep).every((step) => step === ".." || step === "");
  return isAbove ? undefined : way;
}

/** The project's folder, for the provider. @param way from the program or the state */
export function folderOfProvider({ cwd, project }: ProcessLocation, way: string | undefined): string {
  const folder = way === undefined ? undefined : path.resolve(cwd, way);
  if (folder !== undefined && projectName(folder) !== undefined) return folder;
  return nearestProject(cwd, project) ?? cwd;
}
