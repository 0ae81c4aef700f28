// Reads what the output of a run says about devices.

/** The provider's messages on devices that it does not change. */
export const TAKEN = "The account has these devices already, and the state of this stack does not";
export const REPLACED = "created others under their ids";
export const DOUBT = "nothing proves it";
export const OLDER = "the state is older";
/** The provider's message on devices in the journal. */
export const RESUMED = "An interrupted run began to change these devices";

const RANGE = /([\w-]*)\{(\d+)\.\.(\d+)\}([\w-]*)/g;

/**
 * Whether a text names a device, be it within a range such as `lab-{0..4}`.
 * @param {string} text
 * @param {string} id
 */
export function names(text, id) {
  if (new RegExp(`(?<![\\w-])${id}(?![\\w-])`).test(text)) return true;
  return [...text.matchAll(RANGE)].some(([, head = "", from = "", to = "", tail = ""]) => {
    if (!id.startsWith(head) || !id.endsWith(tail)) return false;
    const middle = id.slice(head.length, id.length - tail.length);
    return /^\d+$/.test(middle) && Number(middle) >= Number(from) && Number(middle) <= Number(to);
  });
}

/**
 * Those of some devices of which a text says something, such as `2 devices (lab-1, lab-3): nothing proves it`.
 * @param {string} text
 * @param {string} what
 * @param {Iterable<string>} ids
 * @returns {string[]}
 */
export function saidOf(text, what, ids) {
  const lists = [...text.matchAll(/\d devices? \(([^()]*)\): /g)].flatMap(
    ({ index, 1: list = "" }, i, all) => {
      const whole = text.slice(index, all[i + 1]?.index);
      // A refusal of devices in doubt says so at the end of its text.
      const said = what === DOUBT ? whole : whole.split("\n", 2).join("\n");
      return said.includes(what) ? [list] : [];
    },
  );
  return [...ids].filter((id) => lists.some((list) => names(list, id)));
}
