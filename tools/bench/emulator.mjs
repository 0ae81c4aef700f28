// An emulated nRF Cloud in a process of its own, and what it counted.

import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { root } from "../setup.mjs";
import { atExit } from "./atExit.mjs";

export const API_KEY = "bench-api-key";

/**
 * @typedef {{ id: string, tags: string[] }} Device
 * @typedef {{ total: number, bytesIn: number, bytesOut: number, routes: Record<string, { count: number }> }} Counted
 * @typedef {{ total: number, bytesIn: number, bytesOut: number, routes: Record<string, number> }} Traffic
 *   Requests, in all and by route (`GET /v1/devices`), and bytes of their bodies.
 * @typedef {object} Emulator
 * @property {string} endpoint  URL of the API, with its version.
 * @property {() => Promise<Record<string, unknown>>} settings
 * @property {() => Promise<Device[]>} devices  Those in the account, at once.
 * @property {() => Promise<void>} forgetTraffic
 * @property {() => Promise<Traffic>} traffic  Since it was forgotten.
 * @property {() => void} stop
 */

/**
 * Starts an emulator that keeps its state in memory, on a free port.
 * @param {string[]} options  More options of its command line.
 * @returns {Promise<Emulator>}
 */
export async function startEmulator(options) {
  const child = spawn(
    process.execPath,
    [
      path.join(root, "dist", "emulator", "main.js"),
      ...["--port", "0", "--mqtt-port", "0", "--api-key", API_KEY],
      ...options,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const stop = atExit(() => child.kill("SIGKILL"));
  const line = await firstLine(child);
  const endpoint = /http:\S+/.exec(line)?.[0];
  if (endpoint === undefined) throw new Error(`The emulator did not say where it listens, but: ${line}`);

  /** @type {(method: string, name: string) => Promise<unknown>} */
  const admin = async (method, name) => {
    const response = await fetch(new URL(`/_emulator/${name}`, endpoint), { method });
    if (!response.ok) throw new Error(`${method} /_emulator/${name}: HTTP ${response.status}`);
    const text = await response.text();
    /** @type {unknown} */
    const answer = text === "" ? undefined : JSON.parse(text);
    return answer;
  };
  return {
    endpoint,
    stop,
    settings: async () => /** @type {Record<string, unknown>} */ (await admin("GET", "settings")),
    devices: async () => /** @type {{ items: Device[] }} */ (await admin("GET", "devices")).items,
    forgetTraffic: async () => {
      await admin("DELETE", "requests");
    },
    traffic: async () => {
      const counted = /** @type {Counted} */ (await admin("GET", "requests"));
      /** @type {Record<string, number>} */
      const routes = {};
      for (const [route, { count }] of Object.entries(counted.routes)) routes[route] = count;
      return { ...counted, routes };
    },
  };
}

/**
 * The first line that a process prints. @throws Error when it ends without one
 * @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, null>} child
 * @returns {Promise<string>}
 */
function firstLine(child) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", () => {
      reject(new Error("The emulator did not start."));
    });
  });
}
