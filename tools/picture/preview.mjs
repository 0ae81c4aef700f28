// What `pulumi preview --json` prints for a fleet, made up: for pictures and tests with more devices than a real engine
// is worth starting for. Its steps have the shape of real ones.

import { deflateRawSync } from "node:zlib";

const STACK = "urn:pulumi:production::acme";
const PROVIDER = `${STACK}::pulumi:providers:pulumi-nodejs::default::7f7f5b4c-19a4-4f6e-8a35-1f4a6a4ab5a0`;
const CA = "a168718a814db5d7830a40e5e1af55b57292d7bafb53eda0aaff899384511f78";
/** Of CAs that were made for this, and whose keys nobody has. */
const CERTIFICATE =
  "-----BEGIN CERTIFICATE-----\n" +
  "MIIBsjCCAVigAwIBAgIQYI3+VVAFKXUYjgsfz/Z65zAKBggqhkjOPQQDAjAnMQ0w\n" +
  "CwYDVQQKDARBY21lMRYwFAYDVQQDDA1BY21lIEZpZWxkIENBMB4XDTE3MDEyNDA4\n" +
  "MDAwMFoXDTI3MDEyMjA4MDAwMFowJzENMAsGA1UECgwEQWNtZTEWMBQGA1UEAwwN\n" +
  "QWNtZSBGaWVsZCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLPEiTIONd+0\n" +
  "QRCK5Khblz98ifhU+9aLg708YyGA1RqW+47nyQUiIZxdtWGDHn/5QsU+KeSqLOkb\n" +
  "LPdq3P/xmiCjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQDAgEG\n" +
  "MB0GA1UdDgQWBBSX8b0TwZiUO+EjQf42drRn5xucTTAfBgNVHSMEGDAWgBSX8b0T\n" +
  "wZiUO+EjQf42drRn5xucTTAKBggqhkjOPQQDAgNIADBFAiBeGywHue6dIMB1Q1UM\n" +
  "7AhKFDmpxvGyxPv7470qc1LhKQIhAKC4ITFqMNe3m/U/3ZVxd2AeUHcBttXlrB/l\n" +
  "zAknYAP3\n" +
  "-----END CERTIFICATE-----\n";
const LAB_CERTIFICATE =
  "-----BEGIN CERTIFICATE-----\n" +
  "MIIBuDCCAV6gAwIBAgIQfl2JqoNZnJpRXS4InRoK5zAKBggqhkjOPQQDAjAqMQ0w\n" +
  "CwYDVQQKDARBY21lMRkwFwYDVQQDDBBBY21lIExhYiBDQSAyMDI1MB4XDTI1MDIw\n" +
  "MzA5MDAwMFoXDTM1MDIwMTA5MDAwMFowKjENMAsGA1UECgwEQWNtZTEZMBcGA1UE\n" +
  "AwwQQWNtZSBMYWIgQ0EgMjAyNTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEnx\n" +
  "IZMnVxo9fZnyRGVIByYV35EZuq1kEyaolo4bgWJC5fISwc+laOJkCBYOjSi17Jf0\n" +
  "alVcZvcOp1GZBPvFnnujZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/\n" +
  "BAQDAgEGMB0GA1UdDgQWBBQRrOcKbrQ9SBMd+0LE1DSCSwquDzAfBgNVHSMEGDAW\n" +
  "gBQRrOcKbrQ9SBMd+0LE1DSCSwquDzAKBggqhkjOPQQDAgNIADBFAiAtCx4XyUkz\n" +
  "KTG5+L9uE/qcsmAThttMcWfRSNX/mHm/7AIhAOiB1BsvIW+jwnEFGg03wcP1/8Ne\n" +
  "Ql0egFzzL8dlFWhi\n" +
  "-----END CERTIFICATE-----\n";
const LAB_CA = "0bbfc8a629e2890ca03e207638cc798181ce7b8732ae425ccd9c090005b34401";
/** What a preview has in place of a text that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * @typedef {Readonly<Record<string, unknown>>} Properties
 * @typedef {{ op: string, urn: string, oldState?: object, newState?: object, diffReasons?: string[], replaceReasons?: string[], detailedDiff: object | null }} Step
 */

/**
 * A step as the engine prints it.
 * @param {string} type
 * @param {string} name
 * @param {string} op
 * @param {{ before?: Properties, after?: Properties, outputs?: Properties, found?: Properties, id?: string, differ?: string[], state?: object }} what
 *   `outputs` are those of the state before beside its inputs, `found` those of the state after, as a refresh has them
 * @returns {Step}
 */
export function step(
  type,
  name,
  op,
  { before, after, outputs = {}, found, id = name, differ = [], state: more = {} },
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
    ...(after === undefined
      ? {}
      : { newState: found === undefined ? state(after, false) : { ...state(after, false), outputs: found } }),
    ...(differ.length === 0 ? {} : { diffReasons: differ.map((path) => path.split(/[.[]/)[0] ?? "") }),
    ...(op === "replace" ? { replaceReasons: differ.map((path) => path.split(/[.[]/)[0] ?? "") } : {}),
    detailedDiff:
      differ.length === 0
        ? null
        : Object.fromEntries(differ.map((path) => [path, { kind: "update", inputDiff: true }])),
  };
}

/**
 * What becomes of a device of a set: its lines before and after, as they are reached and declared.
 * @typedef {{ before?: string, after?: string, record?: object, failed?: string }} Row
 * `record` is what the state has beside the line, as in `provider/reconcile/table/packRecords.ts`
 */

/**
 * A step on a set of devices.
 * @param {Readonly<Record<string, Row>>} rows by device id
 * @param {{ name?: string, op?: string, before?: Properties, after?: Properties, outputs?: Properties, state?: object, differ?: string[] }} [what]
 *   more inputs before and after
 */
export function deviceSet(
  rows,
  { name = "fleet", op = "update", before = {}, after = {}, outputs = {}, state = {}, differ = [] } = {},
) {
  const all = Object.entries(rows);
  /** @param {"before" | "after"} side @param {Properties} more */
  const inputs = (side, more) => ({
    name,
    devices: Object.fromEntries(
      all.flatMap(([id, row]) => (row[side] === undefined ? [] : [[id, row[side]]])),
    ),
    journalKey: "[secret]",
    ...more,
  });
  /** @type {[string, object][]} */
  const records = all.flatMap(([id, { before: line, record, failed }]) =>
    line === undefined && record === undefined && failed === undefined ? [] : [[id, record ?? MADE]],
  );
  /** @type {[string, string][]} */
  const failures = all.flatMap(([id, { failed }]) => (failed === undefined ? [] : [[id, failed]]));
  const reached = {
    records: packed(Object.fromEntries(records)),
    certificates: "",
    privateKeys: "[secret]",
    revision: 4,
    team: "5b7a2f5e-0c1d-4f6e-9a64-1f3d0c7a9e11",
    ...(failures.length === 0 ? {} : { failed: Object.fromEntries(failures) }),
    ...outputs,
  };
  return step("DeviceSet", name, op, {
    ...(op === "create" ? {} : { before: inputs("before", before) }),
    ...(op === "delete" ? {} : { after: inputs("after", after) }),
    outputs: reached,
    state,
    differ: [
      ...differ,
      ...all.flatMap(([id, row]) => (row.before === row.after || op !== "update" ? [] : [`devices.${id}`])),
    ],
  });
}

/**
 * What a refresh finds of a set.
 * @param {Readonly<Record<string, { was: string, is?: string, record?: object, found?: object }>>} rows
 */
export function refreshedSet(rows) {
  const all = Object.entries(rows);
  const [was, is] = [
    Object.fromEntries(all.map(([id, row]) => [id, row.was])),
    Object.fromEntries(all.flatMap(([id, row]) => (row.is === undefined ? [] : [[id, row.is]]))),
  ];
  const same = all.every(([, row]) => row.was === row.is && row.found === undefined);
  return step("DeviceSet", "fleet", same ? "refresh" : "update", {
    before: { name: "fleet", devices: was },
    after: { name: "fleet", devices: is },
    outputs: { records: packed(Object.fromEntries(all.map(([id, { record }]) => [id, record ?? MADE]))) },
    found: {
      name: "fleet",
      devices: is,
      records: packed(
        Object.fromEntries(all.map(([id, { record, found }]) => [id, found ?? record ?? MADE])),
      ),
    },
  });
}

/** What the state has of a device with a certificate of the lab's CA. */
const SIGNED = {
  createdAt: "2025-03-01T09:30:00.000Z",
  validUntil: "2035-01-10T09:30:00Z",
  issuedWith: { ca: LAB_CA.slice(0, 16), validityDays: 3650 },
};

/** What the state has of a device that was onboarded. */
const MADE = { createdAt: "2026-01-12T09:30:00.000Z", validUntil: "2036-01-10T09:30:00Z" };

/** @param {object} records */
function packed(records) {
  return deflateRawSync(JSON.stringify(records)).toString("base64");
}

/**
 * A device as a resource of its own, to which something happens.
 * @param {string} deviceId
 * @param {string} op
 * @param {{ before?: Properties, after?: Properties, line?: string, differ?: string[], outputs?: Properties, state?: object }} what
 *   properties beside id and credential; `line` is how it was reached
 */
export function device(deviceId, op, { before, after, line = "", differ, outputs = {}, state = {} }) {
  /** @param {Properties} properties */
  const declared = (properties) => ({ deviceId, credential: {}, caCertificate: CERTIFICATE, ...properties });
  return step("Device", deviceId, op, {
    ...(before === undefined ? {} : { before: declared(before) }),
    ...(after === undefined ? {} : { after: declared(after) }),
    ...(differ === undefined ? {} : { differ }),
    state,
    outputs: { ...MADE, line, certificate: CERTIFICATE, privateKey: "[secret]", revision: 1, ...outputs },
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
 * A change to a fleet of 8,000: about 3,000 devices change in ten ways, and a CA is replaced.
 * @param {string} [caEnds] when its CA ends, ISO 8601 without fractions
 */
export function largeChange(caEnds = "2027-01-22T08:00:00Z") {
  const tracker = "subType=tracker tags=sensors firmware=APP,MODEM";
  const winter = "subType=tracker tags=sensors,winter-trial firmware=APP,MODEM";
  const towns = ["Oslo", "Bergen", "Tromsø", "Bodø"];
  /** @param {readonly string[]} all @param {(id: string) => Row} rowOf @returns {[string, Row][]} */
  const each = (all, rowOf) => all.map((id) => [id, rowOf(id)]);
  /** @param {string} line @returns {Row} */
  const same = (line) => ({ before: line, after: line });
  const rows = Object.fromEntries([
    ...each(ids("sensor-", 0, 1800, 4), () => ({ before: tracker, after: winter })),
    ...each(ids("sensor-", 1800, 2200, 4), () => same(tracker)),
    ...each(ids("sensor-", 4000, 900, 4), (id) => ({ after: `${winter} name="Sensor ${id}"` })),
    ...each(ids("lab-", 0, 120, 3), (id) => ({
      before: `tags=lab name="Lab ${id}"`,
      after: `tags=lab name="${towns[Number(id.slice(4)) % 4] ?? ""} bench ${id.slice(4)}"`,
    })),
    ...each(ids("rack-3-slot-", 1, 24, 2), () => ({ before: "subType=tracker", after: "subType=gateway" })),
    ...each([...ids("proto-", 10, 38, 3), "proto-077", "spare-kit"], (id) => ({
      before: `tags=prototype name="Prototype ${id}"`,
    })),
    ...each(ids("field-", 0, 200, 4), () => same("tags=field generation=2025")),
    ...each(ids("field-", 200, 60, 4), () => ({
      before: "tags=field generation=2025",
      after: "tags=field generation=2026",
    })),
    ...each(ids("meter-", 0, 2600, 4), () => same("subType=meter tags=grid")),
    ...each(ids("nrf-3526561000", 200, 45, 5), () => ({ before: "via=jitp tags=kits" })),
    ...each(ids("3a7e5f10-4b2c-4d8e-9f00-00000000", 1000, 12, 4), () => ({ before: "via=attestation" })),
  ]);
  const ca = { caCertificate: CERTIFICATE, caPrivateKey: "[secret]", maxDeletes: "5%" };
  const lab = { caPrivateKey: "[secret]" };
  const benches = Object.fromEntries(
    ids("bench-", 1, 12, 2).map((id) => [
      id,
      { before: "tags=bench protect", after: "tags=bench protect", record: SIGNED },
    ]),
  );
  return preview(
    [
      deviceSet(rows, { before: ca, after: ca }),
      deviceSet(benches, {
        name: "benches",
        before: { ...lab, caCertificate: LAB_CERTIFICATE },
        after: { ...lab, caCertificate: UNKNOWN },
      }),
      step("CaCertificate", "lab-ca", "replace", {
        id: LAB_CA,
        before: { subject: { commonName: "Acme Lab CA 2025", organization: "Acme" }, validityDays: 3650 },
        after: { subject: { commonName: "Acme Lab CA 2026", organization: "Acme" }, validityDays: 3650 },
        differ: ["subject.commonName"],
        outputs: {
          commonName: "Acme Lab CA 2025",
          certificate: LAB_CERTIFICATE,
          privateKey: "[secret]",
          validUntil: "2035-02-01T09:00:00Z",
        },
      }),
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
      unchanged: 2,
      diagnostics: [
        {
          message: `CA Acme Field CA: expires at ${caEnds}, and device certificates can't be valid for longer. Declare another CA as \`nextCa\`, and rotate the devices to it in time.\n\n`,
          severity: "info",
        },
      ],
    },
  );
}

/** What GitHub sets, for the commit and the run. */
export const CI = {
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "acme/fleet",
  GITHUB_RUN_ID: "1187245",
  GITHUB_RUN_NUMBER: "318",
  GITHUB_SHA: "4f2a91c07be3d5586a1c9e20f7d4b8a6305c1e9d",
};
