// An old Node must be able to load this file, so it uses no newer syntax and no newer module.
import { readFileSync } from "fs";
import { join } from "path";
import { problemOfNode } from "./nodeVersion.js";

const manifest = JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as {
  readonly engines: { readonly node: string };
};
const problem = problemOfNode(process.versions.node, manifest.engines.node);
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}
