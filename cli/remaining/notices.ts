import { idText } from "../fleet/idText.js";
import { figure } from "../terminal.js";

/** A remark of the provider, taken apart: `3 times: <text> (a, b and 1 more)`, or `a: <text>`. */
interface Notice {
  readonly text: string;
  readonly times: number;
  /** Those it names; there can be fewer than it counts. */
  readonly subjects: readonly string[];
}

/**
 * Brings together what the provider remarked in portions, as it went.
 * @param said remarks that were shown before; what they say is left out
 */
export function gatherNotices(remarks: readonly string[], said: readonly string[] = []): string[] {
  const before = new Set(said.map((remark) => parseNotice(remark).text));
  const gathered = new Map<string, Notice>();
  for (const { text, times, subjects } of remarks.map(parseNotice)) {
    if (before.has(text)) continue;
    const other = gathered.get(text);
    gathered.set(text, {
      text,
      times: times + (other?.times ?? 0),
      subjects: [...(other?.subjects ?? []), ...subjects],
    });
  }
  return [...gathered.values()].map(told);
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

function told({ text, times, subjects }: Notice): string {
  const [only, another] = subjects;
  if (only === undefined) return text;
  if (times === 1 && another === undefined) return `${only}: ${text}`;
  const rest = times - subjects.length;
  return `${figure(times)} times: ${text} (${idText(subjects)}${rest > 0 ? ` and ${figure(rest)} more` : ""})`;
}
