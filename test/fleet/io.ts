import { expect } from "vitest";
import type { Fleet } from "../../provider/fleet/fleet.js";
import { loadFleet, resolveFleet } from "../../provider/fleet/load.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import type { FleetIo } from "../../provider/fleet/sources/io.js";
import { decodeToken } from "../../provider/resources/fleetContents.js";

export type Texts = Readonly<Record<string, string>>;

/** By path: text, or bytes that may mean anything. */
export type Files = Readonly<Record<string, string | Buffer>>;

/** The two lines that every fleet file begins with, and a CA. What follows begins on line 4. */
export const opening = "apiVersion: nrfcloud.dev/v1\nkind: Fleet\nca: { subject: { commonName: Test CA } }\n";

/** As `opening`, without a CA. What follows begins on line 3. */
export const openingWithoutCa = "apiVersion: nrfcloud.dev/v1\nkind: Fleet\n";

/** Files and environment variables held in memory; what isn't there fails as the file system would. */
export function memoryIo(files: Files, env: Texts = {}): FleetIo {
  const read = (path: string): Buffer => {
    const content = files[path];
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
    return Buffer.from(content);
  };
  return {
    readBytes: (path) => read(path),
    checkReadable: (path) => void read(path),
    env: (name) => env[name],
    // What is inside of credentials is for contents.test.ts; elsewhere they are made up.
    contents: {
      decodeToken,
      checkCredential: () => undefined,
      detectOtherFormat: () => undefined,
      checkCa: () => undefined,
    },
  };
}

export function load(text: string, files: Files = {}, env: Texts = {}): Fleet {
  return loadFleet("fleet.yaml", memoryIo({ ...files, "fleet.yaml": text }, env));
}

/** Every problem of a fleet file, a line each; empty if it is fine. */
export function problemsOf(text: string, files: Files = {}, env: Texts = {}): string[] {
  return linesOf(() => load(text, files, env));
}

export function problemsOfObject(definition: unknown, files: Files = {}, env: Texts = {}): string[] {
  return linesOf(() => resolveFleet(definition, memoryIo(files, env)));
}

function linesOf(attempt: () => Fleet): string[] {
  try {
    attempt();
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(FleetFileError);
    return error instanceof FleetFileError ? error.message.split("\n") : [];
  }
}

/** A PEM block that nobody has parsed yet; `seed` makes it differ from others. */
export function pem(label: string, seed = "0"): string {
  return `-----BEGIN ${label}-----\n${Buffer.from(`content ${seed}`).toString("base64")}\n-----END ${label}-----\n`;
}
