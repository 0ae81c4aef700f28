/** The part of the page above the list of changes. */
import { leftOutText } from "../../../provider/reconcile/plan/summary/summary.js";
import type { CaChange } from "../caChanges.js";
import type { CaKey } from "../caKeys.js";
import { agreementText, differenceText, type Agreement, type ReportedDifference } from "../configuration.js";
import { columnsOf, type Count, type Size } from "../counts.js";
import type { Danger } from "../danger.js";
import { cut, visible } from "../escape.js";
import type { Group } from "../groups.js";
import type { GuardUse } from "../guardUse.js";
import { applyFails, failureTitle, unchangedText, unseenText, type Report } from "../report.js";
import { effectOf, counted, number, predicate, verb, type Action } from "../things.js";
import type { FieldChange } from "../values.js";
import { anchor, figure, idList, inline, text } from "./markup.js";

const GROUPS_AT_MOST = 200;
const DIFFERENCES_AT_MOST = 200;

/** All sections that are not empty. */
export function summaryHtml(report: Report): string {
  const parts = [
    failures(report),
    made(report),
    inShort(report),
    counts(report.counts),
    dangers(report),
    guards(report.guards),
    caChanges(report.caChanges),
    caKeys(report.caKeys),
    configuration(report.configuration),
    groups(report.groups),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** Remarks of the provider and the engine, for the end of the page. */
export function noticesHtml({ notices }: Report): string {
  if (notices.length === 0) return "";
  const items = notices.map((notice) => `<li>${text(notice)}</li>`);
  return section("Remarks of the provider", `<ul class="card lines">${items.join("\n")}</ul>`);
}

function section(title: string, body: string): string {
  return `<section aria-label="${title}"><h2>${title}</h2>${body}</section>`;
}

function failures(report: Report): string {
  if (!applyFails(report)) return "";
  const items = [...report.failures, ...report.refusals].map(
    ({ resource, message }) =>
      `${resource === undefined ? "" : `<p><code>${text(resource)}</code></p>`}<pre>${text(message)}</pre>`,
  );
  return `<section aria-label="Failure" class="card bad"><h2>${failureTitle(report)}</h2>${items.join("\n")}</section>`;
}

/** The origin of the report: time, project, stack, commit and run. */
function made({ madeAt, project, stack, origin: { commit, run } }: Report): string {
  const at = madeAt.toISOString();
  const facts: (readonly [string, string])[] = [
    ["Made", `<time datetime="${at}">${at.slice(0, 16).replace("T", " ")} UTC</time>`],
    ...(project === undefined ? [] : [["Project", text(project)] as const]),
    ["Stack", text(stack)],
    ...(commit === undefined ? [] : [["Commit", anchor(commit)] as const]),
    ...(run === undefined ? [] : [["CI", anchor(run)] as const]),
  ];
  return `<dl class="made">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

function inShort(report: Report): string {
  const { changes, leftOut, operation, size } = report;
  const nothing = operation === "refresh" ? "No drift." : "Nothing to do.";
  const changing = `${number(changes.length)} ${changes.length === 1 ? "change" : "changes"}`;
  const says = changes.length > 0 ? changing : applyFails(report) ? "" : nothing;
  const devices =
    size === undefined ? "" : `<p class="size"><span class="quiet">Devices</span> ${sizeHtml(size)}</p>`;
  const left = leftOut.length === 0 ? "" : `${leftOutText(leftOut.length)}: ${idList(leftOut)}.`;
  const more = [unchangedText(report), left, inline(unseenText(report))].filter((part) => part !== "");
  return [
    ...(says === "" ? [] : [`<div class="short"><p class="size">${says}</p>${devices}</div>`]),
    ...(more.length === 0 ? [] : [`<p class="quiet">${more.join(" ")}</p>`]),
  ].join("\n");
}

function sizeHtml({ before, after }: Size): string {
  return `<span class="figure">${number(before)} → ${number(after)}</span>`;
}

function counts(all: readonly Count[]): string {
  if (all.length === 0) return "";
  const tiles = all.map(({ kind, of, size }) => {
    const figures = columnsOf([{ kind, of, size }]).map(
      ({ action, count }) => `<li class="badge ${action}">${figure(count)} ${verb(kind, action)}</li>`,
    );
    return `<li class="card"><p class="kind">${text(kind.many)}</p>${size === undefined ? "" : `<p>${sizeHtml(size)}</p>`}<ul>${figures.join("")}</ul></li>`;
  });
  return `<section aria-label="Counts"><ul class="tiles">${tiles.join("\n")}</ul></section>`;
}

function dangers(report: Report): string {
  const { dangers: all, changes } = report;
  if (all.length === 0) {
    if (changes.length === 0 || applyFails(report)) return "";
    return section("Danger", "<p>The report found no danger.</p>");
  }
  return section("Danger", `<ul class="card bad lines">${all.map(dangerItem).join("\n")}</ul>`);
}

function dangerItem({ title, consequence, ids, changes }: Danger, index: number): string {
  const show = changes.length === 0 ? "" : showButton("danger", index, title);
  return `<li><div><strong>${text(title)}</strong> ${idList(ids)}<p>${inline(consequence)}</p></div>${show}</li>`;
}

/** Each button has a unique name for screen readers. */
function showButton(what: "danger" | "group", index: number, title: string): string {
  const name = `Show ${what} ${index + 1}: ${title}`;
  return `<button type="button" class="link" data-${what}="${index}" data-label="${text(title)}" aria-label="${text(name)}">Show</button>`;
}

function guards(all: readonly GuardUse[]): string {
  if (all.length === 0) return "";
  const items = all.flatMap(({ set, texts }) =>
    texts.map((sentence) => `<li><div><strong>${text(set)}</strong> ${inline(sentence)}</div></li>`),
  );
  return section("Guards", `<ul class="card lines">${items.join("\n")}</ul>`);
}

function caChanges(all: readonly CaChange[]): string {
  if (all.length === 0) return "";
  const tables = all.map(({ names, before, after }) => {
    const row = (name: string, was: string, is: string) =>
      `<tr><th scope="row">${name}</th><td class="before">${text(was)}</td><td class="after">${text(is)}</td></tr>`;
    return `<div class="card"><h3>${names.map((name) => `<code>${text(name)}</code>`).join(", ")}</h3><table class="fields">
<thead><tr><th scope="col">CA</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>${row("Subject", before.subject, after.subject)}${row("Valid", before.validity, after.validity)}${row("SHA-256", before.fingerprint, after.fingerprint)}</tbody></table></div>`;
  });
  return section("CA changes", tables.join("\n"));
}

function caKeys(all: readonly CaKey[]): string {
  if (all.length === 0) return "";
  const items = all.map(
    ({ ca, before, after }) =>
      `<li><div><strong>${text(ca)}</strong> ${before === undefined ? "" : `${text(before)} → `}${text(after)}</div></li>`,
  );
  return section("CA's key", `<ul class="card lines">${items.join("\n")}</ul>`);
}

function configuration(agreement: Agreement | undefined): string {
  if (agreement === undefined) return "";
  const differences = agreement.kind === "read" ? agreement.differences : [];
  const shown = differences.slice(0, DIFFERENCES_AT_MOST);
  const hidden = differences.slice(DIFFERENCES_AT_MOST).reduce((sum, { ids }) => sum + ids.length, 0);
  const note =
    hidden === 0
      ? ""
      : `<p class="quiet">The page leaves out ${number(hidden)} more devices that differ.</p>`;
  return section(
    "Configuration",
    `<p>${text(agreementText(agreement))}</p>${shown.map(differenceCard).join("\n")}${note}`,
  );
}

function differenceCard(difference: ReportedDifference): string {
  const rows = difference.settings.map(({ key, desired, reported }) => {
    const cells =
      reported === undefined
        ? `<td class="reported none">nothing</td>`
        : `<td class="reported">${text(cut(visible(reported), 500))}</td>`;
    return `<tr><th scope="row">${text(cut(visible(key), 200))}</th><td class="desired">${text(cut(visible(desired), 500))}</td>${cells}</tr>`;
  });
  return `<div class="card"><h3>${text(differenceText(difference))}: ${idList(difference.ids)}</h3><table class="fields">
<thead><tr><th scope="col">Setting</th><th scope="col">Desired</th><th scope="col">Reported</th></tr></thead>
<tbody>${rows.join("")}</tbody></table></div>`;
}

function groups(all: readonly Group[]): string {
  if (all.length === 0) return "";
  const items = all.slice(0, GROUPS_AT_MOST).map(groupItem);
  const more = all.length - items.length;
  const note =
    more > 0 ? `<p class="quiet">The list below has the changes of ${number(more)} more groups.</p>` : "";
  return section("At a glance", `<ul class="card lines">${items.join("\n")}</ul>${note}`);
}

function groupItem({ kind, action, changes, what }: Group, index: number): string {
  const count = kind.isOurs ? counted(changes.length, kind) : `${number(changes.length)} × ${kind.type}`;
  const title = `${count} ${predicate(kind, action, changes.length)}`;
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
  const after = effectOf(kind, action);
  const more = [fields, ...(after === undefined ? [] : [after])].filter((part) => part !== "").join(" · ");
  return `<li><span class="badge ${action}">${verb(kind, action)}</span><div><strong>${text(title)}</strong> ${idList(changes.map(({ id }) => id))}<p class="quiet">${more}</p></div>${showButton("group", index, title)}</li>`;
}

function fieldText({ field, before, after, alone }: FieldChange, action: Action): string {
  const value = (of: string | undefined) =>
    of === undefined ? "none" : `<code>${text(cut(of, 120))}</code>`;
  if (alone === true) return `${text(field)} ${value(after ?? before)}`;
  return `${text(field)} ${action === "create" ? "" : `${value(before)} → `}${value(after)}`;
}
