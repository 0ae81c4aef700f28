// Damage to an input, by chance.

/** @typedef {import("../chaos/random.mjs").Random} Random */

/** Bytes that mean something in one of the formats: DER tags and lengths, JSON, YAML, CSV, PEM, UTF-16. */
const telling = Buffer.concat([
  Buffer.from("00010203040506307f808184a0fffe", "hex"),
  Buffer.from("\n\r\t \"',;:-{}[]|&*!#=\\"),
]);

/** How long an input may become; what is longer is refused by its size anyway. */
const MOST_BYTES = 100_000;

/**
 * A damaged copy.
 * @param {Buffer} input
 * @param {readonly Buffer[]} others  Inputs to take pieces of.
 * @param {Random} random
 * @returns {Buffer}
 */
export function damaged(input, others, random) {
  let bytes = input;
  for (let left = random.integer(1, 4); left > 0; left--) bytes = damagedOnce(bytes, others, random);
  return bytes.subarray(0, MOST_BYTES);
}

/**
 * @param {Buffer} bytes
 * @param {readonly Buffer[]} others
 * @param {Random} random
 */
function damagedOnce(bytes, others, random) {
  const at = random.integer(0, bytes.length);
  const end = Math.min(bytes.length, at + random.integer(1, 16));
  const far = random.integer(at, bytes.length);
  const parts = (/** @type {Buffer[]} */ ...between) => Buffer.concat(between);
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (random.integer(0, 7)) {
    case 0:
      return parts(before, Buffer.of(random.integer(0, 255)), bytes.subarray(at + 1));
    case 1:
      return parts(before, Buffer.of(random.pick([...telling])), bytes.subarray(at + 1));
    case 2:
      return parts(before, Buffer.of(random.pick([...telling])), bytes.subarray(at));
    case 3:
      return parts(before, after);
    case 4:
      return parts(before, bytes.subarray(far));
    case 5:
      return parts(before, ...Array.from({ length: random.pick([2, 3, 50, 2_000]) }, () => piece), after);
    case 6: {
      const other = random.pick(others);
      const from = random.integer(0, other.length);
      return parts(before, other.subarray(from, random.integer(from, other.length)), bytes.subarray(at));
    }
    default:
      return before;
  }
}
