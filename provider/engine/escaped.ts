/** Characters that a terminal obeys, that hide or turn the text around them, or that begin another line. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/**
 * What begins a command in a log: `::error` and `##[error]` of GitHub, `##vso[` of Azure, `##teamcity[`, the groups of Buildkite at the
 * beginning of a line, and the colours of Pulumi's engine, `<{%`.
 */
const COMMANDS = /:(?=:)|#(?=#)|<(?=\{%)|^\s*(?:-(?=--\s)|\+(?=\+\+\s)|~(?=~~\s)|\^(?=\^\^\s))/g;

/**
 * A text of somebody else as it may be printed: what a terminal or the log of a CI would obey is written as `\u001b`. Within a JSON text
 * that changes nothing of what it says.
 */
export function escaped(text: string): string {
  return text.replace(INVISIBLE, unicode).replace(COMMANDS, unicode);
}

function unicode(found: string): string {
  let written = "";
  for (let i = 0; i < found.length; i++) written += `\\u${found.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return written;
}
