// `npm run reference`: writes the pages that are made from the code.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { madeFiles } from "./reference/files.mjs";
import { root } from "./setup.mjs";

/** @type {(path: string) => unknown} */
const load = createRequire(import.meta.url);
const { SETTINGS } = /** @type {typeof import("../provider/lifecycle/session/knownSettings.js")} */ (
  load("../dist/provider/lifecycle/session/knownSettings.js")
);

const files = await madeFiles(root, Object.values(SETTINGS));
for (const [file, text] of files) writeFileSync(path.join(root, file), text);
console.log(`${files.size} files are up to date, such as ${[...files.keys()].at(-1) ?? ""}.`);
