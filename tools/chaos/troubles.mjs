// Other incidents of a stack, between two commands or during one.

/**
 * @typedef {import("./fleet.mjs").Fleet} Fleet
 * @typedef {import("./random.mjs").Random} Random
 *
 * @typedef {{ kind: "torn journal", how: "cut" | "damaged", share: number }} TornJournal
 *   `share`: from 0 to 1, where in its last log it is cut.
 * @typedef {{ kind: "rolled-back state", back: number }} RolledBackState  By so many commands.
 * @typedef {{ kind: "foreign devices", ids: string[], anew: boolean }} ForeignDevices
 *   Somebody else of the team onboards them by hand; with `anew` after they deleted those that are there.
 * @typedef {{ kind: "second stack", ids: string[] }} SecondStack  Another stack of the team that declares them runs `up`.
 * @typedef {TornJournal | { kind: "lost journal" } | RolledBackState | ForeignDevices | SecondStack} Trouble
 *
 * @typedef {object} PlannedTrouble
 * @property {number} before  Number of the operation before which it happens; that of none: when the faults are over.
 * @property {number | undefined} requests  While that operation runs, once nRF Cloud has answered so many of its requests.
 * @property {Trouble} trouble
 */

/**
 * @param {Random} random
 * @param {readonly import("./operations.mjs").Operation[]} operations
 * @param {Fleet} declared  In the end.
 * @returns {PlannedTrouble[]}
 */
export function randomTroubles(random, operations, declared) {
  const fleets = [...operations.map((operation) => operation.declared), declared];
  // nRF Cloud issues no second certificate for a just-in-time device, and the journal has no rules: both can't be recovered.
  const canLose = fleets.every(({ jitp, rules }) => jitp.length === 0 && rules.length === 0);
  const many = random.weighted({ none: 4, one: 9, two: 2 });
  return Array.from({ length: many === "none" ? 0 : many === "one" ? 1 : 2 }, () => {
    const kind = random.weighted({
      "foreign devices": 5,
      "second stack": 4,
      ...(canLose ? { "torn journal": 4, "lost journal": 3, "rolled-back state": 4 } : {}),
    });
    const isOfFiles = kind !== "foreign devices" && kind !== "second stack";
    const before = isOfFiles ? afterSome(random, operations) : random.integer(0, operations.length);
    const requests =
      !isOfFiles && before < operations.length && random.chance(0.5) ? random.integer(0, 12) : undefined;
    const trouble = randomTrouble(random, kind, fleets[before] ?? declared);
    return { before, requests, trouble };
  });
}

/**
 * The number of an operation that is not the first, preferably one after another that is stopped.
 * @param {Random} random
 * @param {readonly import("./operations.mjs").Operation[]} operations
 */
function afterSome(random, operations) {
  const afterStopped = operations.flatMap(({ stop }, i) => (stop === undefined ? [] : [i + 1]));
  return afterStopped.length > 0 && random.chance(0.7)
    ? random.pick(afterStopped)
    : random.integer(1, operations.length);
}

/**
 * @param {Random} random
 * @param {Trouble["kind"]} kind
 * @param {Fleet} fleet  As it is declared then.
 * @returns {Trouble}
 */
function randomTrouble(random, kind, { groups, program }) {
  const devices = groups.flatMap((group) => group.devices).filter(({ adopt }) => adopt === undefined);
  const ids = [...devices, ...program].map(({ id }) => id);
  switch (kind) {
    case "torn journal":
      return { kind, how: random.pick(["cut", "damaged"]), share: random.integer(0, 100) / 100 };
    case "lost journal":
      return { kind };
    case "rolled-back state":
      return { kind, back: random.integer(1, 2) };
    case "foreign devices":
      return {
        kind,
        ids: random.some(ids, Math.min(random.integer(1, 3), ids.length)),
        anew: random.chance(0.5),
      };
    case "second stack":
      return { kind, ids: random.some(ids, Math.min(random.integer(1, 3), ids.length)) };
  }
}

/**
 * A trouble in a few words.
 * @param {PlannedTrouble} planned
 */
export function describedTrouble({ requests, trouble }) {
  const when = requests === undefined ? "" : `, after ${requests} requests of`;
  switch (trouble.kind) {
    case "torn journal":
      return `journal ${trouble.how}${trouble.how === "cut" ? ` at ${trouble.share}` : ""}`;
    case "lost journal":
      return "journal lost";
    case "rolled-back state":
      return `state rolled back by ${trouble.back}`;
    case "foreign devices":
      return `somebody else onboards ${trouble.ids.join(" ")}${trouble.anew ? " anew" : ""}${when}`;
    case "second stack":
      return `up of a second stack with ${trouble.ids.join(" ")}${when}`;
  }
}
