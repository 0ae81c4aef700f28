// The parts of one run: its plan, an emulated nRF Cloud, a stack, perhaps a second stack, and the bench that flashes devices.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Bench } from "./bench.mjs";
import { Cloud } from "./cloud.mjs";
import { expectedClaims, expectedDevices } from "./expected.mjs";
import { fleetFiles, PROJECT_FILES } from "./files.mjs";
import { Ledger } from "./ledger.mjs";
import { fingerprintOf, OwnKeys } from "./ownKeys.mjs";
import { everyFleet, planOf } from "./plan.mjs";
import { OLDER, saidOf } from "./messages.mjs";
import { SecondStack } from "./secondStack.mjs";
import { Stack } from "./stack.mjs";
import { rowsIn } from "./state.mjs";
import { Strangers } from "./strangers.mjs";

/** In seconds: nobody has ten minutes for a job that hangs, and the emulator is never slow but on purpose. */
const DEADLINES = {
  NRF_CLOUD_REQUEST_TIMEOUT: "20",
  NRF_CLOUD_READBACK_TIMEOUT: "15",
  NRF_CLOUD_BULK_TIMEOUT: "10",
};

export class World {
  ledger = new Ledger();
  keys = new OwnKeys();
  strangers = new Strangers();
  /** Ids of all devices that a saved state ever had. @type {Set<string>} */
  saved = new Set();
  /** Ids of what was declared and in no state when the journal or a state was lost: whose it is, nobody can know. @type {Set<string>} */
  adrift = new Set();
  /** Devices whose keys in the state did not fit then, which a run can't know. @type {Set<string>} */
  unfit = new Set();
  /** Private keys that states had. @type {Set<string>} */
  privateKeys = new Set();
  /** Attestation tokens by UUID. @type {ReadonlyMap<string, string>} */
  tokens = new Map();
  /** @type {SecondStack | undefined} */
  second;
  /** Number of the first command after the state was rolled back. @type {number | undefined} */
  #rolledBackAt;
  #lostJournal = false;
  /** @type {import("./fleet.mjs").Fleet | undefined} */
  #declared;
  /** @type {Set<string>} */
  #everDeclared = new Set();

  /**
   * @param {import("./plan.mjs").Plan} plan
   * @param {{ folder: string, cloud: Cloud, stack: Stack, bin: string }} parts
   */
  constructor(plan, { folder, cloud, stack, bin }) {
    this.plan = plan;
    this.folder = folder;
    this.cloud = cloud;
    this.stack = stack;
    this.bin = bin;
    this.bench = new Bench(cloud);
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
    const world = new World(plan, { folder, cloud, stack: stackIn(folder, plan, cloud, bin), bin });
    for (const resident of [...plan.residents, ...plan.bystanders]) {
      await cloud.settle(resident, (await world.keys.of("certificate", resident.id, 0)).pem);
    }
    const uuids = everyFleet(plan).flatMap(({ claims }) => claims.flatMap((group) => group.uuids));
    world.tokens = await cloud.tokens(new Set(uuids));
    world.stack.write(PROJECT_FILES);
    await world.stack.init();
    await world.observe();
    return world;
  }

  /** Whether the journal was lost or torn, or the state rolled back, so that runs can't know all that was done. */
  get lostSomething() {
    return this.#lostJournal || this.#rolledBackAt !== undefined;
  }

  /** The saved state's rows, by device id. */
  get rows() {
    return rowsIn(this.stack.savedState());
  }

  /**
   * Writes a fleet down.
   * @param {import("./fleet.mjs").Fleet} fleet
   */
  async declare(fleet) {
    this.#declared = fleet;
    for (const id of [...expectedDevices(fleet, []).keys(), ...expectedClaims(fleet).keys()])
      this.#everDeclared.add(id);
    this.stack.write(await fleetFiles(fleet, this));
  }

  /** Records the present devices and their keys. */
  async observe() {
    for (const [id, { isThere }] of this.rows) if (isThere) this.saved.add(id);
    const devices = await this.cloud.devices();
    this.strangers.check(devices);
    this.ledger.observe({ devices, strangers: this.strangers, declared: this.#declared });
    // What no state has and the journal may not know is recertified again, as it is declared.
    if (this.lostSomething) this.ledger.removed(this.#toBeRecertified());
  }

  #toBeRecertified() {
    const { rows } = this;
    const devices = this.#declared?.groups.flatMap((group) => group.devices) ?? [];
    return devices
      .filter(({ id, adopt }) => adopt === "recertify" && rows.get(id)?.isThere !== true)
      .map(({ id }) => id);
  }

  /**
   * The journal is lost, or parts of it.
   * @param {{ inPart: boolean }} how  What is left of it may know a device, which shows by the certificate that it has of it only.
   */
  async lostTrack({ inPart }) {
    this.#lostJournal = true;
    await this.#noteMisfits();
    this.#drift(inPart ? this.#bringingTheirOwn() : new Set());
  }

  #bringingTheirOwn() {
    const devices = this.#declared === undefined ? [] : [...expectedDevices(this.#declared, [])];
    const own = devices.filter(
      ([
        ,
        {
          credential: { kind },
        },
      ]) => kind === "certificate" || kind === "publicKey",
    );
    return new Set(own.map(([id]) => id));
  }

  /**
   * Puts the state of so many commands ago in the place of the present one. Gives whether there was one.
   * @param {number} back
   */
  async rollBack(back) {
    if (!(await this.stack.rollBack(back))) return false;
    this.#rolledBackAt ??= this.stack.ran.length;
    // Only the journal could tell which keys of an older state do not fit.
    if (this.#lostJournal) await this.#noteMisfits();
    this.#drift();
    return true;
  }

  /** @param {ReadonlySet<string>} [known] */
  #drift(known = new Set()) {
    const { rows } = this;
    for (const id of this.#everDeclared)
      if (rows.get(id)?.isThere !== true && !known.has(id)) this.adrift.add(id);
    this.ledger.forget();
  }

  /** Remembers the devices that have another certificate than the saved state has for them. */
  async #noteMisfits() {
    await this.cloud.jobsEnded();
    const { rows } = this;
    for (const device of (await this.cloud.devices()).values()) {
      const certificate = rows.get(device.id)?.certificate;
      const fits = certificate === undefined || fingerprintOf(certificate) === device.fingerprint;
      if (!fits && !this.strangers.has(device)) this.unfit.add(device.id);
    }
  }

  /** Devices of which a run has said since the state was rolled back that their keys may not fit. */
  get namedAsOlder() {
    const said = this.stack.ran.slice(this.#rolledBackAt ?? Infinity).map(({ output }) => output);
    return new Set(said.flatMap((output) => saidOf(output, OLDER, this.#everDeclared)));
  }

  /**
   * Runs `up` of another stack of the team, which declares these devices and one of its own.
   * @param {readonly string[]} ids
   */
  async runSecond(ids) {
    const folder = path.join(this.folder, "second");
    this.second ??= await SecondStack.make(this, stackIn(folder, this.plan, this.cloud, this.bin));
    await this.second.up(ids);
  }

  /** Flashes the just-in-time devices with what the state has for them. */
  async flash() {
    const ids = new Set(
      everyFleet(this.plan).flatMap(({ jitp }) => jitp.flatMap(({ devices }) => devices.map(({ id }) => id))),
    );
    if (ids.size > 0) await this.bench.flash((await this.exportedRows()).values(), ids);
  }

  /** The state's rows with secrets in clear, by device id. */
  async exportedRows() {
    const rows = rowsIn(await this.stack.exported());
    for (const { privateKey } of rows.values())
      if (privateKey !== undefined) this.privateKeys.add(privateKey);
    return rows;
  }

  async close() {
    await this.bench.close();
    await this.cloud.stop();
  }
}

/**
 * @param {string} folder
 * @param {import("./plan.mjs").Plan} plan
 * @param {Cloud} cloud
 * @param {string} bin
 */
function stackIn(folder, { passphrase }, cloud, bin) {
  const env = { ...cloud.env, ...DEADLINES };
  return new Stack({ folder, bin, passphrase, env, answered: () => cloud.answered });
}
