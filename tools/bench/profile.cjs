// Preloaded into the programs and providers of a run (--profile): keeps their CPU profiles.

const { mkdirSync, writeFileSync } = require("node:fs");
const { Session } = require("node:inspector");
const path = require("node:path");

/** The engine ends its providers without asking, so what was sampled is written every now and then. */
const PERIOD_MS = 5_000;

const folder = process.env.NRF_CLOUD_BENCH_PROFILE;
const script = process.argv[1] ?? "";
const name = script.includes("dynamic-provider")
  ? "provider"
  : script.includes("cmd/run")
    ? "program"
    : undefined;
if (folder !== undefined && name !== undefined) keep(folder, name);

/**
 * @param {string} into
 * @param {string} title
 */
function keep(into, title) {
  mkdirSync(into, { recursive: true });
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.start");
  let part = 0;
  const write = () => {
    session.post("Profiler.stop", (error, result) => {
      if (error !== null) return;
      part += 1;
      writeFileSync(
        path.join(into, `${title}-${process.pid}-${part}.cpuprofile`),
        JSON.stringify(result.profile),
      );
    });
  };
  setInterval(() => {
    write();
    session.post("Profiler.start");
  }, PERIOD_MS).unref();
  process.once("exit", write);
}
