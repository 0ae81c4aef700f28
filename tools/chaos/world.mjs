// All that one run is about: its plan, an emulated nRF Cloud, a stack, and the bench where devices are flashed.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Bench } from "./bench.mjs";
import { Cloud } from "./cloud.mjs";
import { fleetFiles, PROJECT_FILES } from "./files.mjs";
import { Ledger } from "./ledger.mjs";
import { OwnKeys } from "./ownKeys.mjs";
import { everyFleet, planOf } from "./plan.mjs";
import { Stack } from "./stack.mjs";

/** In seconds: nobody has ten minutes for a job that hangs, and the emulator is never slow but on purpose. */
const DEADLINES = {
  NRF_CLOUD_REQUEST_TIMEOUT: "20",
  NRF_CLOUD_READBACK_TIMEOUT: "30",
  NRF_CLOUD_BULK_TIMEOUT: "20",
};

export class World {
  ledger = new Ledger();
  keys = new OwnKeys();
  /** Ids of all that a saved state ever had. @type {Set<string>} */
  saved = new Set();
  /** Attestation tokens by UUID. @type {ReadonlyMap<string, string>} */
  tokens = new Map();

  /**
   * @param {import("./plan.mjs").Plan} plan
   * @param {{ folder: string, cloud: Cloud, stack: Stack }} parts
   */
  constructor(plan, { folder, cloud, stack }) {
    this.plan = plan;
    this.folder = folder;
    this.cloud = cloud;
    this.stack = stack;
    this.bench = new Bench(stack, cloud);
  }

  /**
   * A world as it is before the first operation, with the devices in the account that are there already.
   * @param {number} seed
   * @param {string} bin  Folder of the Pulumi CLI.
   */
  static async make(seed, bin) {
    const plan = planOf(seed);
    const folder = mkdtempSync(path.join(tmpdir(), `nrfcloud-chaos-${seed}-`));
    const cloud = await Cloud.start(plan);
    const answered = () => cloud.answered;
    const env = { ...cloud.env, ...DEADLINES };
    const stack = new Stack({ folder, bin, passphrase: plan.passphrase, env, answered });
    const world = new World(plan, { folder, cloud, stack });
    for (const resident of [...plan.residents, ...plan.bystanders]) {
      await cloud.settle(resident, (await world.keys.of("certificate", resident.id, 0)).pem);
    }
    const uuids = everyFleet(plan).flatMap(({ claims }) => claims.flatMap((group) => group.uuids));
    world.tokens = await cloud.tokens(new Set(uuids));
    stack.write(PROJECT_FILES);
    await stack.init();
    await world.observeKeys(undefined);
    return world;
  }

  /**
   * Writes a fleet down.
   * @param {import("./fleet.mjs").Fleet} fleet
   */
  async declare(fleet) {
    this.stack.write(await fleetFiles(fleet, this));
  }

  /**
   * Looks which keys devices have now.
   * @param {import("./fleet.mjs").Fleet | undefined} declared  `undefined` before anything was declared.
   */
  async observeKeys(declared) {
    const saved = this.stack.savedState();
    for (const { id } of saved) if (id !== undefined) this.saved.add(id);
    this.ledger.observe({
      devices: await this.cloud.devices(),
      saved,
      outputs: this.stack.ran.map(({ output }) => output),
      declared,
    });
  }

  async close() {
    await this.bench.close();
    await this.cloud.stop();
  }
}
