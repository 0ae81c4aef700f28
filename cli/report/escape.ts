/** Escapes text from outside for Markdown. */

/**
 * Text as inline code, where Markdown, HTML, mentions, references and links have no effect. Line breaks are shown.
 * @param most the highest length in characters; longer text is cut
 */
export function code(text: string, most = 200): string {
  const clean = cut(visible(text.replace(/\r?\n|\r/g, "⏎")), most);
  const fence = "`".repeat(longestRun(clean) + 1);
  const pad = /^[`\s]|[`\s]$/.test(clean) || clean === "" ? " " : "";
  return `${fence}${pad}${clean}${pad}${fence}`;
}

/** Text as a block of code. */
export function block(text: string, most: number): string {
  const clean = cut(visible(text.replace(/\r\n?/g, "\n")), most);
  const fence = "`".repeat(Math.max(longestRun(clean) + 1, 3));
  return `${fence}text\n${clean}\n${fence}`;
}

/** A link, shown as code. */
export function link(text: string, address: string): string {
  return `[${code(text, 80)}](${destination(address)})`;
}

/** A normalized https address, for the target of a link. Escapes the characters that would end the link. */
export function destination(address: string): string {
  return address.replace(/[()\\`|<>"'*]/g, (sign) => `%${(sign.codePointAt(0) ?? 0).toString(16)}`);
}

/** Text on one line. Escapes everything that has a meaning in Markdown, HTML or GitHub. */
export function plain(text: string, most = 200): string {
  return (
    cut(visible(text.replace(/\s+/g, " ")).trim(), most)
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/[\\`*_{}[\]()!|~$]|:(?=\/\/)|(?<=\bwww)\./gi, (character) => `\\${character}`)
      // GitHub finds mentions and references in escaped text too. Only a gap prevents that.
      .replace(/[@#]/g, (character) => `${character}\u200b`)
  );
}

/** Shortens a text, and adds an ellipsis. Never splits a character. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** Replaces invisible characters by a visible one. */
export function visible(text: string): string {
  return text.replace(unprintable, "�");
}

// Invisible characters, and those that change the direction, can make a text look like another one.
const unprintable =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g;

function longestRun(text: string): number {
  return [...text.matchAll(/`+/g)].reduce((longest, [run]) => Math.max(longest, run.length), 0);
}
