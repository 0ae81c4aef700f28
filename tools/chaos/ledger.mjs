// Which keys devices had in the course of a run, to notice one that was replaced without a word.

import { createPublicKey, X509Certificate } from "node:crypto";
import { causesOfKeys } from "./expected.mjs";
import { textOf } from "./json.mjs";

/**
 * @typedef {object} Held  A key that the account had for a device.
 * @property {string} publicKey  SubjectPublicKeyInfo in base64.
 * @property {string} cause  What decided about it when it was first seen.
 * @property {boolean} saved  Whether a saved state had its certificate.
 *
 * @typedef {object} Seen
 * @property {ReadonlyMap<string, import("./cloud.mjs").CloudDevice>} devices  Of our team, by id.
 * @property {readonly import("./state.mjs").StateResource[]} saved  The saved state.
 * @property {readonly string[]} outputs  Of all commands so far.
 * @property {import("./fleet.mjs").Fleet | undefined} declared  `undefined` before the first.
 */

/** What a run says of a device whose key is not the one it had. */
const WORD =
  /\b(key|certificate)\b.*\b(lost|new|another|again|anew|replaced)\b|\b(new|another|anew|lost)\b.*\b(key|certificate)\b/i;
const MORE = /\band \d+ more\b/;

export class Ledger {
  /** What went wrong with keys so far. @type {string[]} */
  problems = [];
  /** Keys that were replaced because they were lost, as a run said. */
  replaced = 0;
  /** Devices that got a key in place of a lost one, which no run has said so far. A killed one can't: the next one must. @type {Set<string>} */
  #unsaid = new Set();
  /** @type {Map<string, Held>} */
  #held = new Map();
  #destroyed = 0;

  /**
   * Takes down what a command left.
   * @param {Seen} seen
   */
  observe({ devices, saved, outputs, declared }) {
    const causes = declared === undefined ? new Map() : causesOfKeys(declared);
    const certificates = new Map(saved.map(({ id, outputs: { certificate } }) => [id, textOf(certificate)]));
    for (const { id, publicKey } of devices.values()) {
      if (publicKey === undefined) continue;
      const certificate = certificates.get(id);
      const isSaved = certificate !== undefined && publicKeyOf(certificate) === publicKey;
      const before = this.#held.get(id);
      if (before?.publicKey === publicKey) {
        before.saved ||= isSaved;
        continue;
      }
      const cause = `${this.#destroyed} ${String(causes.get(id))}`;
      if (before?.cause === cause) this.#judge(id, before);
      this.#held.set(id, { publicKey, cause, saved: isSaved });
    }
    const lines = outputs.flatMap((output) => output.split("\n")).filter((line) => WORD.test(line));
    for (const id of this.#unsaid) {
      if (!lines.some((line) => line.includes(id) || MORE.test(line))) continue;
      this.#unsaid.delete(id);
      this.replaced++;
    }
  }

  /** What no run has said in the end. */
  get unsaid() {
    return [...this.#unsaid].map((id) => `${id} got another key in place of a lost one, and no run said so`);
  }

  /** From now on devices may be gone, and come again with other keys. Of keys that nobody can use any more nobody need say anything. */
  destroyed() {
    this.#destroyed++;
    this.#unsaid.clear();
  }

  /**
   * @param {string} id
   * @param {Held} before
   */
  #judge(id, before) {
    if (before.saved) {
      this.problems.push(`${id} got another key, though nothing was declared anew and the state had its key`);
    } else {
      this.#unsaid.add(id);
    }
  }
}

/**
 * @param {string} certificate
 * @returns {string}
 */
export function publicKeyOf(certificate) {
  return spki(new X509Certificate(certificate).publicKey);
}

/**
 * The public key that belongs to a private one.
 * @param {string} privateKey
 * @returns {string}
 */
export function publicKeyBelongingTo(privateKey) {
  return spki(createPublicKey(privateKey));
}

/** @param {import("node:crypto").KeyObject} key */
function spki(key) {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}
