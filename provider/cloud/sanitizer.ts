import { escaped } from "../engine/escaped.js";

/** Replaces a secret, as in Pulumi's own output. */
const SECRET = "[secret]";
/** Longer messages are not useful, and much longer ones break the engine's connection. */
const LONGEST = 2_000;
/** The rest of a text is ignored. */
const MOST_READ = 5 * LONGEST;
/** A run of this many characters of a secret is treated as the secret, which may have been cut off. */
const RUNS = /[\w.~%+/=-]{12,}/g;

/** Makes a text of nRF Cloud safe for a message. */
export type Sanitizer = (text: string) => string;

/**
 * Returns the function that makes a text of nRF Cloud safe for messages: on one line, without secrets, without commands for a terminal or
 * a CI log, and cut off after about 2,000 characters.
 * @param secrets that nRF Cloud may repeat: the API key, and secrets of the request
 */
export function sanitizerFor(secrets: readonly string[]): Sanitizer {
  const forms = [...new Set(secrets.filter(Boolean).flatMap(formsOf))];
  const longest = forms.reduce((most, { length }) => Math.max(most, length), 0);
  const known = new RegExp(
    forms.length === 0 ? "(?!)" : forms.sort(longestFirst).map(escapeRegExp).join("|"),
    "g",
  );
  return (text) => {
    const clean = text
      .slice(0, MOST_READ)
      .replace(known, SECRET)
      .replace(RUNS, (run) => (forms.some((secret) => secret.includes(run)) ? SECRET : run));
    // The cut may split a secret, which is then not found. So the length of the longest secret is removed too.
    const looked = text.length > MOST_READ ? clean.slice(0, Math.max(0, clean.length - longest)) : clean;
    const shown = escaped(looked.replace(/\s+/g, " ").trim());
    if (shown.length <= LONGEST && text.length <= MOST_READ) return shown;
    const whole = shown.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, "");
    return `${whole}… (cut off: the text has ${text.length} characters)`;
  };
}

/** A secret as it is, in a URL, and in JSON. */
function formsOf(secret: string): readonly string[] {
  return [secret, encodeURIComponent(Buffer.from(secret).toString()), JSON.stringify(secret).slice(1, -1)];
}

function longestFirst(one: string, other: string): number {
  return other.length - one.length;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
