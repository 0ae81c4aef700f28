import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";

/** Whether the system can find a program: by its path relative to a folder, or by its name on the PATH. */
export function isProgram(
  program: string,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const endings = ["", ...(env.PATHEXT ?? "").split(";").filter((ending) => ending !== "")];
  const folders = isPath(program)
    ? [cwd]
    : (env.PATH ?? "").split(path.delimiter).map((folder) => path.resolve(cwd, folder));
  return folders.some((folder) =>
    endings.some((ending) => isExecutable(path.resolve(folder, `${program}${ending}`))),
  );
}

/** Whether a name is a path, so that it is not searched on the PATH. */
export function isPath(name: string): boolean {
  return name.includes("/") || name.includes(path.sep);
}

export function isReadable(file: string): boolean {
  return allows(file, constants.R_OK);
}

function isExecutable(file: string): boolean {
  return allows(file, constants.X_OK);
}

function allows(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
