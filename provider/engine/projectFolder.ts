import { existsSync } from "node:fs";
import path from "node:path";

/**
 * The folder of the Pulumi project that this process works for: the nearest one above the working directory that
 * holds a `Pulumi.yaml`, else the working directory. (The engine starts programs and providers in the folder of the
 * program's `main`, which may lie below the project.)
 */
export function projectFolder(from: string = process.cwd()): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].some((name) => existsSync(path.join(folder, name))))
      return folder;
    if (path.dirname(folder) === folder) return from;
  }
}
