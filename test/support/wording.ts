/**
 * The message rule of CONTRIBUTING.md as far as a test can check it: no words of a private dialect, American spelling, and no long
 * sentences. For messages and comments of the code, and for Markdown.
 */

/** The most words that a sentence may have. */
export const LONGEST_SENTENCE = 25;

/** What to write in the place of what. */
interface Phrase {
  readonly found: RegExp;
  readonly write: string;
}

/** Phrases that readers of English as a second language do not know, or that hide who does what. */
const DIALECT: readonly Phrase[] = [
  { found: /\b(is|are|was|were|be|been) told\b/i, write: "is reported" },
  { found: /\banew\b/i, write: "again, or replaced" },
  { found: /\bcertif(y|ies|ied) again\b/i, write: "gets a new certificate" },
  { found: /\bkilled runs?\b/i, write: "an interrupted run" },
  { found: /\b(takes?|taken|took) (\S+ ){0,6}out of the account\b/i, write: "deletes" },
  { found: /\bcomes? (back|by|late)\b/i, write: "is created again, or is created" },
  { found: /\b(goes|stays?) (on|away|in|as|claimed|onboarded)\b/i, write: "resumes, is deleted, or is kept" },
  { found: /\blooks? into\b/i, write: "reads" },
  { found: /\b(a|no) look\b/i, write: "a read" },
  { found: /\bsurely\b/i, write: "reliably" },
  { found: /\bin no state\b/i, write: "not in the state" },
  { found: /\bnot to be seen\b/i, write: "is not listed" },
  { found: /\btakes? effect on its way\b/i, write: "is applied" },
  { found: /\bthe row's life\b/i, write: "the row" },
  { found: /(?<!\bthere )\b(is|are) no (?!longer\b|more\b|less\b)/i, write: "is not a" },
  { found: /\bwithout (an|any) outcome\b/i, write: "without a result" },
  { found: /\bwhoever\b/i, write: "anybody who" },
  { found: /\bfor ever\b/i, write: "always, or without an end" },
  { found: /\btaken for (?!granted)/i, write: "counts as" },
  { found: /\bto be seen\b/i, write: "visible" },
  { found: /\bbe (it|they)\b/i, write: "also if" },
  { found: /\bstands? (in|at|on|beside)\b/i, write: "is in" },
  { found: /\bleads? through\b/i, write: "explains" },
  {
    found:
      /\bof (one's|its|their|your|his) own(?! (?!and|or|in|for|that|which|with|whose|as|to|at|by|from)\w)/i,
    write: "its own certificate, instead of a certificate of its own",
  },
];

/** American English, as in nRF Cloud's own words. */
const SPELLING: readonly Phrase[] = [
  {
    found: /\b\w*(organis|recognis|normalis|serialis|initialis|authoris|summaris|analys(?=e[ds]?\b))\w*/i,
    write: "…iz…",
  },
  { found: /\b\w*(colour|behaviour|neighbour|favour|honour)\w*/i, write: "…or…" },
  { found: /\bcancell(ed|ing)\b/i, write: "canceled, canceling" },
];

/** What a message does not say, though prose may: a message is short, and begins with who does something. */
const NO_ACTOR: readonly Phrase[] = [
  { found: /\bthere (is|are|was|were)\b/i, write: "who has it or lacks it" },
  { found: /\bstays?\b/i, write: "is kept" },
  { found: /\bgoes\b/i, write: "is deleted, or what it does" },
  { found: /\b(made|make) out to\b/i, write: "names" },
  { found: /\bwent\b/i, write: "what it did" },
  { found: /\b(brings?|brought|comes?|came) (\S+ ){0,4}into the account\b/i, write: "creates" },
];

/** The problems with the wording of a text. Only comments may have long sentences. */
export function wordingProblems(text: string, kind: "message" | "prose" | "comment"): string[] {
  const phrases = [...DIALECT, ...SPELLING, ...(kind === "message" ? NO_ACTOR : [])];
  const found = phrases.flatMap(({ found, write }) => {
    const match = found.exec(text);
    return match === null ? [] : [`"${match[0]}": write "${write}"`];
  });
  return kind === "comment" ? found : [...found, ...longSentences(text)];
}

/** The sentences of a text that are too long, with their number of words. */
export function longSentences(text: string): string[] {
  return sentencesOf(text)
    .filter((sentence) => countWords(sentence) > LONGEST_SENTENCE)
    .map((sentence) => `${countWords(sentence)} words: ${sentence}`);
}

/** Abbreviations and file names have full stops inside, and only what follows one with a space is a new sentence. */
function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?]["')`]?(?:\{…\})?)\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}

function countWords(sentence: string): number {
  return sentence.split(/\s+/).filter((word) => /[A-Za-z0-9]/.test(word)).length;
}
