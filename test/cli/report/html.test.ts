import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { agreementOf } from "../../../cli/report/configuration.js";
import { htmlOf } from "../../../cli/report/html.js";
import { configurationOf } from "../../../cli/status/configuration.js";
import {
  CI,
  device,
  deviceSet,
  ids,
  largeChange,
  preview,
  step,
  type Row,
} from "../../../tools/picture/preview.mjs";
import { barriersIn } from "../../support/axe.js";
import { startChromium } from "../../support/chromium.js";
import { misdeedsOf } from "../../support/watchedPage.js";
import { fleetCommand } from "../../support/fleetCommand.js";
import { reportOn } from "./reports.js";

const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-html-"));
let browser: Browser | undefined;
/** What a page did that it should not: errors, remarks on the console, requests. */
let misdeeds: readonly string[] = [];

beforeAll(async () => {
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  expect(misdeeds).toEqual([]);
});

const reports = new Map<string, string>();

/** The file with the report of a preview, made by the command. */
async function reportOf(printed: string, env: NodeJS.ProcessEnv): Promise<string> {
  const made = reports.get(printed);
  if (made !== undefined) return made;
  const file = path.join(folder, `report-${reports.size}.html`);
  const { stderr } = await fleetCommand(["report", "--html", file], { input: printed, env });
  expect(stderr).toBe("");
  reports.set(printed, file);
  return file;
}

/** Opens the report of a preview from disk. */
async function open(
  printed: string,
  options: Parameters<Browser["newPage"]>[0] = {},
  env: NodeJS.ProcessEnv = {},
  hash = "",
): Promise<Page> {
  if (browser === undefined) throw new Error("there is no browser");
  const file = await reportOf(printed, env);
  const page = await browser.newPage(options);
  const address = pathToFileURL(file).href;
  misdeeds = misdeedsOf(page, address);
  await page.goto(`${address}${hash}`);
  return page;
}

const rows = (page: Page) => page.locator("#list details");
const status = (page: Page) => page.locator("#status").textContent();

describe("the HTML page, in a browser", () => {
  let page: Page;

  beforeAll(async () => {
    page = await open(largeChange(), { viewport: { width: 1200, height: 900 } }, CI);
  });
  /** All is shown again. */
  beforeEach(async () => {
    await page.evaluate(() => {
      location.hash = "";
    });
    await page.waitForFunction(() => document.querySelector("#status")?.textContent === "3,016 changes");
  });
  afterAll(() => page.close());

  it("has its origin, counts, danger, guards, CAs, and the changes at a glance", async () => {
    expect(await page.title()).toBe("nRF Cloud fleet: preview of production");
    const facts = (await page.locator(".made div").allInnerTexts()).map((fact) => fact.replaceAll("\n", " "));
    expect(facts).toEqual([
      expect.stringMatching(/^Made \d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
      "Project acme",
      "Stack production",
      "Commit 4f2a91c07b",
      "CI run 318",
    ]);
    const links = await page
      .locator(".made a")
      .evaluateAll((all) => all.map((each) => each.getAttribute("href")));
    expect(links).toEqual([
      "https://github.com/acme/fleet/commit/4f2a91c07be3d5586a1c9e20f7d4b8a6305c1e9d",
      "https://github.com/acme/fleet/actions/runs/1187245",
    ]);
    expect(await page.locator(".size").allInnerTexts()).toEqual(["3,016 changes", "Devices 7,113 → 7,916"]);
    const tiles = await page.locator(".tiles > li").allInnerTexts();
    expect(tiles[0]?.split(/\n+/)).toEqual([
      "devices",
      "7,056 → 7,916",
      "40 deleted",
      "24 replaced",
      "1,992 updated",
      "900 onboarded",
    ]);
    const dangers = await page.getByRole("region", { name: "Danger" }).locator("li").allInnerTexts();
    expect(dangers).toHaveLength(7);
    expect(dangers[0]).toContain("proto-{010..047}, proto-077, spare-kit");
    expect(await page.getByRole("region", { name: "Guards" }).innerText()).toContain(
      "109 of 355 allowed deletes will be used, 5% of 7,101.",
    );
    const ca = await page.getByRole("region", { name: "CA changes" }).locator("td").allInnerTexts();
    expect(ca.slice(0, 2)).toEqual(["CN=Acme Lab CA 2025, O=Acme", "CN=Acme Lab CA 2026, O=Acme"]);
    const groups = await page.getByRole("region", { name: "At a glance" }).locator("li").allInnerTexts();
    expect(groups).toHaveLength(12);
    expect(groups.join("\n")).toContain("1,800 devices will be updated sensor-{0000..1799}");
  });

  it("searches ids and values, word by word", async () => {
    await page.getByRole("searchbox").fill("SENSOR-0042");
    expect(await status(page)).toBe("1 of 3,016 changes");
    await page.getByRole("searchbox").fill("tromsø lab-00");
    expect(await rows(page).locator(".id").allInnerTexts()).toEqual(["lab-002", "lab-006"]);
    await page.getByRole("searchbox").fill("nothing like it");
    expect(await status(page)).toBe("0 of 3,016 changes");
    expect(await rows(page).count()).toBe(0);
  });

  it("filters by what happens, by kind, and by danger, all at once, and a link leads to the same view", async () => {
    await page.getByRole("button", { name: "deleted, released 85" }).click();
    expect(await status(page)).toBe("85 of 3,016 changes");
    await page.getByRole("combobox").selectOption("just-in-time devices");
    expect(await status(page)).toBe("45 of 3,016 changes");
    await page.getByRole("button", { name: "updated 1,994" }).click();
    await page.getByRole("combobox").selectOption("devices");
    expect(await status(page)).toBe("2,032 of 3,016 changes");
    await page.getByRole("checkbox").check();
    expect(await status(page)).toBe("112 of 3,016 changes");
    await page.getByRole("searchbox").fill("field proto-07");
    await page.getByRole("searchbox").fill("proto-07");
    expect(await status(page)).toBe("1 of 3,016 changes");
    const address = page.url();
    expect(address).toMatch(
      /^file:.*#search=proto-07&action=delete&action=update&kind=[^&]*Device&danger=only$/,
    );

    const other = await open(largeChange(), {}, CI, new URL(address).hash);
    expect(await rows(other).locator(".id").allInnerTexts()).toEqual(["proto-077"]);
    expect(await other.getByRole("button", { pressed: true }).allInnerTexts()).toEqual([
      "deleted, released 85",
      "updated 1,994",
    ]);
    await other.close();
  });

  it("shows what a danger or a group is about, and all again", async () => {
    await page.getByRole("region", { name: "Danger" }).getByRole("button").first().click();
    expect(await status(page)).toBe("40 of 3,016 changes");
    expect(page.url()).toMatch(/#show=danger-1$/);
    await page.getByRole("button", { name: /^Only: 40 devices/ }).click();
    expect(await status(page)).toBe("3,016 changes");
    await page.getByRole("button", { name: /^Show group 6: 1,800 devices will be updated/ }).click();
    expect(await status(page)).toBe("1,800 of 3,016 changes");
  });

  it("opens a change with the old and the new of each field, by keyboard alone", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("rack-3-slot-03");
    const row = rows(page).first().locator("summary");
    for (
      let presses = 0;
      presses < 20 && !(await row.evaluate((it) => it === document.activeElement));
      presses++
    ) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    const body = rows(page).first().locator(".body");
    await body.waitFor();
    expect(await body.innerText()).toContain("Their history in nRF Cloud is lost");
    expect(await body.locator("td").allInnerTexts()).toEqual(["tracker", "gateway"]);

    await page.keyboard.press("/");
    await page.keyboard.press("Escape");
    expect(await status(page)).toBe("3,016 changes");
  });

  it("is accessible on a desktop, and its buttons have unique names", async () => {
    await rows(page).first().locator("summary").click();
    await rows(page).first().locator(".body").waitFor();
    expect(await barriersIn(page)).toEqual([]);
    const names = await page
      .locator("button:visible")
      .evaluateAll((all) => all.map((each) => each.getAttribute("aria-label") ?? each.textContent));
    expect(names.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
  });

  it("is accessible on a phone, fits its width, and breaks no number", async () => {
    const phone = await open(largeChange(), { viewport: { width: 390, height: 844 } }, CI);
    await rows(phone).first().locator("summary").click();
    await rows(phone).first().locator(".body").waitFor();
    expect(await barriersIn(phone)).toEqual([]);
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const numbers = await phone.evaluate(() => {
      const all: { readonly text: string; readonly lines: number }[] = [];
      const walker = document.createTreeWalker(
        document.querySelector("main") ?? document,
        NodeFilter.SHOW_TEXT,
      );
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        for (const { 0: text, index } of (node.textContent ?? "").matchAll(/\d[\d,.]*\d/g)) {
          const range = document.createRange();
          range.setStart(node, index);
          range.setEnd(node, index + text.length);
          all.push({
            text,
            lines: new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size,
          });
        }
      }
      return all;
    });
    expect(numbers.filter(({ lines }) => lines > 1)).toEqual([]);
    expect(numbers.length).toBeGreaterThan(100);
    await phone.close();
  });

  it("is accessible in dark mode", async () => {
    const dark = await open(largeChange(), { colorScheme: "dark" }, CI, "#search=rack");
    await rows(dark).first().locator("summary").click();
    await rows(dark).first().locator(".body").waitFor();
    expect(await barriersIn(dark)).toEqual([]);
    await dark.close();
  });

  it("is fast with 10,000 changes: rows are drawn when the user scrolls to them", async () => {
    const many = await open(
      preview([
        deviceSet(
          Object.fromEntries(
            ids("sensor-", 0, 10_000, 5).map((id): [string, Row] => [
              id,
              { before: `tags=${id}`, after: "tags=b" },
            ]),
          ),
        ),
      ]),
    );
    expect(await status(many)).toBe("10,000 changes");
    const first = await rows(many).count();
    expect(first).toBeLessThan(500);
    await many.locator("#more").scrollIntoViewIfNeeded();
    await many.waitForFunction((before) => document.querySelectorAll("#list details").length > before, first);
    await many.getByRole("searchbox").fill("sensor-09999");
    expect(await rows(many).locator(".id").allInnerTexts()).toEqual(["sensor-09999"]);
  });
});

test("the configuration of devices, as they report it, fits a phone and is without barriers", async () => {
  if (browser === undefined) throw new Error("there is no browser");
  const evil = `</script><img src=x onerror=alert(1)>${"x".repeat(300)}`;
  const config = JSON.stringify(JSON.stringify({ interval: 60, gnss: { mode: "periodic", timeout: 120 } }));
  const line = `config=${config}`;
  const report = reportOn(
    deviceSet(
      Object.fromEntries(
        ids("sensor-", 0, 500, 4).map((id): [string, Row] => [id, { before: line, after: line }]),
      ),
    ),
  );
  const all = report.desired.map((each, i) =>
    configurationOf(each, {
      reported: i % 50 === 0 ? { interval: evil } : { interval: 60, gnss: { mode: "periodic" } },
    }),
  );
  const file = path.join(folder, "configuration.html");
  writeFileSync(file, htmlOf({ ...report, configuration: agreementOf(report.desired, all) }));
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme });
    misdeeds = misdeedsOf(page, pathToFileURL(file).href);
    await page.goto(pathToFileURL(file).href);
    const shown = page.getByRole("region", { name: "Configuration" });
    expect(await shown.innerText()).toContain(
      "Of 500 devices with a configuration, 0 report what is desired.",
    );
    expect(await shown.locator("h3").allInnerTexts()).toEqual([
      expect.stringMatching(/^490 devices do not report this: sensor-/),
      expect.stringMatching(/^10 devices do not report this: sensor-/),
    ]);
    expect(await shown.locator("td").allInnerTexts()).toContain("120");
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(await barriersIn(page)).toEqual([]);
    await page.close();
  }
});

describe("the HTML page of others' words, in a browser", () => {
  it("begins with why an apply will fail", async () => {
    const page = await open("error: no stack named '<b>nope</b>' found\n");
    expect(await page.locator("h1 + section").innerText()).toContain("This apply will fail:");
    expect(await page.getByRole("region", { name: "Failure" }).innerText()).toContain(
      "error: no stack named '<b>nope</b>' found",
    );
    expect(await page.getByRole("region", { name: "Every change" }).isVisible()).toBe(false);
  });

  it("treats no text from outside as HTML or script", async () => {
    const evil = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'><svg onload=alert(3)><!--`;
    const page = await open(
      preview(
        [
          device("lab-1", "update", {
            before: { name: evil, tags: [evil] },
            after: { name: `${evil}2`, tags: [] },
            differ: ["name"],
          }),
          step("CaCertificate", evil, "delete", { before: { subject: { commonName: evil } } }),
          step(`x:y:${evil.replaceAll(":", "")}`, evil, "create", { after: { [evil]: evil } }),
          deviceSet({ [evil]: { before: "", after: `name=${JSON.stringify(evil)}` } }, { name: evil }),
        ],
        { diagnostics: ["error", "info"].map((severity) => ({ severity, message: evil })) },
      ),
    );
    expect(await status(page)).toBe("4 changes");
    expect(await barriersIn(page)).toEqual([]);
    for (const row of await rows(page).locator("summary").all()) await row.click();
    await page.locator("#list .body").nth(3).waitFor();
    for (const button of await page.locator("button[data-label]").all()) await button.click();
    expect(await page.locator("img, svg, main script").count()).toBe(0);
    expect(await page.locator("body").innerText()).toContain("<img src=x onerror=alert(2)>");
  });
});
