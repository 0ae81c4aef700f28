// The keys of devices during a run, to detect a replaced key that nobody asked for.

import { causesOfKeys } from "./expected.mjs";

/**
 * @typedef {object} Held  A key that the account had for a device.
 * @property {string} publicKey  SubjectPublicKeyInfo in base64.
 * @property {string} cause  What decided about it when it was first seen.
 *
 * @typedef {object} Seen
 * @property {ReadonlyMap<string, import("./cloud.mjs").CloudDevice>} devices  Of our team, by id.
 * @property {import("./strangers.mjs").Strangers} strangers
 * @property {import("./fleet.mjs").Fleet | undefined} declared  `undefined` before the first.
 */

/** Of a key that nobody knows the cause of. */
const FORGOTTEN = "forgotten";

export class Ledger {
  /** Devices that got another key, though nothing was declared that asks for one. @type {string[]} */
  problems = [];
  /** Keys that devices had until the next one was declared. */
  replaced = 0;
  /** @type {Map<string, Held>} */
  #held = new Map();
  #destroyed = 0;
  #forgot = false;
  /** As they were declared when it was observed last. @type {ReadonlyMap<string, string>} */
  #causes = new Map();

  /**
   * Records the account after a command.
   * @param {Seen} seen
   */
  observe({ devices, strangers, declared }) {
    /** @type {ReadonlyMap<string, string>} */
    const causes = declared === undefined ? new Map() : causesOfKeys(declared);
    for (const device of devices.values()) {
      const { id, publicKey } = device;
      if (publicKey === undefined || strangers.has(device)) continue;
      const before = this.#held.get(id);
      if (before?.publicKey === publicKey) continue;
      const cause = this.#isOlder(id, before, causes)
        ? FORGOTTEN
        : `${this.#destroyed} ${String(causes.get(id))}`;
      if (before?.cause === cause)
        this.problems.push(`${id} got another key, though nothing was declared anew`);
      else if (before !== undefined) this.replaced++;
      this.#held.set(id, { publicKey, cause });
    }
    this.#forgot = false;
    this.#causes = causes;
  }

  /**
   * Whether a key may be of before the present declaration: it was there when all others were forgotten, or a job brought it late.
   * @param {string} id
   * @param {Held | undefined} before
   * @param {ReadonlyMap<string, string>} causes
   */
  #isOlder(id, before, causes) {
    const earlier = this.#causes.get(id);
    return this.#forgot || (before === undefined && earlier !== undefined && earlier !== causes.get(id));
  }

  /** From now on devices may be deleted, and created again with other keys. */
  destroyed() {
    this.#destroyed++;
  }

  /** Which keys there were is lost with what was written down of them. */
  forget() {
    this.#held.clear();
    this.#forgot = true;
  }

  /**
   * Somebody deleted devices manually, because nobody knew their owner.
   * @param {readonly string[]} ids
   */
  removed(ids) {
    for (const id of ids) this.#held.delete(id);
  }
}
