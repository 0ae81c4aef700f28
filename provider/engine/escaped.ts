/** Characters that control a terminal, are invisible, change the text direction or begin a new line. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/**
 * The beginning of commands in CI logs: `::error` and `##[error]` of GitHub, `##vso[` of Azure, `##teamcity[`, Buildkite's groups at the
 * beginning of a line, and the colors of Pulumi's engine, `<{%`.
 */
const COMMANDS = /:(?=:)|#(?=#)|<(?=\{%)|^\s*(?:-(?=--\s)|\+(?=\+\+\s)|~(?=~~\s)|\^(?=\^\^\s))/g;

/**
 * Makes a foreign text safe to print: what a terminal or CI log would interpret is escaped, such as `\u001b`. Escaped JSON still has the
 * same value.
 */
export function escaped(text: string): string {
  return text.replace(INVISIBLE, unicode).replace(COMMANDS, unicode);
}

function unicode(found: string): string {
  let written = "";
  for (let i = 0; i < found.length; i++) written += `\\u${found.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return written;
}
