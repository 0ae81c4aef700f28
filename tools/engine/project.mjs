// What `npm ci` would install in the project of a stack under test.

import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/**
 * Links the SDKs and this package into a project, and nothing else: the language host looks into every folder that a project has or
 * links to, with each command.
 * @param {string} project  Its folder.
 */
export function linkPackages(project) {
  const modules = path.join(project, "node_modules");
  const link = (/** @type {string} */ target, /** @type {string[]} */ ...place) => {
    const at = path.join(modules, ...place);
    mkdirSync(path.dirname(at), { recursive: true });
    symlinkSync(path.join(root, target), at);
  };
  for (const name of ["pulumi", "policy"]) link(`node_modules/@pulumi/${name}`, "@pulumi", name);
  for (const part of ["dist", "schema", "package.json"]) link(part, "pulumi-nrfcloud", part);
}
