// What `pulumi preview --json` prints for a fleet, made up: for pictures and tests with more devices than a real engine
// is worth starting for. Its steps have the shape of real ones.

const STACK = "urn:pulumi:production::acme";
const PROVIDER = `${STACK}::pulumi:providers:pulumi-nodejs::default::7f7f5b4c-19a4-4f6e-8a35-1f4a6a4ab5a0`;
const CA = "9d1f7c1b5a0e4b6f8c2d3e4f5061728394a5b6c7d8e9f00112233445566778899".slice(0, 64);
const CERTIFICATE =
  "-----BEGIN CERTIFICATE-----\nMIIBGjCBwaADAgECAhBohR4ScwfTuUAVBpmUsrwUMAoGCCqGSM49BAMC\n-----END CERTIFICATE-----\n";

/**
 * @typedef {Readonly<Record<string, unknown>>} Properties
 * @typedef {{ op: string, urn: string, oldState?: object, newState?: object, diffReasons?: string[], replaceReasons?: string[], detailedDiff: object | null }} Step
 */

/**
 * A step as the engine prints it.
 * @param {string} type
 * @param {string} name
 * @param {string} op
 * @param {{ before?: Properties, after?: Properties, outputs?: Properties, id?: string, differ?: string[], state?: object }} what
 * @returns {Step}
 */
export function step(
  type,
  name,
  op,
  { before, after, outputs = {}, id = name, differ = [], state: more = {} },
) {
  const full = type.includes(":") ? type : `pulumi-nodejs:dynamic/nrfcloud:${type}`;
  const urn = `${STACK}::nrfcloud:index:Fleet$${full}::${name}`;
  /** @param {Properties} inputs @param {boolean} exists */
  const state = (inputs, exists) => ({
    urn,
    custom: true,
    ...(exists ? { id } : {}),
    type: full,
    inputs: {
      __provider: `exports.handler = () => require("pulumi-nrfcloud/dynamic/${type}.cjs");`,
      stack: "production",
      ...inputs,
    },
    ...(exists ? { outputs: { ...inputs, ...outputs } } : {}),
    parent: `${STACK}::nrfcloud:index:Fleet::fleet`,
    provider: PROVIDER,
    ...more,
  });
  return {
    op,
    urn,
    ...(before === undefined ? {} : { oldState: state(before, true) }),
    ...(after === undefined ? {} : { newState: state(after, false) }),
    ...(differ.length === 0 ? {} : { diffReasons: differ.map((path) => path.split(/[.[]/)[0] ?? "") }),
    ...(op === "replace" ? { replaceReasons: differ.map((path) => path.split(/[.[]/)[0] ?? "") } : {}),
    detailedDiff:
      differ.length === 0
        ? null
        : Object.fromEntries(differ.map((path) => [path, { kind: "update", inputDiff: true }])),
  };
}

/** Outputs of a device in state. */
const made = {
  certificate: CERTIFICATE,
  privateKey: "[secret]",
  createdAt: "2026-01-12T09:30:00.000Z",
  validUntil: "2036-01-10T09:30:00Z",
  team: "5b7a2f5e-0c1d-4f6e-9a64-1f3d0c7a9e11",
};

/**
 * A device to which something happens.
 * @param {string} deviceId
 * @param {string} op
 * @param {{ before?: Properties, after?: Properties, differ?: string[], validUntil?: string }} what properties beside id and credential
 */
export function device(deviceId, op, { before, after, differ, validUntil }) {
  /** @param {Properties} properties */
  const declared = (properties) => ({ deviceId, credential: { ca: CA }, ...properties });
  return step("Device", deviceId, op, {
    ...(before === undefined ? {} : { before: declared(before) }),
    ...(after === undefined ? {} : { after: declared(after) }),
    ...(differ === undefined ? {} : { differ }),
    outputs: validUntil === undefined ? made : { ...made, validUntil },
  });
}

/**
 * What the CLI prints.
 * @param {readonly Step[]} steps
 * @param {{ unchanged?: number, diagnostics?: readonly { message: string, severity: string, urn?: string }[] }} [more]
 */
export function preview(steps, { unchanged = 0, diagnostics = [] } = {}) {
  /** @type {Record<string, number>} */
  const changeSummary = { same: unchanged + 1 };
  for (const { op } of steps) changeSummary[op] = (changeSummary[op] ?? 0) + 1;
  const type = "pulumi:pulumi:Stack";
  const urn = `${STACK}::${type}::acme-production`;
  const stack = {
    op: "same",
    urn,
    oldState: { urn, custom: false, type },
    newState: { urn, custom: false, type },
    detailedDiff: null,
  };
  return `${JSON.stringify({ steps: [stack, ...steps], diagnostics, duration: 4_213_000_000, changeSummary }, null, 4)}\n`;
}

/** @param {string} prefix @param {number} from @param {number} count @param {number} digits */
export function ids(prefix, from, count, digits) {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(from + i).padStart(digits, "0")}`);
}

/**
 * A change to a fleet of 8,000: about 3,000 devices and claims, to which nine things happen.
 * @param {string} [caEnds] when its CA ends, ISO 8601 without fractions
 */
export function largeChange(caEnds = "2027-01-22T08:00:00Z") {
  const tracker = { subType: "tracker", tags: ["sensors"], firmwareTypes: ["APP", "MODEM"] };
  const winter = { ...tracker, tags: ["sensors", "winter-trial"] };
  return preview(
    [
      ...ids("sensor-", 0, 1800, 4).map((id) =>
        device(id, "update", { before: tracker, after: winter, differ: ["tags[1]"] }),
      ),
      ...ids("sensor-", 4000, 900, 4).map((id) =>
        device(id, "create", { after: { ...winter, name: `Sensor ${id}` } }),
      ),
      ...ids("lab-", 0, 120, 3).map((id) =>
        device(id, "update", {
          before: { tags: ["lab"], name: `Lab ${id}` },
          after: {
            tags: ["lab"],
            name: `${["Oslo", "Bergen", "Tromsø", "Bodø"][Number(id.slice(4)) % 4] ?? ""} bench ${id.slice(4)}`,
          },
          differ: ["name"],
        }),
      ),
      ...ids("rack-3-slot-", 1, 24, 2).map((id) =>
        device(id, "replace", {
          before: { subType: "tracker" },
          after: { subType: "gateway" },
          differ: ["subType"],
        }),
      ),
      ...[...ids("proto-", 10, 38, 3), "proto-077", "spare-kit"].map((id) =>
        device(id, "delete", { before: { tags: ["prototype"], name: `Prototype ${id}` } }),
      ),
      ...ids("field-", 200, 60, 4).map((id) =>
        step("Device", id, "update", {
          before: { deviceId: id, credential: { ca: CA, rotation: "2025" }, tags: ["field"] },
          after: { deviceId: id, credential: { ca: CA, rotation: "2026" }, tags: ["field"] },
          outputs: made,
          differ: ["credential.rotation"],
        }),
      ),
      ...ids("nrf-3526561000", 200, 45, 5).map((id) =>
        step("OwnershipClaim", id, "delete", {
          before: { deviceId: id, ownershipCode: "[secret]", tags: ["kits"] },
          outputs: {},
        }),
      ),
      ...ids("3a7e5f10-4b2c-4d8e-9f00-00000000", 1000, 12, 4).map((uuid) =>
        step("AttestationClaim", uuid, "delete", {
          before: { deviceUuid: uuid, token: "[secret]" },
          state: { retainOnDelete: true },
        }),
      ),
      step("CaCertificate", "fleet-ca", "update", {
        id: CA,
        before: { subject: { commonName: "Acme Field CA", organization: "Acme" }, earlyRenewalHours: 720 },
        after: { subject: { commonName: "Acme Field CA", organization: "Acme" }, earlyRenewalHours: 2160 },
        differ: ["earlyRenewalHours"],
        outputs: {
          commonName: "Acme Field CA",
          certificate: CERTIFICATE,
          privateKey: "[secret]",
          validUntil: caEnds,
        },
      }),
    ],
    {
      unchanged: 5001,
      diagnostics: [
        {
          message: `CA Acme Field CA: expires at ${caEnds} and should be renewed. Change its subject (a year in the common name, say) or take over a new one; device certificates can't outlive it.\n\n`,
          severity: "info",
        },
      ],
    },
  );
}
