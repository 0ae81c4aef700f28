import { existsSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";

const FILES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/**
 * The nearest folder at or above `from` that holds a `Pulumi.yaml`, as Pulumi's command line looks for its project.
 *
 * @param project the name that the project must have; by default any
 */
export function nearestProject(from: string, project?: string): string | undefined {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const isProject = FILES.some((name) => existsSync(path.join(folder, name)));
    if (isProject && (project === undefined || projectName(folder) === project)) return folder;
    if (path.dirname(folder) === folder) return undefined;
  }
}

/** As `nearestProject`; `from` itself where there is none. */
export function projectFolder(from: string): string {
  return nearestProject(from) ?? from;
}

/** The name that a folder's `Pulumi.yaml` gives; `undefined` where there is none. Whether the rest makes sense is for the engine to say. */
export function projectName(folder: string): string | undefined {
  const file = FILES.map((name) => path.join(folder, name)).find((each) => existsSync(each));
  const name: unknown =
    file === undefined ? undefined : parseDocument(readFileSync(file, "utf8")).get("name");
  return typeof name === "string" ? name : undefined;
}

/** What a process that the engine has started knows of itself. */
export interface Whereabouts {
  /** Working directory: the folder of the program's `main`, with links resolved. It may lie outside of the project. */
  readonly cwd: string;
  /** The project's name, from the engine; `undefined` from engines that do not say it. */
  readonly project: string | undefined;
}

/** What a program knows besides. */
export interface ProgramWhereabouts extends Whereabouts {
  /** The project's folder as the engine gives it. Older hosts of programs give a path that is not absolute. */
  readonly root: string;
  /** Where the shell was that called the engine. */
  readonly shell: string | undefined;
}

/** The project's folder, for a program. Where nothing leads to one (an inline program has none), the working directory. */
export function folderOfProgram({ root, cwd, shell, project }: ProgramWhereabouts): string {
  if (path.isAbsolute(root)) return root;
  return (
    nearestProject(cwd, project) ?? (shell === undefined ? undefined : nearestProject(shell, project)) ?? cwd
  );
}

/**
 * Under this key of every resource a program says how to come from the working directory to the project's folder. It stays in the state for
 * a refresh and a destroy, which run no program.
 */
export const WAY_TO_PROJECT = "__wayToProject";

/**
 * What a program must say so that the provider, whose process only knows the working directory, finds the project's folder: a path from
 * there, equal on all machines with the same layout. `undefined` where the working directory leads there by itself.
 */
export function wayToProject(folder: string, cwd: string): string | undefined {
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  const way = path.relative(cwd, real);
  const isAbove = way.split(path.sep).every((step) => step === ".." || step === "");
  return isAbove ? undefined : way;
}

/** The project's folder, for the provider. @param way as the program gave it, now or when the state was written */
export function folderOfProvider({ cwd, project }: Whereabouts, way: string | undefined): string {
  const folder = way === undefined ? undefined : path.resolve(cwd, way);
  if (folder !== undefined && projectName(folder) !== undefined) return folder;
  return nearestProject(cwd, project) ?? cwd;
}
