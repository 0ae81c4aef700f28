/** The lines between the provider and a signer: docs/signer.md describes them for those who write one. */

/** Longer than any answer can be. */
export const LONGEST_LINE = 1024;

/** @param digest SHA-256 */
export function requestLine(id: string, digest: Buffer): string {
  return `${id} ${digest.toString("base64")}\n`;
}

export interface Line {
  readonly id: string;
  readonly bytes: Buffer;
}

/** A request or an answer; `undefined` where it is neither. */
export function parseLine(line: string): Line | undefined {
  const [, id, base64] = /^(\d{1,15}) ([A-Za-z0-9+/]+={0,2})$/.exec(line.trimEnd()) ?? [];
  if (id === undefined || base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64") === base64 ? { id, bytes } : undefined;
}

/** Puts what arrives in pieces together to lines. */
export class Lines {
  #rest = "";

  /** The lines that are complete now, without their ends. */
  add(piece: string): string[] {
    const lines = `${this.#rest}${piece}`.split("\n");
    this.#rest = lines.pop() ?? "";
    return lines;
  }

  /** What has no end yet. */
  get rest(): string {
    return this.#rest;
  }
}
