// The bench where just-in-time devices are flashed with what the state has for them, and switched on.

import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

/** @type {(path: string) => unknown} */
const load = createRequire(import.meta.url);
const { simulateDevice } = /** @type {typeof import("../../emulator/simulator/device.js")} */ (
  load("../../dist/emulator/simulator/device.js")
);

/** A device that is not connected by then may be refused for as long as it is on. */
const CONNECTS_MS = 3_000;

/** A device is only flashed with a certificate that the saved state has: one that was lost with its run is on no device. */
export class Bench {
  /** @type {Map<string, { certificate: string, device: import("../../emulator/simulator/device.js").SimulatedDevice }>} */
  #devices = new Map();

  /** @param {import("./cloud.mjs").Cloud} cloud */
  constructor(cloud) {
    this.cloud = cloud;
  }

  /**
   * Flashes devices and waits until they are connected, or a while.
   * @param {Iterable<import("./state.mjs").StateRow>} rows  Of the state, secrets in clear.
   * @param {ReadonlySet<string>} ids  Of the just-in-time devices.
   */
  async flash(rows, ids) {
    const { host, port, caCert: ca } = this.cloud.broker;
    const connecting = [...rows].flatMap(({ id: clientId, certificate, privateKey: key }) => {
      if (!ids.has(clientId) || certificate === undefined || key === undefined) return [];
      if (this.#devices.get(clientId)?.certificate === certificate) return [];
      void this.#devices.get(clientId)?.device.close();
      const identity = { clientId, cert: certificate, key };
      const device = simulateDevice({
        host,
        port,
        ca,
        ...identity,
        retryAfterMs: 200,
        giveUpAfterMs: 600_000,
      });
      this.#devices.set(clientId, { certificate, device });
      return [device.reached("connected").catch(() => undefined)];
    });
    if (connecting.length > 0) await Promise.race([Promise.all(connecting), sleep(CONNECTS_MS)]);
  }

  async close() {
    await Promise.all([...this.#devices.values()].map(({ device }) => device.close()));
  }
}
