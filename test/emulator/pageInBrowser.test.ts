import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Emulator } from "../../emulator/index.js";
import { barriersIn } from "../support/axe.js";
import { startChromium } from "../support/chromium.js";
import { misdeedsOf } from "../support/watchedPage.js";
import { identityFor, publicKeyPem } from "./support/certificates.js";
import { admin, ourClient, row } from "./support/client.js";
import { connected, emulateBroker } from "./support/mqtt.js";

let browser: Browser | undefined;
/** What a page did that it should not: errors, remarks on the console, requests to elsewhere. */
let misdeeds: readonly string[] = [];

beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser?.close());
afterEach(() => {
  expect(misdeeds).toEqual([]);
});

async function open({ pageUrl }: Emulator, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
  if (browser === undefined) throw new Error("there is no browser");
  const page = await browser.newPage(options);
  onTestFinished(() => page.close());
  misdeeds = misdeedsOf(page, pageUrl);
  await page.goto(pageUrl);
  await page.locator("#device-status", { hasText: /\w/ }).waitFor();
  return page;
}

const deviceRows = (page: Page) => page.getByRole("table", { name: "Devices" }).locator("tbody tr");
const shownIds = (page: Page) => deviceRows(page).locator("th").allInnerTexts();
const status = (page: Page) =>
  expect.poll(() => page.locator("#device-status").textContent(), { timeout: 10_000 });

describe("the emulator's page, in a browser", () => {
  it("shows a device that is created, connects and is deleted, without a reload", async () => {
    const emulator = await emulateBroker();
    const page = await open(emulator);
    await status(page).toBe("No devices yet.");
    const identity = { clientId: "dev-1", ...identityFor("dev-1") };
    await ourClient(emulator).bulk([row("dev-1", identity.cert, "tracker", "lab|oslo")]);
    const device = deviceRows(page).first();
    await device.getByText("not connected").waitFor();
    expect(await device.locator(".tag").allInnerTexts()).toEqual(["lab", "oslo"]);
    expect(await page.locator("#job-rows").innerText()).toContain("onboard devices: 1 row");
    expect(await page.locator("#request-rows").innerText()).toContain("POST /v1/devices");
    const client = await connected(emulator, identity);
    await device.getByText(/^connected since \d\d:\d\d:\d\d$/).waitFor();
    await client.endAsync();
    await device.getByText("not connected").waitFor();
    await ourClient(emulator).delete("/devices/dev-1");
    await status(page).toBe("No devices yet.");
  });

  it("pages and filters many devices, keeps the filter in its address, and shows faults", async () => {
    const emulator = await emulateBroker();
    const pem = publicKeyPem();
    await ourClient(emulator).bulk(
      Array.from({ length: 60 }, (_, index) =>
        row(`dev-${String(index).padStart(2, "0")}`, pem, "", index % 2 ? "odd" : "even"),
      ),
    );
    const fault = { kind: "latency", ms: [1, 2] };
    await admin(emulator).json("PUT", "/faults", { seed: 1, rules: [{ probability: 0.5, fault }] });
    const page = await open(emulator);
    await status(page).toBe("1 to 25 of 60");
    await page.getByRole("button", { name: "Next" }).click();
    await status(page).toBe("26 to 50 of 60");
    expect((await shownIds(page))[0]).toBe("dev-25");
    await page.getByRole("searchbox").fill("odd dev-5");
    await status(page).toBe("5 of 60 devices");
    await page.reload();
    await status(page).toBe("5 of 60 devices");
    expect(await shownIds(page)).toEqual(["dev-51", "dev-53", "dev-55", "dev-57", "dev-59"]);
    await page.getByRole("checkbox", { name: "connected only" }).check();
    await status(page).toBe("None of 60 devices matches.");
    expect(await page.locator("#faulty").textContent()).toContain("1 fault switched on");
    expect(await page.locator("#fault-rows").innerText()).toContain("latency");
  });

  it("treats no name as HTML or script", async () => {
    const evil = `<img src=x onerror=alert(1)><script>alert(2)</script>"'`;
    const emulator = await emulateBroker();
    const client = ourClient(emulator);
    await client.bulk([row("dev-1", publicKeyPem())]);
    await admin(emulator).json("PATCH", "/devices/dev-1", { name: evil });
    const reason = `because ${evil}`;
    await admin(emulator).json("PUT", "/settings", { rejectRows: { "dev-2": reason } });
    await client.bulk([row("dev-2", publicKeyPem())]);
    await expect(
      connected(emulator, { clientId: evil, ...identityFor(evil, { commonName: evil }) }),
    ).rejects.toThrow(/refused/);
    const page = await open(emulator);
    await status(page).toBe("1 to 1 of 1");
    expect(await deviceRows(page).innerText()).toContain(evil);
    expect(await page.locator("#job-rows").innerText()).toContain(reason);
    // Node escapes what a certificate's name holds.
    expect(await page.locator("#refusal-rows").innerText()).toContain("img src=x onerror=alert(1)");
    expect(await page.locator("body img, body script").count()).toBe(0);
  });

  it("shows that the emulator has stopped, and continues when it is back", async () => {
    const emulator = await emulateBroker();
    const page = await open(emulator);
    await page.route("**/_emulator/page?*", (route) => route.abort());
    await page.getByText("The emulator does not answer.").waitFor();
    await page.unroute("**/_emulator/page?*");
    await expect.poll(() => page.locator("#lost").textContent(), { timeout: 10_000 }).toBe("");
    // What the browser itself says of the requests that were kept from it.
    misdeeds = misdeeds.filter((said) => !said.startsWith("Failed to load resource"));
  });

  it.each([
    { width: 390, height: 844, colorScheme: "light" },
    { width: 1280, height: 800, colorScheme: "dark" },
  ] as const)("fits a window of $width pixels, $colorScheme", async ({ colorScheme, ...viewport }) => {
    const emulator = await emulateBroker();
    const tags = [
      "a-tag-that-is-rather-long-for-a-phone",
      ...Array.from({ length: 12 }, (_, index) => `tag-${index}`),
    ];
    await ourClient(emulator).bulk([row("d".repeat(128), publicKeyPem(), "asset-tracker", tags.join("|"))]);
    await ourClient(emulator).get(`/devices/${"d".repeat(128)}`);
    const page = await open(emulator, { viewport, colorScheme });
    await page.locator("#request-rows tr").first().waitFor();
    const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(needed).toBe(there);
  });

  it.each([
    { width: 1280, height: 800, colorScheme: "light" },
    { width: 1280, height: 800, colorScheme: "dark" },
    { width: 390, height: 844, colorScheme: "light" },
    { width: 390, height: 844, colorScheme: "dark" },
  ] as const)(
    "has no barrier that axe-core finds: $width pixels, $colorScheme",
    async ({ colorScheme, ...viewport }) => {
      const emulator = await emulateBroker();
      const identity = { clientId: "dev-1", ...identityFor("dev-1") };
      const client = ourClient(emulator);
      await admin(emulator).json("PUT", "/settings", { rejectRows: { "dev-2": "no" } });
      await client.bulk([
        row("dev-1", identity.cert, "tracker", "lab|oslo"),
        row("dev-2", publicKeyPem()),
        ...Array.from({ length: 30 }, (_, index) => row(`more-${index}`, publicKeyPem())),
      ]);
      const fault = { kind: "latency", ms: [1, 2] };
      await admin(emulator).json("PUT", "/faults", { seed: 1, rules: [{ probability: 0.5, fault }] });
      await connected(emulator, identity);
      await expect(connected(emulator, { clientId: "stranger", ...identityFor("stranger") })).rejects.toThrow(
        /refused/,
      );
      const page = await open(emulator, { viewport, colorScheme });
      await deviceRows(page)
        .first()
        .getByText(/^connected since/)
        .waitFor();
      expect(await barriersIn(page)).toEqual([]);
      await page.route("**/_emulator/page?*", (route) => route.abort());
      await page.getByText("The emulator does not answer.").waitFor();
      expect(await barriersIn(page)).toEqual([]);
      misdeeds = misdeeds.filter((text) => !text.startsWith("Failed to load resource"));
    },
  );
});
