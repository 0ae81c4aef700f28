"use strict";

// Keeps the compiled code of CommonJS modules, and where they are, for the next process. Node 22 keeps compiled code itself with
// NODE_COMPILE_CACHE. To find and to compile modules is half of the work of a short process under test. A package for this exists, but
// it breaks modules that use `import()`.

const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");

/** With fewer new modules, the file is not written again: writing takes longer than compiling them. */
const MIN_NEW_MODULES = 50;

/** @typedef {(source: string, filename: string, format?: string) => unknown} Compile */
/** @typedef {{ filename: string, exports: unknown, require: (name: string) => unknown, _compile: Compile }} Loading */
/** @typedef {(request: string, parent: { filename?: string | null } | undefined, isMain?: boolean, options?: object) => string} Resolve */

/**
 * @typedef {{
 *   wrap: (source: string) => string,
 *   prototype: Loading,
 *   createRequire: typeof Module.createRequire,
 *   _resolveFilename: Resolve,
 *   _extensions: { ".js": (module: Loading, filename: string) => void },
 * }} Loader
 */
const loader = /** @type {Loader} */ (/** @type {unknown} */ (Module));
const { wrap, prototype, createRequire } = loader;

/**
 * `code`: the compiled code of each file. `places`: the file of each request, by the folder that it comes from.
 * @typedef {{ code: Map<string, Buffer>, places: Map<string, string> }} Kept
 */

/**
 * Reads compiled code from a file, and adds what is missing when the process ends.
 * @param {string} file  One for all processes that load about the same modules. The modules must not change while the file exists.
 * @param {string[]} folders  Modules outside of these folders are not kept.
 */
function useCodeCache(file, folders) {
  const { code, places } = read(file);
  const isKept = (/** @type {string} */ filename) =>
    folders.some((folder) => filename.startsWith(folder + path.sep));
  keepPlaces(places, isKept);
  /** @type {Map<string, vm.Script>} */
  const missing = new Map();
  const compile = prototype._compile;
  const load = loader._extensions[".js"];
  loader._extensions[".js"] = (module, filename) => {
    // Node looks for the kind of the module in the package. The code is of a CommonJS module.
    if (code.has(filename)) module._compile(readFileSync(filename, "utf8"), filename);
    else load(module, filename);
  };
  prototype._compile = function (source, filename, format) {
    const cachedData = code.get(filename);
    // V8 refuses `import()` in code that it takes from a cache.
    if (
      cachedData === undefined &&
      (!isKept(filename) || format === "module" || /\bimport\s*\(/.test(source))
    )
      return compile.call(this, source, filename, format);
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
    for (const [filename, script] of missing) code.set(filename, script.createCachedData());
    write(file, { code, places });
  });
}

/**
 * Finds modules where an earlier process found them.
 * @param {Kept["places"]} places @param {(filename: string) => boolean} isKept
 */
function keepPlaces(places, isKept) {
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, parent, isMain, options) => {
    const from = parent?.filename;
    // Options name other places to look in.
    if (typeof from !== "string" || !isKept(from) || options !== undefined)
      return resolve(request, parent, isMain, options);
    const key = `${path.dirname(from)} ${request}`;
    const known = places.get(key);
    if (known !== undefined) return known;
    const found = resolve(request, parent, isMain);
    if (isKept(found)) places.set(key, found);
    return found;
  };
}

/**
 * The `require` of a module, which uses the loader that `lean.cjs` replaces.
 * @param {Loading} module
 */
function requireOf(module) {
  const load = (/** @type {string} */ name) => module.require(name);
  return Object.assign(load, createRequire(module.filename));
}

/** @param {string} file @returns {Kept} */
function read(file) {
  try {
    /** @type {unknown} */
    const kept = v8.deserialize(readFileSync(file));
    return /** @type {Kept} */ (kept);
  } catch {
    // The first process finds no file.
    return { code: new Map(), places: new Map() };
  }
}

/**
 * Replaces the file as a whole, because other processes may read or write it at the same time.
 * @param {string} file @param {Kept} kept
 */
function write(file, kept) {
  const draft = `${file}.${process.pid}`;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(draft, v8.serialize(kept));
  renameSync(draft, file);
}

module.exports = { useCodeCache };
