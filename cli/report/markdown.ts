import { leftOutText } from "../../provider/reconcile/plan/summary/summary.js";
import type { Danger } from "./danger.js";
import type { CaChange } from "./caChanges.js";
import type { CaKey } from "./caKeys.js";
import { agreementText, differenceText, type Agreement, type ReportedDifference } from "./configuration.js";
import { columnsOf, type Size } from "./counts.js";
import { block, code, cut, destination, link, plain } from "./escape.js";
import type { GuardUse } from "./guardUse.js";
import { groupEntry, type Entry } from "./markdownGroups.js";
import { shortIds } from "./ids.js";
import type { Link } from "./origin.js";
import { applyFails, failureTitle, unchangedText, unseenText, type Report } from "./report.js";
import { number, type Action } from "./things.js";

/** The longest comment that GitHub accepts, in characters. */
export const GITHUB_LIMIT = 65_536;

/** The room for the parts that are never left out, in characters. */
const FAILURES_ROOM = 12_000;
const DANGERS_ROOM = 24_000;
const NOTICES_ROOM = 6_000;
const KINDS_AT_MOST = 30;
const GUARDS_AT_MOST = 8;
const CAS_AT_MOST = 5;
const CONFIGURATION_ROOM = 4_000;
const SETTINGS_AT_MOST = 8;
/** The room for the note on what was cut. */
const FOOTER_ROOM = 400;

/**
 * Writes the report as Markdown for the comment of a pull request. It fits into one comment for every fleet: it leaves out details
 * first, then groups of changes, and says so. It never leaves out the counts and the dangers.
 */
export function markdownOf(report: Report, limit = GITHUB_LIMIT): string {
  const head = [
    marker(report.stack),
    `## ${plain(report.title)}`,
    ...failures(report),
    originLine(report),
    ...counts(report),
    ...dangers(report),
    ...guards(report.guards),
    ...caChanges(report.caChanges),
    ...caKeys(report.caKeys),
    ...configuration(report.configuration),
  ].join("\n\n");
  const notices = noticeBlock(report.notices);
  const room = limit - head.length - notices.length - FOOTER_ROOM;
  const body =
    report.groups.length === 0 ? "" : `### Changes\n\n${fitGroups(report.groups.map(groupEntry), room)}`;
  return `${[head, body, notices].filter((part) => part !== "").join("\n\n")}\n`;
}

/** The first line, by which a workflow finds its comment to update it. */
export function marker(stack: string): string {
  return `<!-- nrfcloud-fleet report: ${cut(stack.replace(/[^\w./-]/g, "_"), 200)} -->`;
}

function failures(report: Report): string[] {
  const all = [...report.failures, ...report.refusals];
  if (all.length === 0) return [];
  const shown: string[] = [];
  let room = FAILURES_ROOM;
  for (const { resource, message } of all) {
    const text = [...(resource === undefined ? [] : [`${code(resource)}:`]), block(message, 1_500)].join(
      "\n\n",
    );
    if (text.length > room) break;
    shown.push(text);
    room -= text.length;
  }
  const more = all.length - shown.length;
  return [
    `> [!CAUTION]\n> **${failureTitle(report)}**`,
    ...shown,
    ...(more === 0 ? [] : [`The log of the preview has ${number(more)} more errors.`]),
  ];
}

/** The origin of the report: time, project, stack, commit and run, and the link to the page. */
function originLine({ madeAt, project, stack, origin, page }: Report): string {
  const parts = [
    `${madeAt.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    ...(project === undefined ? [] : [`project ${code(project, 80)}`]),
    `stack ${code(stack, 80)}`,
    ...(origin.commit === undefined ? [] : [`commit ${linked(origin.commit)}`]),
    ...(origin.run === undefined ? [] : [linked(origin.run)]),
  ];
  const about = `<sub>${parts.join(" · ")}</sub>`;
  return page === undefined
    ? about
    : `${about}\n\n[All changes on a page, with search and filters](${destination(page)})`;
}

function linked({ text, address }: Link): string {
  return address === undefined ? code(text) : link(text, address);
}

function counts(report: Report): string[] {
  const { counts: all, changes, operation, size } = report;
  const unchanged = unchangedText(report) === "" ? "" : ` ${unchangedText(report)}`;
  const left = [...leftOut(report.leftOut), ...unseenNote(report)];
  if (changes.length === 0) {
    if (applyFails(report)) return [];
    return [`**${operation === "refresh" ? "No drift." : "Nothing to do."}**${unchanged}`, ...left];
  }
  const devices = size === undefined ? "" : ` Devices: **${sizeText(size)}**.`;
  const columns = columnsOf(all);
  const sizes = all.some((count) => count.size !== undefined);
  const shown = all.slice(0, KINDS_AT_MOST);
  const row = (name: string, of: ReadonlyMap<Action, number>, own: Size | undefined) =>
    `| ${[name, ...(sizes ? [own === undefined ? "" : sizeText(own)] : []), ...columns.map(({ action }) => figure(of.get(action)))].join(" | ")} |`;
  const rows = shown.map(({ kind, of, size: own }) =>
    row(kind.isOurs ? kind.many : code(kind.type.replaceAll("|", "¦"), 120), of, own),
  );
  const others = all.slice(KINDS_AT_MOST);
  if (others.length > 0) {
    const sums = new Map(
      columns.map(({ action }) => [action, sum(others.map(({ of }) => of.get(action) ?? 0))]),
    );
    rows.push(row(`${number(others.length)} more types`, sums, undefined));
  }
  const heads = [...(sizes ? ["in the stack"] : []), ...columns.map(({ name }) => name)];
  return [
    `**${number(changes.length)} ${changes.length === 1 ? "change" : "changes"}.**${devices}${unchanged}`,
    [`| | ${heads.join(" | ")} |`, `| :-- | ${heads.map(() => "--:").join(" | ")} |`, ...rows].join("\n"),
    ...left,
  ];
}

/** An empty cell for 0, so that other numbers stand out. */
function figure(count = 0): string {
  return count === 0 ? "" : number(count);
}

function sizeText({ before, after }: Size): string {
  return `${number(before)} → ${number(after)}`;
}

function leftOut(ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  const { shown, hidden } = shortIds(ids, 500);
  const named = shown.map((id) => code(id, 100)).join(", ");
  const more = hidden === 0 ? "" : ` and ${number(hidden)} more`;
  return [`${leftOutText(ids.length)}: ${named}${more}`];
}

function unseenNote(report: Report): string[] {
  const text = unseenText(report);
  return text === "" ? [] : [`<sub>${text}</sub>`];
}

function dangers(report: Report): string[] {
  const { dangers: all, changes } = report;
  if (all.length === 0)
    return changes.length === 0 || applyFails(report) ? [] : ["The report found no danger."];
  for (const room of [1_500, 500, 120]) {
    const text = dangerBlock(all, room);
    if (text.length <= DANGERS_ROOM) return [text];
  }
  // Not even the shortest form of all dangers fits.
  let count = all.length;
  while (count > 1 && dangerBlock(all.slice(0, count), 120).length > DANGERS_ROOM)
    count = Math.floor(count * 0.8);
  return [`${dangerBlock(all.slice(0, count), 120)}\n>\n> And ${number(all.length - count)} more dangers.`];
}

function dangerBlock(all: readonly Danger[], room: number): string {
  const items = all.map(({ title, consequence, ids }) => {
    const { shown, hidden } = shortIds(ids, room);
    const named = shown.map((id) => code(id, 100)).join(", ");
    const more = hidden === 0 ? "" : ` and ${number(hidden)} more`;
    return `> - **${plain(title, 300)}**: ${named}${more}  \n>   ${consequence}`;
  });
  return ["> [!WARNING]", "> **Danger**", ">", ...items].join("\n");
}

function guards(all: readonly GuardUse[]): string[] {
  if (all.length === 0) return [];
  const items = all
    .slice(0, GUARDS_AT_MOST)
    .flatMap(({ set, texts }) => texts.map((text) => `- ${code(set, 80)}: ${text}`));
  const more = all.length - GUARDS_AT_MOST;
  return [["### Guards\n", ...items, ...(more > 0 ? [`- and ${number(more)} more sets`] : [])].join("\n")];
}

function caChanges(all: readonly CaChange[]): string[] {
  const cell = (text: string) => code(text.replaceAll("|", "¦"), 300);
  const tables = all
    .slice(0, CAS_AT_MOST)
    .map(({ names, before, after }) =>
      [
        `| ${names.slice(0, 5).map(cell).join(", ")} | before | after |`,
        "| :-- | :-- | :-- |",
        `| subject | ${cell(before.subject)} | ${cell(after.subject)} |`,
        `| valid | ${cell(before.validity)} | ${cell(after.validity)} |`,
        `| SHA-256 | ${cell(before.fingerprint)} | ${cell(after.fingerprint)} |`,
      ].join("\n"),
    );
  const more = all.length - tables.length;
  return all.length === 0
    ? []
    : ["### CA changes", ...tables, ...(more > 0 ? [`And ${number(more)} more CAs.`] : [])];
}

function caKeys(all: readonly CaKey[]): string[] {
  if (all.length === 0) return [];
  const items = all
    .slice(0, CAS_AT_MOST)
    .map(
      ({ ca, before, after }) =>
        `- ${code(ca)}: ${before === undefined ? "" : `${code(before)} → `}${code(after)}`,
    );
  const more = all.length - items.length;
  return [["### CA's key\n", ...items, ...(more > 0 ? [`- and ${number(more)} more CAs`] : [])].join("\n")];
}

function configuration(agreement: Agreement | undefined): string[] {
  if (agreement === undefined) return [];
  const differences = agreement.kind === "read" ? agreement.differences : [];
  const shown: string[] = [];
  let room = CONFIGURATION_ROOM;
  for (const difference of differences) {
    const block = differenceBlock(difference);
    if (block.length > room) break;
    shown.push(block);
    room -= block.length;
  }
  const hidden = differences.slice(shown.length);
  const more = sum(hidden.map(({ ids }) => ids.length));
  return [
    `### Configuration\n\n${plain(agreementText(agreement), 1_000)}`,
    ...shown,
    ...(hidden.length === 0
      ? []
      : [`_A comment has no room for ${number(more)} more devices that differ. The HTML page has them._`]),
  ];
}

function differenceBlock(difference: ReportedDifference): string {
  const { ids, settings } = difference;
  const { shown, hidden } = shortIds(ids, 300);
  const named = shown.map((id) => code(id, 100)).join(", ");
  const cell = (text: string) => code(text.replaceAll("|", "¦"), 80);
  const rows = settings
    .slice(0, SETTINGS_AT_MOST)
    .map(
      ({ key, desired, reported }) =>
        `| ${cell(key)} | ${cell(desired)} | ${reported === undefined ? "nothing" : cell(reported)} |`,
    );
  const more = settings.length - rows.length;
  return [
    `**${differenceText(difference)}**: ${named}${hidden === 0 ? "" : ` and ${number(hidden)} more`}\n`,
    "| setting | desired | reported |",
    "| :-- | :-- | :-- |",
    ...rows,
    ...(more === 0 ? [] : [`\n_And ${number(more)} more settings._`]),
  ].join("\n");
}

/** One line for each group that fits, then the details of as many groups as fit. */
function fitGroups(entries: readonly Entry[], room: number): string {
  let left = room;
  let lines = 0;
  for (const { line } of entries) {
    if (line.length + 1 > left) break;
    left -= line.length + 1;
    lines++;
  }
  const all = lines === entries.length;
  const parts: string[] = [];
  let withoutDetail = 0;
  for (const { line, detail } of entries.slice(0, lines)) {
    parts.push(line);
    if (detail === undefined) continue;
    if (all && detail.length + 1 <= left) {
      parts.push(detail);
      left -= detail.length + 1;
    } else withoutDetail++;
  }
  const cutGroups = entries.slice(lines);
  const cutChanges = sum(cutGroups.map(({ changes }) => changes));
  const cuts = [
    ...(withoutDetail === 0 ? [] : [`the details of ${number(withoutDetail)} groups`]),
    ...(cutGroups.length === 0
      ? []
      : [`${number(cutGroups.length)} groups with ${number(cutChanges)} changes`]),
  ];
  const footer =
    cuts.length === 0 ? [] : [`\n_A comment has no room for ${cuts.join(" and ")}. The HTML page has all._`];
  return [...parts, ...footer].join("\n");
}

function noticeBlock(notices: readonly string[]): string {
  if (notices.length === 0) return "";
  const shown: string[] = [];
  let room = NOTICES_ROOM;
  for (const notice of notices) {
    const line = notice.includes("\n") ? `\n${block(notice, 3_000)}\n` : `- ${code(notice, 1_000)}`;
    if (line.length > room) break;
    shown.push(line);
    room -= line.length;
  }
  const more = notices.length - shown.length;
  return [
    `<details><summary>Remarks of the provider (${number(notices.length)})</summary>\n`,
    ...shown,
    ...(more === 0 ? [] : [`- and ${number(more)} more in the log of the preview`]),
    "\n</details>",
  ].join("\n");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
