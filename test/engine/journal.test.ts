import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Journal } from "../../provider/engine/journal.js";

describe("Journal", () => {
  let parent = "";
  let folder = "";
  let runs = 0;

  beforeEach(() => {
    parent = mkdtempSync(path.join(tmpdir(), "nrfcloud-journal-"));
    folder = path.join(parent, "journal", "team");
    runs = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(parent, { recursive: true, force: true });
  });

  const keysOf = (journal: Journal) => journal.allUnfinished().map(({ key }) => key);
  const files = () => readdirSync(folder).sort();
  const contents = () => files().map((name) => readFileSync(path.join(folder, name), "utf8"));

  /** Lets a run of its own write, as another process that was started after all runs before. Gives its file. */
  function run(write: (journal: Journal) => void): string {
    write(Journal.open(folder));
    const ours = files().find((name) => name.endsWith(`-${process.pid}.jsonl`));
    if (ours === undefined) throw new Error("the run wrote nothing");
    const file = path.join(folder, `${1_700_000_000_000 + runs++}-${process.pid + 1}.jsonl`);
    renameSync(path.join(folder, ours), file);
    return file;
  }

  it("finds nothing unfinished where there was no run before, and makes no folder for it", () => {
    const journal = Journal.open(folder);
    expect(journal.unfinished("device-1")).toBeUndefined();
    journal.settle("device-1");
    journal.intend([]);
    expect(readdirSync(parent)).toEqual([]);
  });

  it("has every intent on disk when it returns", () => {
    const journal = Journal.open(folder);
    journal.intend([
      { key: "device-1", mark: "aa" },
      { key: "device-2", mark: "bb" },
    ]);
    const [text = ""] = contents();
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line): unknown => JSON.parse(line)),
    ).toMatchObject([
      { intend: "device-1", mark: "aa" },
      { intend: "device-2", mark: "bb" },
    ]);
  });

  it("tells a later run what an earlier one meant to make", () => {
    const before = Date.now();
    run((journal) => { journal.intend([{ key: "device-1", mark: "aa" }]); }); // prettier-ignore
    const intent = Journal.open(folder).unfinished("device-1");
    expect(intent).toMatchObject({ key: "device-1", mark: "aa" });
    expect(Date.parse(intent?.at ?? "")).toBeGreaterThanOrEqual(before);
  });

  it("does not take what this very run is doing for something left half done", () => {
    const journal = Journal.open(folder);
    journal.intend([{ key: "device-1", mark: "aa" }]);
    expect(journal.unfinished("device-1")).toBeUndefined();
    expect(keysOf(journal)).toEqual([]);
  });

  it("forgets what was settled, in the same run or in a later one", () => {
    run((journal) => {
      journal.intend(["device-1", "device-2", "device-3"].map((key) => ({ key, mark: "aa" })));
      journal.settle("device-1");
    });
    run((journal) => { journal.settle("device-2"); }); // prettier-ignore
    expect(keysOf(Journal.open(folder))).toEqual(["device-3"]);
  });

  it("keeps the newest intent of a key", () => {
    run((journal) => { journal.intend([{ key: "device-1", mark: "old" }]); }); // prettier-ignore
    run((journal) => { journal.intend([{ key: "device-1", mark: "new" }]); }); // prettier-ignore
    expect(Journal.open(folder).unfinished("device-1")).toMatchObject({ mark: "new" });
  });

  it("writes nothing when there is nothing to settle", () => {
    run((journal) => { journal.intend([{ key: "device-1", mark: "aa" }]); }); // prettier-ignore
    const before = contents();
    Journal.open(folder).settle("device-2");
    expect(contents()).toEqual(before);
  });

  it("reads around a line that its writer was killed in", () => {
    const file = run((journal) => { journal.intend([{ key: "device-1", mark: "aa" }]); }); // prettier-ignore
    appendFileSync(file, '{"intend":"device-2","mark":"b');
    const journal = Journal.open(folder);
    expect(journal.unfinished("device-1")).toMatchObject({ mark: "aa" });
    expect(journal.unfinished("device-2")).toBeUndefined();
  });

  it.each([
    "",
    "null",
    "[]",
    '"intend"',
    "{}",
    '{"intend":1,"mark":"a","at":"b"}',
    '{"settle":null}',
    "\0\0",
  ])("reads around a line it can't make sense of: %j", (line) => {
    const file = run((journal) => { journal.intend([{ key: "device-1", mark: "aa" }]); }); // prettier-ignore
    writeFileSync(file, `${line}\n${readFileSync(file, "utf8")}${line}\n`);
    expect(keysOf(Journal.open(folder))).toEqual(["device-1"]);
  });

  it("keeps runs apart that go on side by side", () => {
    const one = Journal.open(folder);
    const file = run((other) => { other.intend([{ key: "device-2", mark: "bb" }]); }); // prettier-ignore
    one.intend(["device-1", "device-3"].map((key) => ({ key, mark: "aa" })));
    one.settle("device-1");
    expect(readFileSync(file, "utf8")).toContain("device-2");
    expect(keysOf(Journal.open(folder))).toEqual(["device-2", "device-3"]);
  });

  it("removes the files of ended runs once everything is settled, and not before", () => {
    run((journal) => { journal.intend(["device-1", "device-2"].map((key) => ({ key, mark: "aa" }))); }); // prettier-ignore
    run((journal) => { journal.settle("device-1"); }); // prettier-ignore
    Journal.open(folder);
    expect(files()).toHaveLength(2);
    run((journal) => { journal.settle("device-2"); }); // prettier-ignore
    Journal.open(folder);
    expect(files()).toEqual([]);
  });

  it("does not lose what a run goes on to write after another has cleaned up", () => {
    const one = Journal.open(folder);
    one.intend([{ key: "device-1", mark: "aa" }]);
    one.settle("device-1");
    Journal.open(folder);
    expect(files()).toEqual([]);
    one.intend([{ key: "device-2", mark: "bb" }]);
    expect(keysOf(Journal.open(folder))).toEqual(["device-2"]);
  });

  it("leaves files alone that are none of its own", () => {
    run((journal) => { journal.intend([{ key: "device-1", mark: "aa" }]); }); // prettier-ignore
    writeFileSync(path.join(folder, "README.md"), "hands off");
    run((journal) => { journal.settle("device-1"); }); // prettier-ignore
    Journal.open(folder);
    expect(files()).toEqual(["README.md"]);
  });

  it("tells an owner what a killed run meant to make for it, until something asks for that or settles it", () => {
    run((journal) => {
      journal.intend([
        { key: "device-1", mark: "aa", owner: "lab" },
        { key: "device-2", mark: "bb", owner: "lab" },
        { key: "device-3", mark: "cc", owner: "field" },
        { key: "device-4", mark: "dd" },
      ]);
      journal.tell("device-1", "made");
    });
    const journal = Journal.open(folder);
    const left = (owner: string) => journal.leftOver(owner).map(({ key }) => key);
    expect(left("lab")).toEqual(["device-1", "device-2"]);
    expect(left("field")).toEqual(["device-3"]);
    journal.unfinished("device-1");
    journal.settle("device-2");
    expect(left("lab")).toEqual([]);
    journal.announce("device-3");
    expect(left("field")).toEqual(["device-3"]);
    expect(journal.unattended().map(({ key }) => key)).toEqual(["device-4"]);
  });

  it("holds nothing for left over that an engine was told of which ended in order", () => {
    run((journal) => {
      journal.intend([
        { key: "device-1", mark: "aa", owner: "lab" },
        { key: "device-2", mark: "bb", owner: "lab" },
      ]);
      journal.tell("device-1", "made");
      journal.end();
    });
    const journal = Journal.open(folder);
    expect(journal.leftOver("lab")).toMatchObject([{ key: "device-2" }]);
    // It may have been lost with its state all the same.
    expect(journal.unfinished("device-1")).toMatchObject({ mark: "aa" });
  });

  it("holds what is meant anew for left over again, and what is then withdrawn for what it was", () => {
    run((journal) => {
      journal.intend(["device-1", "device-2"].map((key) => ({ key, mark: "aa", owner: "lab" })));
      for (const key of ["device-1", "device-2"]) journal.tell(key, "made");
      journal.end();
    });
    run((journal) => {
      journal.intend(["device-1", "device-2"].map((key) => ({ key, mark: "bb", owner: "lab" })));
      journal.withdraw("device-2");
    });
    expect(Journal.open(folder).allUnfinished()).toMatchObject([
      { key: "device-1", mark: "bb", told: "nothing" },
      { key: "device-2", mark: "aa", told: "made" },
    ]);
  });

  it("keeps what an engine was told is gone, which may not have saved that, until nothing has asked for it in a day", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const removed = (id: string) => ({ key: id, mark: "leaves" });
    run((journal) => {
      journal.intend([removed("device-1"), removed("device-2"), removed("device-3")]);
      for (const key of ["device-1", "device-2"]) journal.tell(key, "gone");
      journal.end();
    });
    Journal.open(folder).end();
    expect(
      Journal.open(folder)
        .allUnfinished()
        .map(({ told }) => told),
    ).toEqual(["gone", "gone", "nothing"]);

    vi.advanceTimersByTime(25 * 60 * 60 * 1000);
    run((journal) => {
      journal.unfinished("device-1");
      journal.end();
    });
    expect(keysOf(Journal.open(folder))).toEqual(["device-1", "device-3"]);

    vi.advanceTimersByTime(30 * 24 * 60 * 60 * 1000);
    run((journal) => { journal.end(); }); // prettier-ignore
    expect(keysOf(Journal.open(folder))).toEqual([]);
  });

  it("forgets what is gone of stacks that are never run again after 30 days, and removes the files then", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    run((journal) => {
      journal.within("review-1").intend([{ key: "device-1", mark: "leaves" }]);
      journal.within("review-1").tell("device-1", "gone");
      journal.within("review-1").end();
    });
    vi.advanceTimersByTime(29 * 24 * 60 * 60 * 1000);
    expect(keysOf(Journal.open(folder))).toHaveLength(1);
    vi.advanceTimersByTime(2 * 24 * 60 * 60 * 1000);
    expect(keysOf(Journal.open(folder))).toEqual([]);
    expect(files()).toEqual([]);
  });

  it("does not take what was meant anew after a removal for gone", () => {
    run((journal) => {
      journal.intend([{ key: "device-1", mark: "leaves" }]);
      journal.tell("device-1", "gone");
      journal.intend([{ key: "device-1", mark: "leaves" }]);
      journal.end();
    });
    expect(Journal.open(folder).allUnfinished()).toMatchObject([{ key: "device-1", told: "nothing" }]);
  });

  it("settles the intent that was meant and no later one, whichever file comes last", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    run((journal) => { journal.intend([{ key: "device-1", mark: "aa" }]); }); // prettier-ignore
    vi.advanceTimersByTime(1000);
    const file = run((longRun) => { longRun.intend([{ key: "device-1", mark: "bb" }]); }); // prettier-ignore
    const written = readFileSync(file, "utf8");
    rmSync(file);
    run((journal) => { journal.settle("device-1"); }); // prettier-ignore
    // The long run began before the one that settled, and wrote after it.
    writeFileSync(file, written);
    expect(Journal.open(folder).unfinished("device-1")).toMatchObject({ mark: "bb" });
  });

  it("keeps scopes apart, and keys in them as they were given", () => {
    run((journal) => {
      journal.within("lab", "device").intend([{ key: "one", mark: "aa", owner: "fleet" }]);
      journal.within("lab", "claim").intend([{ key: "two", mark: "bb", owner: "fleet" }]);
      journal.within("lab", "device").tell("two", "made");
      journal.end();
    });
    const journal = Journal.open(folder);
    const devices = journal.within("lab").within("device");
    expect(keysOf(journal)).toEqual(["lab/device/one", "lab/claim/two"]);
    expect(devices.leftOver("fleet")).toMatchObject([{ key: "one", mark: "aa" }]);
    expect(devices.unfinished("one")).toMatchObject({ key: "one" });
    expect(devices.unfinished("two")).toBeUndefined();
    expect(journal.within("lab", "claim").unattended()).toMatchObject([{ key: "two" }]);
  });
});
