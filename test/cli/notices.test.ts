import { describe, expect, test } from "vitest";
import { gatherNotices } from "../../cli/remaining/notices.js";
import { withoutPendingList } from "../../cli/remaining/pendingOperations.js";

describe("remarks of the provider", () => {
  test("that arrive in parts are combined, with the ids as ranges", () => {
    expect(
      gatherNotices([
        "3 times: will be renewed. (lab-0, lab-1, lab-2)",
        "lab-3: will be renewed.",
        "something else",
      ]),
    ).toEqual(["4 times: will be renewed. (lab-{0..3})", "something else"]);
  });

  test("that name fewer than they count still count all", () => {
    expect(gatherNotices(["9 times: x. (a-0, a-1 and 7 more)", "a-9: x."])).toEqual([
      "10 times: x. (a-{0..1}, a-9 and 7 more)",
    ]);
  });

  test("that the plan has shown are not repeated", () => {
    const remarks = ["a: x.", "b: x."];
    expect(gatherNotices(["2 times: x. (a, b)", "c: y."], { remarks })).toEqual(["c: y."]);
  });

  test("on a set leave out the lines of the plan that stand above them, and those that were made before", () => {
    const lines = [
      "- 1 device will be deleted: lab-0",
      "  It can't connect any more.",
      "+ 3 devices to onboard: lab-{1..3}",
    ];
    const plan = [
      "DeviceSet fleet:",
      "  - 1 device will be deleted: lab-0",
      "    It can't connect any more.",
      "  + 3 devices to onboard: lab-{1..3}",
    ];
    const note = ["  Note: 1 device (lab-3): It is adopted.", "    It keeps its certificate."];
    expect(gatherNotices([plan.join("\n")], { lines })).toEqual([]);
    // As the engine tells it.
    expect(gatherNotices(plan, { lines })).toEqual([]);
    expect(gatherNotices(["a: x.", ...plan, "b: x."], { lines })).toEqual(["2 times: x. (a, b)"]);
    const more = [...plan, ...note].join("\n");
    expect(gatherNotices([more], { lines })).toEqual([["DeviceSet fleet:", ...note].join("\n")]);
    expect(gatherNotices([["DeviceSet fleet:", ...note].join("\n")], { remarks: [more] })).toEqual([]);
  });
});

describe("the engine's list of what was interrupted", () => {
  test("is shortened to one line", () => {
    const line = (id: string) =>
      `  * urn:pulumi:dev::test::nrfcloud:index:Fleet$pulumi-nodejs:dynamic/nrfcloud:Device::${id}, interrupted while creating`;
    const warning = `Attempting to deploy or update resources with 3 pending operations from previous deployment.\n${["lab-2", "lab-0", "lab-1"].map(line).join("\n")}\nThese resources are in an unknown state`;
    expect(withoutPendingList(warning)).toMatch(
      /^An interrupted run was changing 3 resources \(lab-\{0\.\.2\}\)\./,
    );
    expect(withoutPendingList("Something else")).toBe("Something else");
  });
});
