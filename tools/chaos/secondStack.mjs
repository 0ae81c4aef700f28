// Another stack of the same team, which declares devices of the first one.

import { fleetFiles, PROJECT_FILES } from "./files.mjs";
import { publicKeyOf } from "./ownKeys.mjs";
import { rowsIn } from "./state.mjs";

const WHOSE = "the second stack";
const LIMIT_SECONDS = 60;

export class SecondStack {
  /**
   * @param {import("./world.mjs").World} world
   * @param {import("./stack.mjs").Stack} stack
   */
  constructor(world, stack) {
    this.world = world;
    this.stack = stack;
  }

  /**
   * @param {import("./world.mjs").World} world
   * @param {import("./stack.mjs").Stack} stack
   */
  static async make(world, stack) {
    stack.write(PROJECT_FILES);
    await stack.init();
    return new SecondStack(world, stack);
  }

  /**
   * Runs `up` with these devices and one of its own. What its state has then is nobody else's business.
   * @param {readonly string[]} ids
   */
  async up(ids) {
    this.world.strangers.forget(WHOSE);
    this.stack.write(await fleetFiles(fleetOf([...ids, "second-0"]), this.world));
    await this.stack.run(["up", "--yes", "--skip-preview"], { limitSeconds: LIMIT_SECONDS });
    const devices = await this.world.cloud.devices();
    for (const { id, certificate } of rowsIn(this.stack.savedState()).values()) {
      const device = devices.get(id);
      if (device === undefined || certificate === undefined) continue;
      if (device.publicKey === publicKeyOf(certificate)) this.world.strangers.add(device, WHOSE);
    }
  }

  /** Deletes its devices. @returns {Promise<string | undefined>} Why it could not. */
  async destroy() {
    this.world.strangers.forget(WHOSE);
    for (let tries = 1; ; tries++) {
      const { code, output } = await this.stack.run(["destroy", "--yes", "--skip-preview"], {
        limitSeconds: LIMIT_SECONDS,
      });
      if (code === 0) return undefined;
      if (tries === 2) return output;
    }
  }
}

/**
 * @param {readonly string[]} ids
 * @returns {import("./fleet.mjs").Fleet}
 */
function fleetOf(ids) {
  const devices = ids.map((id) => ({
    id,
    tags: [],
    name: undefined,
    credential: /** @type {const} */ ("issued"),
    key: 1,
    adopt: undefined,
  }));
  const group = {
    name: "second",
    tags: ["second"],
    subType: undefined,
    naming: undefined,
    firmwareTypes: [],
  };
  return { validityDays: 365, groups: [{ ...group, devices }], program: [], jitp: [], claims: [], rules: [] };
}
