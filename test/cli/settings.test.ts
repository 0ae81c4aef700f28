import { describe, expect, test } from "vitest";
import { engineSettings } from "../../cli/pulumi/settings.js";

const skips = { PULUMI_SKIP_CHECKPOINTS: "true" };

describe("settings of the engine for a fleet", () => {
  test("a look is taken at 1,000 resources at once, and has no state to save", () => {
    const settings = engineSettings({ kind: "look" }, "self-managed", {});
    expect(settings.args).toEqual(["--parallel", "1000"]);
    expect(settings.env).toEqual({});
  });

  test.each([
    { changes: 100, creates: 100, env: {} },
    { changes: 101, creates: 0, env: skips },
    { changes: 5000, creates: 5000, env: skips },
  ])("$changes changes of which $creates are new: $env", ({ changes, creates, env }) => {
    expect(engineSettings({ kind: "change", changes, creates }, "self-managed", {}).env).toEqual(env);
  });

  test("a destroy saves the state once, and Pulumi Cloud is never told to", () => {
    expect(engineSettings({ kind: "destroy" }, "self-managed", {}).env).toEqual(skips);
    expect(engineSettings({ kind: "destroy" }, "Pulumi Cloud", {}).env).toEqual({});
    expect(engineSettings({ kind: "change", changes: 9000, creates: 1 }, "Pulumi Cloud", {}).env).toEqual({});
  });

  test("what your own environment says stands, and is told", () => {
    const own = { PULUMI_PARALLEL: "16", PULUMI_SKIP_CHECKPOINTS: "false" };
    const settings = engineSettings({ kind: "change", changes: 9000, creates: 1 }, "self-managed", own);
    expect(settings.args).toEqual([]);
    expect(settings.env).toEqual({});
    expect(settings.reasons).toEqual([
      "PULUMI_PARALLEL=16: from your environment",
      "PULUMI_SKIP_CHECKPOINTS=false: from your environment",
    ]);
  });

  test("who could lose keys is told what becomes of them", () => {
    const { reasons } = engineSettings({ kind: "change", changes: 500, creates: 400 }, "self-managed", {});
    expect(reasons.join("\n")).toContain("400 new resources are recognised and certified again");
  });
});
