// Devices of other users with ids that the stack declares. Only their owners may change them.

import { sameTags } from "./expected.mjs";

/**
 * @typedef {import("./cloud.mjs").CloudDevice} CloudDevice
 * @typedef {{ device: CloudDevice, whose: string }} Stranger
 */

export class Strangers {
  /** The changes of these devices by others than their owners. @type {string[]} */
  problems = [];
  /** @type {Map<string, Stranger>} */
  #known = new Map();

  get ids() {
    return [...this.#known.keys()];
  }

  /**
   * @param {CloudDevice} device  As its owner made it.
   * @param {string} whose
   */
  add(device, whose) {
    this.#known.set(device.id, { device, whose });
  }

  /**
   * Whether a device of the account is one of them.
   * @param {CloudDevice} device
   */
  has({ id, publicKey }) {
    return this.#known.get(id)?.device.publicKey === publicKey;
  }

  /** @param {string} id */
  whose(id) {
    return this.#known.get(id)?.whose;
  }

  /**
   * Their owner may change them from now on, or takes them away.
   * @param {string} whose
   */
  forget(whose) {
    for (const [id, each] of this.#known) if (each.whose === whose) this.#known.delete(id);
  }

  /**
   * Checks that they are as their owners left them.
   * @param {ReadonlyMap<string, CloudDevice>} devices  Of our team, by id.
   */
  check(devices) {
    for (const [id, { device, whose }] of this.#known) {
      const found = devices.get(id);
      const what =
        found === undefined
          ? "was deleted"
          : found.publicKey !== device.publicKey
            ? "got another key"
            : !sameTags(found.tags, device.tags)
              ? `got the tags ${found.tags.join(" ")}`
              : found.name !== device.name
                ? `got the name ${found.name}`
                : undefined;
      if (what === undefined) continue;
      this.problems.push(`device ${id} of ${whose} ${what}`);
      this.#known.delete(id);
    }
  }
}
