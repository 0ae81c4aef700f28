// Certificates per second, each with a new key: on one core, and on all of them.
// Usage: node tools/bench/certificates.mjs [certificates per core, default 5000]. Needs a build (dist/).
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** @type {(path: string) => unknown} */
const load = createRequire(import.meta.url);
const pki = "../../dist/provider/pki";
const WARM_UP = 200;

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

if (isMainThread) {
  const count = Number(process.argv[2] ?? 5000);
  if (!Number.isInteger(count) || count < 1) {
    console.error("Usage: node tools/bench/certificates.mjs [certificates per core]");
    process.exit(1);
  }
  if (!existsSync(new URL(`${pki}/ca.js`, import.meta.url))) {
    console.error("Nothing is built yet. Run `npm run build` first.");
    process.exit(1);
  }
  const cores = availableParallelism();
  const one = await rate(1, count);
  const all = await rate(cores, count);
  console.log(`one core:       ${Math.round(one)} certificates/s`);
  console.log(`all ${cores} cores:    ${Math.round(all)} certificates/s`);
  console.log(`all / one:      ${(all / one).toFixed(2)}`);
} else {
  parentPort?.postMessage(signMany(Number(workerData)));
}
