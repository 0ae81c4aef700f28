import { createHash } from "node:crypto";
import type { Change } from "./changes.js";
import { cut } from "./escape.js";
import type { Danger } from "./danger.js";
import type { Group } from "./groups.js";
import { shortIds } from "./ids.js";
import type { PageData, PageField, PageRow } from "./page/data.js";
import { page } from "./page/script.js";
import { style } from "./page/style.js";
import { leftOutText } from "../../provider/reconcile/plan/summary.js";
import { stayText, type Report } from "./report.js";
import { actionNames, actions, counted, nameOf, number, verb, type Action } from "./things.js";
import type { FieldChange } from "./values.js";

/** Room for ids in a danger and in a group, in characters; all of them are in the list below. */
const IDS_ROOM = 600;
const GROUPS_AT_MOST = 200;

/**
 * Writes the report as one HTML page that needs nothing else: no file beside it, no network. Every change is in it, and
 * is drawn when it is scrolled to.
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
${[summary(report), failures(report), counts(report), dangers(report), groups(report), list(report), notices(report)].filter((part) => part !== "").join("\n")}
</main>
<script type="application/json" id="data">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** Text of others as text of HTML, or as the value of an attribute. */
function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
}

function hash(content: string): string {
  return `sha256-${createHash("sha256").update(content).digest("base64")}`;
}

function summary(report: Report): string {
  const { changes, leftOut, unseen, operation, failures: failed } = report;
  const nothing = operation === "refresh" ? "No drift." : "Nothing to do.";
  const changing = `${number(changes.length)} ${changes.length === 1 ? "change" : "changes"}.`;
  const says = changes.length > 0 ? changing : failed.length > 0 ? "" : nothing;
  const blind =
    unseen === 0
      ? ""
      : `The preview does not name ${number(unseen)} of the resources, so when their certificates end was not looked at: <code>--show-sames</code> makes it name them.`;
  const left = leftOut.length === 0 ? "" : `${leftOutText(leftOut.length)}: ${idList(leftOut)}.`;
  const sentences = [says, stayText(report), left, blind].filter((part) => part !== "");
  return `<p class="quiet">${sentences.join(" ")}</p>`;
}

function failures({ failures: all }: Report): string {
  if (all.length === 0) return "";
  const items = all.map(
    ({ resource, message }) =>
      `${resource === undefined ? "" : `<p><code>${text(resource)}</code></p>`}<pre>${text(message)}</pre>`,
  );
  return `<section aria-label="Failure" class="card danger-card"><h3>The preview failed</h3>
<p>What is below is as far as it got; an update would fail as well.</p>
${items.join("\n")}</section>`;
}

function dangers({ dangers: all, changes, failures: failed }: Report): string {
  if (all.length === 0) {
    return changes.length === 0 || failed.length > 0
      ? ""
      : "<h2>Danger</h2><p>No danger was found in it.</p>";
  }
  return `<section aria-label="Danger"><h2>Danger</h2><ul class="card danger-card">${all.map(dangerItem).join("\n")}</ul></section>`;
}

function dangerItem({ title, consequence, ids, changes }: Danger, index: number): string {
  const show =
    changes.length === 0
      ? ""
      : ` <button type="button" class="link" data-danger="${index}" data-label="${text(title)}">show ${changes.length === 1 ? "it" : "them"}</button>`;
  return `<li><strong>${text(title)}</strong> ${idList(ids)}${show}<p>${inline(consequence)}</p></li>`;
}

/** Our own sentences have code between backticks. */
function inline(sentence: string): string {
  return text(sentence).replace(/`([^`]*)`/g, "<code>$1</code>");
}

function idList(ids: readonly string[]): string {
  const { shown, hidden } = shortIds(ids, IDS_ROOM);
  const named = shown.map((id) => `<code>${text(id)}</code>`).join(", ");
  return hidden === 0 ? named : `${named} and ${number(hidden)} more`;
}

function counts({ counts: all }: Report): string {
  if (all.length === 0) return "";
  const columns = actions.filter((action) => all.some(({ of }) => of.has(action)));
  const rows = all.map(({ kind, of }) => {
    const cells = columns.map((action) => {
      const count = of.get(action) ?? 0;
      return `<td${count === 0 ? ' class="zero"' : ""}>${number(count)}</td>`;
    });
    return `<tr><th scope="row">${text(kind.many)}</th>${cells.join("")}</tr>`;
  });
  const heads = columns.map((action) => `<th scope="col">${actionNames[action]}</th>`);
  return `<section aria-label="Counts"><table class="counts"><thead><tr><th></th>${heads.join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table></section>`;
}

function groups({ groups: all }: Report): string {
  if (all.length === 0) return "";
  const items = all.slice(0, GROUPS_AT_MOST).map(groupItem);
  const more = all.length - items.length;
  const note =
    more > 0 ? `<p class="quiet">And ${number(more)} more groups, whose changes are below.</p>` : "";
  return `<section aria-label="At a glance"><h2>At a glance</h2><ul class="groups card">${items.join("\n")}</ul>${note}</section>`;
}

function groupItem({ kind, action, changes, what }: Group, index: number): string {
  const count = kind.ours ? counted(changes.length, kind) : `${number(changes.length)} × ${kind.type}`;
  const title = `${count} ${verb(kind, action)}`;
  const fields =
    what.kind === "equal"
      ? what.fields
          .slice(0, 12)
          .map((field) => fieldText(field, action))
          .join(" · ")
      : `${what.fields
          .slice(0, 12)
          .map((field) => `<code>${text(field)}</code>`)
          .join(", ")}, each its own`;
  return `<li><span class="badge ${action}">${actionNames[action]}</span><div><strong>${text(title)}</strong> ${idList(changes.map(({ id }) => id))}<div class="quiet">${fields}</div></div><button type="button" class="link" data-group="${index}" data-label="${text(title)}">show ${changes.length === 1 ? "it" : "them"}</button></li>`;
}

function fieldText({ field, before, after, alone }: FieldChange, action: Action): string {
  const value = (of: string | undefined) =>
    of === undefined ? "none" : `<code>${text(cut(of, 120))}</code>`;
  if (alone === true) return `${text(field)} ${value(after ?? before)}`;
  return `${text(field)} ${action === "create" ? "" : `${value(before)} → `}${value(after)}`;
}

function list({ counts: all, changes }: Report): string {
  const columns = actions.filter((action) => all.some(({ of }) => of.has(action)));
  const buttons = columns.map(
    (action) =>
      `<button type="button" data-action="${actions.indexOf(action)}" aria-pressed="false">${actionNames[action]}</button>`,
  );
  const kinds = all.map(({ kind }, index) => `<option value="${index}">${text(kind.many)}</option>`);
  return `<section aria-label="Every change"${changes.length === 0 ? " hidden" : ""}><h2>Every change</h2>
<div class="tools">
<input type="search" id="search" placeholder="Search ids, properties, values   ( / )" aria-label="Search the changes" autocomplete="off" spellcheck="false">
${buttons.join("\n")}
<select id="kind" aria-label="Kind of thing"><option value="">every kind</option>${kinds.join("")}</select>
<label><input type="checkbox" id="danger-only"> danger only</label>
<button type="button" id="only" hidden></button>
<span id="status" role="status" class="quiet"></span>
</div>
<noscript><p>The list of every change needs JavaScript. All else is above.</p></noscript>
<div id="list"></div>
<button type="button" id="more" hidden>Show more</button>
</section>`;
}

function notices({ notices: all }: Report): string {
  if (all.length === 0) return "";
  const items = all.map((notice) => `<li>${text(notice)}</li>`);
  return `<section aria-label="Remarks"><h2>What the provider remarks</h2><ul class="card">${items.join("\n")}</ul></section>`;
}

function dataOf({ counts: all, groups: folded, dangers: found, changes }: Report): PageData {
  const kinds = new Map(all.map(({ kind }, index) => [kind.type, index]));
  const groupOf = new Map(
    folded.flatMap((group, index) => group.changes.map((change) => [change, index] as const)),
  );
  const dangersOf = new Map<Change, number[]>();
  for (const [index, danger] of found.entries()) {
    for (const change of danger.changes) dangersOf.set(change, [...(dangersOf.get(change) ?? []), index]);
  }
  const weight = (change: Change) => groupOf.get(change) ?? 0;
  return {
    actions: actions.map((action) => [actionNames[action], action]),
    kinds: all.map(({ kind }) => kind.one),
    rows: [...changes]
      .sort((a, b) => weight(a) - weight(b))
      .map((change): PageRow => {
        const dangers = dangersOf.get(change) ?? [];
        const name = nameOf(change.urn);
        return {
          action: actions.indexOf(change.action),
          kind: kinds.get(change.kind.type) ?? 0,
          id: change.id,
          ...(name === change.id ? {} : { name }),
          fields: change.fields.map(pageField),
          notes: [
            ...(change.because.length === 0 ? [] : [`Made anew because of ${change.because.join(", ")}.`]),
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
