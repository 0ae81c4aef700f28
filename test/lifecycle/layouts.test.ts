import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { LEAN } from "../../tools/engine/engine.mjs";
import { succeeded } from "../support/stack.js";
import { fleetFile, useWorld } from "../support/world.js";

/** The ready program in the layouts that package managers make, each with another project around that must not be touched. */

const world = useWorld();
const checkout = process.cwd();
let mono = "";
afterEach(() => {
  rmSync(mono, { recursive: true, force: true });
});

/** The package as it is installed in a folder, with what it depends on. */
function installPackage(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of ["dist", "schema", "package.json"])
    cpSync(path.join(checkout, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(checkout, "node_modules"), path.join(folder, "node_modules"));
}

function link(from: string, to: string): void {
  mkdirSync(path.dirname(from), { recursive: true });
  symlinkSync(to, from);
}

const INFRA = path.join("packages", "infra");
const IN_MODULES = path.join("node_modules", "pulumi-nrfcloud");

interface Layout {
  readonly layout: string;
  readonly install: () => void;
  /** Of the package, from the project. */
  readonly main?: string;
  /** Where the engine is called from. Default: the project. */
  readonly engineSays?: boolean;
}

test.each<Layout>([
  {
    layout: "an npm workspace, where it is hoisted",
    install: () => {
      installPackage(path.join(mono, IN_MODULES));
    },
    main: path.join("..", "..", IN_MODULES),
  },
  {
    layout: "an npm workspace, called from elsewhere by an engine that says the folder",
    install: () => {
      installPackage(path.join(mono, IN_MODULES));
    },
    main: path.join("..", "..", IN_MODULES),
    engineSays: true,
  },
  {
    layout: "a pnpm workspace, where it is a link into the store",
    install: () => {
      const stored = path.join(mono, "node_modules", ".pnpm", "pulumi-nrfcloud@0.1.0", IN_MODULES);
      installPackage(stored);
      link(path.join(mono, INFRA, IN_MODULES), stored);
    },
  },
  {
    layout: "a project whose node_modules is a link",
    install: () => {
      installPackage(path.join(mono, "cache", IN_MODULES));
      link(path.join(mono, INFRA, "node_modules"), path.join(mono, "cache", "node_modules"));
    },
  },
  {
    layout: "a package that is linked from elsewhere",
    install: () => {
      installPackage(path.join(mono, "sources", "pulumi-nrfcloud"));
      link(path.join(mono, INFRA, IN_MODULES), path.join(mono, "sources", "pulumi-nrfcloud"));
    },
  },
])(
  "the ready program finds its fleet file and keeps its journal in the project: $layout",
  async ({ install, main = IN_MODULES, engineSays = false }) => {
    mono = mkdtempSync(path.join(tmpdir(), "nrfcloud-mono-"));
    const infra = path.join(mono, INFRA);
    mkdirSync(infra, { recursive: true });
    install();
    writeFileSync(path.join(mono, "Pulumi.yaml"), "name: another\nruntime: nodejs\n");
    writeFileSync(path.join(mono, "fleet.yaml"), fleetFile("{ ids: [theirs-1] }"));

    const stack = await world.stack({
      folder: infra,
      files: {
        "Pulumi.yaml": `name: test\nruntime: nodejs\nmain: ${path.join(main, "dist", "program", "index.js")}\n`,
        "package.json": JSON.stringify({ name: "infra", private: true }),
        "fleet.yaml": fleetFile("{ ids: [ours-1] }"),
      },
      // A shell says where it is; newer hosts of programs are told by the engine.
      env: {
        ...LEAN,
        ...(engineSays ? { PWD: "/", PULUMI_NODEJS_ROOT_DIRECTORY: infra } : { PWD: infra }),
      },
    });
    succeeded(await stack.up());
    expect((await world.devices()).map(({ id }) => id)).toEqual(["ours-1"]);
    expect(stack.journal()).not.toBe("");
    const elsewhere = [path.join(mono, ".nrfcloud"), path.join(infra, main, "dist", "program", ".nrfcloud")];
    expect(elsewhere.filter((folder) => existsSync(folder))).toEqual([]);

    rmSync(path.join(infra, "fleet.yaml"));
    const missing = await stack.preview();
    expect(missing.code).not.toBe(0);
    expect(missing.output).toContain(`the file "${path.join(infra, "fleet.yaml")}" does not exist`);

    succeeded(await stack.destroy());
    expect(await world.devices()).toEqual([]);
    expect(stack.journal()).toBe("");
  },
);
