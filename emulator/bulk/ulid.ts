import { randomBytes } from "node:crypto";

/** Crockford's alphabet. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A universally unique, lexicographically sortable identifier: 48 bits of time, 80 random bits. */
export function ulid(time: number): string {
  let value = (BigInt(time) << 80n) | BigInt(`0x${randomBytes(10).toString("hex")}`);
  const characters: string[] = [];
  for (let position = 0; position < 26; position++) {
    characters.unshift(alphabet.charAt(Number(value & 31n)));
    value >>= 5n;
  }
  return characters.join("");
}
