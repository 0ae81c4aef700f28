// A random sequence of what somebody does with a fleet, and what happens to them meanwhile.

import { afterDestroy, changeInPlace, randomChange } from "./changes.mjs";

/**
 * @typedef {import("./fleet.mjs").Fleet} Fleet
 * @typedef {import("./random.mjs").Random} Random
 *
 * @typedef {{ requests: number, thenMs: number }} Moment
 *   Once nRF Cloud has answered so many requests of the command, and a while later.
 *
 * @typedef {"kill engine" | "kill all" | "kill provider" | "interrupt" | "interrupt twice"} Stop
 *   `kill engine`: kill -9 of the CLI's process group, which leaves the plugins to find out. `kill all`: of every process, as
 *   by a power cut. `interrupt`: SIGINT, as by Ctrl-C.
 *
 * @typedef {object} Operation
 * @property {"up" | "refresh" | "destroy"} command
 * @property {{ how: Stop, when: Moment } | undefined} stop
 * @property {string | undefined} change  What was changed in the fleet before, for people to read.
 * @property {Fleet} declared  The fleet as it is declared when the command runs.
 */

/**
 * @param {Random} random
 * @param {Fleet} fleet  The fleet that is declared first.
 * @returns {{ operations: Operation[], declared: Fleet }}  `declared`: the fleet as it is declared in the end.
 */
export function randomOperations(random, fleet) {
  /** @type {Operation[]} */
  const operations = [];
  let declared = fleet;
  const length = random.integer(2, 4);
  for (let i = 0; i < length; i++) {
    // Before the first `up` there is nothing to look at, and after it an `up` without a change is over too soon to stop it.
    const kind = random.weighted(
      i === 0
        ? { up: 4, upStopped: 6 }
        : {
            up: 1,
            change: 5,
            changeStopped: 6,
            refresh: 2,
            destroy: 2,
            destroyStopped: 1,
            takenBackStopped: 4,
          },
    );
    const before = declared;
    /** @type {string | undefined} */
    let change;
    if (kind === "change" || kind === "changeStopped") {
      const changed = randomChange(random, declared, String(i));
      change = changed.description;
      declared = changed.fleet;
    }
    if (kind === "takenBackStopped") {
      const changed = changeInPlace(random, declared, String(i));
      change = `for now: ${changed.description}`;
      declared = changed.fleet;
    }
    const command = kind === "refresh" ? "refresh" : kind.startsWith("destroy") ? "destroy" : "up";
    operations.push({
      command,
      stop: kind.endsWith("Stopped") ? randomStop(random, i === 0 ? 14 : 8) : undefined,
      change,
      declared,
    });
    if (kind === "takenBackStopped") declared = before;
    if (command === "destroy") declared = afterDestroy(random, declared, String(i));
  }
  return { operations, declared };
}

/**
 * @param {Random} random
 * @param {number} atMost  Requests before it.
 * @returns {{ how: Stop, when: Moment }}
 */
function randomStop(random, atMost) {
  return {
    how: random.weighted({
      "kill engine": 3,
      "kill all": 3,
      "kill provider": 2,
      interrupt: 3,
      "interrupt twice": 2,
    }),
    when: { requests: random.integer(0, atMost), thenMs: random.integer(0, 400) },
  };
}

/**
 * An operation in a few words.
 * @param {Operation} operation
 */
export function described({ command, stop, change }) {
  return [
    change === undefined ? "" : `(${change}) `,
    command,
    stop === undefined ? "" : `, ${stop.how} after ${stop.when.requests} requests + ${stop.when.thenMs} ms`,
  ].join("");
}
