// The resources in a stack's state, and the rows of their tables.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { listOf, objectOf, parse, textOf } from "./json.mjs";

/** @type {(path: string) => unknown} */
const load = createRequire(import.meta.url);
const { Fields } = /** @type {typeof import("../../provider/engine/fields.js")} */ (
  load("../../dist/provider/engine/fields.js")
);
const { decodeSetState } = /** @type {typeof import("../../provider/reconcile/table/state.js")} */ (
  load("../../dist/provider/reconcile/table/state.js")
);
const { keyPem } = /** @type {typeof import("../../provider/pki/pack.js")} */ (
  load("../../dist/provider/pki/pack.js")
);

/**
 * @typedef {{ urn: string, type: string, name: string, id: string | undefined, outputs: Record<string, unknown> }} StateResource
 *
 * @typedef {object} StateRow  What a state has of a device or claim.
 * @property {string} id
 * @property {boolean} isThere  Whether it is in the account, as far as the state knows.
 * @property {string | undefined} certificate
 * @property {string | undefined} privateKey  `undefined` as well where secrets are encrypted.
 * @property {string} outcome
 */

/**
 * The state in the text of a file of a backend, as it can be imported; `undefined` where there is none.
 * @param {string | undefined} text
 */
export function deploymentIn(text) {
  const latest = text === undefined ? undefined : objectOf(objectOf(parse(text)).checkpoint).latest;
  return latest === undefined || latest === null ? undefined : objectOf(latest);
}

/**
 * What the file of a backend holds, secrets encrypted; `undefined` where there is no file yet.
 * @param {string} file
 */
export function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Those in what `pulumi stack export --show-secrets` prints, secrets in clear.
 * @param {string} text
 * @returns {StateResource[]}
 */
export function exportedResources(text) {
  return resourcesIn(objectOf(objectOf(parse(text)).deployment));
}

/**
 * @param {Record<string, unknown>} deployment
 * @returns {StateResource[]}
 */
export function resourcesIn(deployment) {
  return listOf(deployment.resources).map((resource) => {
    const { urn, type, id, outputs } = objectOf(resource);
    return {
      urn: String(urn),
      type: String(type),
      name: String(urn).split("::").at(-1) ?? "",
      id: textOf(id),
      outputs: Object.fromEntries(
        Object.entries(objectOf(outputs)).map(([name, value]) => [name, plain(value)]),
      ),
    };
  });
}

/**
 * The rows of all tables, be they sets or resources of one row, by device id.
 * @param {readonly StateResource[]} resources
 * @returns {Map<string, StateRow>}
 */
export function rowsIn(resources) {
  return new Map(resources.flatMap(rowsOf).map((row) => [row.id, row]));
}

/**
 * @param {StateResource} resource
 * @returns {StateRow[]}
 */
function rowsOf({ type, id, outputs }) {
  if (type.endsWith("/nrfcloud:DeviceSet")) {
    const { records } = decodeSetState(new Fields(outputs));
    return [...records].map(([each, { row, certificate, privateKey, outcome }]) => ({
      id: each,
      isThere: row !== undefined && outcome.kind !== "waiting",
      certificate,
      privateKey: privateKey === undefined ? undefined : keyPem(privateKey),
      outcome: outcome.kind,
    }));
  }
  if (!type.endsWith("/nrfcloud:Device") || id === undefined) return [];
  return [
    {
      id,
      isThere: outputs.line !== undefined,
      certificate: textOf(outputs.certificate),
      privateKey: textOf(outputs.privateKey),
      outcome: textOf(objectOf(outputs.outcome).kind) ?? "done",
    },
  ];
}

/**
 * Secrets are exported as an envelope around JSON text.
 * @param {unknown} value
 */
function plain(value) {
  const text = textOf(objectOf(value).plaintext);
  return text === undefined ? value : parse(text);
}
