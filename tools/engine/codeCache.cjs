"use strict";

// Keeps the compiled code of CommonJS modules for the next process, as NODE_COMPILE_CACHE does in Node 22. Compiling is a third of
// the work of a short process under test. A package for this exists, but it breaks modules that use `import()`.

const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");

/** With fewer new modules, the file is not written again: writing takes longer than compiling them. */
const MIN_NEW_MODULES = 50;

/** @typedef {(source: string, filename: string, format?: string) => unknown} Compile */
/** @typedef {{ filename: string, exports: unknown, require: (name: string) => unknown, _compile: Compile }} Loading */

const { wrap, prototype, createRequire } =
  /** @type {{ wrap: (source: string) => string, prototype: Loading, createRequire: typeof Module.createRequire }} */ (
    /** @type {unknown} */ (Module)
  );

/**
 * Reads compiled code from a file, and adds what is missing when the process ends.
 * @param {string} file  One for all processes that load about the same modules. The modules must not change while the file exists.
 * @param {string[]} folders  The code of modules outside of these folders is not kept.
 */
function useCodeCache(file, folders) {
  const kept = read(file);
  /** @type {Map<string, vm.Script>} */
  const missing = new Map();
  const compile = prototype._compile;
  prototype._compile = function (source, filename, format) {
    // V8 refuses `import()` in code that it takes from a cache.
    const ours = folders.some((folder) => filename.startsWith(folder + path.sep));
    if (!ours || format === "module" || /\bimport\s*\(/.test(source))
      return compile.call(this, source, filename, format);
    const cachedData = kept.get(filename);
    const script = new vm.Script(wrap(source.replace(/^#!.*/, "")), {
      filename,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    if (cachedData === undefined) missing.set(filename, script);
    /** @type {unknown} */
    const run = script.runInThisContext();
    return /** @type {(...names: unknown[]) => unknown} */ (run).call(
      this.exports,
      this.exports,
      requireOf(this),
      this,
      filename,
      path.dirname(filename),
    );
  };
  process.once("exit", () => {
    if (missing.size < MIN_NEW_MODULES) return;
    // Now rather than at the start: it includes the functions that were compiled since.
    for (const [filename, script] of missing) kept.set(filename, script.createCachedData());
    write(file, kept);
  });
}

/**
 * The `require` of a module, which uses the loader that `lean.cjs` replaces.
 * @param {Loading} module
 */
function requireOf(module) {
  const load = (/** @type {string} */ name) => module.require(name);
  return Object.assign(load, createRequire(module.filename));
}

/** @param {string} file @returns {Map<string, Buffer>} */
function read(file) {
  try {
    /** @type {unknown} */
    const code = v8.deserialize(readFileSync(file));
    return /** @type {Map<string, Buffer>} */ (code);
  } catch {
    // The first process finds no file.
    return new Map();
  }
}

/**
 * Replaces the file as a whole, because other processes may read or write it at the same time.
 * @param {string} file @param {Map<string, Buffer>} code
 */
function write(file, code) {
  const draft = `${file}.${process.pid}`;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(draft, v8.serialize(code));
  renameSync(draft, file);
}

module.exports = { useCodeCache };
