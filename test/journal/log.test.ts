import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../provider/engine/clock.js";
import { RedoLog, type LogName } from "../../provider/journal/log.js";

const KEY = Buffer.alloc(32, 7).toString("base64");
const OTHER_KEY = Buffer.alloc(32, 8).toString("base64");
const NAME: LogName = { project: "acme/fleet", stack: "dev", set: "lab", key: KEY };
const AT = "2026-01-01T00:00:00.000Z";

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "nrfcloud-journal-"));
  folder = path.join(root, "journal");
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const open = (name: LogName = NAME, withinMs = 500) =>
  RedoLog.open(folder, name, { clock: systemClock, withinMs });

async function written(
  ...batches: readonly (readonly [revision: number, ...ids: string[]])[]
): Promise<string> {
  const log = await open();
  for (const [revision, ...ids] of batches) {
    const rows = ids.map((id) => ({
      id,
      line: "",
      fingerprint: `f-${id}`,
      certificate: `C-${id}`,
      privateKey: `K-${id}`,
    }));
    const begun = log.begin(revision, "onboard", rows, AT);
    begun.accepted(`J${revision}`, AT);
    begun.ended({ done: ids, refused: [], unsettled: [] }, AT);
  }
  log.close();
  return log.file;
}

describe("a redo log", () => {
  it("gives back what is beyond the state's revision, with the key that was made", async () => {
    await written([1, "a"], [2, "b", "c"]);
    const log = RedoLog.read(folder, NAME);
    expect([...log.unrecorded(1).keys()]).toEqual(["b", "c"]);
    expect(log.unrecorded(1).get("b")?.steps).toEqual([
      {
        step: "onboard",
        at: AT,
        revision: 2,
        line: "",
        fingerprint: "f-b",
        certificate: "C-b",
        privateKey: "K-b",
        jobIds: ["J2"],
        ended: { at: AT, outcome: "done" },
      },
    ]);
    expect(log.unrecorded(2).size).toBe(0);
    expect(log.unreadable).toBe(false);
  });

  it("is empty where there is no file", () => {
    expect(RedoLog.read(folder, NAME).unrecorded(0).size).toBe(0);
  });

  it("shows nothing of what it holds", async () => {
    const file = await written([1, "secret-device"]);
    expect(readFileSync(file, "utf8")).not.toMatch(/secret-device|K-|C-/);
  });

  it("forgets what the state has when it is compacted, but not whose credentials changed", async () => {
    await written([1, "a"], [2, "b"], [3, "c"]);
    const log = await open();
    log.compact(2);
    log.close();
    const compacted = RedoLog.read(folder, NAME);
    expect([...compacted.unrecorded(0).keys()]).toEqual(["c"]);
    expect(compacted.olderThan(1)).toEqual({ latest: 2, idsChangedSince: ["b"] });
    expect(compacted.olderThan(2)).toBeUndefined();
  });

  it("can be written on after it was compacted", async () => {
    await written([1, "a"]);
    const log = await open();
    log.compact(1);
    log.begin(2, "register", [{ id: "b", line: "" }], AT);
    log.close();
    expect([...RedoLog.read(folder, NAME).unrecorded(1).keys()]).toEqual(["b"]);
  });
});

describe("a table that was destroyed", () => {
  it("leaves nothing to a new one of its name", async () => {
    await written([1, "a"]);
    const log = await open();
    log.emptied();
    log.close();
    const read = RedoLog.read(folder, NAME);
    read.forNewTable();
    expect(read.unrecorded(0).size).toBe(0);
    const opened = await open();
    opened.forNewTable();
    expect(opened.latestRevision).toBe(0);
    opened.close();
    expect(RedoLog.read(folder, NAME).unrecorded(0).size).toBe(0);
  });

  it("is told to a state of it that was not deleted", async () => {
    await written([1, "a"]);
    const log = await open();
    log.begin(2, "delete", [{ id: "a", line: "" }], AT);
    log.emptied();
    log.close();
    expect(RedoLog.read(folder, NAME).unrecorded(1).get("a")?.steps).toHaveLength(1);
  });

  it("is no reason to forget a creation that was interrupted", async () => {
    await written([1, "a"]);
    const read = RedoLog.read(folder, NAME);
    read.forNewTable();
    expect([...read.unrecorded(0).keys()]).toEqual(["a"]);
    expect(read.latestRevision).toBe(1);
  });
});

describe("somebody who can write into the folder", () => {
  it("can't forge a line", async () => {
    const file = await written([1, "a"]);
    appendFileSync(file, `${readFileSync(await writtenElsewhere(), "utf8")}9 Zm9yZ2Vk\n{"kind":"begun"}\n`);
    const log = RedoLog.read(folder, NAME);
    expect([...log.unrecorded(0).keys()]).toEqual(["a"]);
    expect(log.unreadable).toBe(true);
  });

  it("can't repeat a line, and a good one behind a bad one counts", async () => {
    const file = await written([1, "a"], [2, "b"]);
    const lines = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, [lines[0], "forged", ...lines].join("\n"));
    const log = RedoLog.read(folder, NAME);
    expect(log.unreadable).toBe(true);
    expect(log.unrecorded(0).get("a")?.steps).toHaveLength(1);
    expect(log.unrecorded(0).get("b")?.steps).toHaveLength(1);
  });

  it("can't give one log's lines to another", async () => {
    const file = await written([1, "a"]);
    const other = RedoLog.read(folder, { ...NAME, set: "other" }).file;
    writeFileSync(other, readFileSync(file));
    const log = RedoLog.read(folder, { ...NAME, set: "other" });
    expect(log.unrecorded(0).size).toBe(0);
    expect(log.unreadable).toBe(true);
  });

  it("gets no further by cutting it anywhere", async () => {
    const file = await written([1, "a"], [2, "b", "c"], [3, "d"]);
    const whole = readFileSync(file);
    const all = new Set(RedoLog.read(folder, NAME).unrecorded(0).keys());
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), fc.nat({ max: whole.length }), (from, length) => {
        writeFileSync(file, Buffer.concat([whole.subarray(0, from), whole.subarray(from + length)]));
        for (const id of RedoLog.read(folder, NAME).unrecorded(0).keys()) expect(all.has(id)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  async function writtenElsewhere(): Promise<string> {
    const log = await open({ ...NAME, set: "elsewhere", key: OTHER_KEY });
    log.begin(1, "delete", [{ id: "victim", line: "" }], AT);
    log.close();
    return log.file;
  }
});

describe("the files of a log", () => {
  it("belong to their owner alone, be the folder there already with other rights", async () => {
    mkdirSync(folder, { mode: 0o755 });
    const file = await written([1, "a"]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("lose a line that was torn, and are written on behind the last whole one", async () => {
    const file = await written([1, "a"]);
    appendFileSync(file, "3 torn");
    await written([2, "b"]);
    const log = RedoLog.read(folder, NAME);
    expect([...log.unrecorded(0).keys()]).toEqual(["a", "b"]);
    expect(log.unreadable).toBe(false);
  });

  it("are never reached by a link", async () => {
    const file = await written([1, "a"]);
    const target = path.join(root, "target");
    writeFileSync(target, "theirs");
    rmSync(file);
    symlinkSync(target, file);
    expect(() => RedoLog.read(folder, NAME)).toThrow(/can't be used/);
    await expect(open()).rejects.toThrow(/can't be used/);
    expect(readFileSync(target, "utf8")).toBe("theirs");
  });

  it("are not where the folder is a link", async () => {
    mkdirSync(path.join(root, "elsewhere"));
    symlinkSync(path.join(root, "elsewhere"), folder);
    await expect(open()).rejects.toThrow(/symbolic link/);
  });

  it("are all that is removed with their key", async () => {
    const file = await written([1, "a"]);
    writeFileSync(path.join(folder, "notes.txt"), "mine");
    const other = await open({ ...NAME, key: OTHER_KEY });
    other.begin(1, "delete", [{ id: "x", line: "" }], AT);
    other.close();
    RedoLog.remove(folder, KEY);
    expect(readdirSync(folder).sort()).toEqual([path.basename(other.file), "notes.txt"].sort());
    expect(readdirSync(folder)).not.toContain(path.basename(file));
  });

  it("say what the folder is for where it can't be written", () => {
    writeFileSync(folder, "a file");
    const attempt = () => {
      RedoLog.requireWritable(folder);
    };
    expect(attempt).toThrow(folder);
    expect(attempt).toThrow(/NRF_CLOUD_JOURNAL/);
  });
});

describe("two runs at once", () => {
  it("take turns", async () => {
    const first = await open();
    await expect(open(NAME, 200)).rejects.toThrow(`process ${process.pid}`);
    first.close();
    const second = await open();
    second.close();
  });

  it("do not wait for one that was killed", async () => {
    const sleeper = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"]);
    await once(sleeper, "spawn");
    mkdirSync(folder);
    const { file } = RedoLog.read(folder, NAME);
    const holder = JSON.stringify({ pid: sleeper.pid, host: hostname() });
    writeFileSync(file.replace(/\.log$/, ".lock"), holder);
    await expect(open(NAME, 200)).rejects.toThrow(/still uses the journal/);
    sleeper.kill("SIGKILL");
    await once(sleeper, "exit");
    (await open(NAME, 2000)).close();
  });
});
