// Keys that devices bring themselves, made by openssl: by nothing that is tested here.

import { execFile } from "node:child_process";
import { createPublicKey, X509Certificate } from "node:crypto";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * @typedef {object} OwnKey
 * @property {string} pem  What is declared: a certificate, a certificate signing request or a public key.
 * @property {string} privateKey
 */

/** The keys of one run, each made when it is first asked for. */
export class OwnKeys {
  /** @type {Map<string, Promise<OwnKey>>} */
  #made = new Map();

  /**
   * @param {import("./fleet.mjs").CredentialKind} kind
   * @param {string} id
   * @param {number} number  Another number is another key.
   * @returns {Promise<OwnKey>}
   */
  of(kind, id, number) {
    const name = `${kind} ${id} ${number}`;
    const key = this.#made.get(name) ?? make(kind, id);
    this.#made.set(name, key);
    return key;
  }

  /** All private keys that were made. */
  async privateKeys() {
    return (await Promise.all(this.#made.values())).map(({ privateKey }) => privateKey);
  }
}

/**
 * @param {import("./fleet.mjs").CredentialKind} kind
 * @param {string} id
 * @returns {Promise<OwnKey>}
 */
async function make(kind, id) {
  const p256 = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "-", "-sha256"];
  const wanted = kind === "csr" ? ["-new"] : ["-x509", "-days", "3000"];
  const { stdout } = await run("openssl", ["req", ...wanted, ...p256, "-subj", `/CN=${id}`]);
  const privateKey = block(stdout, "PRIVATE KEY");
  if (kind !== "publicKey") {
    return { privateKey, pem: block(stdout, kind === "csr" ? "CERTIFICATE REQUEST" : "CERTIFICATE") };
  }
  const pair = run("openssl", ["pkey", "-pubout"]);
  pair.child.stdin?.end(privateKey);
  return { privateKey, pem: (await pair).stdout };
}

/**
 * @param {string} text
 * @param {string} label
 */
function block(text, label) {
  const [found] = new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----\n`).exec(text) ?? [];
  if (found === undefined) throw new Error(`openssl wrote no ${label}`);
  return found;
}

/**
 * @param {string} certificate
 * @returns {string}  SubjectPublicKeyInfo in base64.
 */
export function publicKeyOf(certificate) {
  return spki(new X509Certificate(certificate).publicKey);
}

/**
 * The public key that belongs to a private one, or that a PEM of one holds.
 * @param {string} pem
 * @returns {string}
 */
export function publicKeyBelongingTo(pem) {
  return spki(createPublicKey(pem));
}

/** @param {import("node:crypto").KeyObject} key */
function spki(key) {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}

/** @param {string} certificate */
export function fingerprintOf(certificate) {
  return new X509Certificate(certificate).fingerprint256.replaceAll(":", "").toLowerCase();
}
