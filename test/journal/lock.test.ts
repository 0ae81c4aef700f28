import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock, type Clock } from "../../provider/engine/clock.js";
import { thisProcess, type Holder } from "../../provider/journal/holder.js";
import { isFree, lock } from "../../provider/journal/lock.js";
import { compiled } from "./compiled.js";
import { useFolders } from "./support.js";

const newFolder = useFolders();
const lockCode = JSON.stringify(compiled("provider/journal/lock.ts"));
const clockCode = JSON.stringify(compiled("provider/engine/clock.ts"));
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

function newLock(): string {
  const folder = newFolder();
  mkdirSync(folder);
  return path.join(folder, "a.0badcafe.lock");
}

/** A process with `lock` and `clock` at hand, and what it prints. */
function run(body: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const script = `const { lock } = require(${lockCode}); const { systemClock: clock } = require(${clockCode});
    (async () => { ${body} })().catch((error) => { console.log("failed: " + error.message); process.exit(1); });`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  running.push(child);
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** A process that holds a lock until it is killed. */
async function holderOf(file: string): Promise<ChildProcess> {
  const { child, lines } = run(
    `await lock(${JSON.stringify(file)}, { clock }); console.log("locked"); setInterval(() => {}, 1000);`,
  );
  expect((await lines.next()).value).toBe("locked");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** A process that has ended, as a lock names it. */
function ended(token = "1-1"): Holder {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  return { ...thisProcess(), pid, started: "1", token };
}

function held(by: object): string {
  const file = newLock();
  writeFileSync(file, JSON.stringify(by));
  return file;
}

/** A clock that a wait makes go on. */
function quickClock(): Clock {
  let ms = 0;
  return {
    now: () => new Date(ms),
    sleep: (more) => {
      ms += more;
      return Promise.resolve();
    },
  };
}

async function taken(file: string): Promise<void> {
  const unlock = await lock(file, { clock: quickClock(), withinMs: 0 });
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ pid: process.pid });
  unlock();
  expect(readdirSync(path.dirname(file))).toEqual([]);
}

describe("a lock", () => {
  it("is had at once, and leaves nothing", async () => {
    await taken(newLock());
  });

  it("of a process that was killed is taken over", async () => {
    const file = newLock();
    const child = await holderOf(file);
    expect(isFree(file)).toBe(false);
    await kill(child);
    expect(isFree(file)).toBe(true);
    await taken(file);
  });

  it("of a process that lives is waited for, and had when it ends", async () => {
    const file = newLock();
    const child = await holderOf(file);
    const waiting: string[] = [];
    const locked = lock(file, {
      clock: systemClock,
      withinMs: 60_000,
      waiting: (text) => waiting.push(text),
    });
    while (waiting.length === 0) await sleep(20);
    expect(waiting).toEqual([expect.stringContaining(`process ${child.pid ?? 0} on `)]);
    expect(waiting[0]).toContain(file);
    await kill(child);
    (await locked)();
    expect(waiting).toHaveLength(1);
  });

  it("that is held on is an error, which names the process, the file and what to do", async () => {
    const file = newLock();
    const child = await holderOf(file);
    const waiting: string[] = [];
    const options = { clock: quickClock(), withinMs: 30_000, waiting: (text: string) => waiting.push(text) };
    await expect(lock(file, options)).rejects.toMatchObject({
      name: "ExpectedError",
      message: expect.stringMatching(
        new RegExp(
          `process ${child.pid ?? 0} on .* after 30 s\\. Wait for it .* delete ${file}\\. Nothing was changed`,
        ),
      ) as unknown,
    });
    expect(waiting).toHaveLength(1);
    expect(existsSync(file)).toBe(true);
  });

  it("is not worth a word within the first second", async () => {
    const file = held({ ...thisProcess(), token: "1-1" });
    const waiting: string[] = [];
    const options = { clock: quickClock(), withinMs: 900, waiting: (text: string) => waiting.push(text) };
    await expect(lock(file, options)).rejects.toThrow();
    expect(waiting).toEqual([]);
  });

  it("is had by one after the other in one process", async () => {
    const file = newLock();
    let inside = 0;
    const most = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const unlock = await lock(file, { clock: { ...systemClock, sleep: () => sleep(2) } });
        const now = ++inside;
        await sleep(2);
        inside--;
        unlock();
        return now;
      }),
    );
    expect(Math.max(...most)).toBe(1);
  });

  it("that was removed by hand and is another's now is not unlocked", async () => {
    const file = newLock();
    const unlock = await lock(file, { clock: systemClock });
    writeFileSync(file, JSON.stringify({ ...thisProcess(), token: "9-9" }));
    unlock();
    expect(existsSync(file)).toBe(true);
  });

  it.each<[string, () => object]>([
    ["another machine", () => ({ ...ended(), host: "elsewhere" })],
    ["another container of this machine", () => ({ ...ended(), space: "pid:[1]" })],
  ])("of %s is left, because nothing is known of its process", async (_, holder) => {
    const file = held(holder());
    await expect(lock(file, { clock: quickClock() })).rejects.toThrow(`delete ${file}`);
    expect(isFree(file)).toBe(false);
  });

  it.each(["", "{", "null", "[]", '{"pid":1}', '{"pid":-1}'])(
    "that names nobody is left: %s",
    async (text) => {
      const file = newLock();
      writeFileSync(file, text);
      await expect(lock(file, { clock: quickClock() })).rejects.toThrow(`delete ${file}`);
      expect(readFileSync(file, "utf8")).toBe(text);
    },
  );

  it("never makes a path of what a file says", async () => {
    const file = held({ ...ended(), token: "/../../x" });
    await expect(lock(file, { clock: quickClock() })).rejects.toThrow(`delete ${file}`);
  });

  it("is one error at once where a link stands in its place", async () => {
    const file = newLock();
    symlinkSync(path.join(path.dirname(file), "elsewhere"), file);
    await expect(lock(file, { clock: quickClock() })).rejects.toThrow(
      /can't use the journal .* \(it is a symbolic link\)/,
    );
    expect(existsSync(path.join(path.dirname(file), "elsewhere"))).toBe(false);
  });

  it.runIf(process.platform === "linux")(
    "of a process whose number another one has now is taken over",
    async () => {
      await taken(held({ ...thisProcess(), started: "1", token: "1-1" }));
    },
  );

  it.runIf(process.platform === "linux")("of a process that nobody has buried is taken over", async () => {
    // The inner shell ends; the outer one becomes a sleep, which does not ask for it.
    const child = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    running.push(child);
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    while (!readFileSync(`/proc/${line}/stat`, "utf8").includes(") Z ")) await sleep(10);
    await taken(held({ ...thisProcess(), pid: Number(line), started: "", token: "1-1" }));
  });
});

describe("taking over", () => {
  it("is had by one alone of many who try at once", async () => {
    for (let round = 0; round < 3; round++) {
      const file = held(ended(`1-${round}`));
      const counter = `${file}.count`;
      writeFileSync(counter, "0");
      const body = `for (let i = 0; i < 15; i++) {
        const unlock = await lock(${JSON.stringify(file)}, { clock: { ...clock, sleep: () => clock.sleep(Math.random() * 3) } });
        const fs = require("node:fs");
        const before = Number(fs.readFileSync(${JSON.stringify(counter)}, "utf8"));
        await clock.sleep(1);
        fs.writeFileSync(${JSON.stringify(counter)}, String(before + 1));
        unlock();
      } console.log("ok");`;
      const results = await Promise.all(Array.from({ length: 4 }, () => run(body).lines.next()));
      expect(results.map(({ value }) => value as unknown)).toEqual(["ok", "ok", "ok", "ok"]);
      expect(readFileSync(counter, "utf8")).toBe("60");
    }
  });

  it("is never had by two, be it that one was late", async () => {
    const folder = newFolder();
    mkdirSync(folder);
    const dead = ended();
    const files = Array.from({ length: 400 }, (_, i) => path.join(folder, `${i}.0badcafe.lock`));
    for (const [i, file] of files.entries())
      writeFileSync(file, JSON.stringify({ ...dead, token: `1-${i.toString(36)}` }));
    // All begin at the same time, and hold on to what they get.
    const start = Date.now() + 1_500;
    const body = `const got = []; while (Date.now() < ${start});
      for (const file of ${JSON.stringify(files)}) await lock(file, { clock, withinMs: 0 }).then(() => got.push(file), () => {});
      console.log(JSON.stringify(got)); await clock.sleep(60000);`;
    const results = await Promise.all(Array.from({ length: 4 }, () => run(body).lines.next()));
    const got = results.flatMap(({ value }) => JSON.parse(String(value)) as string[]);
    expect(got.length).toBeGreaterThan(0);
    expect(new Set(got).size).toBe(got.length);
  });

  it("survives those who are killed at it, again and again", async () => {
    const file = held(ended());
    const body = `for (;;) { const unlock = await lock(${JSON.stringify(file)}, { clock: { ...clock, sleep: () => clock.sleep(1) } });
      console.log("locked"); if (Math.random() < 0.5) unlock(); }`;
    for (let round = 0; round < 12; round++) {
      const { child, lines } = run(body);
      expect((await lines.next()).value).toBe("locked");
      await sleep(round * 3);
      await kill(child);
    }
    const unlock = await lock(file, { clock: systemClock, withinMs: 5_000 });
    unlock();
    expect(existsSync(file)).toBe(false);
  });

  it("continues after a process was killed that had just got the right to it", async () => {
    const file = held(ended("1-1"));
    writeFileSync(`${file}.1-1`, JSON.stringify(ended("2-2")));
    writeFileSync(`${file}.1-1.2-2`, JSON.stringify(ended("3-3")));
    await taken(file);
  });

  it("waits where somebody who lives is about to do it", async () => {
    const file = held(ended("1-1"));
    writeFileSync(`${file}.1-1`, JSON.stringify({ ...thisProcess(), token: "2-2" }));
    await expect(lock(file, { clock: quickClock() })).rejects.toThrow("still uses the journal");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ token: "1-1" });
  });
});
