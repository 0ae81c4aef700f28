import { expect } from "vitest";
import type { Fleet } from "../../provider/fleet/fleet.js";
import { loadFleet, resolveFleet } from "../../provider/fleet/load.js";
import { FleetFileError } from "../../provider/fleet/problems.js";
import type { FleetIo } from "../../provider/fleet/sources.js";
import { decodeToken } from "../../provider/resources/fleetContents.js";

export type Texts = Readonly<Record<string, string>>;

/** The two lines that every fleet file begins with, and a CA. What follows begins on line 4. */
export const opening = "apiVersion: nrfcloud.dev/v1\nkind: Fleet\nca: { subject: { commonName: Test CA } }\n";

/** As `opening`, without a CA. What follows begins on line 3. */
export const openingWithoutCa = "apiVersion: nrfcloud.dev/v1\nkind: Fleet\n";

/** Files and environment variables held in memory; what isn't there fails as the file system would. */
export function memoryIo(files: Texts, env: Texts = {}): FleetIo {
  const read = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
    return text;
  };
  return {
    readText: (path) => read(path),
    checkReadable: (path) => void read(path),
    env: (name) => env[name],
    // What is inside of credentials is for contents.test.ts; elsewhere they are made up.
    contents: { decodeToken, judgeCredential: () => undefined },
  };
}

export function load(text: string, files: Texts = {}, env: Texts = {}): Fleet {
  return loadFleet("fleet.yaml", memoryIo({ ...files, "fleet.yaml": text }, env));
}

/** Every problem of a fleet file, a line each; empty if it is fine. */
export function problemsOf(text: string, files: Texts = {}, env: Texts = {}): string[] {
  return linesOf(() => load(text, files, env));
}

export function problemsOfObject(definition: unknown, files: Texts = {}, env: Texts = {}): string[] {
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
