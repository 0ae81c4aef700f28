import type { Danger } from "./danger.js";
import { block, code, cut, plain } from "./escape.js";
import { groupEntry, type Entry } from "./markdownGroups.js";
import { shortIds } from "./ids.js";
import { leftOutText } from "../../provider/reconcile/plan/summary.js";
import { stayText, type Count, type Failure, type Report } from "./report.js";
import { actionNames, actions, number, verb } from "./things.js";

/** The longest comment that GitHub takes, in characters. */
export const GITHUB_LIMIT = 65_536;

/** Room that the parts may take which are never left out. */
const FAILURES_ROOM = 12_000;
const DANGERS_ROOM = 24_000;
const NOTICES_ROOM = 6_000;
const KINDS_AT_MOST = 30;
/** What is kept free for saying what was cut. */
const FOOTER_ROOM = 400;

/**
 * Writes the report as Markdown for the comment of a pull request. It fits into one whatever the fleet: details are left
 * out first, then groups of changes, and it says so; the counts and the danger always stay.
 */
export function markdownOf(report: Report, limit = GITHUB_LIMIT): string {
  const head = [
    marker(report.stack),
    `## ${plain(report.title)}`,
    ...failures(report.failures),
    ...counts(report),
    ...dangers(report),
  ].join("\n\n");
  const notices = noticeBlock(report.notices);
  const room = limit - head.length - notices.length - FOOTER_ROOM;
  const body =
    report.groups.length === 0 ? "" : `### Changes\n\n${fitted(report.groups.map(groupEntry), room)}`;
  return `${[head, body, notices].filter((part) => part !== "").join("\n\n")}\n`;
}

/** The first line, by which a workflow finds its comment again to update it. */
export function marker(stack: string): string {
  return `<!-- nrfcloud-fleet report: ${cut(stack.replace(/[^\w./-]/g, "_"), 200)} -->`;
}

function failures(all: readonly Failure[]): string[] {
  if (all.length === 0) return [];
  const told: string[] = [];
  let room = FAILURES_ROOM;
  for (const { resource, message } of all) {
    const text = [...(resource === undefined ? [] : [`${code(resource)}:`]), block(message, 1_500)].join(
      "\n\n",
    );
    if (text.length > room) break;
    told.push(text);
    room -= text.length;
  }
  const more = all.length - told.length;
  return [
    "> [!CAUTION]\n> **The preview failed.** What is below is as far as it got; an update would fail as well.",
    ...told,
    ...(more === 0 ? [] : [`And ${number(more)} more errors, which the log of the preview has.`]),
  ];
}

function counts(report: Report): string[] {
  const { counts: all, changes, unseen, operation, failures: failed } = report;
  const stays = stayText(report) === "" ? "" : ` ${stayText(report)}`;
  if (changes.length === 0) {
    if (failed.length > 0) return [];
    return [
      `**${operation === "refresh" ? "No drift." : "Nothing to do."}**${stays}`,
      ...leftOut(report.leftOut),
      ...unseenNote(unseen),
    ];
  }
  const columns = actions.filter((action) => all.some(({ of }) => of.has(action)));
  const told = all.slice(0, KINDS_AT_MOST);
  const rows = told.map(({ kind, of }) => {
    const name = kind.ours ? kind.many : code(kind.type.replaceAll("|", "¦"), 120);
    return `| ${[name, ...columns.map((action) => number(of.get(action) ?? 0))].join(" | ")} |`;
  });
  const others = all.slice(KINDS_AT_MOST);
  if (others.length > 0) {
    const sums = columns.map((action) => number(sum(others.map(({ of }) => of.get(action) ?? 0))));
    rows.push(`| ${[`${number(others.length)} more types`, ...sums].join(" | ")} |`);
  }
  return [
    `**${number(changes.length)} ${changes.length === 1 ? "change" : "changes"}**: ${withExpectedErrors(told)}${others.length > 0 ? " and more" : ""}.${stays}`,
    [
      `| | ${columns.map((action) => actionNames[action]).join(" | ")} |`,
      `| :-- | ${columns.map(() => "--:").join(" | ")} |`,
      ...rows,
    ].join("\n"),
    ...leftOut(report.leftOut),
    ...unseenNote(unseen),
  ];
}

function leftOut(ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  const { shown, hidden } = shortIds(ids, 500);
  const named = shown.map((id) => code(id, 100)).join(", ");
  const more = hidden === 0 ? "" : ` and ${number(hidden)} more`;
  return [`${leftOutText(ids.length)}: ${named}${more}`];
}

function unseenNote(unseen: number): string[] {
  if (unseen === 0) return [];
  return [
    `<sub>The preview does not name ${number(unseen)} of the resources that stay, so when their certificates end was not ` +
      "looked at: `--show-sames` makes it name them.</sub>",
  ];
}

function withExpectedErrors(all: readonly Count[]): string {
  const parts = all.flatMap(({ kind, of }) =>
    [...of].map(([action, count]) => {
      const noun = kind.ours ? (count === 1 ? kind.one : kind.many) : `of ${code(kind.type, 120)}`;
      return `${number(count)} ${noun} ${verb(kind, action)}`;
    }),
  );
  const [told, more] = [parts.slice(0, 8), parts.length - 8];
  return more > 0 ? `${told.join(", ")}, and more` : told.join(", ");
}

function dangers({ dangers: all, changes, failures: failed }: Report): string[] {
  if (all.length === 0)
    return changes.length === 0 || failed.length > 0 ? [] : ["No danger was found in it."];
  for (const room of [1_500, 500, 120]) {
    const text = dangerBlock(all, room);
    if (text.length <= DANGERS_ROOM) return [text];
  }
  // So many that not even short ones fit.
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

/** Every group on a line as long as there is room, then details of as many as fit. */
function fitted(entries: readonly Entry[], room: number): string {
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
    cuts.length === 0
      ? []
      : [
          `\n_Left out, because a comment has room for so much only: ${cuts.join(" and ")}. The HTML report has all._`,
        ];
  return [...parts, ...footer].join("\n");
}

function noticeBlock(notices: readonly string[]): string {
  if (notices.length === 0) return "";
  const told: string[] = [];
  let room = NOTICES_ROOM;
  for (const notice of notices) {
    const line = notice.includes("\n") ? `\n${block(notice, 3_000)}\n` : `- ${code(notice, 1_000)}`;
    if (line.length > room) break;
    told.push(line);
    room -= line.length;
  }
  const more = notices.length - told.length;
  return [
    `<details><summary>What the provider remarks (${number(notices.length)})</summary>\n`,
    ...told,
    ...(more === 0 ? [] : [`- and ${number(more)} more, which the log of the preview has`]),
    "\n</details>",
  ].join("\n");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
