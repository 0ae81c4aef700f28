"use strict";

// Preloaded into the Node processes that an engine under test starts, each of which would load and compile all of Pulumi's SDK for
// a second's work. Nothing is left out: what is listed here is loaded when it is first used, if it ever is. The folder of
// NODE_COMPILE_CACHE keeps compiled code.

const { existsSync, readFileSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const v8 = require("node:v8");
const { useCodeCache } = require("./codeCache.cjs");

const root = path.dirname(path.dirname(__dirname));
const argument = (/** @type {string} */ name) => process.argv[process.argv.indexOf(name) + 1] ?? "";
const runs = (/** @type {string} */ command) =>
  process.argv[1]?.includes(path.join("@pulumi", "pulumi", "cmd", command)) ?? false;

/** For the packaging of functions, errors in TypeScript, traces and the Automation API. */
const LATE = new Set([
  "@npmcli/arborist",
  "@opentelemetry/exporter-zipkin",
  "@opentelemetry/instrumentation",
  "@opentelemetry/instrumentation-grpc",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-trace-base",
  "@opentelemetry/sdk-trace-node",
  "execa",
  "js-yaml",
  "normalize-package-data",
  "source-map-support",
  "source-map-support/register",
  "typescript",
]);

/** @typedef {Record<string | symbol, unknown> & { default?: unknown }} Exports */
/** @typedef {(this: unknown, request: string, ...more: unknown[]) => Exports} Load */

if (runs("run") || runs("dynamic-provider")) {
  const loader = /** @type {{ _load: Load }} */ (/** @type {unknown} */ (Module));
  const load = loader._load;
  loader._load = function (request, ...more) {
    if (!LATE.has(request)) return load.call(this, request, ...more);
    const loaded = () => load.call(this, request, ...more);
    return new Proxy(/** @type {Exports} */ ({}), {
      // What TypeScript's imports look for must not be what loads it.
      get: (_, key) =>
        key === "__esModule" ? true : key === "default" ? (loaded().default ?? loaded()) : loaded()[key],
    });
  };
  // They end before optimized code pays.
  v8.setFlagsFromString("--no-opt");
  // Pulumi's SDK sets these too, but later: V8 takes code from a cache only under the flags that it was compiled with.
  v8.setFlagsFromString("--allow-natives-syntax");
  if (runs("dynamic-provider")) v8.setFlagsFromString("--heap-growing-percent=60");
}

const codeCache = process.env.NODE_COMPILE_CACHE;
const [major = 0] = process.versions.node.split(".").map(Number);
// Newer versions of Node do it themselves. Only this checkout is cached: the files of other installations may change.
if (codeCache !== undefined && major < 22 && process.argv[1]?.startsWith(root + path.sep)) {
  const name = path.relative(root, process.argv[1]).replaceAll(path.sep, "-");
  useCodeCache(path.join(codeCache, name), [path.join(root, "dist"), path.join(root, "node_modules")]);
}

// The host of programs that can be built from Go modules is too old to see this option of the project.
if (runs("run")) {
  const project = path.join(argument("--pwd"), "Pulumi.yaml");
  if (existsSync(project) && readFileSync(project, "utf8").includes("typescript: false"))
    delete process.env.PULUMI_NODEJS_TYPESCRIPT;
}
