import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { SETTINGS } from "../../provider/lifecycle/session/knownSettings.js";
import { madeFiles } from "../../tools/reference/files.mjs";
import { root } from "./pages.js";

let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  files = await madeFiles(root, Object.values(SETTINGS));
});

test("the pages that are made from the code are up to date: otherwise run `npm run reference`", () => {
  for (const [file, text] of files) expect(readFileSync(path.join(root, file), "utf8"), file).toBe(text);
});

test("the reference has no page without a resource", () => {
  const pages = [...files.keys()]
    .filter((file) => file.startsWith("docs/reference/"))
    .map((file) => path.basename(file));
  expect(readdirSync(path.join(root, "docs", "reference")).sort()).toEqual(pages.sort());
});

test("every input and output is described, and every resource says what its operations do", () => {
  for (const [file, text] of files) {
    if (!file.startsWith("docs/reference/") || file.endsWith("README.md")) continue;
    expect(text.match(/^\|(?:[^|]|\\\|)*\|.*\| +\|$/gm), file).toBeNull();
    expect(text, file).toMatch(/^```ts$/m);
    for (const title of [
      "## Inputs",
      "## Outputs",
      "| Create",
      "| Refresh",
      "| Update",
      "| Delete",
      "## API operations",
    ])
      expect(text, file).toContain(title);
  }
});
