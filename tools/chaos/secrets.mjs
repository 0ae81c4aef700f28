// Looks for secrets in everything that a run printed or wrote.

import { createPrivateKey } from "node:crypto";

/** A PEM block of a private key, whosever it is. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----|PRIVATE KEY-----/;

/** @typedef {{ name: string, text: string }} Written  Something that was printed or written, and its name for people. */

/**
 * Where secrets stand in clear. Says which secret it is, never the secret.
 * @param {readonly Written[]} written
 * @param {{ privateKeys: Iterable<string>, others: Readonly<Record<string, readonly string[]>> }} secrets
 *   `privateKeys`: in PEM. `others`: texts by what they are.
 * @returns {string[]}
 */
export function leaks(written, { privateKeys, others }) {
  const named = [
    ...[...privateKeys].flatMap(piecesOfKey).map((piece) => ({ what: "a private key", piece })),
    ...Object.entries(others).flatMap(([what, texts]) =>
      texts.flatMap(piecesOf).map((piece) => ({ what, piece })),
    ),
  ];
  return written.flatMap(({ name, text }) => [
    ...(PRIVATE_KEY.test(text) ? [`${name} has a private key in PEM`] : []),
    ...new Set(named.filter(({ piece }) => text.includes(piece)).map(({ what }) => `${name} has ${what}`)),
  ]);
}

/**
 * By what a private key can be told: the lines of its PEM that hold some of its secret number, and that number itself. (Other
 * lines may hold nothing but the public key, which certificates show as well.)
 * @param {string} pem
 */
function piecesOfKey(pem) {
  const { d } = createPrivateKey(pem).export({ format: "jwk" });
  const secret = Buffer.from(d ?? "", "base64url");
  const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  const from = Buffer.from(lines.join(""), "base64").indexOf(secret);
  let end = 0;
  const revealing = lines.filter((line) => {
    const start = end;
    end += Buffer.from(line, "base64").length;
    return end > from && start < from + secret.length;
  });
  return [
    ...revealing,
    .../** @type {const} */ (["hex", "base64", "base64url"]).map((encoding) => secret.toString(encoding)),
  ];
}

/**
 * A token gives itself away part by part.
 * @param {string} secret
 */
function piecesOf(secret) {
  return secret.split(".").filter((piece) => piece !== "");
}
