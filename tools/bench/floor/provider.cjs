// Does nothing, with texts of given lengths in its state.

const { randomBytes } = require("node:crypto");

/**
 * @typedef {{ devices: Record<string, string>, texts: Record<string, number> }} Inputs
 * @typedef {Inputs & { records: string, certificates: string, privateKeys: string }} State
 */

/** @param {number} length */
const text = (length) => randomBytes(length).toString("base64").slice(0, length);

/**
 * @param {Inputs} one
 * @param {Inputs} other
 */
function same({ devices }, { devices: others }) {
  const ids = Object.keys(devices);
  return ids.length === Object.keys(others).length && ids.every((id) => devices[id] === others[id]);
}

module.exports = {
  /** @type {(olds: State, news: Inputs) => Promise<object>} */
  check: (_, news) => Promise.resolve({ inputs: news }),
  /** @type {(id: string, olds: State, news: Inputs) => Promise<object>} */
  diff: (_, olds, news) => Promise.resolve(same(olds, news) ? { changes: false } : {}),
  /** @type {(inputs: Inputs) => Promise<object>} */
  create({ devices, texts }) {
    const { records = 0, certificates = 0, privateKeys = 0 } = texts;
    const made = {
      records: text(records),
      certificates: text(certificates),
      privateKeys: text(privateKeys),
    };
    return Promise.resolve({ id: "floor", outs: { devices, texts, ...made } });
  },
  /** @type {(id: string, props: State) => Promise<object>} */
  read: (id, props) => Promise.resolve({ id, props }),
  /** @type {(id: string, olds: State, news: Inputs) => Promise<object>} */
  update: (_, olds, { devices, texts }) => Promise.resolve({ outs: { ...olds, devices, texts } }),
  delete: () => Promise.resolve(),
};
