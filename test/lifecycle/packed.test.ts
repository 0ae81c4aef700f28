import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { succeeded } from "../support/stack.js";
import { useWorld } from "../support/world.js";

const world = useWorld();

/** As in the README: three lines of TypeScript. */
const PROGRAM = `
import { Fleet } from "pulumi-nrfcloud";

const fleet = new Fleet("lab", { file: "fleet.yaml" });
export const devices = fleet.size;
`;

const FLEET = `apiVersion: nrfcloud.dev/v1
kind: Fleet
ca:
  subject: { commonName: Packed CA }
groups:
  lab: { ids: "packed-{1..3}", tags: [packed] }
`;

let packages: string;
let tarball: string;

beforeAll(() => {
  packages = mkdtempSync(path.join(tmpdir(), "nrfcloud-pack-"));
  execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", packages], { stdio: "pipe" });
  tarball = path.join(packages, readdirSync(packages)[0] ?? "");
});
afterAll(() => {
  rmSync(packages, { recursive: true, force: true });
});

test("the package holds what users need, and nothing else", () => {
  const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).split("\n");
  expect(files).toEqual(
    expect.arrayContaining([
      "package/dist/provider/index.js",
      "package/dist/provider/index.d.ts",
      "package/dist/provider/dynamic/device-set.cjs",
      "package/dist/program/index.js",
      "package/schema/fleet.schema.json",
      "package/README.md",
      "package/LICENSE",
    ]),
  );
  expect(files.filter((file) => /\/(emulator|test|tools)\/.*\.[cm]?[jt]s$/.test(file))).toEqual([]);
});

/** The settings of `pulumi new typescript`: declarations of packages are checked too. */
const TSCONFIG = {
  strict: true,
  outDir: "bin",
  target: "es2020",
  module: "commonjs",
  moduleResolution: "node",
  sourceMap: true,
  experimentalDecorators: true,
  pretty: false,
  noFallthroughCasesInSwitch: true,
  noImplicitReturns: true,
  forceConsistentCasingInFileNames: true,
  types: ["node"],
};

/** From the oldest that takes the SDK's own dependencies to the newest that Pulumi supports. */
const COMPILERS = { oldest: "npm:typescript@5.0.4", newest: "npm:typescript@6.0.3" };

/** Fails unless the program type-checks, declarations of packages too, with both. */
function requireTypes(folder: string): void {
  const config = path.join(folder, "tsconfig.types.json");
  for (const [compiler, more] of [
    ["oldest", {}],
    ["newest", { ignoreDeprecations: "6.0" }],
  ] as const) {
    writeFileSync(config, JSON.stringify({ compilerOptions: { ...TSCONFIG, ...more }, files: ["index.ts"] }));
    const tsc = path.join(folder, "node_modules", compiler, "lib", "tsc.js");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "--noEmit", "-p", config], {
      cwd: folder,
      encoding: "utf8",
    });
    expect({ compiler, stdout, status }).toEqual({ compiler, stdout: "", status: 0 });
  }
}

test.each([
  {
    manager: "npm type-checks with the oldest and the newest TypeScript,",
    install: ["npm", "install", "--no-audit", "--no-fund"],
    compilers: COMPILERS,
    check: requireTypes,
  },
  {
    manager: "pnpm",
    install: ["npx", "--yes", "pnpm@10.28.0", "install"],
    compilers: {},
    check: () => undefined,
  },
])(
  "a user's project installed with $manager goes up and down again",
  { timeout: 600_000 },
  async ({ install, compilers, check }) => {
    const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-user-"));
    const manifest = {
      name: "user",
      private: true,
      dependencies: { "@pulumi/pulumi": "3.248.0", "pulumi-nrfcloud": `file:${tarball}` },
      devDependencies: { "@types/node": "20.19.43", typescript: "5.9.3", ...compilers },
    };
    writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
    const [command = "", ...args] = install;
    execFileSync(command, args, { cwd: folder, stdio: "pipe" });

    const stack = await world.stack({
      folder,
      files: {
        "Pulumi.yaml": "name: test\nruntime: nodejs\nmain: index.ts\n",
        "index.ts": PROGRAM,
        "tsconfig.json": JSON.stringify({
          compilerOptions: { strict: true, module: "node16", target: "es2022" },
        }),
        "fleet.yaml": FLEET,
      },
    });
    check(folder);
    const up = await stack.up();
    succeeded(up);
    expect((await world.devices()).map(({ id }) => id)).toEqual(["packed-1", "packed-2", "packed-3"]);
    succeeded(await stack.destroy());
    expect(await world.devices()).toEqual([]);
  },
);
