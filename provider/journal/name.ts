import { digest, Seal } from "./seal.js";

/** Identifies a log: each table and key has one. */
export interface LogName {
  readonly project: string;
  readonly stack: string;
  readonly set: string;
  /** 32 bytes, base64. Secret. */
  readonly key: string;
}

/** A log, its next version during a rewrite, and its locks. Other files in the folder are never read or removed. */
const PATTERN = /^((?:[a-z0-9_%~-]*\.){1,3}([0-9a-f]{8}))\.(?:log|new|lock(?:\.[a-z0-9-]+)*)$/;

/** File systems limit the length of names. */
const MAX_CHARACTERS = 160;

export function logFileName({ project, stack, set, key }: LogName): string {
  const name = [project, stack, set].map(escaped).join(".");
  // A shortened name is unique by its digest, and marked by a character that no other name has.
  const short =
    name.length <= MAX_CHARACTERS
      ? name
      : `${name.slice(0, MAX_CHARACTERS - 33)}~${digest(name).slice(0, 32)}`;
  return `${short}.${Seal.idOf(key)}.log`;
}

/** The path of a log's lock or next version. */
export function siblingOf(file: string, ending: "lock" | "new"): string {
  return file.replace(/log$/, ending);
}

/** The files of the logs of a key, each with its lock. */
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

/** Escapes capitals too, since on some file systems names that differ only in case are the same file. */
function escaped(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}
