import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Journal } from "../../provider/engine/journal.js";
import { isInDoubt } from "../../provider/lifecycle/changing.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-journal-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const BEGUN = "2026-11-25T10:00:00.000Z";
const EARLIER = "2026-11-24T10:00:00.000Z";
const LATER = "2026-11-26T10:00:00.000Z";

/** Whether a device with this state is in doubt for the next run. */
function inDoubt(state: object): boolean {
  const journal = Journal.open(folder);
  return isInDoubt({ journalOf: (kind) => journal.within("dev", kind) }, "changing", "lab-1", {
    declared: { stack: "dev" },
    ...state,
  });
}

/** A run that ends without a signal from its engine, which may have saved all the same. */
function changes(): void {
  Journal.open(folder)
    .within("dev", "changing")
    .intend([{ key: "lab-1", mark: BEGUN }]);
}

test("a state that was never changed is in doubt after a run that was about to change it", () => {
  expect(inDoubt({})).toBe(false);
  changes();
  expect(inDoubt({})).toBe(true);
});

test("a state from before the change that was begun last is in doubt, run after run", () => {
  changes();
  expect(inDoubt({ changedAt: EARLIER })).toBe(true);
  expect(inDoubt({ changedAt: EARLIER })).toBe(true);
});

test.each([
  ["that has the change, though its engine gave no signal when it ended,", BEGUN],
  ["that another machine changed after that", LATER],
])("a state %s is in no doubt, and settles that", (_, changedAt) => {
  changes();
  expect(inDoubt({ changedAt })).toBe(false);
  expect(Journal.open(folder).allUnfinished()).toEqual([]);
});
