// Certificates per second, each with a new key: on one core, and on all of them. Needs a build (dist/).

import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** @type {(path: string) => unknown} */
const load = createRequire(import.meta.url);
const pki = "../../dist/provider/pki";
const WARM_UP = 200;

/** @typedef {{ cores: number, onOneCore: number, onAllCores: number }} Rates  Certificates per second. */

/**
 * @param {number} perCore  Certificates that each core signs.
 * @returns {Promise<Rates>}
 */
export async function certificateRates(perCore) {
  const cores = availableParallelism();
  return { cores, onOneCore: await rate(1, perCore), onAllCores: await rate(cores, perCore) };
}

/**
 * Certificates per second of this many workers together.
 * @param {number} workers
 * @param {number} count certificates each worker signs
 * @returns {Promise<number>}
 */
async function rate(workers, count) {
  const seconds = await Promise.all(
    Array.from(
      { length: workers },
      () =>
        /** @type {Promise<number>} */ (
          new Promise((resolve, reject) => {
            const worker = new Worker(new URL(import.meta.url), { workerData: count });
            worker.once("message", resolve);
            worker.once("error", reject);
          })
        ),
    ),
  );
  return (workers * count) / Math.max(...seconds);
}

/**
 * Signs this many certificates and returns how long that took.
 * @param {number} count
 * @returns {number} seconds
 */
function signMany(count) {
  const { createCa } = /** @type {typeof import("../../provider/pki/ca.js")} */ (load(`${pki}/ca.js`));
  const { generateKeyPair } = /** @type {typeof import("../../provider/pki/keys.js")} */ (
    load(`${pki}/keys.js`)
  );
  const { createSigner } = /** @type {typeof import("../../provider/pki/deviceCertificate.js")} */ (
    load(`${pki}/deviceCertificate.js`)
  );
  const notBefore = new Date();
  const ca = createCa({ subject: { commonName: "Benchmark CA" }, validity: { notBefore, days: 3650 } });
  const signer = createSigner(ca);
  /** @param {number} index */
  const signOne = (index) =>
    signer.sign({
      commonName: `bench-${index}`,
      publicKeyPem: generateKeyPair().publicKeyPem,
      validity: { notBefore, days: 3650 },
    });
  for (let index = 0; index < WARM_UP; index++) signOne(index);
  const start = performance.now();
  for (let index = 0; index < count; index++) signOne(index);
  return (performance.now() - start) / 1000;
}

if (!isMainThread) parentPort?.postMessage(signMany(Number(workerData)));
