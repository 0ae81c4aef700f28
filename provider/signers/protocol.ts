/** The protocol between the provider and a signer. docs/signer.md describes it for authors of signers. */

/** Above the length of any answer. */
export const LONGEST_LINE = 1024;

/** @param digest SHA-256 */
export function requestLine(id: string, digest: Buffer): string {
  return `${id} ${digest.toString("base64")}\n`;
}

export interface Line {
  readonly id: string;
  readonly bytes: Buffer;
}

/** Parses a request or an answer; `undefined` for anything else. */
export function parseLine(line: string): Line | undefined {
  const [, id, base64] = /^(\d{1,15}) ([A-Za-z0-9+/]+={0,2})$/.exec(line.trimEnd()) ?? [];
  if (id === undefined || base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64") === base64 ? { id, bytes } : undefined;
}

/** Splits a stream of chunks into lines. */
export class Lines {
  #rest = "";

  /** Adds a chunk, and returns the lines that are complete now, without line ends. */
  add(piece: string): string[] {
    const lines = `${this.#rest}${piece}`.split("\n");
    this.#rest = lines.pop() ?? "";
    return lines;
  }

  /** The incomplete last line. */
  get rest(): string {
    return this.#rest;
  }
}
