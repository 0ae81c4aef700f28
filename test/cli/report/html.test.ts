import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  device,
  deviceSet,
  ids,
  largeChange,
  preview,
  step,
  type Row,
} from "../../../tools/picture/preview.mjs";
import { startChromium } from "../../support/chromium.js";
import { fleetCommand } from "./command.js";

const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-html-"));
let browser: Browser | undefined;
/** What a page did that it should not: errors, remarks on the console, requests. */
let misdeeds: string[] = [];

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
function reportOf(printed: string): string {
  const made = reports.get(printed);
  if (made !== undefined) return made;
  const file = path.join(folder, `report-${reports.size}.html`);
  const { stderr } = fleetCommand(["report", "--html", file], printed);
  expect(stderr).toBe("");
  reports.set(printed, file);
  return file;
}

/** Opens the report of a preview from disk. */
async function open(printed: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
  if (browser === undefined) throw new Error("there is no browser");
  const file = reportOf(printed);
  const page = await browser.newPage(options);
  misdeeds = [];
  const address = pathToFileURL(file).href;
  page.on("pageerror", (error) => misdeeds.push(error.message));
  page.on("console", (message) => misdeeds.push(message.text()));
  page.on("dialog", (dialog) => {
    misdeeds.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.url() !== address && !request.url().startsWith("data:")) misdeeds.push(request.url());
  });
  await page.goto(address);
  return page;
}

const rows = (page: Page) => page.locator("#list details");
const status = (page: Page) => page.locator("#status").textContent();

describe("the HTML page, in a browser", () => {
  it("has counts, danger, and the changes at a glance", async () => {
    const page = await open(largeChange());
    expect(await page.title()).toBe("nRF Cloud fleet: preview of production");
    const counts = await page.locator("table.counts tr", { hasText: /^devices/ }).allInnerTexts();
    expect(counts).toEqual([expect.stringMatching(/^devices\s+40\s+24\s+0\s+1,980\s+900$/)]);
    const dangers = await page.getByRole("region", { name: "Danger" }).locator("li").allInnerTexts();
    expect(dangers[0]).toContain("40 devices will be deleted proto-{010..047}, proto-077, spare-kit");
    expect(dangers.length).toBeGreaterThanOrEqual(4);
    const groups = await page.getByRole("region", { name: "At a glance" }).locator("li").allInnerTexts();
    expect(groups).toHaveLength(9);
    expect(groups.join("\n")).toContain("1,800 devices changed sensor-{0000..1799}");
    expect(await status(page)).toBe("3,002 changes");
  });

  it("searches ids and values, word by word", async () => {
    const page = await open(largeChange());
    await page.getByRole("searchbox").fill("SENSOR-0042");
    expect(await status(page)).toBe("1 of 3,002 changes");
    await page.getByRole("searchbox").fill("tromsø lab-00");
    expect(await rows(page).locator(".id").allInnerTexts()).toEqual(["lab-002", "lab-006"]);
    await page.getByRole("searchbox").fill("nothing like it");
    expect(await status(page)).toBe("0 of 3,002 changes");
    expect(await rows(page).count()).toBe(0);
  });

  it("filters by what happens, by kind, and by danger, all at once", async () => {
    const page = await open(largeChange());
    await page.getByRole("button", { name: "deleted", exact: true }).click();
    expect(await status(page)).toBe("85 of 3,002 changes");
    await page.getByRole("combobox").selectOption("just-in-time devices");
    expect(await status(page)).toBe("45 of 3,002 changes");
    await page.getByRole("button", { name: "changed", exact: true }).click();
    await page.getByRole("combobox").selectOption("devices");
    expect(await status(page)).toBe("2,020 of 3,002 changes");
    await page.getByRole("checkbox").check();
    expect(await status(page)).toBe("100 of 3,002 changes");
    await page.getByRole("button", { name: "deleted", exact: true }).click();
    expect(await status(page)).toBe("60 of 3,002 changes");
  });

  it("shows what a danger or a group is about, and all again", async () => {
    const page = await open(largeChange());
    await page.getByRole("region", { name: "Danger" }).getByRole("button").first().click();
    expect(await status(page)).toBe("40 of 3,002 changes");
    const narrowed = page.getByRole("button", { name: "Only: 40 devices will be deleted" });
    await narrowed.click();
    expect(await status(page)).toBe("3,002 changes");
    const group = page.getByRole("listitem").filter({ hasText: "1,800 devices changed" });
    await group.getByRole("button").click();
    expect(await status(page)).toBe("1,800 of 3,002 changes");
  });

  it("opens a change with the old and the new of each field, by keyboard alone", async () => {
    const page = await open(largeChange());
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
    expect(await status(page)).toBe("3,002 changes");
  });

  it("stays quick with 10,000 changes: rows are drawn as they are scrolled to", async () => {
    const page = await open(
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
    expect(await status(page)).toBe("10,000 changes");
    const first = await rows(page).count();
    expect(first).toBeLessThan(500);
    await page.locator("#more").scrollIntoViewIfNeeded();
    await page.waitForFunction((before) => document.querySelectorAll("#list details").length > before, first);
    await page.getByRole("searchbox").fill("sensor-09999");
    expect(await rows(page).locator(".id").allInnerTexts()).toEqual(["sensor-09999"]);
  });

  it.each(["light", "dark"] as const)("has contrast enough in %s", async (colorScheme) => {
    const page = await open(largeChange(), { colorScheme });
    const contrasts = await page.evaluate(() => {
      const luminance = (color: string) => {
        const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
          const value = Number(part) / 255;
          return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const paperOf = (element: Element | null): string => {
        if (element === null) return "rgb(255, 255, 255)";
        const { backgroundColor } = getComputedStyle(element);
        return /^rgba\(.*, 0\)$/.test(backgroundColor) ? paperOf(element.parentElement) : backgroundColor;
      };
      const seen = [
        ".quiet",
        ".badge",
        ".danger-card strong",
        ".danger-card p",
        "button.link",
        "#list .id",
        "#list .short",
      ];
      return seen.flatMap((selector) =>
        [...document.querySelectorAll(selector)].slice(0, 200).map((element) => {
          const [one, other] = [luminance(getComputedStyle(element).color), luminance(paperOf(element))];
          return { selector, contrast: (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) };
        }),
      );
    });
    // WCAG AA of normal text.
    expect(contrasts.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
    expect(contrasts.length).toBeGreaterThan(50);
  });

  it("says why a preview failed", async () => {
    const page = await open("error: no stack named '<b>nope</b>' found\n");
    expect(await page.getByRole("region", { name: "Failure" }).innerText()).toContain(
      "error: no stack named '<b>nope</b>' found",
    );
    expect(await page.getByRole("region", { name: "Every change" }).isVisible()).toBe(false);
  });

  it("takes nothing for HTML or script, wherever it comes from", async () => {
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
    for (const row of await rows(page).locator("summary").all()) await row.click();
    await page.locator("#list .body").nth(3).waitFor();
    for (const button of await page.locator("button[data-label]").all()) await button.click();
    expect(await page.locator("img, svg, main script").count()).toBe(0);
    expect(await page.locator("body").innerText()).toContain("<img src=x onerror=alert(2)>");
  });
});
