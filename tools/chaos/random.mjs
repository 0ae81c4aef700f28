// Decisions from a seed: the same seed makes the same decisions, whatever the machine.

import { uniformInt } from "pure-rand/distribution/uniformInt";
import { mersenne } from "pure-rand/generator/mersenne";

/** A stream of decisions. Neighboring seeds have nothing in common. */
export class Random {
  #generator;

  /** @param {number} seed */
  constructor(seed) {
    this.#generator = mersenne(seed);
  }

  /**
   * A whole number, both ends included.
   * @param {number} least
   * @param {number} most
   */
  integer(least, most) {
    return uniformInt(this.#generator, least, most);
  }

  /** @param {number} probability */
  chance(probability) {
    return this.integer(1, 1_000_000) <= probability * 1_000_000;
  }

  /**
   * One of these.
   * @template T
   * @param {readonly T[]} items  At least one.
   * @returns {T}
   */
  pick(items) {
    const item = items[this.integer(0, items.length - 1)];
    if (item === undefined) throw new Error("there is nothing to choose from");
    return item;
  }

  /**
   * So many of these, in their order.
   * @template T
   * @param {readonly T[]} items
   * @param {number} count
   * @returns {T[]}
   */
  some(items, count) {
    const left = [...items];
    while (left.length > count) left.splice(this.integer(0, left.length - 1), 1);
    return left;
  }

  /**
   * One of these names, each as often as its weight says.
   * @template {string} Name
   * @param {Readonly<Partial<Record<Name, number>>>} weights
   * @returns {Name}
   */
  weighted(weights) {
    const entries = /** @type {[Name, number][]} */ (Object.entries(weights));
    let left = this.integer(
      1,
      entries.reduce((sum, [, weight]) => sum + weight, 0),
    );
    for (const [name, weight] of entries) {
      left -= weight;
      if (left <= 0) return name;
    }
    throw new Error("there is nothing to choose from");
  }

  /**
   * So many hexadecimal digits.
   * @param {number} digits
   */
  hex(digits) {
    return Array.from({ length: digits }, () => this.integer(0, 15).toString(16)).join("");
  }

  /** In small letters. */
  uuid() {
    return [8, 4, 4, 4, 12].map((digits) => this.hex(digits)).join("-");
  }
}
