import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deviceSet, preview } from "../../../tools/picture/preview.mjs";
import { fleetCommand } from "../../support/fleetCommand.js";

const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-report-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const calm = preview([deviceSet({ "lab-1": { after: "tags=a" } }, { op: "create" })]);
const dangerous = preview([deviceSet({ "lab-1": { before: "" } })]);
const refused = preview([deviceSet({ "lab-1": { after: "tags=a" } }, { op: "create" })], {
  diagnostics: [
    { severity: "info", message: "DeviceSet fleet:\n" },
    { severity: "info", message: "  This apply will fail: The plan is too small.\n" },
  ],
});
const line = 'config="{\\"interval\\":60}"';
const configured = preview([deviceSet({ "lab-1": { before: line, after: line } })]);
const failed = preview([], { diagnostics: [{ severity: "error", message: "error: no" }] });

describe("nrfcloud-fleet report", () => {
  it.each([
    ["0 when it is written", [], calm, 0],
    ["0 when there is danger", [], dangerous, 0],
    ["3 when there is danger, if it is told to", ["--fail-on-danger"], dangerous, 3],
    ["0 without danger, if it is told to", ["--fail-on-danger"], calm, 0],
    ["1 when the preview failed", [], failed, 1],
    ["1 when an apply will fail", [], refused, 1],
    ["1 when there is no preview", ["--fail-on-danger"], "error: no stack named 'nope' found\n", 1],
  ])("exits with %s", async (_, args, input, code) => {
    const ended = await fleetCommand(["report", ...args], { input: input });
    expect(ended).toMatchObject({ code, stderr: "" });
    expect(ended.stdout).toContain("<!-- nrfcloud-fleet report: ");
  });

  it.each([
    ["an unknown option", ["--loud"], calm, "unknown option '--loud'"],
    ["a file that is not there", ["nowhere.json"], "", "The command can't read nowhere.json"],
    ["a time that is none", ["--within", "soon"], calm, '--within is "soon", which is not a time'],
    [
      "a page that is not linked safely",
      ["--page-url", "javascript:alert(1)"],
      calm,
      "Give an https address",
    ],
    ["JSON that is no preview", [], "{}", "not what `pulumi preview --json` prints"],
    [
      "a folder that is not there",
      ["--html", "/nowhere/report.html"],
      calm,
      "--html: the command can't write /nowhere/report.html",
    ],
  ])("exits with 2 for %s, and says what to do", async (_, args, input, words) => {
    const { code, stderr } = await fleetCommand(["report", ...args], { input: input });
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("    at ");
  });

  it("writes both forms to files, and prints nothing", async () => {
    const [markdown, html] = [path.join(folder, "report.md"), path.join(folder, "report.html")];
    const args = [
      "report",
      "-",
      "--markdown",
      markdown,
      "--html",
      html,
      "--title",
      "Trial & error",
      "--stack",
      "acme/trial",
    ];
    expect(await fleetCommand(args, { input: calm })).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(readFileSync(markdown, "utf8")).toMatch(
      /^<!-- nrfcloud-fleet report: acme\/trial -->\n\n## Trial &amp; error\n/,
    );
    expect(readFileSync(html, "utf8")).toContain("<title>Trial &#38; error</title>");

    expect((await fleetCommand(["report", "--html", html], { input: calm })).stdout).toBe("");
    expect(
      (await fleetCommand(["report", "--html", html, "--markdown", "-"], { input: calm })).stdout,
    ).toContain("lab-1");
  });

  it("reports certificates that end within --within", async () => {
    const now = Date.now();
    const ends = new Date(now + 100 * 86_400_000).toISOString();
    const input = preview([
      deviceSet({ "lab-1": { before: "tags=a", after: "tags=b", record: { validUntil: ends } } }),
    ]);
    expect((await fleetCommand(["report"], { input: input })).stdout).toContain(
      "The report found no danger.",
    );
    expect((await fleetCommand(["report", "--within", "15w"], { input: input })).stdout).toContain(
      "The certificate of 1 device will expire soon",
    );
  });
});

describe("a network that leads nowhere", () => {
  const withKey = (port: number) => ({
    NRF_CLOUD_API_KEY: "key",
    NRF_CLOUD_ENDPOINT: `http://127.0.0.1:${port}/v1`,
    NRF_CLOUD_IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/v1`,
  });
  const silent = createServer();
  beforeAll(async () => {
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
  });
  afterAll(() => {
    silent.close();
  });

  it.each([
    ["is silent", () => (silent.address() as AddressInfo).port, "gave no answer (ETIMEDOUT)"],
    ["refuses", () => 9, "gave no answer (ECONNREFUSED)"],
  ])("is given up soon where it %s, and the report says what it could not read", async (_, port, reason) => {
    const started = Date.now();
    const ended = await fleetCommand(["report"], { input: configured, env: withKey(port()) });
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toContain("1 device has a configuration. What it reports was not read:");
    expect(ended.stdout.replaceAll("\\", "")).toContain(reason);
  });
});
