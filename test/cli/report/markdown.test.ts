import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPreview, type Digest, type State, type Step } from "../../../cli/report/digest.js";
import { code, plain } from "../../../cli/report/escape.js";
import { GITHUB_LIMIT, marker, markdownOf } from "../../../cli/report/markdown.js";
import { originIn } from "../../../cli/report/origin.js";
import { reportOf } from "../../../cli/report/report.js";
import {
  device,
  deviceSet,
  ids,
  largeChange,
  preview,
  step,
  type Row,
} from "../../../tools/picture/preview.mjs";
import { HORIZON, markdownFrom, reportFrom } from "./reports.js";

const DEVICE = "pulumi-nodejs:dynamic/nrfcloud:Device";

/** A preview as it is once it was read, for fleets that are too large to be worth printing. */
function digest(steps: readonly Step[], messages: readonly string[] = [], severity = "info"): Digest {
  return { steps, same: 1, diagnostics: messages.map((message) => ({ message, severity, urn: undefined })) };
}

function stateOf(id: string, inputs: Record<string, unknown>): State {
  return {
    id,
    inputs: { deviceId: id, ...inputs },
    outputs: {},
    protect: false,
    retainOnDelete: false,
    unfinished: false,
  };
}

function stepOf(
  op: string,
  id: string,
  before: object | undefined,
  after: object | undefined,
  type = DEVICE,
): Step {
  return {
    op,
    urn: `urn:pulumi:dev::test::${type}::${id}`,
    before: before && stateOf(id, { ...before }),
    after: after && stateOf(id, { ...after }),
    diffReasons: ["tags"],
    replaceReasons: [],
    differing: [],
  };
}

/** A set that loses all its devices. */
function setStep(lines: Readonly<Record<string, string>>): Step {
  const state = { ...stateOf("fleet", {}), inputs: { devices: {} } };
  return {
    op: "update",
    urn: "urn:pulumi:dev::test::pulumi-nodejs:dynamic/nrfcloud:DeviceSet::fleet",
    before: { ...state, outputs: { devices: lines } },
    after: state,
    diffReasons: ["devices"],
    replaceReasons: [],
    differing: ["devices"],
  };
}

/** As good as random, but the same in every run. */
function uuids(count: number, seed = ""): string[] {
  return Array.from({ length: count }, (_, i) =>
    createHash("md5")
      .update(`${seed}${i}`)
      .digest("hex")
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
  );
}

describe("the Markdown of a preview", () => {
  it("of 3,000 changes of twelve kinds is read at a glance", () => {
    expect(markdownFrom(largeChange())).toMatchSnapshot();
  });

  it("says what stays when there is nothing to do", () => {
    expect(markdownFrom(preview([], { unchanged: 500 }))).toMatchSnapshot();
  });

  it("begins with a line by which a workflow finds its comment again", () => {
    expect(markdownFrom(preview([])).split("\n")[0]).toBe("<!-- nrfcloud-fleet report: production -->");
    expect(marker("acme/fleet/dev")).toBe("<!-- nrfcloud-fleet report: acme/fleet/dev -->");
    expect(marker("--> <script>")).toBe("<!-- nrfcloud-fleet report: --___script_ -->");
  });

  it("folds equal changes, names of the same pattern too, and tells those apart that are not equal", () => {
    const renamed = ids("lab-", 1, 20, 2).map((id): [string, Row] => [
      id,
      { before: `name="Old ${id}"`, after: `name="Lab ${id}"` },
    ]);
    const others = ["x-100", "y-200"].map((id): [string, Row] => [
      id,
      { before: "name=a", after: `name="only ${id.slice(0, 1)}"` },
    ]);
    const markdown = markdownFrom(preview([deviceSet(Object.fromEntries([...renamed, ...others]))]));
    expect(markdown).toContain(
      "- **20 devices** will be updated: `lab-{01..20}` · `name` `Old {id}` → `Lab {id}`\n",
    );
    expect(markdown).toContain("- **1 device** will be updated: `x-100` · `name` `a` → `only x`\n");
  });

  it("says of a row what a person would: which tags come and go, and what else is another", () => {
    const lines: Readonly<Record<string, [before: string | undefined, after: string, said: string]>> = {
      "tags-1": ["tags=a,b", "tags=b,c,d", "`tags added` `c, d`, `tags removed` `a`"],
      "name-1": ["name=Kit", "", "`name` `Kit` → none"],
      "rotation-1": ["", "generation=2", "`generation` `1` → `2`"],
      "brought-1": [
        "",
        `certificate=${"a".repeat(32)}`,
        "`credential` `issued here` → `certificate aaaaaaaaaaaa…`",
      ],
      "way-1": ["tags=a", "via=jitp tags=a", "`way in` `onboarding before it connects` → `just in time`"],
      "wait-1": [
        "via=jitp",
        "via=jitp wait=0 pending=allow",
        "`wait for the first connect` `120 s` → `0 s, then in a later run`",
      ],
      "unclaim-1": ["via=attestation", "via=attestation unclaim", "`unclaim` none → `when it leaves`"],
      "adopt-1": ["adopt=keep", "", "`adopt` `keep` → none"],
      "new-1": [
        undefined,
        `subType=x tags=a firmware=APP csr=${"b".repeat(32)} generation=3 protect`,
        "`sub-type` `x`, `tags` `a`, `firmware types` `APP`, `credential` `CSR bbbbbbbbbbbb…`, `generation` `3`, `protected` `yes`",
      ],
      "new-2": [
        undefined,
        "via=jitp credential=issued",
        "`way in` `just in time`, `credential` `issued by nRF Cloud`",
      ],
    };
    const rows = Object.entries(lines).map(([id, [before, after]]): [string, Row] => [
      id,
      { ...(before !== undefined && { before }), after },
    ]);
    const markdown = markdownFrom(preview([deviceSet(Object.fromEntries(rows))]));
    for (const [id, [, , said]] of Object.entries(lines))
      expect(markdown).toContain(`: \`${id}\` · ${said}\n`);
  });

  it("tells of a set itself what is not in its rows", () => {
    const markdown = markdownFrom(
      preview([
        deviceSet(
          { "lab-1": { before: "", after: "tags=x" }, "lab-2": { before: "tags=x" } },
          {
            before: { caCertificate: "OLD" },
            after: { caCertificate: "OLD", only: "lab-1", maxDeletes: "5%" },
          },
        ),
      ]),
    );
    expect(markdown).toContain(
      "- **1 device set** will be updated: `fleet` · `maxDeletes` none → `5%`, `only` none → `lab-1`\n",
    );
    expect(markdown).toContain(
      "1 device differs, and is not changed, because only others were chosen: `lab-2`\n",
    );
  });

  it("tells the CA of the next and of the activated credential, and which CA takes the place of which", () => {
    const [one, other] = ["a", "b"].map((digit) => ({ ca: digit.repeat(16), validityDays: 3650 }));
    const kept = { generation: 2, order: "issue", issuedWith: other };
    const rotation = { generation: 1, order: "issue", at: "", next: kept };
    const markdown = markdownFrom(
      preview([
        deviceSet(
          {
            "lab-1": { before: "", after: "generation=2 phase=issue", record: { issuedWith: one } },
            "lab-2": {
              before: "generation=2 phase=issue",
              after: "generation=2",
              record: { issuedWith: one, rotation },
            },
          },
          { before: { caCertificate: "OLD" }, after: { caCertificate: "OLD", nextCaCertificate: "NEXT" } },
        ),
      ]),
    );
    const [old, next] = ["a", "b"].map((digit) => `\`${digit.repeat(16)}…\``);
    expect(markdown).toContain(`\`CA of the next generation\` ${old} → \`NEXT\``);
    expect(markdown).toContain(`\`CA\` ${old} → ${next}`);
    expect(markdown).toContain("`next CA` none → `NEXT`");
  });

  it("tells of a set of which nothing declared differs that work is left", () => {
    expect(markdownFrom(preview([deviceSet({ "lab-1": { before: "", after: "" } })]))).toContain(
      "- **1 device set** will be updated: `fleet` · `rows that failed, wait or drifted` `will be retried`\n",
    );
    const brings = deviceSet(
      { "lab-1": { before: "", after: "" } },
      {
        before: { materials: "[secret]" },
        after: { materials: "[secret]" },
        differ: ["materials"],
      },
    );
    expect(markdownFrom(preview([brings]))).toContain(
      "`credentials, codes and tokens of devices` `[secret]` → `another [secret]`",
    );
  });

  it("leaves out of the remarks what it says itself, and keeps the rest in its lines", () => {
    const said = [
      "DeviceSet fleet:",
      "  - 1 device will be deleted: lab-2",
      "      nRF Cloud deletes its data and certificates. It can't connect any more.",
      "  ~ 1 device will get other tags: lab-1",
      "  Note: 1 device (lab-3): The API key may not see these devices.",
      "    Second line.",
    ];
    const rows = { "lab-1": { before: "", after: "tags=x" }, "lab-2": { before: "" } };
    // The engine tells a text line by line.
    const markdown = markdownFrom(
      preview([deviceSet(rows)], {
        diagnostics: said.map((line) => ({ severity: "info", message: `${line}\n` })),
      }),
    );
    expect(markdown).toContain(
      "```text\nDeviceSet fleet:\n  Note: 1 device (lab-3): The API key may not see these devices.\n    Second line.\n```",
    );
    expect(markdown.match(/other tags/g)).toBeNull();
  });

  it("begins with what `up` would refuse", () => {
    const urn = "urn:pulumi:production::acme::pulumi-nodejs:dynamic/nrfcloud:DeviceSet::fleet";
    const message =
      "error: This operation would delete, replace or release protected devices: lab-1. Nothing was changed.";
    const markdown = markdownFrom(
      preview([deviceSet({ "lab-1": { before: "protect" } })], {
        diagnostics: [{ severity: "error", message, urn }],
      }),
    );
    expect(markdown.split("\n\n").slice(2, 5)).toEqual([
      "> [!CAUTION]\n> **This apply will fail:**",
      "`fleet`:",
      "```text\nThis operation would delete, replace or release protected devices: lab-1. Nothing was changed.\n```",
    ]);
    const refused = markdownFrom(
      preview([deviceSet({ "lab-1": { after: "" } })], {
        diagnostics: [
          { severity: "info", message: "DeviceSet fleet:\n" },
          { severity: "info", message: "  This apply will fail: The team's plan is too small.\n" },
        ],
      }),
    );
    expect(refused.split("\n\n").slice(2, 5)).toEqual([
      "> [!CAUTION]\n> **This apply will fail:**",
      "`DeviceSet fleet`:",
      "```text\nThe team's plan is too small.\n```",
    ]);
    expect(refused).not.toContain("no danger");
  });

  it("says when, of what and where it was made, and where the page is; links are https only", () => {
    const page = "https://ci.example/report%20(1).html";
    const made = (env: Record<string, string>, event = "{}") =>
      markdownOf({ ...reportFrom(preview([])), origin: originIn(env, () => event), page });
    const github = {
      GITHUB_ACTIONS: "true",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "acme/fleet",
      GITHUB_RUN_ID: "77",
      GITHUB_RUN_NUMBER: "5",
      GITHUB_SHA: "a".repeat(40),
      GITHUB_EVENT_PATH: "event.json",
    };
    expect(made(github).split("\n\n").slice(2, 4)).toEqual([
      "<sub>2026-11-23 12:00 UTC · project `acme` · stack `production` · " +
        `commit [\`aaaaaaaaaa\`](https://github.com/acme/fleet/commit/${"a".repeat(40)}) · ` +
        "[`run 5`](https://github.com/acme/fleet/actions/runs/77)</sub>",
      "[All changes on a page, with search and filters](https://ci.example/report%20%281%29.html)",
    ]);
    // The commit that a pull request is tested as is in nobody's history.
    const head = JSON.stringify({ pull_request: { head: { sha: "b".repeat(40) } } });
    expect(made(github, head)).toContain(`commit/${"b".repeat(40)})`);
    expect(made({ ...github, GITHUB_SERVER_URL: "http://github.com" })).toContain(
      "commit `aaaaaaaaaa` · `run 5`",
    );
    expect(made({ ...github, GITHUB_SHA: "](x)", GITHUB_RUN_NUMBER: "x" })).toContain(
      "stack `production`</sub>",
    );
    const gitlab = {
      GITLAB_CI: "true",
      CI_COMMIT_SHA: "c".repeat(40),
      CI_PROJECT_URL: "https://gitlab.example/acme/fleet",
      CI_JOB_ID: "9",
      CI_JOB_URL: "https://gitlab.example/acme/fleet/-/jobs/9",
    };
    expect(made(gitlab)).toContain(
      `commit [\`cccccccccc\`](https://gitlab.example/acme/fleet/-/commit/${"c".repeat(40)}) · ` +
        "[`run 9`](https://gitlab.example/acme/fleet/-/jobs/9)",
    );
    expect(made({ CI_JOB_URL: "https://gitlab.example", GITHUB_SHA: "a".repeat(40) })).not.toContain(
      "commit",
    );
  });

  it("says how many devices the stack has before and after, and how much of the guards is used", () => {
    const rows: Record<string, Row> = {
      "lab-1": { before: "protect" },
      "lab-2": { before: "" },
      "lab-3": { before: "subType=a", after: "subType=b" },
      "lab-4": { before: "protect", after: "protect" },
      "lab-9": { after: "" },
      "lab-10": { after: "" },
    };
    const guards = { maxDeletes: "50%" };
    const printed = preview([deviceSet(rows, { before: guards, after: guards })]);
    const markdown = markdownFrom(printed);
    expect(markdown).toContain("Devices: **4 → 4**.");
    expect(markdown).toContain("| devices | 4 → 4 | 2 | 1 | 2 |");
    expect(markdown).toContain("- `fleet`: `maxDeletes`: 3 of 2 allowed deletes will be used, 50% of 4.");
    expect(markdown).toContain("- `fleet`: `protect`: 2 devices are protected, and 1 of them would leave");
    const allowed = reportOf(readPreview(printed), { horizon: HORIZON, allowedDeletes: 3 });
    expect(markdownOf(allowed)).toContain("- `fleet`: `allowDeletes`: the limit of this run is 3 deletes.");
    expect(markdownFrom(preview([deviceSet({ "lab-1": { before: "" } })]))).toContain(
      "No `maxDeletes` is declared",
    );
    const policy = { policy: "maxValidity=2y minRemaining=90d keyReuse=false" };
    const ruled = deviceSet({ "lab-1": { before: "" } }, { before: policy, after: policy });
    expect(markdownFrom(preview([ruled]))).toContain(
      "- `fleet`: `policy`: device certificates are valid for 2y at most, have at least 90d left, use each key once.",
    );
    const chosen = deviceSet(
      { "lab-1": { before: "" }, "lab-2": { before: "", after: "tags=x" } },
      { after: { only: "lab-2" } },
    );
    expect(markdownFrom(preview([chosen]))).toContain("Devices: **2 → 2**.");
  });

  it("counts and lists things of other providers", () => {
    const type = "aws:s3/bucket:Bucket";
    const markdown = markdownFrom(
      preview(["logs", "data"].map((name) => step(type, name, "create", { after: { acl: "private" } }))),
    );
    expect(markdown).toContain(`| \`${type}\` | 2 |`);
    expect(markdown).toContain(
      `- **2 of \`${type}\`** will be created: \`data\`, \`logs\` · \`acl\` \`private\``,
    );
  });
});

describe("a comment", () => {
  function fits(one: Digest): string {
    const report = reportFrom({ kind: "digest", digest: one });
    const markdown = markdownOf(report);
    expect(markdown.length).toBeLessThanOrEqual(GITHUB_LIMIT);
    return markdown;
  }

  it("has room for 100,000 devices with random ids, and says what it leaves out", () => {
    const all = uuids(100_000);
    const lines = Object.fromEntries(all.map((id) => [id, "tags=a"]));
    const markdown = fits(digest([setStep(lines)]));
    expect(markdown).toContain("**100,000 changes.** Devices: **100,000 → 0**.");
    expect(markdown).toContain("**100,000 devices will be deleted**");
    const named = [...markdown.matchAll(/`[0-9a-f]{8}-[^`]*`/g)].length;
    expect(markdown).toMatch(/ and 99,9\d\d more/);
    expect(named).toBeGreaterThan(50);
  });

  it("has room for 10,000 different changes: groups are left out after their details, and counted", () => {
    const steps = Array.from({ length: 10_000 }, (_, i) =>
      // No two change the same property, so that none can be folded.
      stepOf("update", `device-${i}-x`, { [`p${i}`]: "a" }, { [`p${i}`]: `${i}`.repeat(30) }),
    );
    const markdown = fits(digest(steps));
    expect(markdown).toContain("**10,000 changes.**");
    const lines = [...markdown.matchAll(/^- \*\*1 device\*\*/gm)].length;
    const [, groups = "", changes = ""] = /([\d,]+) groups with ([\d,]+) changes/.exec(markdown) ?? [];
    expect(Number(groups.replace(",", "")) + lines).toBe(10_000);
    expect(changes).toBe(groups);
    expect(markdown).not.toContain("<summary>more</summary>");
    expect(markdown).toContain("The HTML page has all.");
  });

  it("leaves out details before it leaves out groups", () => {
    const steps = Array.from({ length: 120 }, (_, group) =>
      uuids(40, `${group}-`).map((id) =>
        stepOf("update", id, { [`p${group}`]: "a" }, { [`p${group}`]: "b" }),
      ),
    ).flat();
    const markdown = fits(digest(steps));
    const lines = [...markdown.matchAll(/^- \*\*40 devices\*\*/gm)].length;
    const details = [...markdown.matchAll(/<summary>more/g)].length;
    expect(lines).toBe(120);
    expect(details).toBeGreaterThan(0);
    expect(markdown).toContain(`the details of ${120 - details} groups`);
  });

  it("keeps within the limit whatever the fleet, its ids, values, types and errors are", () => {
    const nasty = fc.oneof(
      fc.string({ maxLength: 80, unit: "grapheme" }),
      fc.stringMatching(/^[`|<@#\n\u202e]{1,200}$/),
      fc.uuid(),
    );
    const one = fc
      .record({
        op: fc.constantFrom("create", "update", "delete", "replace", "read", "unheard-of"),
        id: nasty,
        type: fc.oneof(fc.constant(DEVICE), fc.constant("pulumi-nodejs:dynamic/nrfcloud:JournalKey"), nasty),
        before: fc.dictionary(nasty, nasty, { maxKeys: 4 }),
        after: fc.dictionary(nasty, fc.oneof(nasty, fc.jsonValue()), { maxKeys: 4 }),
      })
      .map(({ op, id, type, before, after }) =>
        stepOf(
          op,
          id,
          op === "create" ? undefined : before,
          op === "delete" ? undefined : after,
          type.replaceAll("::", ""),
        ),
      );
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.string({ maxLength: 3_000 }), { maxLength: 20 }),
        fc.constantFrom("info", "warning", "error"),
        (steps, times, messages, severity) => {
          const many = Array.from({ length: times }, (_, i) =>
            steps.map((each) => ({ ...each, urn: `${each.urn}-${i}` })),
          ).flat();
          fits(digest(many, messages, severity));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("text of others", () => {
  it.each([
    ["a`b", "``a`b``"],
    ["`", "`` ` ``"],
    ["", "`  `"],
    ["two\nlines", "`two⏎lines`"],
    ["right\u202eleft", "`right�left`"],
    ["@octocat #1 <script>|", "`@octocat #1 <script>|`"],
  ])("is code: %j", (text, escaped) => {
    expect(code(text)).toBe(escaped);
  });

  it("is cut between characters", () => {
    expect(code("abcdef", 4)).toBe("`abc…`");
    expect(code("ab😀def", 4)).toBe("`ab…`");
  });

  it("is plain where it must read as text", () => {
    expect(plain("<script> @octocat #12 [x](y) *b* https://a.b www.c.d")).toBe(
      "&lt;script&gt; @\u200boctocat #\u200b12 \\[x\\]\\(y\\) \\*b\\* https\\://a.b www\\.c.d",
    );
  });

  it("stands nowhere in a report but in code", () => {
    const evil = "@octocat #12 <img src=x onerror=alert(1)> | ![x](http://x) `";
    const markdown = markdownFrom(
      preview(
        [
          device("lab-1", "update", {
            before: { name: "a", tags: ["t"] },
            after: { name: evil, tags: [evil] },
            differ: ["name"],
          }),
          step("CaCertificate", "ca", "delete", { before: { subject: { commonName: evil } } }),
          step(`x:y:${evil.replaceAll(":", "")}`, evil, "create", { after: { [evil]: evil } }),
          deviceSet({ [evil]: { before: "", after: `name=${JSON.stringify(evil)}` } }, { name: evil }),
        ],
        {
          diagnostics: [
            { severity: "error", message: `\`\`\`\n${evil}` },
            { severity: "info", message: evil },
          ],
        },
      ),
    );
    const outside = markdown
      .replace(/(`{3,})text\n[\s\S]*?\n\1/g, "")
      .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
    expect(outside).not.toMatch(/@[a-z]|#\d|<img|<script|<b>|!\[/);
    expect(outside).not.toContain("`");
  });
});
