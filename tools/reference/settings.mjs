// The table of the settings, from the provider's own.

import { code, table } from "./page.mjs";

/**
 * @typedef {object} KnownSetting  As `provider/lifecycle/session/knownSettings.ts` has it.
 * @property {string} variable
 * @property {string} [key]
 * @property {string} meaning
 * @property {string | number} otherwise
 * @property {string} [unit]
 */

const BEGIN = "<!-- settings: made from the code by `npm run reference` -->";
const END = "<!-- settings: end -->";

/**
 * A page with the table between its marks brought up to date.
 * @param {string} page
 * @param {readonly KnownSetting[]} settings
 */
export function withSettings(page, settings) {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin)
    throw new Error("docs/settings.md has no place for the table of the settings.");
  const made = ["", settingsTable(settings), ""].join("\n\n");
  return page.slice(0, begin + BEGIN.length) + made.trimEnd() + "\n\n" + page.slice(end);
}

/** @param {readonly KnownSetting[]} settings */
function settingsTable(settings) {
  return table(
    ["Environment", "Configuration", "Meaning", "Default"],
    settings.map(({ variable, key, meaning, otherwise, unit }) => [
      code(variable),
      key === undefined ? "–" : code(key),
      meaning,
      unit === undefined || typeof otherwise === "string" ? defaultText(otherwise) : `${otherwise} ${unit}`,
    ]),
  );
}

/** @param {string | number} otherwise */
function defaultText(otherwise) {
  const text = String(otherwise);
  return text.startsWith("https:") ? code(text) : text;
}
