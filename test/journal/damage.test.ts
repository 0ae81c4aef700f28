import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { RedoLog, type UnrecordedStep } from "../../provider/journal/log.js";
import { Seal } from "../../provider/journal/seal.js";
import { at, NAME, NOTHING, opened, OTHER_KEY, steps, useFolders, written } from "./support.js";

/** Whatever somebody without the key, a kill or a disk makes of a log: what is read was written, and nothing fails. */

const newFolder = useFolders();
const made = (id: string) => ({
  id,
  line: "",
  fingerprint: `f-${id}`,
  certificate: `C ${id}`,
  privateKey: `K ${id}`,
});

const folder = newFolder();
let file = "";
let text = "";
let whole: ReadonlyMap<string, { readonly steps: readonly UnrecordedStep[] }>;
/** A line that the key has sealed, for another log. */
let foreignLine = "";

beforeAll(async () => {
  await written(folder, (log) => {
    // What a compacted log begins with is damaged as well.
    log.start(1, "onboard", [made("old")], at(0));
    log.compact(1);
    const first = log.start(2, "onboard", [made("a"), made("b")], at(1));
    first.accepted("J1", at(2));
    first.ended({ done: ["a"], refused: ["b"], unsettled: [] }, at(3));
    log.start(2, "register", [made("a")], at(4)).accepted("J2", at(5));
    log.start(2, "delete", [{ id: "a", line: "" }], at(6)).ended({ ...NOTHING, done: ["a"] }, at(7));
    ({ file } = log);
  });
  text = readFileSync(file, "utf8");
  whole = RedoLog.read(folder, NAME).unrecorded(0);
  foreignLine = new Seal(NAME.key, "another.log").seal(3, {
    kind: "started",
    seq: 9,
    revision: 9,
    at: at(0),
    step: "delete",
    rows: [made("forged")],
  });
});

function read(damaged: string | Buffer): RedoLog {
  writeFileSync(file, damaged);
  return RedoLog.read(folder, NAME);
}

/** Whether all that is told was written: each step in its order, and of how it went on no more than that. */
function requireWritten(log: RedoLog): void {
  for (const [id, row] of log.unrecorded(0)) {
    let from = 0;
    const all = whole.get(id)?.steps ?? [];
    for (const step of row.steps) {
      const place = all.findIndex((each, i) => i >= from && each.step === step.step && each.at === step.at);
      const original = all[place];
      if (original === undefined) throw new Error(`${id}: ${step.step} was never written`);
      from = place + 1;
      expect({ ...step, jobIds: [], ended: undefined }).toEqual({
        ...original,
        jobIds: [],
        ended: undefined,
      });
      for (const jobId of step.jobIds) expect(original.jobIds).toContain(jobId);
      if (step.ended !== undefined) expect(step.ended).toEqual(original.ended);
    }
  }
  const older = log.olderThan(0);
  if (older !== undefined) expect(["old"]).toEqual(expect.arrayContaining([...older.idsChangedSince]));
}

/** What is read of it stays, and what is written into it is read. */
async function requireUsable(log: RedoLog): Promise<void> {
  const before = steps(log);
  await written(folder, (again) => again.start(7, "claim", [made("next")], at(9)));
  expect(steps(RedoLog.read(folder, NAME))).toEqual({ ...before, next: ["claim 7 open"] });
}

describe("a log that was cut", () => {
  it("at any byte leaves the whole lines readable, and the log writable", async () => {
    for (let length = 0; length <= text.length; length++) {
      const log = read(text.slice(0, length));
      requireWritten(log);
      // A cut is what a kill leaves: nobody need be told.
      expect([log.unreadable, log.torn]).toEqual([false, false]);
      if (length % 197 === 0 || text[length - 1] === "\n") await requireUsable(log);
    }
  });
});

describe("a log that somebody meddled with", () => {
  const lines = () => text.trimEnd().split("\n");
  const count = 8;
  const place = fc.nat({ max: count - 1 });
  const forged = fc.oneof(
    fc.constantFrom("", "0 AAAA", "\r", "1 ", "nonsense", '{"kind":"started"}'),
    fc.string({ unit: "binary-ascii", maxLength: 40 }).map((each) => each.replaceAll("\n", " ")),
    fc
      .tuple(fc.nat(20), fc.base64String({ minLength: 40, maxLength: 80 }))
      .map(([at, end]) => `${at} ${end}`),
    fc.constant("FOREIGN LINE"),
    fc.constant("OTHER KEY"),
  );
  const meant = (line: string) => {
    if (line === "FOREIGN LINE") return foreignLine;
    return line === "OTHER KEY" ? new Seal(OTHER_KEY, "x").seal(3, { kind: "started" }) : line;
  };
  type Meddling = (lines: readonly string[]) => string[];
  const put =
    (i: number, removed: number, ...added: readonly string[]): Meddling =>
    (all) => [...all.slice(0, i), ...added, ...all.slice(i + removed)];
  /** These take nothing away. */
  const adding = fc.oneof(
    fc.tuple(place, forged).map(([i, line]) => put(i, 0, meant(line))),
    fc.tuple(place, place).map(
      ([i, j]): Meddling =>
        (all) =>
          put(i, 0, all[j] ?? "")(all),
    ),
    fc.tuple(place, place).map(
      ([i, j]): Meddling =>
        (all) =>
          all.map((line, k) => (k === i ? all[j] : k === j ? all[i] : line) ?? line),
    ),
  );
  const taking = fc.oneof(
    place.map((i) => put(i, 1)),
    fc.tuple(place, fc.nat(), fc.integer({ min: 32, max: 126 })).map(([i, at, code]): Meddling => (all) => {
      const line = all[i] ?? "";
      const where = at % (line.length + 1);
      return put(i, 1, line.slice(0, where) + String.fromCharCode(code) + line.slice(where + 1))(all);
    }),
    // The place of one line, and what another one says.
    fc.tuple(place, place).map(
      ([i, j]): Meddling =>
        (all) =>
          put(i, 1, `${all[i]?.split(" ")[0] ?? ""} ${all[j]?.split(" ")[1] ?? ""}`)(all),
    ),
  );
  const meddled = (changes: readonly Meddling[]) =>
    `${changes.reduce((all, change) => change(all), lines()).join("\n")}\n`;

  it("has as many lines as these tests think", () => {
    expect(lines()).toHaveLength(count);
  });

  it("by lines that were added, repeated or moved hides nothing that was written, and adds nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(adding, { minLength: 1, maxLength: 6 }), async (changes) => {
        const log = read(meddled(changes));
        expect([...log.unrecorded(0)]).toEqual([...whole]);
        expect(log.torn).toBe(false);
        await requireUsable(log);
      }),
      { numRuns: 60 },
    );
  });

  it("in any way adds nothing that was not written", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(adding, taking), { minLength: 1, maxLength: 8 }),
        async (changes) => {
          const log = read(meddled(changes));
          requireWritten(log);
          await requireUsable(log);
        },
      ),
      { numRuns: 120 },
    );
  });

  it("in its bytes adds nothing that was not written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (bytes, at) => {
        const damaged = Buffer.from(text);
        damaged.set(
          bytes.subarray(0, Math.max(0, damaged.length - (at % damaged.length))),
          at % damaged.length,
        );
        requireWritten(read(damaged));
      }),
      { numRuns: 120 },
    );
  });

  it("is reported as torn if a line is missing, and not if one was added", () => {
    for (let i = 0; i < count - 1; i++) expect(read(`${put(i, 1)(lines()).join("\n")}\n`).torn).toBe(true);
    const added = read(`${put(3, 0, foreignLine)(lines()).join("\n")}\n`);
    expect([added.torn, added.unreadable]).toEqual([false, true]);
    const intact = read(text);
    expect([intact.torn, intact.unreadable]).toEqual([false, false]);
  });

  it("says that it has lines which can't be opened, until it is rewritten", async () => {
    expect(read(text + foreignLine + "\n").unreadable).toBe(true);
    const log = await opened(folder);
    log.compact(2);
    log.close();
    expect(RedoLog.read(folder, NAME).unreadable).toBe(false);
  });
});

it("a whole file of another project is no log", () => {
  const other = newFolder();
  mkdirSync(other);
  const log = RedoLog.read(other, NAME);
  writeFileSync(log.file, readFileSync(__filename));
  const found = RedoLog.read(other, NAME);
  expect([steps(found), found.unreadable]).toEqual([{}, true]);
});
