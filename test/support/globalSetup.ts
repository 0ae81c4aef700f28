import { existsSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { ensureEngine } from "../../tools/engine/engine.mjs";
import { createNewStack, type NewStack } from "./newStack.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder that holds a real Pulumi CLI. */
    engineBin: string;
    newStack: NewStack;
  }
}

/** Gets a real Pulumi CLI before the first test; `npm test` has compiled the package by then. */
export default async function setup(project: TestProject): Promise<void> {
  if (!existsSync("dist/provider/index.js")) {
    throw new Error(
      "The package is not compiled: run `npm run build` (or `npm test`, which does it all) first.",
    );
  }
  const engine = await ensureEngine((line) => {
    process.stderr.write(`${line}\n`);
  });
  project.provide("engineBin", engine.bin);
  project.provide("newStack", await createNewStack(engine.bin));
}
