import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { projectFolder, projectName } from "../../provider/engine/projectFolder.js";

describe("projectFolder", () => {
  let root = "";
  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), "nrfcloud-project-")));
    mkdirSync(path.join(root, "outer", "inner", "deep"), { recursive: true });
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it.each(["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"])(
    "is the nearest folder above that holds a %s",
    (name) => {
      writeFileSync(path.join(root, "outer", name), "");
      expect(projectFolder(path.join(root, "outer", "inner", "deep"))).toBe(path.join(root, "outer"));
      writeFileSync(path.join(root, "outer", "inner", name), "");
      expect(projectFolder(path.join(root, "outer", "inner", "deep"))).toBe(
        path.join(root, "outer", "inner"),
      );
      expect(projectFolder(path.join(root, "outer", "inner"))).toBe(path.join(root, "outer", "inner"));
    },
  );

  it("takes the file of a stack for no project", () => {
    writeFileSync(path.join(root, "outer", "Pulumi.dev.yaml"), "");
    const from = path.join(root, "outer", "inner");
    expect(projectFolder(from)).toBe(from);
  });

  it.each([
    ["Pulumi.yaml", "name: fleet # ours\nruntime: nodejs\n", "fleet"],
    ["Pulumi.json", '{ "name": "fleet" }', "fleet"],
    ["Pulumi.yaml", "name: fleet\nname: twice\n\tbroken", "fleet"],
    ["Pulumi.yaml", "", undefined],
    ["Pulumi.yaml", "- name", undefined],
    ["README.md", "name: fleet", undefined],
  ])("has the name that a %s says: %j", (file, text, name) => {
    writeFileSync(path.join(root, "outer", file), text);
    expect(projectName(path.join(root, "outer"))).toBe(name);
  });
});
