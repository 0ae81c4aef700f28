// An emulated nRF Cloud for one run, and what its admin API shows of it.

import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { listOf, objectOf, parse, textOf, textsOf } from "./json.mjs";
import { publicKeyOf } from "./ownKeys.mjs";

/** @type {(path: string) => unknown} */
const load = createRequire(import.meta.url);
const { startEmulator } = /** @type {typeof import("../../emulator/index.js")} */ (
  load("../../dist/emulator/index.js")
);

const OURS = "5b7a2f5e-0c1d-4f6e-9a64-1f3d0c7a9e11";
const OTHERS = "c0ffee00-7e57-4a11-8bad-57a9e12b0b02";
const OTHER_KEY = "key-of-another-team";

/**
 * @typedef {object} CloudDevice
 * @property {string} id
 * @property {string | undefined} team
 * @property {string} name
 * @property {string[]} tags
 * @property {string | undefined} subType
 * @property {string | undefined} fingerprint  Of its certificate.
 * @property {string | undefined} publicKey
 *
 * @typedef {{ id: string, team: string | undefined, tags: string[] }} Claim
 * @typedef {{ kind: string, fired: number }} Fired
 *
 * @typedef {object} Account
 * @property {Map<string, CloudDevice>} devices  Of our team, by id.
 * @property {string[]} unowned  Ids of devices on the platform that nobody owns.
 * @property {Map<string, Claim>} claims  Of our team by attestation token, by UUID.
 * @property {{ name: string, description: string }[]} rules  Our team's provisioning rules.
 */

export class Cloud {
  #emulator;
  #counted = 0;
  #answered = 0;

  /**
   * @param {import("../../emulator/index.js").Emulator} emulator
   * @param {readonly string[]} log  Every request that was answered, in a line each.
   */
  constructor(emulator, log) {
    this.#emulator = emulator;
    this.log = log;
  }

  /**
   * @param {import("./plan.mjs").Plan} plan
   * @returns {Promise<Cloud>}
   */
  static async start({ apiKey, delays }) {
    /** @type {string[]} */
    const log = [];
    const emulator = await startEmulator({
      ...delays,
      mqttPort: 0,
      jitpDelayMs: 200,
      teams: [
        { tenantId: OURS, name: "Chaos", apiKeys: [{ key: apiKey, role: "owner" }] },
        { tenantId: OTHERS, name: "Others", apiKeys: [{ key: OTHER_KEY, role: "owner" }] },
      ],
      log: (line) => log.push(line),
    });
    return new Cloud(emulator, log);
  }

  /** How many requests of the API were answered. */
  get answered() {
    for (; this.#counted < this.log.length; this.#counted++) {
      if (/^[A-Z]+ \/(v1|provisioning)\//.test(this.log[this.#counted] ?? "")) this.#answered++;
    }
    return this.#answered;
  }

  /** What a shell needs to work with it. */
  get env() {
    return {
      NRF_CLOUD_ENDPOINT: this.#emulator.url,
      NRF_CLOUD_IDENTITY_ENDPOINT: this.#emulator.identityUrl,
      NRF_CLOUD_API_KEY: this.#emulator.apiKey,
    };
  }

  get broker() {
    const { mqtt } = this.#emulator;
    if (mqtt === undefined) throw new Error("the emulator runs without a broker");
    return mqtt;
  }

  /** The devices of our team now, by id; asked of the admin API, which knows no faults. */
  async devices() {
    const all = await this.#allDevices();
    return new Map(all.filter(({ team }) => team === OURS).map((each) => [each.id, each]));
  }

  /** All that is there now. To be asked when the faults are over. @returns {Promise<Account>} */
  async account() {
    const claims = (await this.#allClaims()).filter(({ team }) => team === OURS);
    const list = await this.#ask("GET", `${this.#emulator.identityUrl}/provisioning-rules?pageLimit=100`);
    return {
      devices: await this.devices(),
      unowned: (await this.#allDevices()).filter(({ team }) => team === undefined).map(({ id }) => id),
      claims: new Map(claims.map((each) => [each.id, each])),
      rules: listOf(objectOf(list).items).map((rule) => {
        const { name, description } = objectOf(rule);
        return { name: String(name), description: String(description) };
      }),
    };
  }

  /**
   * Attestation tokens of devices with these UUIDs, by UUID.
   * @param {Iterable<string>} uuids
   * @returns {Promise<Map<string, string>>}
   */
  async tokens(uuids) {
    /** @type {Map<string, string>} */
    const tokens = new Map();
    for (const deviceUuid of uuids) {
      const minted = listOf(objectOf(await this.#admin("POST", "identity/tokens", { deviceUuid })).items);
      tokens.set(deviceUuid, textOf(objectOf(minted[0]).token) ?? "");
    }
    return tokens;
  }

  /**
   * Puts a device into our account, as somebody did long before.
   * @param {import("./fleet.mjs").Resident} resident
   * @param {string} certificate
   */
  async settle({ id, tags, name, subType }, certificate) {
    await this.#ask("POST", `${this.#emulator.url}/devices/${id}`, {
      certificate,
      tags,
      ...(subType === undefined ? {} : { subType }),
    });
    if (name !== undefined) await this.#admin("PATCH", `devices/${id}`, { name });
  }

  /**
   * Somebody else of our team onboards a device, also while faults happen.
   * @param {{ id: string, tags: string[] }} device
   * @param {string} certificate
   * @returns {Promise<CloudDevice | undefined>}  `undefined` where somebody else was first.
   */
  async onboardByHand({ id, tags }, certificate) {
    const wanted = publicKeyOf(certificate);
    for (let tries = 0; tries < 20; tries++) {
      await this.#ask("POST", `${this.#emulator.url}/devices/${id}`, { certificate, tags }).catch(
        () => undefined,
      );
      const found = (await this.#allDevices()).find((each) => each.id === id);
      if (found !== undefined) return found.team === OURS && found.publicKey === wanted ? found : undefined;
    }
    return undefined;
  }

  /** Takes a device out of the account, whatever faults there are. @param {string} id */
  async remove(id) {
    await this.#admin("DELETE", `devices/${id}`);
  }

  /** Lists lag behind, and may show a device that is gone. @param {string} id */
  async #removeIfThere(id) {
    try {
      await this.remove(id);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("HTTP 404"))) throw error;
    }
  }

  /**
   * Takes devices and claims out of our account, as somebody does by hand. To be asked when the faults are over.
   * @param {readonly string[]} ids
   */
  async removeByHand(ids) {
    const { url, identityUrl } = this.#emulator;
    const claims = new Set((await this.#allClaims()).filter(({ team }) => team === OURS).map(({ id }) => id));
    const justInTime = await this.#justInTime();
    const devices = await this.devices();
    for (const id of ids) {
      if (claims.has(id)) await this.#ask("DELETE", `${identityUrl}/claimed-devices/${id}`);
      else if (justInTime.has(id)) await this.#ask("DELETE", `${url}/association/${id}`);
      else if (devices.has(id)) await this.#removeIfThere(id);
    }
    // Reads lag behind.
    await sleep(500);
  }

  /** Deletes a provisioning rule, as somebody does by hand. @param {string} name */
  async removeRule(name) {
    const rules = `${this.#emulator.identityUrl}/provisioning-rules`;
    const { items } = objectOf(await this.#ask("GET", `${rules}?pageLimit=100`));
    for (const rule of listOf(items)) {
      const { id, name: present } = objectOf(rule);
      if (present === name) await this.#ask("DELETE", `${rules}/${String(id)}`);
    }
    await sleep(500);
  }

  /** Waits until no bulk job is under way any more, but for those that never end. */
  async jobsEnded() {
    for (let i = 0; i < 60; i++) {
      // A fault of the run may hit this request as well.
      const list = await this.#ask("GET", `${this.#emulator.url}/bulk-ops-requests?pageLimit=100`).catch(
        () => undefined,
      );
      const statuses =
        list === undefined
          ? ["PENDING"]
          : listOf(objectOf(list).items).map((job) => textOf(objectOf(job).status));
      if (!statuses.some((status) => status === "PENDING" || status === "IN_PROGRESS")) return;
      await sleep(100);
    }
  }

  async #justInTime() {
    const { items } = objectOf(await this.#admin("GET", "jitp"));
    return new Set(listOf(items).map((item) => textOf(objectOf(item).deviceId)));
  }

  /** @param {import("./faults.mjs").FaultPlan} plan */
  async setFaults(plan) {
    await this.#admin("PUT", "faults", plan);
  }

  /** Ends the faults, and tells how often each kind fired. @returns {Promise<Fired[]>} */
  async endFaults() {
    const { rules } = objectOf(await this.#admin("GET", "faults"));
    await this.#admin("DELETE", "faults");
    return listOf(rules).map((rule) => {
      const { fault, fired } = objectOf(rule);
      return { kind: String(objectOf(fault).kind), fired: Number(fired) };
    });
  }

  /** Has the other team give back what it took: devices and claims. @returns {Promise<string[]>} Their ids. */
  async giveBack() {
    const { url, identityUrl } = this.#emulator;
    const claims = (await this.#allClaims()).filter(({ team }) => team === OTHERS);
    for (const { id } of claims)
      await this.#ask("DELETE", `${identityUrl}/claimed-devices/${id}`, undefined, OTHER_KEY);
    const justInTime = await this.#justInTime();
    const devices = (await this.#allDevices()).filter(({ team }) => team === OTHERS);
    for (const { id } of devices) {
      if (justInTime.has(id)) await this.#ask("DELETE", `${url}/association/${id}`, undefined, OTHER_KEY);
      else await this.#admin("DELETE", `devices/${id}`);
    }
    return [...claims, ...devices].map(({ id }) => id);
  }

  async stop() {
    await this.#emulator.close();
  }

  /** @returns {Promise<CloudDevice[]>} */
  async #allDevices() {
    return listOf(objectOf(await this.#admin("GET", "devices")).items).map((item) => {
      const { id, tenantId, name, tags, subType, certificate, publicKey } = objectOf(item);
      return {
        id: String(id),
        team: textOf(tenantId),
        name: String(name),
        tags: textsOf(tags),
        subType: textOf(subType),
        fingerprint: textOf(objectOf(certificate).fingerprint),
        publicKey: textOf(publicKey),
      };
    });
  }

  /** @returns {Promise<Claim[]>} */
  async #allClaims() {
    return listOf(objectOf(await this.#admin("GET", "identity/claims")).items).map((item) => {
      const { id, ownerId, tags } = objectOf(item);
      return { id: String(id), team: textOf(ownerId), tags: textsOf(tags) };
    });
  }

  /**
   * @param {string} method
   * @param {string} name
   * @param {unknown} [body]
   */
  #admin(method, name, body) {
    return this.#ask(method, `${this.#emulator.adminUrl}/${name}`, body);
  }

  /**
   * @param {string} method
   * @param {string} url
   * @param {unknown} [body]
   * @param {string} [key]
   * @returns {Promise<unknown>}
   */
  async #ask(method, url, body, key = this.#emulator.apiKey) {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${new URL(url).pathname}: HTTP ${response.status} ${text}`);
    return text === "" ? undefined : parse(text);
  }
}
