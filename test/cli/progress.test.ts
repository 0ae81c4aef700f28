import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { FollowedFile } from "../../cli/progress/followedFile.js";
import { described, lineMeter, type Progress } from "../../cli/progress/meter.js";
import { NO_NEWS, withLine } from "../../cli/progress/providerNews.js";

const at = (done: number, more: Partial<Progress> = {}): Progress => ({
  done,
  failed: 0,
  total: 1000,
  news: NO_NEWS,
  ...more,
});

describe("progress in words", () => {
  test("tells what is done of how much, batches, and who is waited for", () => {
    expect(described(at(0))).toBe("0 of 1,000 done");
    expect(described(at(312, { failed: 2, news: { batchesSent: 3, batchesEnded: 2, waiting: 12 } }))).toBe(
      "312 of 1,000 done, 2 failed; 3 batches sent, 1 in flight; 12 devices wait for their first connect",
    );
    expect(described(at(1, { total: undefined }))).toBe("1 resource");
  });
});

describe("progress in a log", () => {
  function watched() {
    const lines: string[] = [];
    let time = 0;
    const meter = lineMeter(
      "Applying",
      (line) => lines.push(line),
      () => time,
    );
    return {
      lines,
      at: (seconds: number, progress: Progress) => {
        time = seconds * 1000;
        meter.update(progress);
      },
    };
  }

  test("is a line every ten percent, however fast", () => {
    const { lines, at: update } = watched();
    for (let done = 0; done <= 1000; done++) update(1, at(done));
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe("Applying: 100 of 1,000 done");
    expect(lines.at(-1)).toBe("Applying: 1,000 of 1,000 done");
  });

  test("is a line every ten seconds, however slow, but none that says nothing new", () => {
    const { lines, at: update } = watched();
    for (let second = 0; second <= 60; second++) update(second, at(second < 25 ? 1 : 2));
    expect(lines).toEqual(["Applying: 1 of 1,000 done", "Applying: 2 of 1,000 done"]);
  });
});

describe("what the provider tells", () => {
  test("is summed up line by line", () => {
    const lines = [
      '{"batch":"sent","id":1,"rows":1000}',
      '{"batch":"sent","id":2,"rows":3}',
      '{"waiting":7}',
      '{"batch":"ended","id":1,"rows":1000}',
      "{ torn",
      '{"something":"else"}',
    ];
    expect(lines.reduce(withLine, NO_NEWS)).toEqual({ batchesSent: 2, batchesEnded: 1, waiting: 7 });
  });
});

describe("a file that grows", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "nrfcloud-follow-"));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test("gives each whole line once, also where a write ends within a line or a letter", () => {
    const file = path.join(folder, "events");
    writeFileSync(file, "");
    const followed = new FollowedFile(file);
    const euro = Buffer.from("€\n");
    appendFileSync(file, "one\ntw");
    expect([...followed.lines()]).toEqual(["one"]);
    appendFileSync(file, Buffer.concat([Buffer.from("o\n"), euro.subarray(0, 1)]));
    expect([...followed.lines()]).toEqual(["two"]);
    appendFileSync(file, euro.subarray(1));
    expect([...followed.lines()]).toEqual(["€"]);
    const long = "x".repeat(3 * 1024 * 1024);
    appendFileSync(file, `${long}\nlast\n`);
    expect([...followed.lines()]).toEqual([long, "last"]);
    followed.close();
  });
});
