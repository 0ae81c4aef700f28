import { digest, Seal } from "./seal.js";

/** Which log: one a table and key. */
export interface LogName {
  readonly project: string;
  readonly stack: string;
  readonly set: string;
  /** 32 bytes, base64. Secret. */
  readonly key: string;
}

/** A log, its next version while it is rewritten, and its lock. Nothing else in the folder is ever read or removed. */
const PATTERN = /^((?:[a-z0-9_%~-]*\.){1,3}([0-9a-f]{8}))\.(?:log|new|lock(?:\.[a-z0-9-]+)*)$/;

/** A longer name is cut, so that file systems take it. */
const MOST_CHARACTERS = 160;

export function logFileName({ project, stack, set, key }: LogName): string {
  const name = [project, stack, set].map(escaped).join(".");
  // A cut name has what no other has, and a digest of all of it.
  const short =
    name.length <= MOST_CHARACTERS
      ? name
      : `${name.slice(0, MOST_CHARACTERS - 33)}~${digest(name).slice(0, 32)}`;
  return `${short}.${Seal.idOf(key)}.log`;
}

/** Beside a log: its lock, or its next version. */
export function besideLog(file: string, ending: "lock" | "new"): string {
  return file.replace(/log$/, ending);
}

/** Of file names, those that belong to the logs of a key, each with the lock that guards it. */
export function filesOfKey(
  names: readonly string[],
  key: string,
): readonly { readonly name: string; readonly lockName: string }[] {
  const id = Seal.idOf(key);
  return names.flatMap((name) => {
    const [, log = "", keyId] = PATTERN.exec(name) ?? [];
    return keyId === id ? [{ name, lockName: `${log}.lock` }] : [];
  });
}

/** Capitals as well: file systems that take no notice of them would give two logs one file. */
function escaped(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}
