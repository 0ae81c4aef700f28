import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  folderOfProgram,
  folderOfProvider,
  nearestProject,
  projectName,
  wayToProject,
} from "../../provider/engine/projectFolder.js";

let root = "";
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), "nrfcloud-project-")));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const at = (...names: string[]) => path.join(root, ...names);

function project(name: string, ...folder: string[]): string {
  mkdirSync(at(...folder), { recursive: true });
  writeFileSync(at(...folder, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\n`);
  return at(...folder);
}

function folder(...names: string[]): string {
  mkdirSync(at(...names), { recursive: true });
  return at(...names);
}

describe("the nearest project", () => {
  it.each(["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"])("is where a %s is, here or above", (name) => {
    const deep = folder("outer", "inner", "deep");
    writeFileSync(at("outer", name), "");
    expect(nearestProject(deep)).toBe(at("outer"));
    writeFileSync(at("outer", "inner", name), "");
    expect(nearestProject(deep)).toBe(at("outer", "inner"));
    expect(nearestProject(at("outer", "inner"))).toBe(at("outer", "inner"));
  });

  it("is not that of a stack's file, nor one of another name", () => {
    const inner = folder("outer", "inner");
    writeFileSync(at("outer", "Pulumi.dev.yaml"), "");
    expect(nearestProject(inner)).toBeUndefined();
    project("theirs", "outer", "inner");
    expect(nearestProject(inner, "ours")).toBeUndefined();
    expect(nearestProject(inner, "ours")).not.toBe(nearestProject(inner, "theirs"));
    project("ours", "outer");
    expect(nearestProject(inner, "ours")).toBe(at("outer"));
  });

  it.each([
    ["Pulumi.yaml", "name: fleet # ours\nruntime: nodejs\n", "fleet"],
    ["Pulumi.json", '{ "name": "fleet" }', "fleet"],
    ["Pulumi.yaml", "name: fleet\nname: twice\n\tbroken", "fleet"],
    ["Pulumi.yaml", "", undefined],
    ["Pulumi.yaml", "- name", undefined],
    ["README.md", "name: fleet", undefined],
  ])("has the name that a %s says: %j", (file, text, name) => {
    writeFileSync(path.join(folder("outer"), file), text);
    expect(projectName(at("outer"))).toBe(name);
  });
});

describe("the project's folder of a program in a package that is hoisted, linked or in a store", () => {
  const store = () => folder("mono", "node_modules", ".pnpm", "pulumi-nrfcloud", "dist", "program");

  it("is the one that the engine says, whatever lies around", () => {
    project("theirs", "mono");
    const ours = project("ours", "mono", "packages", "infra");
    const said = folderOfProgram({ root: ours, cwd: store(), shell: at("mono"), project: "ours" });
    expect(said).toBe(ours);
  });

  it("is, where the engine does not say it, the one of the project's name: above the program, or where the shell was", () => {
    project("theirs", "mono");
    const ours = project("ours", "mono", "packages", "infra");
    const says = (cwd: string, shell: string | undefined) =>
      folderOfProgram({ root: "rootDirectory", cwd, shell, project: "ours" });
    expect(says(store(), folder("mono", "packages", "infra", "src"))).toBe(ours);
    expect(says(at("mono", "packages", "infra", "src"), undefined)).toBe(ours);
    expect(says(store(), at("mono"))).toBe(store());
  });

  it("is found by the provider from the same working directory by the path of the program, also through links", () => {
    project("theirs", "mono");
    const ours = project("ours", "mono", "packages", "infra");
    const cwd = store();
    symlinkSync(ours, at("link"));
    const way = wayToProject(at("link"), cwd);
    expect(way).toBe("../../../../../packages/infra");
    expect(folderOfProvider({ cwd, project: "ours" }, way)).toBe(ours);
  });

  it("needs no telling where the working directory leads there", () => {
    const ours = project("ours", "app");
    const cwd = folder("app", "node_modules", "pulumi-nrfcloud", "dist", "program");
    expect(wayToProject(ours, cwd)).toBeUndefined();
    expect(wayToProject(ours, ours)).toBeUndefined();
    expect(folderOfProvider({ cwd, project: "ours" }, undefined)).toBe(ours);
  });

  it("is not where an old state says, once no project is there", () => {
    const ours = project("ours", "app");
    expect(folderOfProvider({ cwd: ours, project: "ours" }, "../gone")).toBe(ours);
  });
});
