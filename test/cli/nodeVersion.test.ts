import { expect, test } from "vitest";
import { problemOfNode } from "../../cli/nodeVersion.js";

test("a Node that is too old is reported in one line, with the required version", () => {
  const problem = problemOfNode("18.20.4", ">=20.19");
  expect(problem).toMatch(/needs Node 20\.19 or newer, and this is 18\.20\.4\. Install/);
  expect(problem).not.toContain("\n");
  expect(problemOfNode("20.18.3", ">=20.19")).toBeDefined();
  for (const version of ["20.19.0", "20.20.2", "22.0.0", "24.1.0"])
    expect(problemOfNode(version, ">=20.19")).toBeUndefined();
});
