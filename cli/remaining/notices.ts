import { idText } from "../fleet/idText.js";
import { figure } from "../terminal.js";

/** A parsed remark of the provider: `3 times: <text> (a, b and 1 more)`, or `a: <text>`. */
interface Notice {
  readonly text: string;
  readonly times: number;
  /** The named subjects. The remark may count more than it names. */
  readonly subjects: readonly string[];
}

/** What was shown before, and must not be repeated. */
export interface Shown {
  /** Remarks. */
  readonly remarks?: readonly string[];
  /** Lines of a plan. */
  readonly lines?: readonly string[];
}

/** Combines remarks that the provider sent in parts, and leaves out what was shown before. */
export function gatherNotices(remarks: readonly string[], shown: Shown = {}): string[] {
  const { remarks: earlier = [], lines = [] } = shown;
  const before = new Set(joinLines(earlier).map((remark) => parseNotice(remark).text));
  const known = new Set(
    [...lines, ...earlier.flatMap((remark) => remark.split("\n"))].map((line) => line.trim()),
  );
  const gathered = new Map<string, Notice>();
  for (const { text, times, subjects } of joinLines(remarks)
    .flatMap((remark) => withoutLines(remark, known))
    .map(parseNotice)) {
    if (before.has(text)) continue;
    const other = gathered.get(text);
    gathered.set(text, {
      text,
      times: times + (other?.times ?? 0),
      subjects: [...(other?.subjects ?? []), ...subjects],
    });
  }
  return [...gathered.values()].map(noticeText);
}

/** The engine sends a text of several lines line by line. Joins each indented line with the line above. */
export function joinLines(remarks: readonly string[]): string[] {
  const texts: string[] = [];
  for (const remark of remarks) {
    const above = texts.at(-1);
    if (above !== undefined && /^\s/.test(remark)) texts[texts.length - 1] = `${above}\n${remark}`;
    else texts.push(remark);
  }
  return texts;
}

/** Removes known lines from a remark on a whole set, and its heading if no line remains. */
function withoutLines(remark: string, known: ReadonlySet<string>): string[] {
  const [heading = "", ...lines] = remark.split("\n");
  if (lines.length === 0 || !heading.endsWith(":")) return [remark];
  const left: string[] = [];
  let wasShown = false;
  for (const line of lines) {
    // A line with another indentation belongs to the line above it.
    if (/^ {2}\S/.test(line)) wasShown = known.has(line.trim());
    if (!wasShown) left.push(line);
  }
  return left.length === 0 ? [] : [[heading, ...left].join("\n")];
}

function parseNotice(remark: string): Notice {
  const [, times, many, names] = /^(\d+) times: (.*) \(([^()]*)\)$/s.exec(remark) ?? [];
  if (times !== undefined && many !== undefined && names !== undefined) {
    return { text: many, times: Number(times), subjects: names.replace(/ and \d+ more$/, "").split(", ") };
  }
  const [, subject, one] = /^([\w:-]+): (.*)$/s.exec(remark) ?? [];
  return subject !== undefined && one !== undefined
    ? { text: one, times: 1, subjects: [subject] }
    : { text: remark, times: 1, subjects: [] };
}

function noticeText({ text, times, subjects }: Notice): string {
  const [only, another] = subjects;
  if (only === undefined) return text;
  if (times === 1 && another === undefined) return `${only}: ${text}`;
  const rest = times - subjects.length;
  return `${figure(times)} times: ${text} (${idText(subjects)}${rest > 0 ? ` and ${figure(rest)} more` : ""})`;
}
