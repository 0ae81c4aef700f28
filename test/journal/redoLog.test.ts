import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ExpectedError } from "../../provider/engine/errors.js";
import { RedoLog } from "../../provider/journal/log.js";
import { at, KEY, NAME, NOTHING, opened, OTHER_KEY, steps, useFolders, written } from "./support.js";

const newFolder = useFolders();
const made = (id: string) => ({
  id,
  line: "",
  fingerprint: `f-${id}`,
  certificate: `C ${id}`,
  privateKey: `K ${id}`,
});

describe("a log", () => {
  it("is empty where there is no file, and reading makes none", () => {
    const folder = newFolder();
    const log = RedoLog.read(folder, NAME);
    expect([steps(log), log.unreadable, log.torn, log.olderThan(0)]).toEqual([{}, false, false, undefined]);
    expect(existsSync(folder)).toBe(false);
  });

  it("has all that is needed to do the same again", async () => {
    const folder = newFolder();
    await written(folder, (log) => {
      const started = log.start(
        1,
        "onboard",
        [{ ...made("a"), line: "tags=x" }, made("b"), made("c")],
        at(0),
      );
      started.accepted("JOB", at(1));
      started.ended({ done: ["a"], refused: ["b"], unsettled: ["c"] }, at(2));
      log.start(1, "retag", [{ id: "a", line: "tags=y" }], at(3));
    });
    const rows = RedoLog.read(folder, NAME).unrecorded(0);
    expect(rows.get("a")?.steps).toEqual([
      {
        step: "onboard",
        at: at(0),
        revision: 1,
        line: "tags=x",
        fingerprint: "f-a",
        certificate: "C a",
        privateKey: "K a",
        jobIds: ["JOB"],
        ended: { at: at(2), outcome: "done" },
      },
      {
        step: "retag",
        at: at(3),
        revision: 1,
        line: "tags=y",
        fingerprint: undefined,
        certificate: undefined,
        privateKey: undefined,
        jobIds: [],
        ended: undefined,
      },
    ]);
    expect(rows.get("b")?.steps[0]?.ended?.outcome).toBe("refused");
    expect(rows.get("c")?.steps[0]?.ended?.outcome).toBe("unsettled");
  });

  it("has it on the disk before the step begins", async () => {
    const folder = newFolder();
    await written(folder, (log) => {
      log.start(1, "claim", [made("a")], at(0));
      expect(steps(RedoLog.read(folder, NAME))).toEqual({ a: ["claim 1 open"] });
    });
  });

  it("returns only what the state does not have", async () => {
    const folder = newFolder();
    await written(folder, (log) => {
      for (const revision of [1, 2, 3]) log.start(revision, "onboard", [made(`r${revision}`)], at(revision));
    });
    const log = RedoLog.read(folder, NAME);
    expect([1, 2, 3, 4].map((revision) => Object.keys(steps(log, revision)))).toEqual([
      ["r2", "r3"],
      ["r3"],
      [],
      [],
    ]);
  });

  it("keeps two attempts at the same revision apart", async () => {
    const folder = newFolder();
    await written(folder, (log) => log.start(1, "onboard", [made("a")], at(0)));
    await written(folder, (log) => {
      log.start(1, "onboard", [made("a")], at(9)).ended({ ...NOTHING, done: ["a"] }, at(10));
    });
    expect(steps(RedoLog.read(folder, NAME))).toEqual({ a: ["onboard 1 open", "onboard 1 done"] });
  });

  it("takes ids that mean something to JavaScript for ids", async () => {
    const folder = newFolder();
    const ids = ["__proto__", "constructor", "toString", "0"];
    await written(folder, (log) => {
      log.start(1, "onboard", ids.map(made), at(0)).ended({ ...NOTHING, done: ids }, at(1));
      log.compact(1);
    });
    expect(new Set(RedoLog.read(folder, NAME).olderThan(0)?.idsChangedSince)).toEqual(new Set(ids));
  });

  it("is another one for another stack, set or key", async () => {
    const folder = newFolder();
    await written(folder, (log) => log.start(1, "onboard", [made("a")], at(0)));
    for (const other of [{ project: "x" }, { stack: "x" }, { set: "x" }, { key: OTHER_KEY }])
      expect(steps(RedoLog.read(folder, { ...NAME, ...other }))).toEqual({});
  });

  it("gives nothing to another log whose file it is put in place of", async () => {
    const folder = newFolder();
    await written(folder, (log) => log.start(1, "onboard", [made("a")], at(0)));
    for (const other of [
      { ...NAME, set: "x" },
      { ...NAME, key: OTHER_KEY },
    ]) {
      const { file } = RedoLog.read(folder, other);
      writeFileSync(file, readFileSync(RedoLog.read(folder, NAME).file));
      const log = RedoLog.read(folder, other);
      expect([steps(log), log.unreadable]).toEqual([{}, true]);
    }
  });

  it("is written only by who has opened it", async () => {
    const folder = newFolder();
    const read = RedoLog.read(folder, NAME);
    expect(() => read.start(1, "claim", [], at(0))).toThrow("not open");
    const log = await opened(folder);
    const started = log.start(1, "claim", [made("a")], at(0));
    log.close();
    log.close();
    // An answer that comes after the end of a run.
    started.ended({ ...NOTHING, done: ["a"] }, at(1));
    expect(() => log.start(1, "claim", [], at(0))).toThrow("not open");
    expect(steps(RedoLog.read(folder, NAME))).toEqual({ a: ["claim 1 open"] });
  });

  it("that can't be written lets no step begin, and takes nothing from one that has", async () => {
    const folder = newFolder();
    const log = await opened(folder);
    const started = log.start(1, "onboard", [made("a")], at(0));
    rmSync(log.file);
    started.accepted("JOB", at(1));
    started.ended({ ...NOTHING, done: ["a"] }, at(2));
    expect(() => log.start(1, "retag", [made("a")], at(3))).toThrow(ExpectedError);
    expect(steps(log)).toEqual({ a: ["onboard 1 open"] });
    log.close();
  });
});

describe("a compacted log", () => {
  it("has what the state does not know, and knows whose credentials changed when", async () => {
    const folder = newFolder();
    await written(folder, (log) => {
      log.start(1, "onboard", ["lab-1", "lab-2", "lab-3"].map(made), at(0)).ended(NOTHING, at(1));
      log.start(2, "register", [made("lab-2")], at(2)).ended({ ...NOTHING, done: ["lab-2"] }, at(3));
      log.start(2, "retag", [{ id: "lab-1", line: "" }], at(4));
      const last = log.start(3, "register", [made("lab-3")], at(5));
      last.accepted("JOB", at(6));
      log.compact(2);
      last.ended({ ...NOTHING, done: ["lab-3"] }, at(7));
      log.start(3, "rename", [made("lab-3")], at(8));
    });
    const log = RedoLog.read(folder, NAME);
    expect(steps(log)).toEqual({ "lab-3": ["register 3 done", "rename 3 open"] });
    expect(log.unrecorded(2).get("lab-3")?.steps[0]?.jobIds).toEqual(["JOB"]);
    expect([log.unreadable, log.torn]).toEqual([false, false]);
    expect(log.olderThan(2)).toBeUndefined();
    expect(log.olderThan(1)).toEqual({ latest: 2, idsChangedSince: ["lab-2"] });
    expect(log.olderThan(0)).toEqual({ latest: 2, idsChangedSince: ["lab-1", "lab-2", "lab-3"] });
  });

  it("holds no line of before, and no key", async () => {
    const folder = newFolder();
    await written(folder, (log) => {
      for (let revision = 1; revision <= 300; revision++) {
        log
          .start(revision, "register", ["lab-1", "lab-2"].map(made), at(revision))
          .ended(NOTHING, at(revision));
        log.compact(revision);
      }
      expect(readFileSync(log.file, "utf8").split("\n")).toHaveLength(2);
      expect(readFileSync(log.file, "utf8").length).toBeLessThan(5_000);
    });
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it("gives a line of before no effect that somebody puts back", async () => {
    const folder = newFolder();
    const file = await written(folder, (log) => {
      log.start(5, "onboard", [made("a")], at(0));
      return log.file;
    });
    const before = readFileSync(file, "utf8");
    await written(folder, (log) => {
      log.compact(5);
    });
    for (const text of [before + readFileSync(file, "utf8"), readFileSync(file, "utf8") + before]) {
      writeFileSync(file, text);
      const log = RedoLog.read(folder, NAME);
      expect([steps(log), log.unreadable]).toEqual([{}, true]);
    }
  });

  it("counts a refused credential for none, nor one that the device has brought", async () => {
    const folder = newFolder();
    await written(folder, (log) => {
      log
        .start(1, "onboard", ["a", "b"].map(made), at(0))
        .ended({ ...NOTHING, done: ["a"], refused: ["b"] }, at(1));
      log.start(1, "onboard", [{ id: "c", line: "", fingerprint: "f" }], at(2)).ended(NOTHING, at(3));
      log.compact(1);
    });
    expect(RedoLog.read(folder, NAME).olderThan(0)?.idsChangedSince).toEqual(["a"]);
  });

  it("reports an older state until its devices have other credentials", async () => {
    const folder = newFolder();
    await written(folder, (log) => {
      log.start(1, "onboard", ["a", "b"].map(made), at(0));
      log.start(9, "register", ["a", "b"].map(made), at(1));
      log.compact(9);
    });
    // The state of revision 1 is restored, and one device gets another credential.
    await written(folder, (log) => {
      expect(log.olderThan(1)?.idsChangedSince).toEqual(["a", "b"]);
      log.start(2, "register", [made("a")], at(2));
      log.compact(1);
      expect(log.olderThan(2)).toEqual({ latest: 9, idsChangedSince: ["b"] });
      log.start(3, "register", [made("b")], at(3));
      log.compact(2);
      expect(log.olderThan(3)).toBeUndefined();
    });
    expect(RedoLog.read(folder, NAME).olderThan(3)).toBeUndefined();
  });

  it("is as it was where it can't be rewritten", async () => {
    const folder = newFolder();
    const log = await opened(folder);
    log.start(1, "onboard", [made("a")], at(0));
    mkdirSync(log.file.replace(/log$/, "new"));
    log.compact(1);
    log.start(2, "retag", [made("a")], at(1));
    log.close();
    expect(steps(RedoLog.read(folder, NAME))).toEqual({ a: ["onboard 1 open", "retag 2 open"] });
  });
});

describe("the log of a table that was destroyed", () => {
  it("is done with for a new table, and none of its lines is ever good again", async () => {
    const folder = newFolder();
    const file = await written(folder, (log) => {
      log.start(1, "onboard", [made("a")], at(0));
      log.start(2, "delete", [made("a")], at(1));
      log.emptied();
      expect(log.latestRevision).toBe(2);
      return log.file;
    });
    const before = readFileSync(file, "utf8");
    await written(folder, (log) => {
      log.forNewTable();
      expect(log.latestRevision).toBe(0);
      log.start(1, "onboard", [made("b")], at(2));
    });
    for (const text of [
      readFileSync(file, "utf8"),
      before + readFileSync(file, "utf8"),
      readFileSync(file, "utf8") + before,
    ]) {
      writeFileSync(file, text);
      const log = RedoLog.read(folder, NAME);
      log.forNewTable();
      expect(steps(log)).toEqual({ b: ["onboard 1 open"] });
    }
  });
});

describe("the logs of a key", () => {
  it("are removed, and nothing else", async () => {
    const folder = newFolder();
    const others = ["notes.txt", "1699999999-12.jsonl", "a.log"];
    await written(folder, (log) => log.start(1, "claim", [], at(0)));
    await written(folder, (log) => log.start(1, "claim", [], at(0)), { ...NAME, set: "Another" });
    const kept = await written(
      folder,
      (log) => {
        log.start(1, "claim", [], at(0));
        return path.basename(log.file);
      },
      { ...NAME, key: OTHER_KEY },
    );
    for (const name of others) writeFileSync(path.join(folder, name), "");
    RedoLog.remove(folder, KEY);
    expect(new Set(readdirSync(folder))).toEqual(new Set([...others, kept]));
  });

  it("are left where a run is at work with them", async () => {
    const folder = newFolder();
    const log = await opened(folder);
    log.start(1, "claim", [], at(0));
    RedoLog.remove(folder, KEY);
    expect(readdirSync(folder)).toHaveLength(2);
    log.close();
    RedoLog.remove(folder, KEY);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("are none where there is no folder", () => {
    const folder = newFolder();
    RedoLog.remove(folder, KEY);
    expect(existsSync(folder)).toBe(false);
  });
});
