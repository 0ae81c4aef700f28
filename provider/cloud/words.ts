import { escaped } from "../engine/escaped.js";

/** What stands in the place of a secret, as in the output of Pulumi itself. */
const SECRET = "[secret]";
/** Longer texts help nobody, and much longer ones break the engine's connection. */
const LONGEST = 2_000;
/** More than this of a text is not read. */
const LOOKED_AT = 5 * LONGEST;
/** So many characters of a secret in a row are a part of it, as of one that was cut short. */
const RUNS = /[\w.~%+/=-]{12,}/g;

/** Makes a text of nRF Cloud safe for a message. */
export type Words = (text: string) => string;

/**
 * Gives the way in which a text of nRF Cloud may stand in a message: on one line, without secrets, without anything that a terminal or
 * the log of a CI would obey, and cut off after about 2,000 characters.
 * @param secrets which nRF Cloud may repeat: what was sent, and what it was sent with
 */
export function wordsWithout(secrets: readonly string[]): Words {
  const forms = [...new Set(secrets.filter(Boolean).flatMap(formsOf))];
  const longest = forms.reduce((most, { length }) => Math.max(most, length), 0);
  const known = new RegExp(
    forms.length === 0 ? "(?!)" : forms.sort(longestFirst).map(literally).join("|"),
    "g",
  );
  return (text) => {
    const clean = text
      .slice(0, LOOKED_AT)
      .replace(known, SECRET)
      .replace(RUNS, (run) => (forms.some((secret) => secret.includes(run)) ? SECRET : run));
    // The cut may go through a secret, which is then not recognised: as many characters as a secret can have are cut off too.
    const looked = text.length > LOOKED_AT ? clean.slice(0, Math.max(0, clean.length - longest)) : clean;
    const shown = escaped(looked.replace(/\s+/g, " ").trim());
    if (shown.length <= LONGEST && text.length <= LOOKED_AT) return shown;
    const whole = shown.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, "");
    return `${whole}… (cut off: the text has ${text.length} characters)`;
  };
}

/** A secret as it is, in an address, and in a JSON text. */
function formsOf(secret: string): readonly string[] {
  return [secret, encodeURIComponent(Buffer.from(secret).toString()), JSON.stringify(secret).slice(1, -1)];
}

function longestFirst(one: string, other: string): number {
  return other.length - one.length;
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
