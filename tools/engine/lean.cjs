"use strict";

// Preloaded into the Node processes that an engine under test starts, each of which would load all of Pulumi's SDK for a second's
// work. What is left out here is what they load and never use, a quarter of a command's time.

const { existsSync, readFileSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const argument = (/** @type {string} */ name) => process.argv[process.argv.indexOf(name) + 1] ?? "";
const runs = (/** @type {string} */ command) =>
  process.argv[1]?.includes(path.join("@pulumi", "pulumi", "cmd", command)) ?? false;

/** What only the packaging of cloud functions, and errors in TypeScript, would need. */
const unused = new Set(["@npmcli/arborist", "source-map-support", "source-map-support/register"]);
// The provider serialises no code.
if (runs("dynamic-provider")) unused.add("typescript");

if (runs("run") || runs("dynamic-provider")) {
  const loader = /** @type {{ _load: (request: string, ...more: unknown[]) => unknown }} */ (
    /** @type {unknown} */ (Module)
  );
  const load = loader._load;
  loader._load = function (request, ...more) {
    return unused.has(request) ? { install: () => undefined } : load.call(this, request, ...more);
  };
}

// The host of programs that can be built from Go modules is too old to see this option of the project.
if (runs("run")) {
  const project = path.join(argument("--pwd"), "Pulumi.yaml");
  if (existsSync(project) && readFileSync(project, "utf8").includes("typescript: false"))
    delete process.env.PULUMI_NODEJS_TYPESCRIPT;
}
