// The resources in a stack's state.

import { readFileSync } from "node:fs";
import { listOf, objectOf, parse, textOf } from "./json.mjs";

/**
 * @typedef {{ urn: string, type: string, name: string, id: string | undefined, outputs: Record<string, unknown> }} StateResource
 */

/**
 * Those in the file of a backend, secrets encrypted; none where there is no file yet.
 * @param {string} file
 * @returns {StateResource[]}
 */
export function savedResources(file) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return resourcesIn(objectOf(objectOf(objectOf(parse(text)).checkpoint).latest));
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
function resourcesIn(deployment) {
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
 * Secrets are exported as an envelope around JSON text.
 * @param {unknown} value
 */
function plain(value) {
  const text = textOf(objectOf(value).plaintext);
  return text === undefined ? value : parse(text);
}
