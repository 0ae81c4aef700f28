// The bench where just-in-time devices are flashed with what the state has for them, and switched on.

import { createRequire } from "node:module";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { objectOf, parse, textOf } from "./json.mjs";

/** @type {(path: string) => unknown} */
const load = createRequire(import.meta.url);
const { simulateDevice } = /** @type {typeof import("../../emulator/simulator/device.js")} */ (
  load("../../dist/emulator/simulator/device.js")
);

const LOOK_MS = 150;

/** A device is only flashed with a certificate that the saved state has: one that was lost with its run is on no device. */
export class Bench {
  /** Every private key that was ever written for flashing. @type {Set<string>} */
  keys = new Set();
  /** @type {Map<string, { certificate: string, device: import("../../emulator/simulator/device.js").SimulatedDevice }>} */
  #devices = new Map();
  #timer;

  /**
   * @param {import("./stack.mjs").Stack} stack
   * @param {import("./cloud.mjs").Cloud} cloud
   */
  constructor(stack, cloud) {
    this.stack = stack;
    this.cloud = cloud;
    this.#timer = setInterval(() => {
      this.#flash();
    }, LOOK_MS);
  }

  async close() {
    clearInterval(this.#timer);
    await Promise.all([...this.#devices.values()].map(({ device }) => device.close()));
  }

  #flash() {
    const waiting = this.#identities().filter(
      ({ clientId, certificate }) => this.#devices.get(clientId)?.certificate !== certificate,
    );
    if (waiting.length === 0) return;
    const saved = new Set(this.stack.savedState().map(({ outputs }) => outputs.certificate));
    for (const { clientId, certificate, cert, key } of waiting.filter((each) =>
      saved.has(each.certificate),
    )) {
      void this.#devices.get(clientId)?.device.close();
      const { host, port, caCert: ca } = this.cloud.broker;
      const device = simulateDevice({
        host,
        port,
        ca,
        clientId,
        cert,
        key,
        retryAfterMs: 200,
        giveUpAfterMs: 600_000,
      });
      // It may be refused for as long as it is on.
      device.reached("connected").catch(() => undefined);
      this.#devices.set(clientId, { certificate, device });
    }
  }

  #identities() {
    const folder = path.join(this.stack.project, "flash");
    return namesIn(folder).map((name) => {
      const { clientId, certificate, cert, key } = objectOf(
        parse(readFileSync(path.join(folder, name), "utf8")),
      );
      this.keys.add(String(key));
      return {
        clientId: String(clientId),
        certificate: textOf(certificate) ?? "",
        cert: String(cert),
        key: String(key),
      };
    });
  }
}

/** @param {string} folder */
function namesIn(folder) {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json") && !name.startsWith("."));
  } catch {
    return [];
  }
}
