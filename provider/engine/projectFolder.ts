import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";

const FILES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/**
 * The folder of the Pulumi project that this process works for: the nearest one above the working directory that
 * holds a `Pulumi.yaml`, else the working directory. (The engine starts programs and providers in the folder of the
 * program's `main`, which may lie below the project.)
 */
export function projectFolder(from: string = process.cwd()): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (FILES.some((name) => existsSync(path.join(folder, name)))) return folder;
    if (path.dirname(folder) === folder) return from;
  }
}

/** The name of that project; `undefined` where there is none. Whether the rest of the file makes sense is for the engine to say. */
export function projectName(folder: string = projectFolder()): string | undefined {
  const file = FILES.map((name) => path.join(folder, name)).find((each) => existsSync(each));
  const name: unknown =
    file === undefined ? undefined : parseDocument(readFileSync(file, "utf8")).get("name");
  return typeof name === "string" ? name : undefined;
}
