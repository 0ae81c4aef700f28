// Looks for secrets in everything that a run printed or wrote.

/** A PEM block of a private key, whosever it is. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----|PRIVATE KEY-----/;

/** @typedef {{ name: string, text: string }} Written  Something that was printed or written, and its name for people. */

/**
 * Where secrets stand in clear. Says which secret it is, never the secret.
 * @param {readonly Written[]} written
 * @param {Readonly<Record<string, readonly string[]>>} secrets  Texts by what they are.
 * @returns {string[]}
 */
export function leaks(written, secrets) {
  const pieces = Object.entries(secrets).flatMap(([what, texts]) =>
    [...new Set(texts.flatMap(piecesOf))].map((piece) => ({ what, piece })),
  );
  return written.flatMap(({ name, text }) => [
    ...(PRIVATE_KEY.test(text) ? [`${name} has a private key in PEM`] : []),
    ...new Set(pieces.filter(({ piece }) => text.includes(piece)).map(({ what }) => `${name} has ${what}`)),
  ]);
}

/**
 * A PEM gives itself away line by line, a token part by part.
 * @param {string} secret
 */
function piecesOf(secret) {
  return secret.split(/[\n.]/).filter((piece) => piece.length >= 12 && !piece.startsWith("-----"));
}
