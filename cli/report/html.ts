import { createHash } from "node:crypto";
import type { Change } from "./changes.js";
import { columnsOf } from "./counts.js";
import type { PageData, PageField, PageRow } from "./page/data.js";
import { figure, text } from "./page/markup.js";
import { page } from "./page/script.js";
import { style } from "./page/style.js";
import { noticesHtml, summaryHtml } from "./page/summary.js";
import type { Report } from "./report.js";
import { actions, nameOf, verb } from "./things.js";
import type { FieldChange } from "./values.js";

/**
 * Writes the report as one HTML page that needs no other file and no network. The page has every change, and draws it when the
 * user scrolls to it.
 */
export function htmlOf(report: Report): string {
  const script = `(${page.toString()})()`;
  const data = JSON.stringify(dataOf(report)).replace(/</g, "\\u003c");
  const policy = `default-src 'none'; script-src '${hash(script)}'; style-src '${hash(style)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${text(report.title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${text(report.title)}</h1>
${summaryHtml(report)}
${list(report)}
${noticesHtml(report)}
</main>
<script type="application/json" id="data">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hash(content: string): string {
  return `sha256-${createHash("sha256").update(content).digest("base64")}`;
}

function list({ counts: all, changes }: Report): string {
  const buttons = columnsOf(all).map(
    ({ action, name, count }) =>
      `<button type="button" data-action="${action}" aria-pressed="false">${text(name)} ${figure(count)}</button>`,
  );
  const kinds = all.map(({ kind }) => `<option value="${text(kind.type)}">${text(kind.many)}</option>`);
  return `<section aria-label="Every change"${changes.length === 0 ? " hidden" : ""}><h2>Every change</h2>
<div class="tools">
<input type="search" id="search" placeholder="Search ids, properties, values   ( / )" aria-label="Search the changes" autocomplete="off" spellcheck="false">
${buttons.join("\n")}
<select id="kind" aria-label="Kind of thing"><option value="">every kind</option>${kinds.join("")}</select>
<label><input type="checkbox" id="danger-only"> danger only</label>
<button type="button" id="only" hidden></button>
<span id="status" role="status" class="quiet"></span>
</div>
<noscript><p>The list of every change needs JavaScript. Everything else is above.</p></noscript>
<div id="list"></div>
<button type="button" id="more" hidden>Show more changes</button>
</section>`;
}

function dataOf({ counts: all, groups, dangers: found, changes }: Report): PageData {
  const kinds = new Map(all.map(({ kind }, index) => [kind.type, index]));
  const groupOf = new Map(
    groups.flatMap((group, index) => group.changes.map((change) => [change, index] as const)),
  );
  const dangersOf = new Map<Change, number[]>();
  for (const [index, danger] of found.entries()) {
    for (const change of danger.changes) dangersOf.set(change, [...(dangersOf.get(change) ?? []), index]);
  }
  const weight = (change: Change) => groupOf.get(change) ?? 0;
  return {
    kinds: all.map(({ kind }) => ({
      type: kind.type,
      one: kind.one,
      verbs: Object.fromEntries(actions.map((action) => [action, verb(kind, action)])),
    })),
    rows: [...changes]
      .sort((a, b) => weight(a) - weight(b))
      .map((change): PageRow => {
        const dangers = dangersOf.get(change) ?? [];
        const name = nameOf(change.urn);
        return {
          action: change.action,
          kind: kinds.get(change.kind.type) ?? 0,
          id: change.id,
          ...(name === change.id ? {} : { name }),
          fields: change.fields.map(pageField),
          notes: [
            ...(change.replaceReasons.length === 0
              ? []
              : [`Replaced because of ${change.replaceReasons.join(", ")}.`]),
            ...dangers.map((index) => found[index]?.consequence.replaceAll("`", "") ?? ""),
          ],
          dangers,
          group: weight(change),
        };
      }),
  };
}

function pageField({ field, before, after, alone }: FieldChange): PageField {
  const values = [field, before ?? null, after ?? null] as const;
  return alone === true ? [...values, alone] : values;
}
