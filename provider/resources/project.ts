import * as pulumi from "@pulumi/pulumi";
import { folderOfProgram } from "../engine/projectFolder.js";

/** The folder of this program's project; for an inline program, which has none, the working directory. */
export function projectOfProgram(): string {
  return folderOfProgram({
    root: pulumi.getRootDirectory(),
    cwd: process.cwd(),
    shell: process.env.PWD,
    project: pulumi.getProject(),
  });
}
