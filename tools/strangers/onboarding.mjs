// What users do with nrfcloud-utils and memfault-cli, step by step. Throws at the first step with an unexpected result.

import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "./expect.mjs";

/** @typedef {import("./tools.mjs").Tools} Tools */
/** @typedef {import("./account.mjs").Account} Account */

/** What one bulk file holds at most. */
const MANY = 1000;

const ONBOARDING_TAG = "nrf-cloud-onboarding";

/**
 * @typedef {object} Work
 * @property {Tools} tools
 * @property {Account} account
 * @property {string} folder
 * @property {string} apiKey
 * @property {(line: string) => void} step
 */

/**
 * Fills an account.
 * @param {Work} work
 * @returns {Promise<{ devices: string[], claimed: string[] }>} what the account must hold now
 */
export async function fillAccount(work) {
  const { step } = work;
  step("nrfcloud-utils: a CA, and 4 devices with sub-type and tags …");
  const ca = createCa(work);
  const few = onboardFew(work, ca);
  step(`nrfcloud-utils: ${MANY} rows, some of them bad …`);
  const many = onboardMany(work, ca);
  step("nrfcloud-utils: claims, and claim and provision, with provisioning tags …");
  const claimed = [...(await claimByFile(work)), ...(await claimAndProvision(work))];
  step("memfault-cli: devices by their certificates, and by their attestation tokens …");
  const byMemfault = createByCertificate(work, ca);
  const byToken = await createByToken(work);
  await work.account.online([...claimed, ...byToken]);
  return {
    devices: [...few, ...many, ...claimed, ...byMemfault, ...byToken].sort(),
    claimed: [...claimed, ...byToken].sort(),
  };
}

/** @type {(work: Work) => string[]} */
function createCa({ tools, folder }) {
  expect(tools.nordic("create_ca_cert", []), 0);
  const file = (/** @type {string} */ ending) =>
    readdirSync(folder).find((name) => name.endsWith(ending)) ?? "";
  return ["--ca", file("_ca.pem"), "--ca-key", file("_prv.pem")];
}

/** @type {(work: Work, ca: string[], file: string, ids: string[]) => void} */
function createCredentials({ tools }, ca, file, ids) {
  expect(
    tools.nordic(
      "create_device_credentials",
      [...ca, "--csv", file, "--path", "keys", "--cn", "{id}"],
      ids.join("\n"),
    ),
    0,
  );
}

const numbered = (/** @type {string} */ prefix, /** @type {number} */ count) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(4, "0")}`);

/** Changes what a file of the tool says. @type {(work: Work, file: string, change: (text: string) => string) => void} */
function edit({ folder }, file, change) {
  const name = path.join(folder, file);
  writeFileSync(name, change(readFileSync(name, "utf8")));
}

/** @type {(work: Work, ca: string[]) => string[]} */
function onboardFew(work, ca) {
  const ids = numbered("few", 4);
  createCredentials(work, ca, "few.csv", ids);
  edit(work, "few.csv", (text) => text.replaceAll(/^(few-\d+),,,,/gm, "$1,tracker,barn|east,APP|MODEM,"));
  expect(work.tools.nordic("nrf_cloud_onboard", ["--api-key", work.apiKey, "--csv", "few.csv"]), 0);
  return ids;
}

/** @type {(work: Work, ca: string[]) => string[]} */
function onboardMany(work, ca) {
  const ids = numbered("many", MANY);
  createCredentials(work, ca, "many.csv", ids);
  edit(work, "many.csv", (text) =>
    text
      .replaceAll(/^(many-\d+),,,,/gm, "$1,sensor,field,,")
      // The certificate of another device, an id that is there already, and an id twice in the file.
      .replace(/^many-0007,/m, "wrong-0007,")
      .replace(/^many-0400,/m, "few-0001,")
      .replace(/^many-0999,/m, "many-0001,"),
  );
  const options = ["--api-key", work.apiKey, "--csv", "many.csv", "--res", "many-result.csv"];
  work.tools.nordic("nrf_cloud_onboard", options);
  const result = readFileSync(path.join(work.folder, "many-result.csv"), "utf8");
  if (!result.includes("Error count,3")) {
    throw new Error(`3 of the rows are bad, but the tool reports:\n${result.slice(0, 500)}`);
  }
  return ids.filter((id) => !["many-0007", "many-0400", "many-0999"].includes(id));
}

/** @type {(work: Work) => Promise<string[]>} */
async function claimByFile({ tools, account, folder, apiKey }) {
  const devices = await account.tokens(3);
  writeFileSync(path.join(folder, "attestation_tokens.csv"), devices.map(({ row }) => `${row}\n`).join(""));
  const tags = ["--provisioning-tags", `${ONBOARDING_TAG},barn`];
  expect(
    tools.nordic("claim_devices", ["--api-key", apiKey, "--plain", ...tags]),
    0,
    "3 of 3 devices claimed",
  );
  return devices.map(({ deviceId }) => deviceId);
}

/** @type {(work: Work) => Promise<string[]>} */
async function claimAndProvision({ tools, account, folder, apiKey }) {
  const [device] = await account.tokens(1);
  if (device === undefined) throw new Error("The emulator gave no attestation token.");
  appendFileSync(path.join(folder, "attestation_tokens.csv"), `${device.row}\n`);
  const options = ["--api-key", apiKey, "--plain", "--cmd-type", "at", "--attest", device.token];
  const tags = ["--provisioning-tags", ONBOARDING_TAG];
  expect(tools.nordic("claim_and_provision_device", [...options, ...tags]), 0);
  return [device.deviceId];
}

/** @type {(work: Work, ca: string[]) => string[]} */
function createByCertificate(work, ca) {
  const ids = numbered("org", 4);
  createCredentials(work, ca, "org.csv", ids);
  edit(work, "org.csv", (text) => text.replace(/^org-0002,/m, "few-0002,"));
  const { status, output } = work.tools.memfault([
    "device",
    "create",
    "--csv",
    "org.csv",
    "--res",
    "org-result.csv",
  ]);
  if (status === 0 || !output.includes("1 of 4 device(s) failed to create")) {
    throw new Error(`One of 4 rows is bad, but memfault-cli says:\n${output}`);
  }
  return ids.filter((id) => id !== "org-0002");
}

/** @type {(work: Work) => Promise<string[]>} */
async function createByToken({ tools, account, folder }) {
  const devices = await account.tokens(2);
  const rows = devices.map(({ deviceId, token }) => `${deviceId},${token}\n`);
  writeFileSync(path.join(folder, "tokens.csv"), ["deviceId,attestationToken\n", ...rows].join(""));
  appendFileSync(path.join(folder, "attestation_tokens.csv"), devices.map(({ row }) => `${row}\n`).join(""));
  expect(tools.memfault(["device", "create", "--csv", "tokens.csv"]), 0, "Created 2 device(s)");
  return devices.map(({ deviceId }) => deviceId);
}
