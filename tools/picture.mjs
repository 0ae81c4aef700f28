// `node tools/picture.mjs`: the picture of a report for docs/review.md, taken in a real browser. Build the package first.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { CI, largeChange } from "./picture/preview.mjs";

/** ISO 8601 without fractions of a second. */
function inSixtyDays() {
  return new Date(Date.now() + 60 * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");
}

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const picture = path.join(root, "docs", "images", "report.png");
const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-picture-"));
try {
  const page = path.join(folder, "report.html");
  writeFileSync(path.join(folder, "preview.json"), largeChange(inSixtyDays()));
  const command = [
    path.join(root, "dist/cli/main.js"),
    "report",
    path.join(folder, "preview.json"),
    "--html",
    page,
  ];
  const { status } = spawnSync(process.execPath, command, {
    stdio: "inherit",
    env: { ...process.env, ...CI },
  });
  if (status !== 0) throw new Error("the report was not made: has the package been built?");

  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  const view = await browser.newPage({
    viewport: { width: 1200, height: 1980 },
    colorScheme: process.argv.includes("--dark") ? "dark" : "light",
  });
  await view.goto(pathToFileURL(page).href);
  // One change that is searched for and looked at more closely.
  await view.locator("#search").fill("rack-3");
  await view.locator("#list summary", { hasText: "rack-3-slot-03" }).click();
  await view.locator("#list summary", { hasText: "rack-3-slot-03" }).evaluate((row) => {
    row.blur();
  });
  await view.evaluate(() => {
    window.scrollTo(0, 0);
  });
  mkdirSync(path.dirname(picture), { recursive: true });
  await view.screenshot({ path: picture });
  await browser.close();
  console.log(`${path.relative(root, picture)}: ${Math.round(statSync(picture).size / 1024)} kB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
