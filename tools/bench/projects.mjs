// The two projects that are measured: a fleet as a user has it, and the empty resource that the engine is timed with.

import { cpSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { fleetFile, tagsById } from "./fleet.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * @typedef {object} Project
 * @property {"ours" | "floor"} name
 * @property {(stack: import("./stack.mjs").Stack) => void} write  Writes the program.
 * @property {(stack: import("./stack.mjs").Stack, fleet: import("./fleet.mjs").Fleet) => void} declare
 *
 * @typedef {{ line: string, texts: { records: number, certificates: number, privateKeys: number } }} Shape
 *   What the floor has to carry as well: the line of a device, and the lengths of the packed texts.
 */

/** @type {Project} */
export const ours = {
  name: "ours",
  write(stack) {
    stack.write("index.cjs", 'module.exports = require("pulumi-nrfcloud/program");\n');
  },
  declare(stack, fleet) {
    stack.write("fleet.yaml", fleetFile(fleet));
  },
};

/**
 * @param {Shape} shape
 * @returns {Project}
 */
export function floor({ line, texts }) {
  return {
    name: "floor",
    write(stack) {
      cpSync(path.join(here, "floor"), stack.folder, { recursive: true });
    },
    declare(stack, fleet) {
      /** @type {Record<string, string>} */
      const devices = {};
      for (const [id, tags] of tagsById(fleet))
        devices[id] = line.replace("tags=bench", `tags=${tags.join()}`);
      stack.write("floor.json", JSON.stringify({ devices, texts }));
    },
  };
}

/**
 * What the state of a fleet is made of.
 * @param {import("./stack.mjs").Stack} stack
 * @returns {Promise<Shape>}
 */
export async function shapeOf(stack) {
  const set = (await stack.resources()).find(({ type }) => type.endsWith("nrfcloud:DeviceSet"));
  const outputs = set?.outputs ?? {};
  const [line = ""] = Object.values(/** @type {Record<string, string>} */ (outputs.devices ?? {}));
  if (!line.includes("tags=bench")) throw new Error(`A line of the DeviceSet is ${JSON.stringify(line)}.`);
  const length = (/** @type {string} */ name) => textOf(outputs[name]).length;
  return {
    line,
    texts: {
      records: length("records"),
      certificates: length("certificates"),
      privateKeys: length("privateKeys"),
    },
  };
}

/**
 * A text of an exported state; a secret one is an object with its JSON.
 * @param {unknown} value
 * @returns {string}
 */
function textOf(value) {
  if (typeof value === "string") return value;
  const { plaintext } = /** @type {{ plaintext?: string }} */ (value ?? {});
  return plaintext === undefined ? "" : /** @type {string} */ (JSON.parse(plaintext));
}
