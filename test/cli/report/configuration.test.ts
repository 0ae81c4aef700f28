import { expect, test } from "vitest";
import { agreementOf } from "../../../cli/report/configuration.js";
import { htmlOf } from "../../../cli/report/html.js";
import { markdownOf } from "../../../cli/report/markdown.js";
import type { Report } from "../../../cli/report/report.js";
import { configurationOf } from "../../../cli/status/configuration.js";
import { device, deviceSet, ids, refreshedSet, step, type Row } from "../../../tools/picture/preview.mjs";
import { reportOn } from "./reports.js";

const line = (config: object) => `config=${JSON.stringify(JSON.stringify(config))}`;

/** The report once it was read what devices report; `undefined` of those that the account does not show. */
function reading(report: Report, reported: (id: string) => object | undefined): Report {
  const all = report.desired.map((each) => {
    const found = reported(each.id);
    return configurationOf(each, found && { reported: { ...found } });
  });
  return { ...report, configuration: agreementOf(report.desired, all) };
}

/** In the Markdown. */
function section(report: Report): string {
  return /### Configuration\n\n([^]*?)(?=\n\n### |\n*$)/.exec(markdownOf(report))?.[1] ?? "";
}

const same = (config: object): Row => ({ before: line(config), after: line(config) });

test("devices that agree are counted, and devices with the same differences are grouped", () => {
  const rows = Object.fromEntries(
    ids("lab-", 0, 3000, 4).map((id): [string, Row] => [id, same({ interval: 60, gnss: { enabled: true } })]),
  );
  const report = reportOn(
    deviceSet({
      ...rows,
      "lab-9000": { before: line({ interval: 600 }), after: line({ interval: 60 }) },
      "lab-9001": { after: line({ interval: 60 }) },
      "lab-9002": { before: line({ interval: 60 }) },
      "lab-9003": same({ interval: 60 }),
      "lab-9004": { before: "", after: "" },
    }),
  );
  expect(report.desired).toHaveLength(3002);
  const made = reading(report, (id) =>
    id === "lab-9003"
      ? undefined
      : { interval: id < "lab-0010" || id > "lab-9" ? 600 : 60, gnss: { enabled: true }, others: 1 },
  );
  expect(section(made)).toMatchInlineSnapshot(`
    "Of 3,002 devices with a configuration, 2,990 report what is desired. The account does not show 1 of them to the API key.

    **10 devices do not report this**: \`lab-{0000..0009}\`

    | setting | desired | reported |
    | :-- | :-- | :-- |
    | \`interval\` | \`60\` | \`600\` |

    **1 device gets this by the apply**: \`lab-9000\`

    | setting | desired | reported |
    | :-- | :-- | :-- |
    | \`interval\` | \`60\` | \`600\` |"
  `);
  expect(htmlOf(made)).toContain(
    "Of 3,002 devices with a configuration, 2,990 report what is desired. The account does not show 1 of them to the API key.",
  );
});

test("without a cloud, the report says that it was not read; without a configuration, nothing", () => {
  const report = reportOn(deviceSet({ "lab-1": same({ interval: 60 }) }));
  const sentence =
    "1 device has a configuration. What it reports was not read: NRF_CLOUD_API_KEY is not set.";
  expect(section(report)).toBe(sentence.replaceAll("_", "\\_"));
  expect(htmlOf(report)).toContain(`<p>${sentence}</p>`);
  const none = reportOn(deviceSet({ "lab-1": { before: "", after: "tags=a" } }));
  expect(none.configuration).toBeUndefined();
  expect(markdownOf(none) + htmlOf(none)).not.toContain("Configuration<");
});

test("single devices count too; what drifted is compared with what was declared, and who leaves is not", () => {
  const config = { interval: 60, password: "hunter22" };
  const single = reportOn(
    device("lamp", "update", {
      before: { config, tags: ["a"] },
      after: { config, tags: ["b"] },
      line: `tags=a ${line(config)}`,
    }),
    device("gone", "delete", { before: { config } }),
    device("new", "create", { after: { config } }),
  );
  expect(single.changes.map(({ id, fields }) => [id, fields.map(({ field }) => field)])).toContainEqual([
    "lamp",
    ["tags"],
  ]);
  expect(single.desired).toEqual([{ id: "lamp", config: { interval: 60 }, isChanged: false }]);
  const drift = reportOn(
    step("CaCertificate", "ca", "refresh", { before: {}, after: {} }),
    refreshedSet({ "lab-1": { was: line({ interval: 60 }), is: line({ interval: 5 }) } }),
  );
  expect(drift.desired).toEqual([{ id: "lab-1", config: { interval: 60 }, isChanged: false }]);
});

test("a deleted device that was retired has nothing to report", () => {
  const record = { retiredAt: "2026-01-01T00:00:00Z", deletedAt: "2026-02-01T00:00:00Z" };
  const retired = `${line({ interval: 60 })} retired=30d`;
  const report = reportOn(deviceSet({ "lab-1": { before: retired, after: retired, record }, "lab-2": {} }));
  expect(report.desired).toEqual([]);
});

test("what devices report is shown as it is, cut, and without secrets", () => {
  const evil = `</script><img src=x onerror=alert(1)>|\`*_\u202e\u0007 @all ${"x".repeat(2000)}`;
  const declared = { "na<b>me": 1, modem: { password: "desired-1", tokens: { a: 1 } }, key: "k", mode: 1 };
  const report = reading(reportOn(deviceSet({ "lab-1": same(declared) })), () => ({
    "na<b>me": evil,
    modem: { password: "reported-1", tokens: { a: "reported-2" } },
    key: "-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----",
    mode: { password: "reported-3", deep: true },
  }));
  const [markdown, html] = [markdownOf(report), htmlOf(report)];
  const [onPage = ""] = /<section aria-label="Configuration">[^]*?<\/section>/.exec(html) ?? [];
  expect(onPage).toContain("modem.password");
  for (const secret of ["desired-1", "reported-1", "reported-2", "reported-3", "MIG"])
    expect(`${section(report)}${onPage}`).not.toContain(secret);
  expect(section(report)).toMatchInlineSnapshot(`
    "Of 1 device with a configuration, 0 report what is desired.

    **1 device does not report this**: \`lab-1\`

    | setting | desired | reported |
    | :-- | :-- | :-- |
    | \`na<b>me\` | \`1\` | \`\`"</script><img src=x onerror=alert(1)>¦\`*_�\\u0007 @all xxxxxxxxxxxxxxxxxxxxxxxx…\`\` |
    | \`modem.password\` | \`[secret]\` | \`[secret]\` |
    | \`modem.tokens.a\` | \`[secret]\` | \`[secret]\` |
    | \`key\` | \`"k"\` | \`[secret]\` |
    | \`mode\` | \`1\` | \`{"password":"[secret]","deep":true}\` |"
  `);
  expect(html).not.toMatch(/<img|<b>me/);
  expect(markdown.length).toBeLessThan(4_000);
});

test("so many differences that a comment has no room are counted", () => {
  const rows = ids("lab-", 0, 2000, 4).map((id): [string, Row] => [id, same({ name: id })]);
  const report = reading(reportOn(deviceSet(Object.fromEntries(rows))), () => ({}));
  expect(section(report)).toMatch(
    /_A comment has no room for 1,9\d\d more devices that differ\. The HTML page has them\._$/,
  );
  expect(htmlOf(report)).toContain("The page leaves out 1,800 more devices that differ.");
});
